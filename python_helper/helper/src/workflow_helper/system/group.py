"""A started process as the leader of a group of its own (a Job Object on Windows), which ends with it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import Popen

if sys.platform == "win32":
    from workflow_helper.system.windows_job import CREATE_SUSPENDED, JobObject


def creation_flags() -> int:
    """Return the ``creationflags`` of a process that is to lead a group; elsewhere ``start_new_session`` does it."""
    flags = 0
    if sys.platform == "win32":
        import subprocess

        group = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        flags = group | CREATE_SUSPENDED
    return flags


class Group:
    """All that ``process``, which has just been started, starts in turn, as far as it does not leave."""

    def __init__(self, process: Popen[bytes]) -> None:
        self._process = process
        if sys.platform == "win32":
            self._job = JobObject()
            self._job.add(process.pid)

    def ended(self) -> bool:
        """Return whether the process itself is over. It is not reaped yet, so that its group keeps its number."""
        if self._process.returncode is not None:
            return True
        if sys.platform != "win32" and hasattr(os, "waitid"):
            look = os.WEXITED | os.WNOWAIT | os.WNOHANG
            try:
                return os.waitid(os.P_PID, self._process.pid, look) is not None
            except ChildProcessError:  # reaped by somebody else
                return True
        return self._process.poll() is not None

    def signal(self, *, hard: bool) -> None:
        """Ask the whole group to end (TERM), or end it: ``hard`` (KILL). Windows knows the latter alone."""
        if sys.platform == "win32":
            self._job.terminate()
            self._process.kill()
        else:
            # macOS says EPERM of a group of zombies.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL if hard else signal.SIGTERM)

    def close(self) -> None:
        """Release the group, once the process is reaped."""
        if sys.platform == "win32":
            self._job.close()
