"""A child's pipes, polled together by the reading thread (POSIX)."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time

from workflow_helper.system.pipes import CHUNK, Tail

assert sys.platform != "win32"  # noqa: S101 - what type checkers understand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO


class Polled:
    """Pipes that :meth:`read` polls together; only one thread at a time may call it."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        for stream in (stdin, stdout, stderr):
            os.set_blocking(stream.fileno(), False)
        self._errors_open = True
        self._tail = Tail()
        #: The bytes that are still to be written.
        self._outbox = bytearray()
        self._writing = threading.Lock()
        #: The child does not read any more.
        self.broken = False

    @property
    def tail(self) -> bytes:
        """The tail of the standard error, as far as it was read."""
        return bytes(self._tail)

    def write(self, data: bytes) -> None:
        """Write as much as the pipe takes now, and the rest during reads; never waits."""
        with self._writing:
            self._outbox += data
            self._flush()

    def read(self, timeout: float) -> bytes | None:
        """Return some output; ``b""`` at its end, ``None`` if there is none within ``timeout`` seconds.

        Meanwhile, buffered input is written, and the standard error is read.
        """
        until = time.monotonic() + timeout
        poll = select.poll()
        out, err = self._stdout.fileno(), self._stderr.fileno()
        poll.register(out, select.POLLIN)
        if self._errors_open:
            poll.register(err, select.POLLIN)
        while True:
            if self._outbox and not self._stdin.closed:
                poll.register(self._stdin.fileno(), select.POLLOUT)
            ready = [fd for fd, _ in poll.poll(max(0.0, until - time.monotonic()) * 1000)]
            if err in ready and not self._read_errors():
                poll.unregister(err)
            if out in ready:
                # Only ready pipes are read, so there is no BlockingIOError.
                return os.read(out, CHUNK)
            if len(ready) > (err in ready):
                with self._writing:
                    self._flush()
                poll.unregister(self._stdin.fileno())
            if time.monotonic() >= until:
                return None

    def drain(self) -> None:
        """Read the rest of the standard error, but not more than a full pipe."""
        for _ in range(16):
            if not self._errors_open or not self._read_errors(once=True):
                return

    def close_input(self) -> None:
        """Close the child's input; unwritten data is dropped."""
        with self._writing:
            self._outbox.clear()
            with contextlib.suppress(OSError):
                self._stdin.close()

    def close(self) -> None:
        """Close all three."""
        self.close_input()
        self._stdout.close()
        self._stderr.close()

    def _read_errors(self, *, once: bool = False) -> bool:
        """Read some of the standard error, and return whether there may be more."""
        try:
            data = os.read(self._stderr.fileno(), CHUNK)
        except BlockingIOError:
            return not once
        self._tail.add(data)
        self._errors_open = bool(data)
        return self._errors_open

    def _flush(self) -> None:
        """Write what the pipe takes; the caller holds the lock."""
        if self._stdin.closed or self.broken:
            self._outbox.clear()
        while self._outbox:
            try:
                with memoryview(self._outbox) as view:
                    count = os.write(self._stdin.fileno(), view[:CHUNK])
            except BlockingIOError:
                return
            except OSError:  # its reader has gone
                self.broken = True
                self._outbox.clear()
                return
            del self._outbox[:count]
