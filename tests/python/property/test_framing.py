from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from workflow_server.jsonrpc.framing import Decoder, Frame, FramingProblem, encode
from workflow_server.jsonrpc.messages import ErrorResponse, Notification, Request, Response, parse

ids = st.none() | st.integers() | st.text()
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
params = (
    st.none()
    | st.lists(json_values, max_size=3)
    | st.dictionaries(st.text(), json_values, max_size=3)
)
messages = st.one_of(
    st.builds(Request, ids, st.text(), params),
    st.builds(Notification, st.text(), params),
    st.builds(Response, ids, json_values),
    st.builds(ErrorResponse, ids, st.integers(), st.text(), json_values),
)
#: Bytes that look like what a decoder looks for.
shards = st.sampled_from(
    [
        b"Content-Length: 2\r\n\r\n{}",
        b"Content-Length: 300\r\n",
        b"Content-Length: x\r\n\r\n",
        b"content-",
        b"Content-Type: a; charset=utf-8\r\n",
        b'{"jsonrpc":"2.0","method":"a"}\n',
        b"[",
        b"{",
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"banner\n",
        b"x" * 90,
    ]
)
streams = st.lists(shards | st.binary(max_size=8), max_size=12).map(b"".join)
cuts = st.lists(st.integers(min_value=0, max_value=400), max_size=12)


def events(data: bytes, at: list[int]) -> list[Frame | FramingProblem]:
    """What a decoder with small limits makes of ``data``, cut ``at`` these places."""
    decoder = Decoder(max_message=200, max_headers=64)
    found: list[Frame | FramingProblem] = []
    places = [0, *sorted(min(place, len(data)) for place in at), len(data)]
    for start, end in pairwise(places):
        found += decoder.feed(data[start:end])
    return found + decoder.finish()


@given(streams, cuts)
def test_chunks_make_no_difference(data: bytes, at: list[int]) -> None:
    """However a stream is cut into chunks, the same messages and problems come out of it."""
    assert events(data, at) == events(data, [])


@given(streams)
def test_byte_by_byte_makes_no_difference(data: bytes) -> None:
    """A stream that comes a byte at a time holds what it holds as a whole."""
    assert events(data, list(range(len(data)))) == events(data, [])


@given(streams)
def test_nothing_follows_what_is_fatal(data: bytes) -> None:
    """After a problem that loses the stream, nothing else is made of it."""
    found = events(data, [])
    fatal = [
        index for index, one in enumerate(found) if isinstance(one, FramingProblem) and one.fatal
    ]
    assert fatal in ([], [len(found) - 1])


@given(st.lists(messages, max_size=5), st.data())
def test_what_is_written_is_read(sent: list[Request], data: st.DataObject) -> None:
    """Messages come out as they went in, with headers or as lines, however they are cut."""
    written = b""
    for message in sent:
        whole = encode(message)
        as_line = data.draw(st.booleans())
        written += whole.partition(b"\r\n\r\n")[2] if as_line else whole
    decoder = Decoder()
    found: list[Frame | FramingProblem] = []
    for start in range(0, len(written), step := data.draw(st.integers(1, 50))):
        found += decoder.feed(written[start : start + step])
    assert decoder.finish() == []
    assert [parse(one.body) for one in found if isinstance(one, Frame)] == sent


@given(st.binary(max_size=60) | json_values.map(lambda value: repr(value).encode()))
def test_no_body_breaks_the_parser(body: bytes) -> None:
    """Any body is a message or invalid; none raises."""
    assert parse(body) is not None
