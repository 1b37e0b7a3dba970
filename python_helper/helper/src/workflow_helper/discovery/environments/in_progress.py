"""Environments that are being created or changed, or whose creation was interrupted: noted in the user's state folder.

Whoever makes or changes one holds a lock on the note, and takes the note away when the environment is whole. A note without
a holder is what a killed process left: what is at its path looks like an environment and is not whole. Who writes the notes
is :mod:`workflow_helper.install.claim`. A note speaks of one very folder: another one at the same place, which a user made by
hand after a kill, is none of its business.
"""

from __future__ import annotations

import os
import stat

from workflow_helper.filesystem import file_id
from workflow_helper.filesystem.lock_holder import is_held
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple


def folder(host: Host) -> str:
    """Return the folder of the notes."""
    return os.path.join(host.state, "unfinished")


def note(path: str, host: Host) -> str:
    """Return the file that notes that ``path`` is unfinished, whether or not it is there."""
    return os.path.join(folder(host), _name(path))


def reason(prefix: str, host: Host, disk: Disk) -> str | None:
    """Return why the environment at ``prefix`` cannot be used yet; ``None`` where no note is about this very one."""
    noted = read(prefix, host, disk)
    if noted is None:
        return None
    if noted.held:
        # While its packages are changed it can be used.
        return None if noted.kind == CHANGED else f"{prefix} is still being created"
    if not noted.is_about(prefix):
        return None
    if noted.kind == CHANGED:
        return f"{prefix} is unfinished: changing its packages was interrupted (repair it with: wsp env sync)"
    return f"{prefix} is unfinished: creating it was interrupted (recreate it with: wsp env create)"


class Note(NamedTuple):
    """A note about the environment at a place."""

    #: :data:`MADE`, :data:`FILLED` or :data:`CHANGED`.
    kind: str
    #: The identity of its folder, as of :func:`identity`; empty where the folder did not exist yet.
    folder: str
    #: When it was last written, in nanoseconds.
    since: int
    #: Whether somebody is at work on it now.
    held: bool

    def is_about(self, prefix: str) -> bool:
        """Return whether the folder at ``prefix`` is the one that was noted, and not one that somebody put there since."""
        if self.folder:
            return identity(prefix) == self.folder
        # The maker was killed before it saw the folder: it is the tool's if it began then, and somebody's if later.
        return _created_at(prefix) <= self.since + _MEANWHILE


def read(prefix: str, host: Host, disk: Disk) -> Note | None:
    """Return the note about the environment at ``prefix``."""
    notes = disk.names(folder(host))
    if not notes:  # nearly always
        return None
    name = _name(prefix)
    if name not in notes:
        return None
    path = os.path.join(folder(host), name)
    try:
        since = os.lstat(path).st_mtime_ns
    except OSError:  # it was finished just now
        return None
    return parse(disk.head(path, _NOTE_LIMIT), since, held=is_held(path))


def parse(data: bytes, since: int, *, held: bool = False) -> Note | None:
    """Parse the bytes ``told`` of a note; return ``None`` for an empty one."""
    kind, _, about = data.decode("ascii", "replace").partition(" ")
    return Note(kind, about.strip(), since, held) if kind in (MADE, FILLED, CHANGED) else None


def identity(prefix: str) -> str | None:
    """Return what tells the folder at ``prefix`` from every other, past or future; ``None`` where it is none.

    A token that its maker put into it, where the file system tells of no birth.
    """
    try:
        if not stat.S_ISDIR(os.lstat(prefix).st_mode):
            return None
    except OSError:
        return None
    token = Disk().head(os.path.join(prefix, MARKER), 64)
    return "token:" + token.decode("ascii", "replace") if token else file_id.of(prefix)


def _created_at(prefix: str) -> int:
    """Return when what is at ``prefix`` was begun, in nanoseconds, as far as its files tell."""
    times = []
    for name in ("", "pyvenv.cfg", os.path.join("conda-meta", "history")):
        try:
            times.append(os.lstat(os.path.join(prefix, name)).st_mtime_ns)
        except OSError:
            continue
    return min(times, default=0)


def _name(path: str) -> str:
    from hashlib import sha256

    real = os.path.join(real_path(os.path.dirname(path)), os.path.basename(path))
    return sha256(os.fsencode(real)).hexdigest()[:32]


#: What a note is of: an environment that is whole as soon as it looks so, one that is not before packages are in it, and
#: one that was whole before.
MADE, FILLED, CHANGED = "made", "filled", "changed"
#: Bytes of a note.
_NOTE_LIMIT = 1024
#: Stands in a folder that is being made or changed, where nothing else tells it from others.
MARKER = ".python-workflow-unfinished"
#: How long, in nanoseconds, after the last sign of life of its maker a folder can have been begun by the maker's tool.
_MEANWHILE = 1_000_000_000
