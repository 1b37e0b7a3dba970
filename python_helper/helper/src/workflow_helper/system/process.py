"""Run a process until it ends: never through a shell, limited in time and output, ended and reaped as a group."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from workflow_helper.errors import Cancelled, ProgramFailed, ProgramTimedOut
from workflow_helper.system.batch import popen_arguments
from workflow_helper.system.command_log import log_command
from workflow_helper.system.descendants import starting
from workflow_helper.system.group import Group, creation_flags
from workflow_helper.system.output import decode_output
from workflow_helper.system.shutdown import held_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO, NamedTuple

    from workflow_helper.errors import WorkflowError
else:
    from workflow_server.namedtuple import NamedTuple

#: Bytes of both streams together that are kept before a child is ended as running wild.
OUTPUT_LIMIT = 16 * 1024 * 1024
#: Seconds that a child has between being asked to end (TERM) and being ended (KILL).
GRACE = 2.0
#: The same when this process itself is being ended, because its parent does not wait for long.
HURRIED_GRACE = 0.25
#: Seconds between two looks at a child: how late a cancellation can be noticed.
_TICK = 0.05
#: Bytes of a line that are passed on while a child runs.
_LONGEST_LINE = 4096


class Finished(NamedTuple):
    """The exit status of a child, and its output."""

    #: The exit status; the negative number of the signal that ended it, on POSIX.
    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """All its output, errors last, as text for a person."""
        parts = (
            decode_output(self.stdout).strip(),
            decode_output(self.stderr).strip(),
        )
        return "\n".join(part for part in parts if part)


def run(
    argv: Sequence[str],
    *,
    cwd: str,
    environ: Mapping[str, str],
    timeout: float,
    cancelled: threading.Event | None = None,
    limit: int = OUTPUT_LIMIT,
    inherited: Sequence[int] = (),
    on_line: Callable[[str], None] | None = None,
) -> Finished:
    """Start ``argv`` (a list, ``argv[0]`` absolute) in ``cwd`` and wait until it ends, whatever its exit status.

    The child reads from the null device, sees exactly ``environ``, and leads a process group of its own (a Job Object
    on Windows); processes of the group that are left when it ends are ended too. ``timeout`` is in seconds; ``limit``
    counts the bytes of both streams together; ``inherited`` are descriptors that stay open in the child, on POSIX.
    ``on_line`` is called with each complete line of the child, without its line break, from one thread for each stream.

    Even after an exception, no process of the group is left.

    Raises:
        ProgramFailed: the program cannot be started, or writes more than ``limit``.
        ProgramTimedOut: it takes longer than ``timeout``.
        Cancelled: ``cancelled`` was set.
        Refused: it is a batch file, with arguments that are not safe to pass to one.
    """
    if not argv or not os.path.isabs(argv[0]):
        raise ProgramFailed(
            f"{argv[0] if argv else 'nothing'!r} is not the absolute path of a program"
        )
    name = os.path.basename(argv[0])
    arguments = popen_arguments(argv)
    if cancelled is not None and cancelled.is_set():
        raise Cancelled(f"{name} was not started: cancelled")
    log_command(argv, cwd)
    child: _Child | None = None
    try:
        with held_back():
            child = _Child(_start(arguments, cwd, environ, inherited), limit, on_line)
        stop = _watch(child, name, timeout, cancelled)
    except BaseException as error:  # interrupted, say
        if child is not None:
            child.end(HURRIED_GRACE)
        elif isinstance(error, (OSError, ValueError, subprocess.SubprocessError)):
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ProgramFailed(f"{argv[0]} cannot be started: {reason}") from None
        raise
    exit_code = child.end(GRACE if stop else 0)
    if stop is None and child.overflowed:
        stop = _too_much(name, limit)
    if stop is not None:
        raise stop
    return Finished(exit_code, child.output(0), child.output(1))


def _start(
    arguments: list[str] | str, cwd: str, environ: Mapping[str, str], inherited: Sequence[int]
) -> subprocess.Popen[bytes]:
    with starting(None):
        return subprocess.Popen(
            arguments,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",
            creationflags=creation_flags(),
            pass_fds=tuple(inherited),
        )


def _watch(
    child: _Child, name: str, timeout: float, cancelled: threading.Event | None
) -> WorkflowError | None:
    """Wait until the child has ended (return ``None``) or must be stopped (return the reason)."""
    deadline = time.monotonic() + timeout
    while not child.ended():
        if cancelled is not None and cancelled.is_set():
            return Cancelled(f"{name} was stopped")
        if child.overflowed:
            return _too_much(name, child.limit)
        if time.monotonic() >= deadline:
            return ProgramTimedOut(f"{name} was stopped: it took longer than {timeout:g} s")
        child.wait(_TICK)
    return None


def _too_much(name: str, limit: int) -> ProgramFailed:
    return ProgramFailed(f"{name} was stopped: it wrote more than {limit} bytes")


class _Child:
    """A started process, its group, and its output so far."""

    def __init__(
        self, process: subprocess.Popen[bytes], limit: int, on_line: Callable[[str], None] | None
    ) -> None:
        self._process = process
        self._on_line = on_line
        self.overflowed = False
        self.limit = limit
        self._quiet = threading.Event()
        self._group = Group(self._process)
        streams = [
            stream for stream in (self._process.stdout, self._process.stderr) if stream is not None
        ]
        self._open = len(streams)
        self._size = 0
        self._count = threading.Lock()
        self._parts: list[list[bytes]] = [[] for _ in streams]
        self._readers = [
            threading.Thread(target=self._read, args=(stream, parts), daemon=True)
            for stream, parts in zip(streams, self._parts, strict=True)
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[bytes], parts: list[bytes]) -> None:
        lines = None if self._on_line is None else _Lines(self._on_line)
        with stream:
            while part := os.read(stream.fileno(), 65536):
                if lines is not None:
                    lines.feed(part)
                with self._count:
                    self._size += len(part)
                    too_much = self._size > self.limit
                if too_much:
                    # Not reading on would block the child; reading on without keeping lets it end or be ended.
                    self.overflowed = True
                    self._quiet.set()
                else:
                    parts.append(part)
        with self._count:
            self._open -= 1
            if not self._open:
                self._quiet.set()

    def ended(self) -> bool:
        """Return whether the process itself has ended. It is not reaped yet, so that the id of its group stays reserved."""
        return self._group.ended()

    def wait(self, seconds: float) -> None:
        """Wait until both streams are closed, but at most ``seconds``."""
        if self._quiet.wait(seconds):
            # A process closes its streams a moment before it is over, or long before.
            time.sleep(0.002)

    def end(self, grace: float) -> int:
        """End the rest of the group, reap the process, and return its exit status."""
        try:
            if grace and not self.ended():
                self._group.signal(hard=False)
                until = time.monotonic() + grace
                while not self.ended() and time.monotonic() < until:
                    self.wait(_TICK)
        finally:
            # Also when the process is over: a grandchild would otherwise go on and hold the streams open. And if an
            # interrupt ended the wait, because nothing else would end it.
            self._group.signal(hard=True)
        code = self._process.wait()
        for reader in self._readers:
            # A grandchild that left the group can still hold a stream: what it writes is of no interest.
            reader.join(GRACE)
        self._group.close()
        return code

    def output(self, stream: int) -> bytes:
        """Return the contents of stream 0 (output) or 1 (errors)."""
        return b"".join(self._parts[stream])


class _Lines:
    """Splits chunks into lines. A carriage return ends a line too, because progress bars use it."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def feed(self, part: bytes) -> None:
        *whole, rest = (self._rest + part).replace(b"\r", b"\n").split(b"\n")
        self._rest = rest[-_LONGEST_LINE:]
        for line in whole:
            if line.strip():
                self._on_line(decode_output(line[-_LONGEST_LINE:]))
