"""The common part of both implementations of a child's three pipes.

:mod:`workflow_helper.system.pipes_posix` needs no thread and is for POSIX; :mod:`workflow_helper.system.pipes_windows`
is for Windows, whose pipes cannot be polled, and works everywhere. The two processes never block each other: input that
the child does not read yet is buffered, its standard error is read with every other read, and only the tail of it is
kept. Its standard output is read only on demand, so that a child that writes too much has to wait.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Pipes(Protocol):
        """The pipes of one child."""

        #: The child does not read any more.
        broken: bool

        @property
        def tail(self) -> bytes:
            """The tail of the standard error, as far as it was read."""

        def write(self, data: bytes) -> None:
            """Write ``data``, now or later; never waits."""

        def read(self, timeout: float) -> bytes | None:
            """Return some output; ``b""`` at its end, ``None`` if there is none within ``timeout`` seconds."""

        def drain(self) -> None:
            """Read the rest of the standard error; waits only for a moment."""

        def close_input(self) -> None:
            """Close the child's input."""

        def close(self) -> None:
            """Close all three; the child must have ended."""


#: Bytes that are read at once.
CHUNK = 65536
#: Bytes of the standard error that are kept.
TAIL = 8192


class Tail:
    """The last bytes of a stream."""

    def __init__(self) -> None:
        self._tail = bytearray()

    def add(self, data: bytes) -> None:
        """Append ``data``."""
        self._tail += data
        del self._tail[:-TAIL]

    def __bytes__(self) -> bytes:
        return bytes(self._tail)
