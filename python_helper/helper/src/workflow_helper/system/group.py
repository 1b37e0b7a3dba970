"""The process group (on Windows, a Job Object) of a started process, which ends with the process."""

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
    """Return the ``creationflags`` for a process that leads a group; on other systems, ``start_new_session`` is used."""
    flags = 0
    if sys.platform == "win32":
        import subprocess

        group = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        flags = group | CREATE_SUSPENDED
    return flags


class Group:
    """The group of the just started ``process``, with its descendants that do not leave it."""

    def __init__(self, process: Popen[bytes]) -> None:
        self._process = process
        if sys.platform == "win32":
            self._job = JobObject()
            self._job.add(process.pid)

    def ended(self) -> bool:
        """Return whether the process itself has ended. Where `waitid` exists, it is not reaped yet, so that its group keeps its id."""
        if self._process.returncode is not None:
            return True
        if sys.platform != "win32" and hasattr(os, "waitid"):
            look = os.WEXITED | os.WNOWAIT | os.WNOHANG
            try:
                return os.waitid(os.P_PID, self._process.pid, look) is not None
            except ChildProcessError:  # reaped by another thread
                return True
        return self._process.poll() is not None

    def signal(self, *, hard: bool) -> None:
        """Ask the whole group to end (TERM), or with ``hard`` end it (KILL). Windows has only the latter."""
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
