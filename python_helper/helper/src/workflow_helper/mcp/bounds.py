"""The folders that an agent may work in: the roots of its client, and the folders that the server was started for."""

from __future__ import annotations

import os

from workflow_helper.errors import NotFound, OutOfBounds, UsageError
from workflow_helper.filesystem.paths import is_inside_any, is_possible, is_remote, path_of_file_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple


class FolderBounds(NamedTuple):
    """Folders, by absolute path. If there are both kinds, a path must lie in one of each."""

    #: Of the command line: ``--folder``.
    folders: tuple[str, ...] = ()
    #: Named by the client.
    roots: tuple[str, ...] = ()

    @property
    def usable(self) -> tuple[str, ...]:
        """The folders that are themselves in bounds."""
        return tuple(one for one in dict.fromkeys((*self.folders, *self.roots)) if self.holds(one))

    def holds(self, path: str) -> bool:
        """Return whether ``path`` is in bounds, symbolic links resolved."""
        groups = [group for group in (self.folders, self.roots) if group]
        return bool(groups) and all(is_inside_any(path, group) for group in groups)

    def require(self, path: str) -> None:
        """Raise :class:`OutOfBounds` unless ``path`` is in bounds."""
        if not self.holds(path):
            allowed = ", ".join(self.usable)
            hint = f"Allowed: {allowed}." if allowed else _nothing(self)
            raise OutOfBounds(f"{path} is outside the folders that you may work in", hint)

    def folder(self, word: str | None, disk: Disk) -> str:
        """Return the existing absolute path of ``word``; without it, the only folder that is in bounds.

        Raises:
            OutOfBounds: it is out of bounds, or nothing is in bounds.
            NotFound: it does not exist.
            UsageError: it is no path, or there are several and none is named.
        """
        usable = self.usable
        if not usable:
            raise OutOfBounds("there is no folder that you may work in", _nothing(self))
        if word is None or not os.path.isabs(word):
            if len(usable) > 1:
                reason = f"several folders are open: {', '.join(usable)}"
                raise UsageError(reason, 'Name one, absolute, as "folder".')
            word = os.path.join(usable[0], word or "")
        if is_remote(word):
            raise OutOfBounds(f"{word} is on another machine")
        path = os.path.normpath(word)
        if not is_possible(path):
            raise UsageError('"folder" is not a path')
        self.require(path)
        if not disk.exists(path):
            raise NotFound(f"{path} does not exist")
        return path


def roots_of(result: object) -> tuple[str, ...]:
    """Return the local folders in the result of ``roots/list``; anything else in it is ignored."""
    entries = result.get("roots") if isinstance(result, dict) else None
    found: list[str] = []
    for entry in entries if isinstance(entries, list) else ():
        uri = entry.get("uri") if isinstance(entry, dict) else None
        path = path_of_file_url(uri) if isinstance(uri, str) else None
        if path is not None and is_possible(path) and not is_remote(path):
            found.append(path)
    return tuple(dict.fromkeys(found))


def _nothing(bounds: FolderBounds) -> str:
    if bounds.folders and bounds.roots:
        return "The client's roots and the folder that this server was started for do not overlap."
    return "Ask the user to open a folder in the client, or to start this server as 'wsp mcp --folder DIR'."
