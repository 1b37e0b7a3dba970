"""Follow the symbolic links of a path."""

from __future__ import annotations

import _thread  # threading itself costs too much
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class _Known(_thread._local):  # noqa: SLF001 - the class that threading.local is
    """The results of following paths, for each thread; ``None`` if results are not cached."""

    paths: dict[str, str] | None = None
    identities: dict[str, tuple[int, int] | None] | None = None


_KNOWN = _Known()


class FollowOnce:
    """A context in which this thread follows the links of each folder once.

    Otherwise, many nested folders would each be followed from the root of the disk.
    """

    def __enter__(self) -> None:
        self._before = _KNOWN.paths, _KNOWN.identities
        _KNOWN.paths, _KNOWN.identities = {}, {}

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _KNOWN.paths, _KNOWN.identities = self._before


def real_path(path: str) -> str:
    """Return ``path`` with its links followed, for any text and any chain of links; a dead link is returned unchanged.

    ``os.path.realpath`` itself raises on a NUL, on Windows on each error that it has no rule for, and, before Python 3.13, on a
    chain of some hundred links, which it follows by calling itself. The system gives up at forty, so nothing is lost by giving
    up as well.
    """
    known = _KNOWN.paths
    if known is None:
        return _followed(path)
    found = known.get(path)
    if found is None:
        found = known[path] = _by_folders(path, known) if _is_plain(path) else _followed(path)
    return found


def encloses(folder: str, path: str) -> bool:
    """Return whether the real path ``path`` is ``folder`` or lies in it, however the two real paths are spelled.

    A file system may ignore case or Unicode forms, and a folder may be mounted in two places, so the parent folders of
    ``path`` are compared by their system identity.
    """
    target = identity(folder)
    while path != folder and (target is None or identity(path) != target):
        path, below = os.path.dirname(path), path
        if path == below:
            return False
    return True


def identity(path: str) -> tuple[int, int] | None:
    """Return the system's identity of the file or folder ``path``, the same for all its names; ``None`` if it does not exist."""
    known = _KNOWN.identities
    if known is None:
        return _identity(path)
    if path not in known:
        known[path] = _identity(path)
    return known[path]


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if found.st_ino else None


def _is_plain(path: str) -> bool:
    is_normal = os.path.isabs(path) and os.path.normpath(path) == path
    return os.name != "nt" and is_normal and not path.startswith("//")


def _by_folders(path: str, known: dict[str, str]) -> str:
    """Follow a path as :func:`_followed` does, but each parent folder only once."""
    names = []
    while path not in known and path != os.path.dirname(path):
        path, name = os.path.split(path)
        names.append(name)
    real = known.setdefault(path, path)
    for name in reversed(names):
        path, below = os.path.join(path, name), os.path.join(real, name)
        try:
            is_link = stat.S_ISLNK(os.lstat(below).st_mode)
        except (OSError, ValueError):
            is_link = False
        real = known[path] = _followed(below) if is_link else below
    return real


def _followed(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, RecursionError, ValueError):
        return os.path.abspath(path)
