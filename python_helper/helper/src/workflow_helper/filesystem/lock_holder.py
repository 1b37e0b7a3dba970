"""Test whether a lock file is locked, without loading the module that takes locks: answers have to be fast."""

from __future__ import annotations

import os
import sys

#: The byte that is locked on Windows: far beyond the contents of a lock file, since a locked byte cannot be read by others.
LOCKED_BYTE = 1 << 20


def is_held(path: str) -> bool:
    """Return whether a process holds a lock on the file at ``path``. This takes the lock for a moment, which processes that wait for it tolerate."""
    try:
        # Never blocks: what is at the path may be a FIFO.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags)
    except OSError:
        return False
    try:
        return not _can_lock(descriptor)
    finally:
        os.close(descriptor)


def _can_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
