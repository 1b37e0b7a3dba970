"""The interface of the modules of this package: what each provides about its tool."""

from __future__ import annotations

from workflow_helper.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple


class Place(NamedTuple):
    """The place of an environment that a tool has for a folder, existing or not."""

    name: str
    prefix: str
    #: ``"venv"`` or ``"conda"``.
    kind: str = "venv"
    #: The one that the tool itself uses when none is named; at most one of a tool's places.
    default: bool = False
    #: Whether it is there because a file of the project says so: then it may be anybody's, and not the tool's to delete.
    pointed: bool = False


class Folder(NamedTuple):
    """A project root, with safe access to its files for a tool's module."""

    root: str
    #: The enclosing roots, nearest first.
    enclosing: tuple[str, ...]
    host: Host
    disk: Disk

    def has(self, name: str) -> bool:
        """Return whether the root holds a regular file of this name."""
        return self.disk.is_file(
            f"{self.root}/{name}" if not self.host.windows else self.root + "\\" + name
        )

    def table(self, *keys: str) -> dict[str, Any] | None:
        """Return the table of the root's ``pyproject.toml`` at ``keys``; ``None`` when there is none or it cannot be read.

        Mistakes in the file are reported by the rule that reads declarations, not here.
        """
        path = (
            f"{self.root}/pyproject.toml"
            if not self.host.windows
            else self.root + "\\pyproject.toml"
        )
        try:
            found: Any = (
                self.disk.toml(path) if self.disk.mentions(path, keys[-1].encode()) else None
            )
        except UnusableFile:
            return None
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None


class Tool(NamedTuple):
    """A recognized workflow tool: the files that show it, and the places of its environments."""

    name: str
    #: Lock files: the strongest evidence.
    locks: tuple[str, ...]
    #: Other files whose presence marks the tool.
    files: tuple[str, ...]
    #: Tables of ``pyproject.toml`` that mark it, each as its keys: ``("tool", "uv")``.
    tables: tuple[tuple[str, ...], ...]
    #: All of a folder's environments of this tool, the default among them, computed without starting it.
    places: Callable[[Folder], tuple[Place, ...]]
    #: Whether it can govern by recognition (W6); tox and nox cannot.
    governs: bool = True
    #: Evidence that neither a name nor a table of ``pyproject.toml`` gives (a section of ``setup.cfg``).
    other_evidence: Callable[[Folder], str | None] | None = None
    #: Whether a piece of evidence makes the tool govern; with ``None``, each does.
    makes_it_govern: Callable[[Folder, str], bool] | None = None
    #: Whether the user's own words keep its environment elsewhere than in ``.venv``, without a look at what is there.
    keeps_elsewhere: Callable[[Folder], bool] | None = None
