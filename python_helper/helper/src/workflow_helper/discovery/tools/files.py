"""Read the files of an untrusted folder safely, for the modules of the tools.

A bad file raises nothing: it counts as absent, and the rule that reads declarations reports what is wrong with it.
Every path in a file of the folder goes through :func:`named` before it is accessed.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import absolute, is_remote
from workflow_helper.filesystem.reader import MOST_ENTRIES
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_helper.discovery.tools.contract import Folder
    from workflow_helper.model import Host

#: The number of folders inside one folder that are looked at; a folder of environments holds a handful.
MOST_FOLDERS = 1000


def named(folder: Folder, text: str) -> str | None:
    """Return the absolute path of ``text``, which a file of the folder contains, relative to the root.

    ``None`` when it names nothing, another machine or a device.
    """
    return None if not text or "\0" in text or is_remote(text) else absolute(folder.root, text)


def is_plain(name: object) -> bool:
    """Return whether ``name`` is text that names one thing right inside a folder: no separator, no ``..``, no drive."""
    return (
        isinstance(name, str)
        and name not in ("", ".", "..")
        and not any(character in "/\\:\0" for character in name)
    )


def text_of(folder: Folder, path: str) -> str | None:
    """Return the text of a small file; ``None`` when there is none or it cannot be used."""
    try:
        return folder.disk.text(path)
    except UnusableFile:
        return None


def toml_of(folder: Folder, path: str) -> dict[str, Any]:
    """Return the tables of a TOML file; none when there is no such file or it cannot be used."""
    try:
        return folder.disk.toml(path) or {}
    except UnusableFile:
        return {}


def at(table: object, *keys: str) -> object:
    """Return the value at ``keys`` in nested tables, or ``None``."""
    for key in keys:
        if not isinstance(table, dict):
            return None
        table = table.get(key)
    return table


def texts_at(table: object, *keys: str) -> list[str]:
    """Return the texts of the list at ``keys``; none where there is no list."""
    listed = at(table, *keys)
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def text_at(table: object, *keys: str) -> str | None:
    """Return the text at ``keys``, or ``None``; empty text counts as none."""
    found = at(table, *keys)
    return found if isinstance(found, str) and found else None


def flag_at(table: object, *keys: str) -> bool | None:
    """Return the boolean at ``keys``, or ``None``."""
    found = at(table, *keys)
    return found if isinstance(found, bool) else None


def table_at(table: object, *keys: str) -> dict[str, Any]:
    """Return the table at ``keys``, or an empty one."""
    found = at(table, *keys)
    return found if isinstance(found, dict) else {}


def is_environment(folder: Folder, prefix: str) -> bool:
    """Return whether ``prefix`` contains ``pyvenv.cfg``, or conda's ``conda-meta``."""
    return folder.disk.is_file(join(folder.host, prefix, "pyvenv.cfg")) or is_conda(folder, prefix)


def is_conda(folder: Folder, prefix: str) -> bool:
    """Return whether ``prefix`` is an environment of conda's kind."""
    return folder.disk.is_folder(join(folder.host, prefix, "conda-meta"))


def subfolders(folder: Folder, path: str) -> tuple[str, ...]:
    """Return the names of the folders right inside ``path``, sorted: at most :data:`MOST_FOLDERS` of them.

    Only the first :data:`MOST_ENTRIES` entries of the folder are checked.
    """

    def listed() -> tuple[str, ...]:
        return () if folder.disk.stat(path) is None else _listed(path, folder.host)

    return folder.disk.derived("subfolders", path, None, listed)


def _listed(path: str, host: Host) -> tuple[str, ...]:
    from itertools import islice

    found = []
    try:
        with os.scandir(path) as entries:
            for entry in islice(entries, MOST_ENTRIES):
                # On Windows a link is not followed: where it leads to is not known before it is asked.
                if entry.is_dir(follow_symlinks=not host.windows):
                    found.append(entry.name)
                    if len(found) == MOST_FOLDERS:
                        break
    except (OSError, ValueError):
        return tuple(sorted(found))
    return tuple(sorted(found))


def real_root(folder: Folder) -> str:
    """Return the real path of the root, as tools see it: the system resolves links in the current folder."""
    try:
        return real_path(folder.root)
    except (OSError, ValueError):
        return folder.root


def holds_only(table: dict[str, Any], keys: frozenset[str]) -> bool:
    """Return whether ``table`` has keys, and only those in ``keys``."""
    return bool(table) and keys.issuperset(table)


def number(text: str) -> int | None:
    """Return the number in ``text`` if it is short enough for a version; ``None`` otherwise."""
    return int(text) if text.isdecimal() and len(text) < 10 else None
