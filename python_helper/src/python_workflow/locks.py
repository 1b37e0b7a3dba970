"""A file that one process at a time holds locked; the system frees it when the process is gone, however it went.

Not filelock, which records take: importing it costs twice what uv takes to make an environment.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager

from python_workflow.discovery.unfinished import LOCKED_BYTE
from python_workflow.errors import WorkflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds between two attempts to take a lock that another process holds.
_PATIENCE = 0.05


@contextmanager
def held(path: str, waiting: Callable[[], None]) -> Iterator[bool]:
    """Hold the file at ``path`` locked; gives whether another process had to be waited for.

    The file is made, and stays. ``waiting`` is called again and again meanwhile, and may raise. Raises
    :class:`WorkflowError` where the file cannot be made.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise WorkflowError(f"{path} cannot be written ({error.strerror or error})") from None
    waited = False
    try:
        while not take(lock):
            waited = True
            waiting()
            time.sleep(_PATIENCE)
        yield waited
    finally:
        os.close(lock)


def take(descriptor: int) -> bool:
    """Lock an open file, if nobody else holds it; whether it is locked now. Closing the file frees it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            # Of the open file, not of the process: a tool that inherits it holds it too.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
