"""What a server of HTTP may do to a download: every answer here is bytes on a real socket."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from workflow_helper.errors import NetworkUnavailable, UnusableFile, WorkflowError
from workflow_helper.system import http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    Server: TypeAlias = Callable[[Sequence[bytes]], str]

LIMIT = 100_000
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def server() -> Iterator[Server]:
    """Give the URL of a server that sends these pieces to each who asks, one every 50 ms, and hangs up."""
    over = threading.Event()
    with contextlib.ExitStack() as stack:

        def serve(pieces: Sequence[bytes]) -> str:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(target=_serve, args=(listener, pieces, over))
            thread.start()
            stack.callback(thread.join)
            return f"http://127.0.0.1:{listener.getsockname()[1]}/x.py"

        try:
            yield serve
        finally:
            over.set()


def _serve(listener: socket.socket, pieces: Sequence[bytes], over: threading.Event) -> None:
    listener.settimeout(0.1)
    while not over.is_set():
        with contextlib.suppress(OSError):
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                for at, piece in enumerate(pieces):
                    if at and over.wait(0.05):
                        break
                    peer.sendall(piece)


@pytest.mark.parametrize(
    "pieces",
    [
        [OK + b"Content-Length: 4\r\n\r\nabcd"],
        [OK + b"Content-Length: 4\r\n\r\nab", b"cd"],
        [OK + b"Content-Length: 4\r\n\r\nabcd and more"],
        [OK + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"],
        [CHUNKED + b"1\r\na\r\n3\r\nbcd\r\n0\r\n\r\n"],
        [b"HTTP/1.0 200 OK\r\n\r\nab", b"cd"],
    ],
    ids=["length", "in pieces", "more", "said twice", "chunks", "until it hangs up"],
)
def test_what_comes_whole_is_taken(server: Server, pieces: list[bytes]) -> None:
    """However the end is told, what is before it is the content."""
    assert http.fetch(server(pieces), LIMIT).content == b"abcd"


def test_nothing_at_all_is_whole_where_nothing_is_announced(server: Server) -> None:
    """An empty file is one."""
    assert http.fetch(server([OK + b"Content-Length: 0\r\n\r\n"]), LIMIT).content == b""


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 500\r\n\r\nprint('HALF')\n",
        OK + b"Content-Length: 500\r\n\r\n",
        CHUNKED + b"4\r\nabcd\r\n",
        CHUNKED + b"4\r\nab",
        CHUNKED + b"4\r\nabcd",
        CHUNKED,
        CHUNKED + b"nonsense\r\nabcd\r\n0\r\n\r\n",
        OK + b"Content-Length: many\r\n\r\nabcd",
        OK + b"Content-Length: -1\r\n\r\nabcd",
        OK + b"Content-Length: 4\r\nContent-Length: 2\r\n\r\nabcd",
        OK + b"Transfer-Encoding: gzip\r\n\r\nabcd",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"",
        b"HTTP/1.1 200",
    ],
    ids=[
        *("short", "only announced", "no last chunk", "short chunk", "no end of chunk"),
        *("no chunk", "no size", "no number", "less than nothing", "two lengths", "unknown coding"),
        *("a part", "no content", "nothing", "no head"),
    ],
)
def test_what_ends_short_is_refused(server: Server, answer: bytes) -> None:
    """A download of which not all came, or of which that cannot be told, is none."""
    with pytest.raises(NetworkUnavailable):
        http.fetch(server([answer]), LIMIT)


@pytest.mark.parametrize(
    "pieces",
    [
        [OK + b"Content-Length: 60000\r\n\r\n", *[b"#"] * 2000],
        [CHUNKED, *[b"1\r\n#\r\n"] * 2000],
        [OK + b"\r\n", *[b"#"] * 2000],
        [OK + b"X: ", *[b"#"] * 2000],
        [OK, *[b"X: y\r\n"] * 2000],
        [b"H"] * 2000,
        [b"HTTP/1.1 302 Found\r\nLocation: /y.py\r\nContent-Length: 9999\r\n\r\n", *[b"#"] * 2000],
        [b"HTTP/1.1 404 Not Found\r\nX: ", *[b"#"] * 2000],
    ],
    ids=["length", "chunks", "no length", "header", "headers", "status", "redirect", "error"],
)
def test_what_comes_byte_by_byte_ends_within_the_bound(
    server: Server, pieces: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never silent for long, the other side cannot make it last longer than all of it may."""
    monkeypatch.setattr(http, "WHOLE", 1.0)
    begun = time.monotonic()
    with pytest.raises(NetworkUnavailable):
        http.fetch(server(pieces), LIMIT)
    assert time.monotonic() - begun < 20  # the pieces take a hundred seconds


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 100001\r\n\r\n",
        OK + b"\r\n" + b"#" * 100_001,
        CHUNKED + b"186a1\r\n" + b"#" * 100_001 + b"\r\n0\r\n\r\n",
        OK + b"Content-Length: 99999999999999999999999999999\r\n\r\n",
    ],
    ids=["announced", "sent", "chunk", "beyond numbers"],
)
def test_what_is_too_large_is_refused(server: Server, answer: bytes) -> None:
    """No more is taken than the limit."""
    with pytest.raises(UnusableFile, match="is larger than"):
        http.fetch(server([answer]), LIMIT)


def test_what_is_compressed_is_never_unpacked(server: Server) -> None:
    """A small answer cannot become a large one."""
    body = gzip.compress(b"#" * 50_000_000)
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert http.fetch(server([OK + head + body]), LIMIT).content == body


def test_redirects_that_never_end_are_given_up(server: Server) -> None:
    """One that leads to itself, with a body each time, is an error."""
    body = b"#" * 1000
    loop = [b"HTTP/1.1 302 Found\r\nLocation: /x.py\r\nContent-Length: 1000\r\n\r\n" + body]
    with pytest.raises(WorkflowError, match="could not be downloaded"):
        http.fetch(server(loop), LIMIT)
