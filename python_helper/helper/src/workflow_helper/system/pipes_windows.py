"""A child's pipes, with a thread each (Windows)."""

from __future__ import annotations

import contextlib
import os
import queue
import threading

from workflow_helper.system.pipes import CHUNK, Tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

#: Chunks of output that wait to be taken.
_WAITING = 8
#: Seconds after which a thread that waits for its queue looks whether it is still wanted.
_TICK = 0.1
#: Seconds to wait for a reader whose pipe another process keeps open.
_JOIN = 1.0


class Threaded:
    """Pipes with a thread each."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._tail = Tail()
        self._output: queue.Queue[bytes] = queue.Queue(_WAITING)
        self._input: queue.Queue[bytes | None] = queue.Queue()
        self._over = False
        self.broken = False
        self._threads = [
            threading.Thread(target=work, daemon=True)
            for work in (self._read_output, self._read_errors, self._write_input)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def tail(self) -> bytes:
        """The tail of the standard error, as far as it was read."""
        return bytes(self._tail)

    def write(self, data: bytes) -> None:
        """Write ``data``; never waits."""
        self._input.put(data)

    def read(self, timeout: float) -> bytes | None:
        """Return some output; ``b""`` at its end, ``None`` if there is none within ``timeout`` seconds."""
        try:
            # Without waiting first: a timeout of nothing is no error to queues, a negative one is.
            data = self._output.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None
        if not data:
            self._output.put(b"")
        return data

    def drain(self) -> None:
        """Wait a moment for the rest of the standard error."""
        self._threads[1].join(_TICK)

    def close_input(self) -> None:
        """Close the child's input after writing the buffered data."""
        self._input.put(None)

    def close(self) -> None:
        """Close all three; the child must have ended."""
        self._over = True
        self.close_input()
        for thread in self._threads:
            # Who left the group can still hold a pipe: what it writes is of no interest.
            thread.join(_JOIN)

    def _read_output(self) -> None:
        data = b" "
        with self._stdout:
            while data and not self._over:
                data = _read(self._stdout)
                while not self._over:
                    try:
                        self._output.put(data, timeout=_TICK)
                    except queue.Full:
                        continue
                    break

    def _read_errors(self) -> None:
        with self._stderr:
            while data := _read(self._stderr):
                self._tail.add(data)

    def _write_input(self) -> None:
        try:
            while (data := self._input.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[os.write(self._stdin.fileno(), view[:CHUNK]) :]
        except OSError:  # its reader has gone
            self.broken = True
        with contextlib.suppress(OSError):
            self._stdin.close()


def _read(stream: IO[bytes]) -> bytes:
    try:
        return os.read(stream.fileno(), CHUNK)
    except OSError:  # Windows says so of a pipe whose other end is gone
        return b""
