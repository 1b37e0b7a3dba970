"""The Pythons that pyenv, or pyenv-win, installed: what its shims would start."""

from __future__ import annotations

from workflow_helper.discovery.interpreters.describe import folders_like, interpreters_in, newest_in
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.user_dirs import is_absolute, join, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the interpreters in ``versions`` below pyenv's folder."""
    below = ("versions", "*") if host.windows else ("versions", "*", "bin")
    for folder in folders_like(join(host, top(host), *below), host, disk):
        for path in interpreters_in(folder, host, disk):
            yield "pyenv", path


def top(host: Host) -> str:
    """Return pyenv's own folder, whether or not it is there."""
    value = host.environ.get("PYENV_ROOT", "")
    if is_absolute(host, value):
        return value
    return join(host, host.home, ".pyenv", *(["pyenv-win"] if host.windows else []))


def behind(shims: str, folder: str, words: tuple[str, ...], host: Host, disk: Disk) -> str | None:
    """Return the interpreter that the shim of the first of ``words`` would start in ``folder``; ``None`` for the system's, or none.

    pyenv asks ``PYENV_VERSION``, the nearest ``.python-version`` however far above, then its own file ``version``.
    """
    pyenv = parent(host, shims)
    for name in _chosen(pyenv, folder, host, disk):
        found = _installed(join(host, pyenv, "versions"), name, host, disk)
        for word in words if found else ():
            path = join(host, found or "", *([f"{word}.exe"] if host.windows else ["bin", word]))
            if disk.is_program(path):
                return path
    return None


def _chosen(pyenv: str, folder: str, host: Host, disk: Disk) -> tuple[str, ...]:
    value = host.environ.get("PYENV_VERSION")
    if value:
        return tuple(value.split(":"))
    while True:
        if words := _words(join(host, folder, ".python-version"), disk):
            return words
        above = parent(host, folder)
        if above == folder:
            return _words(join(host, pyenv, "version"), disk)
        folder = above


def _words(path: str, disk: Disk) -> tuple[str, ...]:
    from workflow_helper.discovery.python_version_words import words_of

    try:
        return words_of(disk.text(path) or "")
    except UnusableFile:
        return ()


def _installed(versions: str, name: str, host: Host, disk: Disk) -> str | None:
    """Return the folder of the version ``name``, else of the newest that begins with it: ``3.11.7`` for ``3.11``."""
    if name in ("system", ".", "..") or any(mark in name for mark in "/\\:\0"):
        return None
    name = name.removeprefix("python-")
    exact = join(host, versions, name)
    if disk.is_folder(exact):
        return exact
    return newest_in(versions, f"{name}.", host, disk)
