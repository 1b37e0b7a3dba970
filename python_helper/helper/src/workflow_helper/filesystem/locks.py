"""Lock a file for one process at a time; the system releases the lock when the process ends for any reason.

filelock is not used: importing it takes twice as long as uv needs for an environment, and it opens files through links.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import contextmanager, suppress

from workflow_helper.errors import WorkflowError, unwritable
from workflow_helper.filesystem.lock_holder import LOCKED_BYTE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The flags to open a lock file: create it if needed, and never follow a link.
FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
#: Seconds between two attempts to take a lock that another process holds.
_RETRY_SECONDS = 0.05


@contextmanager
def hold(path: str, waiting: Callable[[], None], *, passing: bool = False) -> Iterator[bool]:
    """Hold a lock on the file at ``path``; yields whether another process had to be waited for.

    The file is created, and remains; with ``passing`` it is removed at the end, if all its users pass that. ``waiting``
    is called repeatedly during the wait, and may raise.

    Raises:
        WorkflowError: the file cannot be created, or is not a regular file; links are never followed.
    """
    lock, waited = _wait_for(path, waiting)
    while passing and not _is_still(lock, path):
        # Its holder finished, and took the file away, between the opening and the lock.
        os.close(lock)
        lock, _ = _wait_for(path, waiting)
        waited = True
    try:
        yield waited
    finally:
        if sys.platform == "win32":
            os.close(lock)  # an open file cannot be removed there
        if passing:
            with suppress(OSError):
                os.unlink(path)
        if sys.platform != "win32":
            os.close(lock)


def patience(seconds: float, error: Callable[[], WorkflowError]) -> Callable[[], None]:
    """Return a function to call while waiting, which raises ``error()`` after ``seconds``."""
    end = time.monotonic() + seconds

    def waiting() -> None:
        if time.monotonic() > end:
            raise error()

    return waiting


def _wait_for(path: str, waiting: Callable[[], None]) -> tuple[int, bool]:
    """Return the file at ``path``, open and locked, and whether that required waiting."""
    lock = opened(path)
    waited = False
    try:
        while not take(lock):
            waited = True
            waiting()
            time.sleep(_RETRY_SECONDS)
    except BaseException:
        os.close(lock)
        raise
    return lock, waited


def opened(path: str) -> int:
    """Return the descriptor of the file to lock at ``path``, which is created if needed.

    Raises:
        WorkflowError: the file cannot be created, or is not a regular file; links are never followed.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _check_no_link(path)
        lock = os.open(path, FLAGS, 0o600)
    except OSError as error:
        _check_no_link(path)  # one that came meanwhile
        raise unwritable(path, error) from None
    if not stat.S_ISREG(os.fstat(lock).st_mode):
        os.close(lock)
        raise WorkflowError(f"{path} is not a regular file, so it is not locked", "Remove it.")
    return lock


def _check_no_link(path: str) -> None:
    if os.path.islink(path):
        raise WorkflowError(f"{path} is a link, so it is not locked", "Remove the link.")


def _is_still(lock: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), os.stat(path))
    except OSError:
        return False


def take(descriptor: int) -> bool:
    """Lock an open file unless another process has locked it, and return whether it is locked now. Closing the file releases it."""
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
