from __future__ import annotations

import json

import pytest
from workflow_server.jsonrpc.framing import (
    MAX_HEADERS,
    MAX_MESSAGE,
    SHOWN,
    Decoder,
    Frame,
    FramingProblem,
    encode,
    encode_line,
)
from workflow_server.jsonrpc.messages import Notification, Request, Response


def decoded(data: bytes) -> list[Frame | FramingProblem]:
    """All that ``data`` holds, its end included."""
    decoder = Decoder()
    return decoder.feed(data) + decoder.finish()


def bodies(data: bytes) -> list[bytes]:
    """The bodies of messages in ``data``, which holds nothing else."""
    events = decoded(data)
    assert all(isinstance(event, Frame) for event in events)
    return [event.body for event in events if isinstance(event, Frame)]


def kinds(data: bytes) -> list[str]:
    """What ``data`` holds, by kind."""
    return [event.kind if isinstance(event, FramingProblem) else "frame" for event in decoded(data)]


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b'Content-Length: 2\r\nContent-Type: application/json; charset="UTF8"\r\n\r\n',
        b"Content-Length: 2\n\n",
        b"Content-Length: 2\r\r\n\r\r\n",
        b"\r\n\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nX-Trace: 7\r\n\r\n",
        b"X-Trace: 7\r\nDate: now: or then\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_header_blocks_of_every_kind_are_understood(head: bytes) -> None:
    """Names in any case, fields in any order, others too, and the line ends of any platform make a header block."""
    assert bodies(head + b"{}") == [b"{}"]


def test_what_merely_looks_like_a_field_is_noise() -> None:
    """A log's line is noise, whatever its line end, where no length follows it."""
    assert kinds(b"INFO: started\nContent-Length: 2\r\n\r\n{}") == ["noise", "frame"]
    assert kinds(b"INFO: started\r\n\r\nContent-Length: 2\r\n\r\n{}") == ["noise", "frame"]
    assert kinds(b"INFO: started\r\nINFO: done, I think\r\n{}\n") == ["noise", "noise", "frame"]


def test_lines_of_json_are_messages() -> None:
    """A line that starts with a brace or a bracket is a message, whatever ends it."""
    assert bodies(b'{"a":1}\n\n [2]\r\n') == [b'{"a":1}', b"[2]"]


def test_where_lines_alone_are_known_each_is_a_body() -> None:
    """What looks like a header, and what is no JSON, is a line as any other; blank ones are passed over."""
    decoder = Decoder(lines=True)
    data = b"Content-Length: 2\r\n\r\n{}\n \nhello\n{"
    assert decoder.feed(data) == [Frame(b"Content-Length: 2"), Frame(b"{}"), Frame(b"hello")]
    assert [event.kind for event in decoder.finish() if isinstance(event, FramingProblem)] == [
        "truncated"
    ]
    assert encode_line(Notification("odd", ["\u2028"])) == (
        b'{"jsonrpc":"2.0","method":"odd","params":["\\u2028"]}\n'
    )


def test_both_framings_mix() -> None:
    """Each message is framed in its own way."""
    assert bodies(b"{}\nContent-Length: 3\r\n\r\n[]\n{}\n") == [b"{}", b"[]\n", b"{}"]


def test_an_empty_body_is_a_message_of_nothing() -> None:
    """A length of 0 is a message all the same, and what follows is found."""
    assert bodies(b"Content-Length: 0\r\n\r\n{}\n") == [b"", b"{}"]


def test_noise_is_told_line_by_line_and_passed_over() -> None:
    """A line that is neither framing is a problem with its bytes, and the next message is found."""
    assert decoded(b"Contents:\r\nINFO: hello\n{}\n") == [
        FramingProblem("noise", "neither a header nor a line of JSON", b"Contents:", fatal=False),
        FramingProblem("noise", "neither a header nor a line of JSON", b"INFO: hello", fatal=False),
        Frame(b"{}"),
    ]


def test_noise_without_an_end_is_told_once() -> None:
    """A line of noise that is too long to wait for is told with its start, and skipped to its end."""
    events = decoded(b"x" * (MAX_HEADERS * 3) + b"\n{}\n")
    assert events == [
        FramingProblem("noise", "neither a header nor a line of JSON", b"x" * SHOWN, fatal=False),
        Frame(b"{}"),
    ]


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: application/json\r\n\r\n",
        b"Content-Length: 1e3\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: +1\r\n\r\n",
        b"Content-Length: 1_0\r\n\r\n",
        b"Content-Length: \xd9\xa1\r\n\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n",
        b"Content-Length: 2\r\nContent-Type: x; charset=latin-1\r\n\r\n",
        b"Content-Length: 2\r\nand more\r\n\r\n",
    ],
)
def test_a_header_block_without_a_sure_length_loses_the_stream(head: bytes) -> None:
    """Where the next message starts is not known any more, so nothing further is made of the stream."""
    assert kinds(head + b"{}\n{}\n") == ["headers"]


