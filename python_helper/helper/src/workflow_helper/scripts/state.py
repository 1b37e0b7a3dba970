"""Read the state of a script: its block, the lock beside it, and its environment, if that was created.

Starting a script reads nothing else, so no parser is imported here, except to check local dependencies
(:func:`stamps`).
"""

from __future__ import annotations

import os

from workflow_helper.discovery import script_metadata
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.digest import sha256_of
from workflow_helper.filesystem.reader import LOCK_LIMIT
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple

    from workflow_helper.discovery.script_metadata import Block, MetadataProblem
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host
else:
    from workflow_server.namedtuple import NamedTuple

#: The word for a script on standard input.
PIPED = "-"
_SCHEMES = ("https://", "http://")
#: Follows a script's name in that of its lock.
LOCK_SUFFIX = ".lock"
#: The beginning of the keys of scripts' environments in the cache.
PREFIX = "script-"
#: By these, of a folder that is installed from, one sees that it is to be installed again.
_OF_FOLDER = ("pyproject.toml", "setup.py", "setup.cfg")
#: The key of an environment's record for what lies on this machine: see :func:`stamps`.
LOCAL = "local"


class Script(NamedTuple):
    """A script with a block of metadata."""

    #: The absolute path, with links not resolved.
    path: str
    block: Block
    #: The cache key of its environment, and the stamp of the environment's contents.
    key: str
    stamp: str
    #: Its lock file, if it has one.
    lock: str | None = None

    @property
    def name(self) -> str:
        """The name of its file."""
        return os.path.basename(self.path)

    @property
    def folder(self) -> str:
        """The folder that it is in."""
        return os.path.dirname(self.path)


class _Found(NamedTuple):
    block: Block | None
    problems: tuple[MetadataProblem, ...]


def is_elsewhere(word: str) -> bool:
    """Return whether ``word`` names a script that is not a local file: a URL, or ``-``."""
    return word == PIPED or word.lower().startswith(_SCHEMES)


def may_be_script(path: str) -> bool:
    """Return whether a file of this name may be a Python script: programs have no suffix."""
    name = os.path.basename(path)
    return name.endswith((".py", ".pyw")) or "." not in name


def is_script(path: str, disk: Disk) -> bool:
    """Return whether the file at ``path`` has a block, even an invalid one."""
    if not may_be_script(path):
        return False
    try:
        found = _found(path, disk)
    except UnusableFile:  # what is no text is no script
        return False
    return found.block is not None or bool(found.problems)


def look(path: str, disk: Disk) -> Script | None:
    """Return the script at ``path``, which is absolute; ``None`` where it has no block.

    Raises:
        UnusableFile: it cannot be read, or its block violates the standard.
    """
    if not disk.exists(path):
        raise UnusableFile(path, "does not exist")
    block, problems = _found(path, disk)
    if problems:
        raise script_metadata.unusable(path, problems)
    return None if block is None else of_block(path, block, disk)


def of_block(path: str, block: Block, disk: Disk) -> Script:
    """Return the script at ``path`` if this is its block."""
    lock = path + LOCK_SUFFIX
    locked = disk.read(lock, LOCK_LIMIT) if disk.is_present(lock) else None
    content = block.content.encode()
    stamp = sha256_of(content if locked is None else content + b"\0" + locked)[:16]
    return Script(path, block, key_of(path), stamp, None if locked is None else lock)


def key_of(path: str) -> str:
    """Return the cache key of the environment of the script at ``path``: the same for all names of one file."""
    real = os.path.normcase(real_path(path))
    return PREFIX + sha256_of(os.fsencode(real))[:24]


def existing(script: Script, host: Host, disk: Disk) -> Environment | None:
    """Return the environment that was created for the script's current metadata, if it works."""
    prefix = prefix_of(script, host, disk)
    return None if prefix is None else environment_at(prefix, script, host, disk)


def prefix_of(script: Script, host: Host, disk: Disk) -> str | None:
    """Return the folder of that environment."""
    return cache_entry(script, host, disk).finished()


def cache_entry(script: Script, host: Host, disk: Disk) -> cache.CacheEntry:
    """Return the entry of the cache that the environment is."""
    return cache.CacheEntry(
        script.key, host, disk, stamp=script.stamp, fresh=lambda record: is_fresh(record, disk)
    )


def environment_at(prefix: str, script: Script, host: Host, disk: Disk) -> Environment:
    """Return the environment at ``prefix``, as that of the script."""
    from workflow_helper.discovery.environments.locate import View

    found = View(script.folder, host, disk).at(prefix, "script", script.name)
    return found._replace(id=prefix, default=True)


def stamps(paths: Iterable[str], disk: Disk) -> dict[str, list[int] | None]:
    """Return when the contents of these paths of this machine last changed, and their size."""
    found: dict[str, list[int] | None] = {}
    for path in paths:
        files = (path, *(os.path.join(path, name) for name in _OF_FOLDER))
        for file in files[1:] if disk.is_folder(path) else files[:1]:
            seen = disk.stat(file)
            found[file] = None if seen is None else [seen.st_mtime_ns, seen.st_size]
    return found


def is_fresh(record: str, disk: Disk) -> bool:
    """Return whether the local dependencies in a record of the cache have not changed since they were installed."""
    text = disk.text(record) or ""
    if f'"{LOCAL}"' not in text:
        return True  # nearly always
    import json

    try:
        stamps = json.loads(text)[LOCAL].items()
    except (ValueError, RecursionError, KeyError, AttributeError):
        return False
    for file, stamp in stamps:
        seen = disk.stat(file)
        if stamp != (None if seen is None else [seen.st_mtime_ns, seen.st_size]):
            return False
    return True


def _found(path: str, disk: Disk) -> _Found:
    return disk.parsed(
        "inline",
        path,
        lambda path: _Found(*script_metadata.find(script_metadata.text_of(path, disk))),
    )
