"""Run a program that reports over an additional pipe, and leave no process of it behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

from workflow_helper.errors import ProgramFailed
from workflow_helper.system.batch import popen_arguments
from workflow_helper.system.command_log import log_command
from workflow_helper.system.descendants import end_marked, marked, starting
from workflow_helper.system.group import Group, creation_flags
from workflow_helper.system.output import decode_output
from workflow_helper.system.shutdown import held_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO, Any, Literal, NamedTuple

    #: How a program came to its end: by itself, or because it was stopped.
    Ending = Literal["itself", "cancelled", "timeout"]
else:
    from workflow_server.namedtuple import NamedTuple

#: Stands in the arguments for the number of the pipe, which is not known before the start.
REPORT = "@report"
#: Seconds that a program has after an interrupt (Ctrl-C) to say what it got to, and then after TERM.
INTERRUPT_GRACE, TERM_GRACE = 3.0, 1.0
#: Bytes of what it prints that are kept, where that is not shown at once: the last ones.
TAIL = 65536
#: Bytes of a line of the report; a longer one is dropped.
LONGEST_LINE = 8 * 1024 * 1024
_TICK = 0.05
#: Bytes that are read of the report at once, and the seconds for which more is left to come where there was less than that: a program
#: that reports thousands of steps a second would have us woken for each, and lose its turn on the processor to us.
_CHUNK, _PAUSE = 65536, 0.02


class Reported(NamedTuple):
    """The end of a program that reported over a pipe."""

    #: The exit status; the negative number of the signal that ended it, on POSIX.
    exit_code: int
    ending: Ending
    #: The last that it printed, where that was kept.
    output: str


def run_reporting(
    argv: Sequence[str],
    *,
    cwd: str,
    environ: Mapping[str, str],
    receive: Callable[[bytes], None],
    timeout: float | None,
    cancelled: threading.Event | None,
    quiet: bool,
) -> Reported:
    """Start ``argv`` (``argv[0]`` absolute, :data:`REPORT` for the pipe's number) and wait until it is over.

    ``receive`` takes each line of the report, in a thread of its own. ``quiet``: the end of the program's output is
    kept, but not shown. ``timeout`` is in seconds, ``None`` for no limit; it and ``cancelled`` first interrupt the
    program as Ctrl-C does, then end it. Even after an exception, no process of it is left.

    Raises:
        ProgramFailed: It cannot be started.
        Refused: It is a batch file, with arguments that are not safe to pass to one.
    """
    log_command(argv, cwd)
    started: list[_Reporter] = []
    try:
        try:
            with held_back():
                started.append(_Reporter(argv, cwd, environ, receive, quiet=quiet))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ProgramFailed(f"{argv[0]} cannot be started: {reason}") from None
        ending = started[0].wait(timeout, cancelled)
        if ending != "itself":
            started[0].stop()
    finally:
        codes = [child.end() for child in started]
    return Reported(codes[0], ending, started[0].output)


class _Reporter:
    """The started program, its pipe, and the threads that read."""

    def __init__(
        self,
        argv: Sequence[str],
        cwd: str,
        environ: Mapping[str, str],
        receive: Callable[[bytes], None],
        *,
        quiet: bool,
    ) -> None:
        self._receive = receive
        self._tail = bytearray()
        self._over = threading.Event()
        self._mark, variables = marked(environ)
        reader, writer = os.pipe()
        stream = subprocess.PIPE if quiet else None
        try:
            number, options = _inheriting(writer)
            with starting(self._mark):
                self._process = subprocess.Popen(
                    popen_arguments([number if one == REPORT else one for one in argv]),
                    cwd=cwd,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT if quiet else None,
                    start_new_session=sys.platform != "win32",
                    creationflags=creation_flags(),
                    **options,
                )
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        self._group = Group(self._process)
        self._threads = [threading.Thread(target=self._read_report, args=(reader,), daemon=True)]
        if self._process.stdout is not None:
            stdout = self._process.stdout
            self._threads.append(
                threading.Thread(target=self._read_output, args=(stdout,), daemon=True)
            )
        for thread in self._threads:
            thread.start()

    @property
    def output(self) -> str:
        return decode_output(bytes(self._tail))

    def wait(self, timeout: float | None, cancelled: threading.Event | None) -> Ending:
        until = None if timeout is None else time.monotonic() + timeout
        while not self._group.ended():
            if cancelled is not None and cancelled.is_set():
                return "cancelled"
            if until is not None and time.monotonic() >= until:
                return "timeout"
            # The end of the report comes a moment before that of the program, or long before.
            if self._over.wait(_TICK):
                time.sleep(0.005)
        return "itself"

    def stop(self) -> None:
        """Interrupt it, so that it can report its results so far; then ask it to end."""
        if sys.platform != "win32":
            try:
                os.killpg(self._process.pid, signal.SIGINT)
            except (ProcessLookupError, PermissionError):
                return
            if self._ends_within(INTERRUPT_GRACE):
                return
        self._group.signal(hard=False)
        self._ends_within(TERM_GRACE)

    def end(self) -> int:
        """End its remaining processes, and return its exit status."""
        self._group.signal(hard=True)
        code = self._process.wait()
        # What left the group, which may hold the pipe open.
        end_marked(self._mark)
        for thread in self._threads:
            thread.join(TERM_GRACE)
        self._group.close()
        return code

    def _ends_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self._group.ended():
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
        return True

    def _read_report(self, reader: int) -> None:
        rest = bytearray()
        dropping = False
        try:
            while part := os.read(reader, _CHUNK):
                rest += part
                *lines, last = rest.split(b"\n")
                rest = bytearray(last)
                for line in lines:
                    if not dropping:
                        self._receive(bytes(line))
                    dropping = False
                if len(rest) > LONGEST_LINE:
                    rest.clear()
                    dropping = True
                if len(part) < _CHUNK:
                    time.sleep(_PAUSE)
        finally:
            os.close(reader)
            self._over.set()

    def _read_output(self, stream: IO[bytes]) -> None:
        with stream:
            while part := os.read(stream.fileno(), 65536):
                self._tail += part
                del self._tail[:-TAIL]


def _inheriting(writer: int) -> tuple[str, dict[str, Any]]:
    """Return the child's number for the pipe, and the arguments by which the child inherits it."""
    if sys.platform == "win32":
        import msvcrt

        handle = msvcrt.get_osfhandle(writer)
        os.set_handle_inheritable(handle, True)  # noqa: FBT003 - it takes no name
        startup = subprocess.STARTUPINFO()
        startup.lpAttributeList = {"handle_list": [handle]}
        return str(handle), {"startupinfo": startup, "close_fds": True}
    return str(writer), {"pass_fds": (writer,)}
