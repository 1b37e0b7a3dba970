"""Processes that a test did not start itself."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path


def see_it_end(pid: int) -> None:
    """Wait until the process is over; the test's own limit is the only one."""
    while runs(pid):
        time.sleep(0.005)


if sys.platform == "win32":

    def runs(pid: int) -> bool:
        """Whether there is a process of this number that is not over, whether or not somebody still holds it."""
        import ctypes
        from ctypes import wintypes

        synchronize, timeout = 0x00100000, 0x102
        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = wintypes.HANDLE
        handle = kernel.OpenProcess(synchronize, 0, pid)
        if not handle:
            return False
        # `os.kill` with the signal 0 is no question on Windows: it sends Ctrl+C.
        over: int = kernel.WaitForSingleObject(wintypes.HANDLE(handle), 0)
        kernel.CloseHandle(wintypes.HANDLE(handle))
        return over == timeout

else:

    def runs(pid: int) -> bool:
        """Whether there is a process of this number that is not over; one that nobody has reaped yet is."""
        try:
            # The state follows the name, which is in parentheses and may hold anything.
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except ProcessLookupError:  # it was over between opening and reading
            return False
        except FileNotFoundError:
            if os.path.isdir("/proc/self"):
                return False
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 0)
                return True
            return False
        return state != "Z"
