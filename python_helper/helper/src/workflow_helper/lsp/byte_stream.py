"""Read and write LSP's base protocol on a byte stream: with bounds, and by one writing thread at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from workflow_server.jsonrpc.framing import Decoder, Frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase
    from typing import BinaryIO

_CHUNK = 64 * 1024


class FramingError(Exception):
    """The next message cannot be found in the stream."""


def bodies(stream: BufferedIOBase) -> Iterator[bytes]:
    """Yield the messages of ``stream``, each without its headers, until it ends.

    Lines that are not headers are skipped, so that stray output of a client does no harm. An incomplete message at the
    end is dropped.

    Raises:
        FramingError: A header is wrong, or announces a message that is too large.
    """
    decoder = Decoder()
    while chunk := stream.read1(_CHUNK):
        for event in decoder.feed(chunk):
            if isinstance(event, Frame):
                yield event.body
            elif event.fatal:
                raise FramingError(event.detail)


class Writer:
    """Writes complete messages to ``stream``, from any thread; when the reader has gone, they are dropped."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._closed = False

    def write(self, data: bytes) -> None:
        """Write one message."""
        with self._lock:
            if self._closed:
                return
            try:
                self._stream.write(data)
                self._stream.flush()
            except (OSError, ValueError):
                self._closed = True

    def close(self) -> None:
        """Drop all further messages."""
        with self._lock:
            self._closed = True
