"""A cache of environments, each created once for its requirements, kept while it is used, and never incomplete.

Below the user's cache folder::

    environments/<key>/record.json    which folder is the finished one; written last, touched when used
    environments/<key>/<random>/      the environment
    environments/<key>.lock held while one is made or removed

If the contents for a key can change, as for a script, a *stamp* of the contents comes before the random part of the
folder's name. After a change a new environment is created beside the old one, in which a program may still run.

A process that is killed while it creates an environment leaves a folder that no record names. Its tool may even
continue to write there, so the next process uses another folder, and pruning removes the old one.
"""

from __future__ import annotations

import os

from workflow_server.masking import masked_all

from workflow_helper.discovery.environments import health
from workflow_helper.errors import UnusableFile, WorkflowError, unwritable
from workflow_helper.filesystem.atomic import write_whole
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.remove import remove_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import NamedTuple

    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

FOLDER = "environments"
RECORD = "record.json"
#: Seconds that one process waits for another to make the same environment.
LOCK_SECONDS = 600
#: Seconds after which a folder that no record names cannot be in the making any more.
ABANDONED_AFTER = 24 * 3600
_DAY = 24 * 3600


class Pruned(NamedTuple):
    """The result of pruning."""

    removed: int
    kept: int
    #: Bytes on disk that were given back.
    freed: int


def folder(host: Host) -> str:
    """Return the folder of the environments."""
    return os.path.join(host.cache, FOLDER)


class CacheEntry(NamedTuple):
    """An environment of the cache, made already or not."""

    key: str
    host: Host
    disk: Disk
    #: The stamp of its contents; empty where what its key stands for never changes.
    stamp: str = ""
    #: Returns whether the environment of a record, by the record's path, may still be used.
    fresh: Callable[[str], bool] = lambda _: True

    def provided(
        self,
        about: Mapping[str, object],
        make: Callable[[str], None],
        *,
        waiting: Callable[[], None] = lambda: None,
    ) -> str:
        """Return the environment, created by ``make(prefix)`` unless it is there and works.

        However many processes ask at once, one makes it and the others wait, calling ``waiting`` again and again, which
        may raise. ``about`` is kept beside it for people to read.

        Raises:
            WorkflowError: ``make`` fails, or another process holds the lock for too long.
        """
        found = self.finished()
        if found is not None:
            return found
        from workflow_helper.filesystem.locks import hold

        home = home_of(self.key, self.host)
        _make_folder(home)
        with hold(f"{home}.lock", _patience(home, waiting)):
            found = self.finished()  # somebody else's, meanwhile
            return found if found is not None else _create(home, about, make, self.stamp)

    def finished(self) -> str | None:
        """Return the environment, if it is there, works, has the stamp, and is fresh."""
        home = home_of(self.key, self.host)
        record = os.path.join(home, RECORD)
        name = named_by(record, self.disk)
        if name is None or not name.startswith(_before(self.stamp)) or not self.fresh(record):
            return None
        prefix = os.path.join(home, name)
        if health.inspect(prefix, self.host, self.disk).status.state != "ok":
            return None
        _touch(record)
        return prefix


def home_of(key: str, host: Host) -> str:
    """Return the folder of the environment for ``key`` and its record."""
    return os.path.join(folder(host), key)


def about_of(home: str) -> dict[str, object]:
    """Return the record beside the environment in ``home``; empty without one."""
    import json

    try:
        about = json.loads(Disk().text(os.path.join(home, RECORD)) or "{}")
    except (UnusableFile, ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def remove_unused(home: str, is_unused: Callable[[str], bool]) -> int | None:
    """Remove ``home`` if ``is_unused(home)``, after waiting for processes that create something there.

    Return the freed bytes, or ``None`` if it was kept.
    """
    from workflow_helper.filesystem.locks import hold

    try:
        with hold(f"{home}.lock", _impatience):
            if not is_unused(home):
                return None
            freed = _size(home)
            _remove(home)
            return freed
    except (_BusyError, WorkflowError):
        return None


def prune(host: Host, *, days: float, now: float) -> Pruned:
    """Remove the environments that were not used for ``days`` before ``now`` (seconds since the epoch)."""
    from workflow_helper.filesystem.locks import hold

    removed = kept = freed = 0
    for home in homes(host):
        try:
            with hold(f"{home}.lock", _impatience):
                used = _last_use(home)
                if used is None or now - used > days * _DAY:
                    freed += _size(home)
                    _remove(home)
                    removed += 1
                else:
                    kept += 1
                    freed += remove_abandoned(home, now)
        except _BusyError:
            kept += 1
    return Pruned(removed, kept, freed)


class _BusyError(Exception):
    """Another process holds the lock."""


def _impatience() -> None:
    raise _BusyError


def _patience(home: str, waiting: Callable[[], None]) -> Callable[[], None]:
    """Return a function to call while waiting for another process, which gives up after a time."""
    import time

    deadline = time.monotonic() + LOCK_SECONDS

    def wait() -> None:
        waiting()
        if time.monotonic() > deadline:
            reason = f"{home} stayed locked for {LOCK_SECONDS} s: another process is creating it"
            raise WorkflowError(reason, "Try again, or end that process.")

    return wait


def _before(stamp: str) -> str:
    """Return the beginning of an environment's folder name, from its stamp."""
    return f"{stamp}-" if stamp else ""


def named_by(record: str, disk: Disk) -> str | None:
    """Return the folder that a record names, if any. It comes first in the record, so no slow JSON parser is needed."""
    try:
        text = disk.text(record)
    except UnusableFile:
        return None
    before, found, rest = (text or "").partition('"folder": "')
    name, closed, _ = rest.partition('"')
    if not found or not closed or before.strip() != "{":
        return None
    return name if name and name.replace("-", "").isalnum() else None


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error, "could not be created") from None


def _create(home: str, about: Mapping[str, object], make: Callable[[str], None], stamp: str) -> str:
    import json

    _make_folder(home)
    name = _before(stamp) + os.urandom(8).hex()
    prefix = os.path.join(home, name)
    before = named_by(os.path.join(home, RECORD), Disk())
    try:
        make(prefix)
    except BaseException:
        _remove(prefix)
        raise
    masked = {key: masked_all(one) for key, one in about.items()}
    document = json.dumps({"folder": name, **masked}, indent=1) + "\n"
    write_whole(os.path.join(home, RECORD), document.encode(), replace=True, mode=0o600)
    if before is not None:
        # What runs in it may go on: it is as old as what took its place.
        from contextlib import suppress

        with suppress(OSError):
            os.utime(os.path.join(home, before))
    return prefix


def _touch(record: str) -> None:
    import time

    try:
        # Writing at every start would wear the disk for nothing.
        if time.time() - os.stat(record).st_mtime > _DAY / 24:
            os.utime(record)
    except OSError:
        pass  # a cache that cannot be written can still be used


def homes(host: Host) -> Iterator[str]:
    """Yield the folder of each key."""
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


def remove_abandoned(home: str, now: float) -> int:
    """Remove folders that no record names and that are too old to be in use, and return the freed bytes."""
    current = named_by(os.path.join(home, RECORD), Disk())
    if current is None:
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
    remove_tree(path, ignore_errors=True)
