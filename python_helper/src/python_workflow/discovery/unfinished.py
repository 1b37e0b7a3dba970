"""Environments that are being made or changed, or whose making was cut short: noted in the user's state folder meanwhile.

Whoever makes or changes one holds a lock on the note, and takes the note away when the environment is whole. A note without
a holder is what a killed process left: what is at its path looks like an environment and is not whole. Who writes the notes
is :mod:`python_workflow.workflows.claim`.
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host


def folder(host: Host) -> str:
    """Where the notes are."""
    return os.path.join(host.state, "unfinished")


def note(path: str, host: Host) -> str:
    """The file that notes that ``path`` is unfinished, whether or not it is there."""
    return os.path.join(folder(host), _name(path))


def reason(prefix: str, host: Host, disk: Disk) -> str | None:
    """Why the environment at ``prefix`` is not to be used yet; ``None`` where nobody noted anything."""
    notes = disk.names(folder(host))
    if not notes:  # nearly always
        return None
    name = _name(prefix)
    if name not in notes:
        return None
    path = os.path.join(folder(host), name)
    held, told = _is_held(path), _told(path)
    if told.startswith(CHANGING):
        # While it is being changed it can be used. Another environment at this place is not the one of the note.
        if held or told != changing(prefix):
            return None
        return f"{prefix} is unfinished: changing its packages was interrupted; make it anew with: wsp env sync --recreate"
    if held:
        return f"{prefix} is being made by another process"
    return f"{prefix} is unfinished: making it was interrupted; make it anew with: wsp env create"


def changing(prefix: str) -> bytes:
    """What a note says of the environment at ``prefix`` whose packages are changed: which one it is."""
    for name in ("pyvenv.cfg", "conda-meta"):
        try:
            found = os.stat(os.path.join(prefix, name))
        except OSError:
            continue
        # A folder's time is that of its entries, which change with the packages.
        since = 0 if stat.S_ISDIR(found.st_mode) else found.st_mtime_ns
        return CHANGING + f"{found.st_dev}:{found.st_ino}:{since}".encode()
    return CHANGING


def _told(path: str) -> bytes:
    try:
        with open(path, "rb") as note:
            return note.read(1024)
    except OSError:
        return b""


def _name(path: str) -> str:
    from hashlib import sha256

    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    return sha256(os.fsencode(real)).hexdigest()[:32]


def _is_held(path: str) -> bool:
    """Whether a maker holds the note. Takes the lock for an instant, which makers bear with."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
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


#: How the note of an environment begins that was whole before.
CHANGING = b"changed by a tool: "
#: Which byte of a note is locked on Windows: far behind the token, since its locks keep others from reading.
LOCKED_BYTE = 1 << 20