def test_a_length_beyond_the_limit_loses_the_stream() -> None:
    """A message that is announced longer than may be is refused before any of it is kept."""
    assert kinds(b"Content-Length: %d\r\n\r\n{" % (MAX_MESSAGE + 1)) == ["too_large"]
    assert kinds(b"Content-Length: %d\r\n\r\n{" % MAX_MESSAGE) == ["truncated"]


def test_a_header_block_may_have_8_kib() -> None:
    """A header block of exactly the limit is read, one byte more is refused."""
    fixed = len(b"Content-Length: 2\r\nContent-Type: \r\n\r\n")
    for more, expected in ((0, ["frame"]), (1, ["too_large"])):
        filler = b"x" * (MAX_HEADERS - fixed + more)
        head = b"Content-Length: 2\r\nContent-Type: " + filler + b"\r\n\r\n"
        assert kinds(head + b"{}") == expected


def test_a_line_may_be_as_long_as_a_message() -> None:
    """A line of exactly the limit is read; one byte more is refused, with or without its end."""
    fits, over = b"[" + b" " * 18 + b"]", b"[" + b" " * 19 + b"]"
    assert Decoder(max_message=20).feed(fits + b"\n") == [Frame(fits)]
    for data in (over, over + b"\n"):
        (event,) = Decoder(max_message=20).feed(data)
        assert isinstance(event, FramingProblem)
        assert (event.kind, event.fatal) == ("too_large", True)


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (b"Content-Length: 10\r\n\r\n{", b"{"),
        (b"Content-Length: 10\r\n\r\n", b""),
        (b"Content-Len", b"Content-Len"),
        (b"Con", b"Con"),
        (b'{"a": 1}', b'{"a": 1}'),
    ],
)
def test_an_end_within_a_message_is_told(data: bytes, left: bytes) -> None:
    """What is left when the input ends within a message is told with its bytes."""
    assert decoded(data) == [
        FramingProblem("truncated", "the input ended within a message", left, fatal=True)
    ]


def test_an_end_between_messages_is_no_problem() -> None:
    """White space after the last message is nothing."""
    assert decoded(b"{}\n \r\n\t") == [Frame(b"{}")]


def test_an_end_within_noise_is_noise() -> None:
    """A banner without a line end is told when the input ends, and can be seen before."""
    decoder = Decoder()
    assert decoder.feed(b"hello") == []
    assert decoder.pending == b"hello"
    (event,) = decoder.finish()
    assert isinstance(event, FramingProblem)
    assert (event.kind, event.data) == ("noise", b"hello")


def test_a_written_message_is_one_line_of_ascii() -> None:
    """The body ends with the only line break in it, which the length counts, and everything else is ASCII."""
    data = encode(Request("ü", "x/y", {"text": "a\nb \u2028 \U0001f40d"}))
    head, _, body = data.partition(b"\r\n\r\n")
    assert head == b"Content-Length: %d" % len(body)
    assert body.isascii()
    assert body.startswith(b"{")
    assert body.index(b"\n") == len(body) - 1
    assert json.loads(body)["params"] == {"text": "a\nb \u2028 \U0001f40d"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_does_not_have_are_not_written(value: float) -> None:
    """NaN and the infinities are refused instead of written as something that no JSON parser takes."""
    with pytest.raises(ValueError, match="JSON"):
        encode(Response(1, value))


def test_what_is_no_json_is_not_written() -> None:
    """A value that JSON cannot say is a type error."""
    with pytest.raises(TypeError):
        encode(Response(1, object()))


def test_nesting_beyond_the_limit_is_not_written() -> None:
    """64 levels, the message included, are written; one more is refused, however many more."""

    def nested(levels: int) -> Notification:
        value: list[object] = []
        for _ in range(levels - 2):
            value = [value]
        return Notification("x", value)

    assert encode(nested(64))
    for levels in (65, 5000):
        with pytest.raises(ValueError, match="nested deeper than 64"):
            encode(nested(levels))


def test_a_message_beyond_the_limit_is_not_written() -> None:
    """A body of more than 64 MiB is refused."""
    with pytest.raises(ValueError, match="longer than"):
        encode(Notification("x", ["x" * MAX_MESSAGE]))
