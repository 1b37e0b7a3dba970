from __future__ import annotations

import io
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_helper.lsp.byte_stream import FramingError, Writer, bodies
from workflow_server.jsonrpc.framing import MAX_MESSAGE


def framed(*messages: bytes) -> bytes:
    """Messages as they travel."""
    return b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in messages)


@given(st.lists(st.binary()))
def test_messages_come_one_by_one(messages: list[bytes]) -> None:
    """Each message comes as it was sent, whatever its bytes."""
    assert list(bodies(io.BytesIO(framed(*messages)))) == messages


@pytest.mark.parametrize(
    "data",
    [
        b"CONTENT-LENGTH:2\r\nContent-Type: x\r\n\r\nok",
        b"Content-Type: x\nContent-Length: 2\n\nok",
        b"a stray line\r\n\r\nContent-Length: 2\r\n\r\nok",
        b"x" * 100_000 + b"\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_lines_that_are_no_header(data: bytes) -> None:
    """Headers are read in any case of letters, and stray lines are passed over."""
    assert list(bodies(io.BytesIO(data))) == [b"ok"]


def test_message_that_is_cut_short() -> None:
    """A message that the end of the stream cut off is not given."""
    assert list(bodies(io.BytesIO(framed(b"one") + b"Content-Length: 9\r\n\r\nhalf"))) == [b"one"]


def test_message_that_is_too_large() -> None:
    """A message larger than any real one is not waited for."""
    with pytest.raises(FramingError):
        list(bodies(io.BytesIO(b"Content-Length: %d\r\n\r\n" % (MAX_MESSAGE + 1))))


@pytest.mark.parametrize("length", [b"x", b"-1"])
def test_length_that_is_none(length: bytes) -> None:
    """Without a length nobody knows where the next message begins."""
    with pytest.raises(FramingError):
        list(bodies(io.BytesIO(b"Content-Length: %b\r\n\r\n" % length + framed(b"ok"))))


def test_messages_of_several_threads_do_not_mix() -> None:
    """Each message goes out in one piece."""
    source, sink = os.pipe()
    reading, writing = io.FileIO(source), io.FileIO(sink, "w")
    with io.BufferedReader(reading) as stream, io.BufferedWriter(writing) as outgoing:
        writer = Writer(outgoing)
        sent = [bytes([number]) * 50_000 for number in range(8)]
        threads = [
            threading.Thread(target=writer.write, args=(framed(body, body),)) for body in sent
        ]
        for thread in threads:
            thread.start()
        found = bodies(stream)
        received = [next(found) for _ in range(16)]
        for thread in threads:
            thread.join()
    assert received[::2] == received[1::2]
    assert sorted(received[::2]) == sent


@pytest.mark.needs("POSIX")
def test_reader_that_is_gone() -> None:
    """Writing to a reader that is gone is no error, nor is writing after the end."""
    reading, writing = os.pipe()
    os.close(reading)
    outgoing = io.BufferedWriter(io.FileIO(writing, "w"))
    writer = Writer(outgoing)
    writer.write(b"x")
    writer.write(b"x")
    writer.close()
    writer.write(b"x")
    with pytest.raises(BrokenPipeError):  # the one of what was not read
        outgoing.close()
