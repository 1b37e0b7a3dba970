"""Identify a folder, through renaming and moving on its disk."""

from __future__ import annotations

import os
import sys

#: `FS_IOC_GETVERSION` of Linux, and the bytes it fills: the generation of an inode.
_GENERATION = 0x80087601 if sys.maxsize > 2**32 else 0x80047601
_ROOM = 8


def of(folder: str) -> str | None:
    """Return the mark of ``folder``, as `INODE:BIRTH`; ``None`` where its file system has no creation times.

    The number of an inode alone is that of another folder as soon as this one is deleted. Linux tells how often it was
    given away (ext4, xfs, btrfs and others), macOS and Windows when it was.
    """
    try:
        found = os.stat(folder)
        birth = _generation(folder) if sys.platform == "linux" else _born(found)
    except OSError:
        return None
    return f"{found.st_ino}:{birth}" if found.st_ino and birth else None


def _generation(folder: str) -> int:
    """Return the generation, zero without one.

    Raises:
        OSError: the file system does not know the question.
    """
    from fcntl import ioctl

    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        data = ioctl(opened, _GENERATION, b"\0" * _ROOM)
    finally:
        os.close(opened)
    return int.from_bytes(data[:4], sys.byteorder)


def _born(found: os.stat_result) -> int:
    """Return the creation time in nanoseconds, or what the system has instead; zero where it has none."""
    if sys.platform == "win32":  # before 3.12 this was the only name of it
        return int(getattr(found, "st_birthtime_ns", found.st_ctime_ns))
    return int(getattr(found, "st_birthtime", 0) * 1_000_000)
