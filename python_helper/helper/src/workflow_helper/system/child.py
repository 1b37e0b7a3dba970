"""A child process with pipes to its owner, in its own process group, which never outlives or blocks the owner."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time

from workflow_helper.errors import ProgramFailed
from workflow_helper.system.batch import popen_arguments
from workflow_helper.system.command_log import log_command
from workflow_helper.system.descendants import end_marked, marked, starting
from workflow_helper.system.group import Group, creation_flags
from workflow_helper.system.shutdown import held_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflow_helper.system.pipes import Pipes

#: Seconds between being asked to end (TERM) and being ended (KILL).
TERM_GRACE = 1.0
#: Seconds for the kernel to remove killed processes that this process cannot reap.
_GROUP_GRACE = 0.5
#: Seconds between two looks whether a silent child is still there.
_TICK = 0.05


class Child:
    """A started process with its group and its pipes: a transport for :class:`workflow_server.client.Session`.

    ``argv`` is a list that begins with an absolute path; the child runs in ``cwd`` with exactly ``environ``, and a mark
    that identifies its descendants (:mod:`.descendants`).

    Any thread may call any method; one at a time reads.

    Raises:
        ProgramFailed: the process cannot be started.
        Refused: it is a batch file, with arguments that are not safe.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        environ: Mapping[str, str],
        threaded: bool = sys.platform == "win32",
    ) -> None:
        # subprocess costs as much as the rest of a client to import.
        import subprocess

        if not argv or not os.path.isabs(argv[0]):
            raise ProgramFailed(
                f"{argv[0] if argv else 'nothing'!r} is not the absolute path of a program"
            )
        arguments = popen_arguments(argv)
        log_command(argv, cwd)
        self._reading = threading.Lock()
        self._ending = threading.Lock()
        #: Nobody is to wait for output any more.
        self._over = False
        self._ended_by_us = False
        #: All of it was ended and released. Its exit status alone does not tell: on Windows and macOS a look reaps the process.
        self._closed = False
        self._pipes: Pipes
        self._mark, variables = marked(environ)
        try:
            with held_back():
                with starting(self._mark):
                    self._process = subprocess.Popen(
                        arguments,
                        bufsize=0,
                        cwd=cwd,
                        env=variables,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        start_new_session=sys.platform != "win32",
                        creationflags=creation_flags(),
                    )
                self._take(threaded=threaded)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ProgramFailed(f"{argv[0]} cannot be started: {reason}") from None
        except (KeyboardInterrupt, SystemExit):
            self.end(0)  # nobody else knows of it yet
            raise

    def _take(self, *, threaded: bool) -> None:
        """Take ownership of the started process: its group and its pipes."""
        self._group = Group(self._process)
        streams = self._process.stdin, self._process.stdout, self._process.stderr
        stdin, stdout, stderr = (stream for stream in streams if stream is not None)
        if sys.platform == "win32" or threaded:
            from workflow_helper.system.pipes_windows import Threaded

            self._pipes = Threaded(stdin, stdout, stderr)
        else:
            from workflow_helper.system.pipes_posix import Polled

            self._pipes = Polled(stdin, stdout, stderr)

    @property
    def pid(self) -> int:
        """The id of the process, and of its group."""
        return self._process.pid

    def write(self, data: bytes) -> None:
        """Write ``data``; never waits, and ignores a child that does not read."""
        self._pipes.write(data)

    def close_input(self) -> None:
        """Close its input, as a disconnecting client does; its answers can still be read."""
        self._pipes.close_input()

    def read(self, timeout: float) -> bytes | None:
        """Return some of its output; ``None`` if there is none within ``timeout`` seconds.

        ``b""`` at the end of its output: it closed it, or the process ended, even if a grandchild keeps the pipe open.

        Raises:
            BrokenPipeError: the process is silent, and no longer reads what is written to it.
        """
        until = time.monotonic() + timeout
        with self._reading:
            while not self._over:
                left = until - time.monotonic()
                data = self._pipes.read(min(_TICK, max(0.0, left)))
                if data is not None:
                    return data
                if self.ended():
                    # It may have written between the last look at the pipe and its end.
                    return self._pipes.read(0) or b""
                if self._pipes.broken:
                    raise BrokenPipeError
                if left <= 0:
                    return None
        return b""

    def ended(self) -> bool:
        """Return whether the process itself has ended."""
        return self._group.ended()

    def stderr_tail(self) -> bytes:
        """Return the end of its standard error, converted to UTF-8 from the system's encoding."""
        if sys.platform == "win32":
            from workflow_helper.system.output import decode_output

            return decode_output(self._pipes.tail).encode()
        return self._pipes.tail

    def end(self, grace: float) -> int | None:
        """End it, its group, and descendants that left the group: close the input, wait ``grace`` seconds, TERM, a second, KILL.

        Return the exit status (negative: the signal's number) if it ended by itself, ``None`` if it was ended. No
        process, thread or pipe is left afterwards. It may be called again.
        """
        self._over = True
        with self._ending, self._reading:
            if not self._closed:
                try:
                    self._pipes.close_input()
                    self._ended_by_us = not self._wait(grace)
                    if self._ended_by_us:
                        self._group.signal(hard=False)
                        self._wait(TERM_GRACE)
                finally:
                    # Also when the process is over: a grandchild would otherwise go on.
                    self._group.signal(hard=True)
                    self._process.wait()
                    self._wait_for_group()
                    # What left the group, for a session of its own.
                    end_marked(self._mark)
                    self._pipes.drain()
                    self._pipes.close()
                    self._group.close()
                    self._closed = True
        return None if self._ended_by_us else self._process.returncode

    def _wait(self, seconds: float) -> bool:
        """Wait for its end, reading its output so that it does not block, and return whether it ended in time."""
        until = time.monotonic() + seconds
        while not self.ended():
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self._pipes.read(min(_TICK, left)) == b"":
                # Its output is closed, so there is nothing to wait for but its end.
                time.sleep(min(0.002, left))
        return True

    def _wait_for_group(self) -> None:
        """Wait until the kernel has removed the killed rest of the group, which this process cannot reap."""
        if sys.platform != "win32":
            until = time.monotonic() + _GROUP_GRACE
            # The group's number is not used again while any of it is left, and signal 0 does nothing.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                while time.monotonic() < until:
                    os.killpg(self._process.pid, 0)
                    time.sleep(0.002)
