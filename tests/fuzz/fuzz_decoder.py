"""Throws broken streams at the decoder and looks for what must not happen.

    python tests/fuzz/fuzz_decoder.py [--iterations N] [--seconds S] [--seed N]

Streams are made of good and bad pieces, changed at random. Of each, the events must be the same whole and in chunks, bodies must parse
to something without an error, and what is kept of the stream must stay within the limits. The first stream that breaks a rule is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzing import damaged, main
from workflow_server.jsonrpc.framing import SHOWN, Decoder, Frame, FramingProblem, encode
from workflow_server.jsonrpc.messages import Batch, Invalid, parse

if TYPE_CHECKING:
    import random

PIECES = (
    b"Content-Length: 2\r\n\r\n{}",
    b"Content-Length: 40\r\nContent-Type: application/json; charset=utf-8\r\n\r\n",
    b'{"jsonrpc": "2.0", "id": 1, "result": [1, 2.5, null, "\\u00e9"]}\n',
    b'{"jsonrpc": "2.0", "id": "a", "error": {"code": -32601, "message": "no", "data": {}}}\n',
    b'{"jsonrpc": "2.0", "method": "environment/list", "params": {"a": [[[[]]]]}}\r\n',
    b'[{"jsonrpc": "2.0", "method": "a"}, 1, {}]\n',
    b"Welcome!\n",
    b"INFO: content-length: 3\n",
    b"\xff\xfe{\x00}\x00\n",
    b"[" * 70 + b"]" * 70 + b"\n",
    b"\n\r\n \t",
    b"Content-Length: 18446744073709551616\r\n\r\n",
    b"y" * 300,
)
#: Small, so that streams get there.
MAX_MESSAGE, MAX_HEADERS = 256, 96


def stream(random: random.Random) -> bytes:
    """A stream of pieces with some damage done."""
    return damaged(b"".join(random.choices(PIECES, k=random.randrange(1, 8))), random)


def check(data: bytes, random: random.Random) -> None:
    """Raise :class:`AssertionError` where a rule is broken."""
    whole = Decoder(max_message=MAX_MESSAGE, max_headers=MAX_HEADERS)
    expected = whole.feed(data) + whole.finish()
    pieces = Decoder(max_message=MAX_MESSAGE, max_headers=MAX_HEADERS)
    found: list[Frame | FramingProblem] = []
    at = 0
    while at < len(data):
        end = at + random.randrange(1, 40)
        found += pieces.feed(data[at:end])
        at = end
    found += pieces.finish()
    assert found == expected, "chunks make a difference"
    for event in expected:
        if isinstance(event, FramingProblem):
            assert len(event.data) <= SHOWN, "a problem shows too much"
            continue
        assert len(event.body) <= MAX_MESSAGE, "a body beyond the limit"
        message = parse(event.body)
        if not isinstance(message, (Invalid, Batch)):
            again = Decoder().feed(encode(message))
            assert [parse(one.body) for one in again if isinstance(one, Frame)] == [message], (
                "a message is not what it was"
            )


if __name__ == "__main__":
    main(__doc__, "streams", stream, check)
