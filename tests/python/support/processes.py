"""Processes that a test did not start itself."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path


def see_it_end(pid: int) -> None:
    """Wait until the process is over; the test's own limit is the only one."""
    while runs(pid):
        time.sleep(0.005)


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
