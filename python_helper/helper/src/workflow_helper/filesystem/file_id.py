"""Identify a folder, even after it was renamed or moved on its disk."""

from __future__ import annotations

import os
import sys

#: `FS_IOC_GETVERSION` of Linux, and the bytes it fills: the generation of an inode.
_GENERATION = 0x80087601 if sys.maxsize > 2**32 else 0x80047601
_BUFFER_SIZE = 8


def of(folder: str) -> str | None:
    """Return the mark of ``folder``, as `INODE:BIRTH`; ``None`` where its file system has no creation times.

    The number of an inode is not enough, since it is reused after the folder is deleted. Linux has a count of reuses
    (ext4, xfs, btrfs and others); macOS and Windows have a creation time.
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
        OSError: the file system does not support the query.
    """
    from fcntl import ioctl

    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        data = ioctl(opened, _GENERATION, b"\0" * _BUFFER_SIZE)
    finally:
        os.close(opened)
    return int.from_bytes(data[:4], sys.byteorder)


def _born(found: os.stat_result) -> int:
    """Return the creation time in nanoseconds, or the system's substitute for it; zero without either."""
    if sys.platform == "win32":  # before 3.12 this was the only name of it
        return int(getattr(found, "st_birthtime_ns", found.st_ctime_ns))
    return int(getattr(found, "st_birthtime", 0) * 1_000_000)
