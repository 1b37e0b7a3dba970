"""A project's own mapping of its folders to environments: ``[[workflow.folder]]`` in its ``pyworkflow.toml``.

::

    [[workflow.folder]]
    path = "services/api"
    environment = "envs/api"

Both are relative to the file's folder, and lie inside it. No consent is needed, because nothing is run.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import holds, is_remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

FILE = "pyworkflow.toml"
KEY = "workflow.folder"
_KEYS = ("path", "environment")


class MappedFolder(NamedTuple):
    """One ``[[workflow.folder]]``."""

    #: The file that says so; all three are absolute.
    file: str
    folder: str
    environment: str


class Mapping(NamedTuple):
    """The mapping in one file, and the mistakes in it, as sentences."""

    entries: tuple[MappedFolder, ...] = ()
    problems: tuple[str, ...] = ()


def file_of(root: str) -> str:
    """Return the path of the file in ``root`` that may contain a mapping."""
    return os.path.join(root, FILE)


def read(root: str, disk: Disk) -> Mapping:
    """Return the mapping in ``root``; an empty one where there is none. A mistake in one entry does not affect the others."""
    path = file_of(root)
    if not disk.is_present(path) or not disk.mentions(path, b"folder"):
        return Mapping()
    try:
        document = disk.toml(path) or {}
    except UnusableFile:
        return Mapping()  # the rule that reads declarations reports it
    entries, problems = entries_of(document, path, disk)
    return Mapping(tuple(entries), tuple(str(problem) for problem in problems))


def entries_of(
    document: dict[str, Any], path: str, disk: Disk
) -> tuple[list[MappedFolder], list[UnusableFile]]:
    """Return the valid entries of ``document``, the contents of the file at ``path``, and the mistakes in the others."""
    table = document.get("workflow")
    listed = table.get("folder") if isinstance(table, dict) else None
    if listed is None:
        return [], []
    from workflow_helper.discovery.workflow_table import kind_of, wrong

    if not isinstance(listed, list):
        reason = f"should be an array of tables, [[{KEY}]], not {kind_of(listed)}"
        return [], [wrong(path, disk, KEY, reason)]
    entries, problems = [], []
    for index, one in enumerate(listed):
        try:
            entries.append(_entry(one, f"{KEY}[{index}]", path, disk))
        except UnusableFile as error:
            problems.append(error)
    return entries, problems


def entry_for(root: str, mapped: tuple[MappedFolder, ...]) -> MappedFolder | None:
    """Return the entry of ``mapped``, the nearest file's first, for ``root``: the longest path wins."""
    covering = [entry for entry in mapped if holds(entry.folder, root)]
    return max(covering, key=lambda entry: len(entry.folder), default=None)


def _entry(value: object, key: str, path: str, disk: Disk) -> MappedFolder:
    from workflow_helper.discovery.workflow_table import kind_of, wrong

    if not isinstance(value, dict):
        raise wrong(path, disk, key, f"should be a table, not {kind_of(value)}")
    for name in value:
        if name not in _KEYS:
            expected = f"is not known, expected {' and '.join(_KEYS)}"
            raise wrong(path, disk, f"{key}.{name}", expected)
    folder, environment = (_inside(value.get(name), f"{key}.{name}", path, disk) for name in _KEYS)
    return MappedFolder(path, folder, environment)


def _inside(value: object, key: str, path: str, disk: Disk) -> str:
    """Return the absolute path of ``value``, relative to the folder of the file at ``path``."""
    from workflow_helper.discovery.workflow_table import wrong

    top = os.path.dirname(path)
    if not isinstance(value, str) or not value or "\0" in value:
        raise wrong(path, disk, key, "should be a path relative to this file, as a string")
    found = os.path.normpath(os.path.join(top, value))
    if os.path.isabs(value) or is_remote(value) or not holds(top, found):
        reason = f"should be relative and lie in {top}, not {value!r}"
        raise wrong(path, disk, key, reason)
    return found
