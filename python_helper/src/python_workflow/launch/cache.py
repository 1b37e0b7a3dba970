"""Environments that are made once for what they hold, kept while they are used, and whole or not there at all.

Below the user's cache folder::

    environments/<key>/record.json    which folder is the finished one; written last, touched when used
    environments/<key>/<random>/      the environment
    environments/<key>.lock           held while one is made or removed

A maker that is killed leaves a folder that no record names. Its tool may even go on writing there: the next maker uses
another folder, and pruning takes the old one away.
"""

from __future__ import annotations

import os

from python_workflow.discovery import validity
from python_workflow.discovery.disk import Disk
from python_workflow.errors import UnusableFile, WorkflowError
from python_workflow.files import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import NamedTuple

    from python_workflow.model import Host
else:
    from python_workflow.light import NamedTuple

FOLDER = "environments"
RECORD = "record.json"
#: Seconds that one process waits for another to make the same environment.
LOCK_SECONDS = 600
#: Seconds after which a folder that no record names cannot be in the making any more.
ABANDONED_AFTER = 24 * 3600
_DAY = 24 * 3600


class Pruned(NamedTuple):
    """What pruning did."""

    removed: int
    kept: int
    #: Bytes on disk that were given back.
    freed: int


def folder(host: Host) -> str:
    """Where the environments are."""
    return os.path.join(host.cache, FOLDER)


def provided(
    key: str, about: Mapping[str, object], make: Callable[[str], None], host: Host, disk: Disk
) -> str:
    """The environment for ``key``, made by ``make(prefix)`` unless it is there and works.

    However many processes ask at once, one makes it and the others wait. ``about`` is kept beside it for people to
    read. Raises what ``make`` raises, and :class:`WorkflowError` when another process holds the lock for too long.
    """
    home = os.path.join(folder(host), key)
    found = _finished(home, host, disk)
    if found is not None:
        return found
    from filelock import FileLock, Timeout

    os.makedirs(home, exist_ok=True)
    try:
        with FileLock(f"{home}.lock", timeout=LOCK_SECONDS):
            found = _finished(home, host, disk)  # somebody else's, meanwhile
            return found if found is not None else _made(home, about, make)
    except Timeout:
        reason = f"{home} stayed locked for {LOCK_SECONDS} s: another process is making it"
        raise WorkflowError(reason, "Try again, or end that process.") from None


def prune(host: Host, *, days: float, now: float) -> Pruned:
    """Remove the environments that were not used for ``days`` before ``now`` (seconds since the epoch)."""
    from filelock import FileLock, Timeout

    removed = kept = freed = 0
    for home in _homes(host):
        try:
            with FileLock(f"{home}.lock", timeout=0):
                used = _last_use(home)
                if used is None or now - used > days * _DAY:
                    freed += _size(home)
                    _remove(home)
                    removed += 1
                else:
                    kept += 1
                    freed += _remove_abandoned(home, now)
        except Timeout:
            kept += 1  # in the making
    return Pruned(removed, kept, freed)


def _finished(home: str, host: Host, disk: Disk) -> str | None:
    import json

    record = os.path.join(home, RECORD)
    try:
        text = disk.text(record)
        name = json.loads(text)["folder"] if text is not None else None
    except (UnusableFile, ValueError, TypeError, KeyError):
        return None
    if not isinstance(name, str) or os.path.basename(name) != name or name in ("", ".", ".."):
        return None
    prefix = os.path.join(home, name)
    if validity.inspect(prefix, host, disk).status.state != "ok":
        return None
    _touch(record)
    return prefix


def _made(home: str, about: Mapping[str, object], make: Callable[[str], None]) -> str:
    import json

    os.makedirs(home, exist_ok=True)
    name = os.urandom(8).hex()
    prefix = os.path.join(home, name)
    try:
        make(prefix)
    except BaseException:
        _remove(prefix)
        raise
    document = json.dumps({"folder": name, **about}, indent=1) + "\n"
    write_whole(os.path.join(home, RECORD), document.encode(), replace=True)
    return prefix


def _touch(record: str) -> None:
    import time

    try:
        # Writing at every start would wear the disk for nothing.
        if time.time() - os.stat(record).st_mtime > _DAY / 24:
            os.utime(record)
    except OSError:
        pass  # a cache that cannot be written can still be used


def _homes(host: Host) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder(host)))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder(host), name)
        if os.path.isdir(path) and not os.path.islink(path):
            yield path


def _last_use(home: str) -> float | None:
    try:
        return os.stat(os.path.join(home, RECORD)).st_mtime
    except OSError:
        try:  # never finished: counts from when it was begun
            return os.stat(home).st_mtime
        except OSError:
            return None


def _remove_abandoned(home: str, now: float) -> int:
    import json

    try:
        current = json.loads(Disk().text(os.path.join(home, RECORD)) or "{}").get("folder")
    except (UnusableFile, ValueError, AttributeError):
        return 0
    freed = 0
    for name in os.listdir(home):
        path = os.path.join(home, name)
        if name not in (RECORD, current) and now - os.lstat(path).st_mtime > ABANDONED_AFTER:
            freed += _size(path)
            _remove(path)
    return freed


def _size(path: str) -> int:
    total = 0
    for where, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size
            except OSError:
                continue
    return total


def _remove(path: str) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)
