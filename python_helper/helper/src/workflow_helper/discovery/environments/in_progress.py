"""Environments that are being created or changed, or whose creation was interrupted: noted in the user's state folder.

The process that creates or changes an environment locks its note, and removes the note when the environment is complete. An
unlocked note was left by a killed process: the folder looks like an environment and is incomplete. Notes are written by
:mod:`workflow_helper.install.claim`. A note is about one folder, known by its identity: it does not apply to another folder
that a user created at the same path later.
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
    """Return why the environment at ``prefix`` cannot be used yet; ``None`` where no note is about it."""
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
    #: Whether a process is working on it now.
    held: bool

    def is_about(self, prefix: str) -> bool:
        """Return whether the folder at ``prefix`` is the one that was noted, and not one that was created there later."""
        if self.folder:
            return identity(prefix) == self.folder
        # The process was killed before the folder existed: the tool created it if it is that old, and the user if it is newer.
        return _created_at(prefix) <= self.since + _CREATION_GRACE


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
    """Parse the bytes of a note; return ``None`` for an empty one."""
    kind, _, about = data.decode("ascii", "replace").partition(" ")
    return Note(kind, about.strip(), since, held) if kind in (MADE, FILLED, CHANGED) else None


def identity(prefix: str) -> str | None:
    """Return an identity that no other folder at ``prefix`` has, past or future; ``None`` where there is no folder.

    It is a token that its creator put into it, where the file system has no creation times.
    """
    try:
        if not stat.S_ISDIR(os.lstat(prefix).st_mode):
            return None
    except OSError:
        return None
    token = Disk().head(os.path.join(prefix, MARKER), 64)
    return "token:" + token.decode("ascii", "replace") if token else file_id.of(prefix)


def _created_at(prefix: str) -> int:
    """Return when the folder at ``prefix`` was created, in nanoseconds, as far as its files show."""
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


#: Kinds of notes: an environment that is complete once it exists, one that also needs its packages, and one that was
#: complete before it was changed.
MADE, FILLED, CHANGED = "made", "filled", "changed"
#: The most bytes of a note that are read.
_NOTE_LIMIT = 1024
#: A file in a folder that is being created or changed, where nothing else identifies the folder.
MARKER = ".python-workflow-unfinished"
#: How long, in nanoseconds, after the note was last written the killed process's tool may still have created the folder.
_CREATION_GRACE = 1_000_000_000
