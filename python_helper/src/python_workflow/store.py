"""What is remembered on this machine: the environment that the user selected for a root.

One file, ``selections.json`` in the user's state folder, read by every side and written by the helper alone::

    {"version": 1, "selections": {"/real/root": {"environment": "/abs/prefix"}, "/other": {"environment": null}}}

``null`` is the selection "no interpreter here". The keys are real paths, so that a project is one project by
whatever links it is opened.
"""

from __future__ import annotations

import os

from python_workflow.discovery.paths import is_possible
from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host
    from python_workflow.records import Record
else:
    from python_workflow.light import NamedTuple

FILE = "selections.json"
KIND = "selections"
LIMIT = 16 * 1024 * 1024


class Selection(NamedTuple):
    """One remembered choice."""

    #: The folder of an environment, or an interpreter; ``None``: no interpreter here.
    environment: str | None


def selection_of(root: str, host: Host, disk: Disk, *, whole: bool = False) -> Selection | None:
    """What was selected for ``root``; ``None`` when nothing was. Raises :class:`UnusableFile`.

    A file that cannot hold the root is not parsed, save with ``whole``, so that what is wrong with it is told.
    """
    path = os.path.join(host.state, FILE)
    key = os.path.realpath(root)
    # Importing `json` costs as much as reading a project: only where the root can be in the file, as it is or, with
    # a backslash somewhere, in another spelling.
    plain = key.isascii() and key.isprintable() and '"' not in key and "\\" not in key
    if plain and not whole and not _mentions(path, key, disk):
        return None
    found = disk.parsed(KIND, path, _parse).get(key)
    if isinstance(found, str):
        raise UnusableFile(path, found)
    return found


def select(root: str, environment: str | None, host: Host) -> None:
    """Remember ``environment`` (``None``: no interpreter) for ``root``. Raises :class:`WorkflowError`."""
    _put(root, {"environment": environment}, host)


def forget(root: str, host: Host) -> bool:
    """Forget what was selected for ``root``; whether there was anything. Raises :class:`WorkflowError`."""
    return _put(root, None, host)


def _put(root: str, record: Record | None, host: Host) -> bool:
    from python_workflow.records import put

    return put(os.path.join(host.state, FILE), KIND, os.path.realpath(root), record)


def _mentions(path: str, key: str, disk: Disk) -> bool:
    data = disk.parsed("selections bytes", path, lambda path: disk.read(path, LIMIT) or b"")
    return key.encode() in data or b"\\" in data


def _parse(path: str) -> dict[str, Selection | str]:
    """By root, what was selected, or what is wrong with it: one bad entry must not hide the others."""
    from python_workflow.records import read

    found: dict[str, Selection | str] = {}
    for root, record in read(path, KIND).items():
        environment = record.get("environment", 0)
        if environment is None or (isinstance(environment, str) and is_possible(environment)):
            found[root] = Selection(environment)
        else:
            found[root] = f"'{KIND}.{root}.environment' should be an absolute path or null"
    return found
