"""Decide whose files count: files of other users in parent folders are ignored.

The reason is that of git's ``safe.directory``: a user who can write ``/tmp/pyproject.toml`` must not choose a tool for
everyone in ``/tmp``.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def trusted(start: str, host: Host) -> frozenset[int] | None:
    """Return the users whose files above the folder ``start`` count; ``None`` on systems without user ids.

    They are the user, root, and the owner of ``start``, who could put the same file there. In a container the user is
    often root, and the project belongs to the user who mounted it.
    """
    if host.uid is None:
        return None
    try:
        return frozenset((host.uid, 0, os.stat(start).st_uid))
    except OSError:
        return frozenset((host.uid, 0))


def belong(folder: str, name: str, users: frozenset[int] | None, disk: Disk) -> bool:
    """Return whether ``folder``, and the entry ``name`` in it unless that is ``""``, exist and belong to ``users``."""
    if users is None:
        return True
    for path in (folder, os.path.join(folder, name)):
        owner = disk.entry(path)
        if owner is not None and stat.S_ISLNK(owner.st_mode) and path == folder:
            owner = disk.stat(path)
        if owner is None or owner.st_uid not in users:
            return False
    return True
