"""Messages on a byte stream: LSP's base protocol, read with bounds and written by one thread at a time."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

#: Bytes of one message at most; 1,000 URIs are a tenth of a megabyte.
MOST = 64 * 1024 * 1024
_LINE = 8192
_LENGTH = re.compile(rb"content-length:[ \t]*([0-9]{1,12})[ \t]*", re.IGNORECASE)


class TooLargeError(Exception):
    """A message announced more bytes than are taken; where the next one begins is unknown."""


def bodies(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the messages of ``stream``, each without its headers, until it ends.

    Lines that are no header are passed over, so that a stray print of a client does no harm. A message cut short by
    the end of the stream is dropped. Raises :class:`TooLargeError`.
    """
    length: int | None = None
    while line := stream.readline(_LINE):
        header = line.rstrip(b"\r\n")
        found = _LENGTH.fullmatch(header)
        if found:
            length = int(found[1])
            if length > MOST:
                raise TooLargeError(f"a message of {length} bytes")
        elif not header and length is not None:
            body = stream.read(length)
            if len(body) < length:
                return
            yield body
            length = None


class Writer:
    """Whole messages onto ``stream``, from any thread; once the reader is gone they are dropped."""

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
        """Write nothing any more."""
        with self._lock:
            self._closed = True
