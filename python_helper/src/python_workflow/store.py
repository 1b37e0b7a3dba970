"""What is remembered on this machine: what the user chose for a root, an environment or a workflow.

One file, ``selections.json`` in the user's state folder, read by every side and written by the helper alone::

    {"version": 1, "selections": {"/real/root": {"environment": "/abs/prefix"}, "/other": {"environment": null},
                                  "/third": {"workflow": "uv"}}}

``null`` is the selection "no interpreter here". A workflow is a bundled one's name, or the absolute path of a script. The
later word counts: choosing a workflow forgets the environment, and an environment selected after it is used. The keys are
real paths, so that a project is one project by whatever links it is opened.
"""

from __future__ import annotations

import os

from python_workflow.discovery.paths import is_possible
from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
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
    """The environment that was selected for a root."""

    #: The folder of an environment, or an interpreter; ``None``: no interpreter here.
    environment: str | None


class Chosen(NamedTuple):
    """All that is remembered of one root."""

    selection: Selection | None = None
    #: A bundled workflow's name, or the absolute path of a script.
    workflow: str | None = None


def selection_of(root: str, host: Host, disk: Disk, *, whole: bool = False) -> Selection | None:
    """What was selected for ``root``; ``None`` when nothing was. Raises as :func:`chosen`."""
    return chosen(root, host, disk, whole=whole).selection


def chosen(root: str, host: Host, disk: Disk, *, whole: bool = False) -> Chosen:
    """What the user chose for ``root``. Raises :class:`UnusableFile`.

    A file that cannot hold the root is not parsed, save with ``whole``, so that what is wrong with it is told.
    """
    path = os.path.join(host.state, FILE)
    key = os.path.realpath(root)
    # Importing `json` costs as much as reading a project: only where the root can be in the file, as it is or, with
    # a backslash somewhere, in another spelling.
    plain = key.isascii() and key.isprintable() and '"' not in key and "\\" not in key
    if plain and not whole and not _mentions(path, key, disk):
        return Chosen()
    found = disk.parsed(KIND, path, _parse).get(key, Chosen())
    if isinstance(found, str):
        raise UnusableFile(path, found)
    return found


def select(root: str, environment: str | None, host: Host) -> None:
    """Remember ``environment`` (``None``: no interpreter) for ``root``. Raises :class:`WorkflowError`."""
    _change(root, host, lambda record: {**record, "environment": environment})


def forget(root: str, host: Host) -> bool:
    """Forget what was selected for ``root``; whether there was anything. Raises :class:`WorkflowError`."""
    return _take_out(root, "environment", host)


def choose_workflow(root: str, workflow: str, host: Host) -> None:
    """Remember ``workflow`` for ``root``, and forget the environment that was selected for it before.

    Raises :class:`WorkflowError`.
    """
    _change(root, host, lambda record: {**_without("environment", record), "workflow": workflow})


def forget_workflow(root: str, host: Host) -> bool:
    """Forget the workflow that was chosen for ``root``; whether there was one. Raises :class:`WorkflowError`.

    An environment that was selected after it stays selected.
    """
    return _take_out(root, "workflow", host)


def _take_out(root: str, field: str, host: Host) -> bool:
    """Drop ``field`` of what is remembered of ``root``; whether it was there."""
    was_there = False

    def without(record: Record) -> Record:
        nonlocal was_there
        was_there = field in record
        return _without(field, record)

    _change(root, host, without)
    return was_there


def _without(field: str, record: Record) -> Record:
    return {name: value for name, value in record.items() if name != field}


def _change(root: str, host: Host, to: Callable[[Record], Record]) -> None:
    from python_workflow.records import change

    path = os.path.join(host.state, FILE)
    change(path, KIND, os.path.realpath(root), lambda before: to(before or {}) or None)


def _mentions(path: str, key: str, disk: Disk) -> bool:
    data = disk.parsed("selections bytes", path, lambda path: disk.read(path, LIMIT) or b"")
    return key.encode() in data or b"\\" in data


def _parse(path: str) -> dict[str, Chosen | str]:
    """By root, what was chosen, or what is wrong with it: one bad entry must not hide the others."""
    from python_workflow.records import read

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
