"""Detect that the process which started this one has ended, without polling."""

from __future__ import annotations

import os
import select
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def when_gone(pid: int, act: Callable[[], None]) -> bool:
    """Call ``act`` in its own thread once the process ``pid`` has ended, and return whether it is watched.

    A process that does not exist is not watched: if this process runs in a container, the id may be one of the host.
    The end of standard input shows the same.
    """
    wait = _waiter(pid) if pid > 0 else None
    if wait is None:
        return False

    def watch() -> None:
        wait()
        act()

    threading.Thread(target=watch, name=f"parent {pid}", daemon=True).start()
    return True


if sys.platform == "win32":

    def _waiter(pid: int) -> Callable[[], object] | None:
        import ctypes
        from ctypes import wintypes

        synchronize, forever = 0x00100000, 0xFFFFFFFF
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        handle = kernel.OpenProcess(synchronize, 0, pid)
        # One that has ended is still there while anybody holds it.
        if not handle or kernel.WaitForSingleObject(wintypes.HANDLE(handle), 0) == 0:
            return None
        return lambda: kernel.WaitForSingleObject(wintypes.HANDLE(handle), forever)

elif sys.platform == "linux":

    def _waiter(pid: int) -> Callable[[], object] | None:
        ended = select.poll()
        try:
            ended.register(os.pidfd_open(pid), select.POLLIN)
        except OSError:  # no such process, or a kernel before 5.3
            return None
        return ended.poll

else:

    def _waiter(pid: int) -> Callable[[], object] | None:
        try:
            queue = select.kqueue()
            event = select.kevent(
                pid,
                select.KQ_FILTER_PROC,
                select.KQ_EV_ADD | select.KQ_EV_ONESHOT,
                select.KQ_NOTE_EXIT,
            )
            queue.control([event], 0)
        except OSError:  # no such process
            return None
        return lambda: queue.control(None, 1)
