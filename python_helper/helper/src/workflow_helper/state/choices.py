"""The user's stored choices for a root: an environment or a workflow.

They are in ``selections.json`` in the user's state folder, read here and written only by
:mod:`workflow_helper.state.selections`::

    {"version": 1, "selections": {"/real/root": {"environment": "/abs/prefix", "folder": "INODE:BIRTH"},
                                  "/other": {"environment": null}, "/third": {"workflow": "uv"}}}

``null`` is the selection "no interpreter here". A workflow is a bundled one's name, or the absolute path of a script.
The latest choice counts: choosing a workflow forgets the environment, and an environment selected after it is used. The
keys are real paths, so that a project has the same choices through every link. A root that was renamed, or moved on its
disk, is recognized by the mark of its folder (:mod:`workflow_helper.filesystem.file_id`), and so are environments in
it.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import file_id
from workflow_helper.filesystem.paths import is_possible
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
    from workflow_helper.state.record_reader import Record
else:
    from workflow_server.namedtuple import NamedTuple

FILE = "selections.json"
KIND = "selections"
LIMIT = 16 * 1024 * 1024
#: The field that holds the mark of the root's folder.
MARK = "folder"


class Selection(NamedTuple):
    """The environment that was selected for a root."""

    #: The folder of an environment, or an interpreter; ``None``: no interpreter here.
    environment: str | None


class Chosen(NamedTuple):
    """The stored choices for one root."""

    selection: Selection | None = None
    #: A bundled workflow's name, or the absolute path of a script.
    workflow: str | None = None


def selection_of(root: str, host: Host, disk: Disk, *, whole: bool = False) -> Selection | None:
    """Return the selection for ``root``; ``None`` when there is none.

    Raises:
        UnusableFile: the file of choices cannot be read.
    """
    return chosen(root, host, disk, whole=whole).selection


def chosen(root: str, host: Host, disk: Disk, *, whole: bool = False) -> Chosen:
    """Return the user's choices for ``root``.

    A file that does not contain the root is parsed only with ``whole``, to report mistakes in it.

    Raises:
        UnusableFile: the file of choices cannot be read.
    """
    path = os.path.join(host.state, FILE)
    if not disk.is_present(
        path
    ):  # a root is followed at the cost of its depth, and a project may enclose many
        return Chosen()
    key = real_path(root)
    # Importing `json` costs as much as reading a project: only where the root can be in the file, as it is or, with
    # a backslash somewhere, in another spelling.
    plain = key.isascii() and key.isprintable() and '"' not in key and "\\" not in key
    found = None
    if whole or not plain or _mentions(path, (f'"{key}"', "\\"), disk):
        found = disk.parsed(KIND, path, _parse).get(key)
    if found is None:
        found = _of_moved(key, path, disk)
    if isinstance(found, str):
        raise UnusableFile(path, found)
    return found or Chosen()


def _of_moved(root: str, path: str, disk: Disk) -> Chosen | str | None:
    """Return the choices for the folder ``root`` under its former path; ``None`` where there are none."""
    if not _mentions(path, (f'"{MARK}"',), disk):
        return None
    mark = file_id.of(root)
    if mark is None or not _mentions(path, (mark,), disk):
        return None
    marked = disk.parsed("selections by mark", path, _parse_marked)
    if mark not in marked:
        return None
    old, record = marked[mark]
    return _chosen(root, moved(record, old, root))


def moved(record: Record, old: str, new: str) -> Record:
    """Return ``record`` of the root ``old``, when its folder is at ``new``."""
    environment = record.get("environment")
    if isinstance(environment, str):
        for path in (environment, real_path(environment)):  # by a link, too
            if path == old or path.startswith(old + os.sep):
                return {**record, "environment": new + path[len(old) :]}
    return record


def _mentions(path: str, words: tuple[str, ...], disk: Disk) -> bool:
    data = disk.parsed("selections bytes", path, lambda path: disk.read(path, LIMIT) or b"")
    return any(word.encode() in data for word in words)


def _parse_marked(path: str) -> dict[str, tuple[str, Record]]:
    """Return each root that has a mark, and its record, by its mark."""
    from workflow_helper.state.record_reader import read

    return {
        mark: (root, record)
        for root, record in read(path, KIND).items()
        if isinstance(mark := record.get(MARK), str)
    }


def _parse(path: str) -> dict[str, Chosen | str]:
    """Return the choices by root, with the mistakes in invalid entries, which must not hide the others."""
    from workflow_helper.state.record_reader import read

    return {root: _chosen(root, record) for root, record in read(path, KIND).items()}


def _chosen(root: str, record: Record) -> Chosen | str:
    workflow = record.get("workflow")
    if workflow is not None and not isinstance(workflow, str):
        return f"'{KIND}.{root}.workflow' should be a workflow's name or the path of a script"
    if workflow is not None and "environment" not in record:
        return Chosen(None, workflow)
    environment = record.get("environment", 0)
    if environment is None or (isinstance(environment, str) and is_possible(environment)):
        return Chosen(Selection(environment), workflow)
    return f"'{KIND}.{root}.environment' should be an absolute path or null"
