"""The Pythons on ``PATH``.

Relative entries are ignored: what they lead to depends on the current folder. Folders named ``shims`` are passed
over: their programs choose a Python each time they start, and the Pythons behind them are found by other sources. Only
:func:`active_python` asks what they would start now.
"""

from __future__ import annotations

from workflow_helper.discovery.interpreters.describe import interpreters_in
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import is_absolute, join, name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

#: The program of macOS that stands in for a Python that may not be installed: starting it opens a dialog.
_PLACEHOLDER = "/usr/bin/python3"


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield what is named like an interpreter in the folders of ``PATH``, in its order, each folder once."""
    for folder in _folders(host):
        if not _is_shims(folder, host):
            for path in _in(folder, host, disk):
                yield "path", path


def active_python(
    host: Host, disk: Disk, folder: str, words: tuple[str, ...] = ("python",)
) -> str | None:
    """Return the path of the program that a shell in ``folder`` would start for the first of ``words`` that is found; else ``None``.

    Where a shim of pyenv, asdf or mise comes first, its rules say which Python it would start. All other shims are passed
    over.
    """
    from workflow_helper.discovery.interpreters import pyenv, tool_versions

    names = tuple(f"{word}.exe" for word in words) if host.windows else words
    for entry in _folders(host):
        if _is_shims(entry, host):
            is_pyenv = not disk.is_folder(_installs(entry, host))
            behind = pyenv.behind if is_pyenv else tool_versions.behind
            found = behind(entry, folder, words, host, disk)
        else:
            paths = {name_of(host, path).lower(): path for path in _in(entry, host, disk)}
            found = next((paths[name] for name in names if name in paths), None)
        if found is not None:
            return found
    return None


def system_python(host: Host, disk: Disk) -> str | None:
    """Return the path of what pyenv calls ``system``: the first Python of PATH behind no shim."""
    last = ("python3.exe", "python.exe") if host.windows else ("python3", "python")
    return next((path for _, path in find(host, disk) if name_of(host, path).lower() in last), None)


def _folders(host: Host) -> Iterator[str]:
    """Yield the absolute folders of ``PATH``, each once, without those of app stores."""
    # On many systems /bin leads to /usr/bin, and both are on PATH.
    seen = set()
    for entry in host.environ.get("PATH", "").split(";" if host.windows else ":"):
        folder = entry.strip('"') if host.windows else entry
        if not is_absolute(host, folder) or name_of(host, folder).lower() == "windowsapps":
            continue
        real = real_path(folder)
        if real not in seen:
            seen.add(real)
            yield folder


def _is_shims(folder: str, host: Host) -> bool:
    return name_of(host, folder).lower() == "shims"


def _installs(shims: str, host: Host) -> str:
    """Return the folders in which asdf and mise install Pythons."""
    return join(host, parent(host, shims), "installs")


def _in(folder: str, host: Host, disk: Disk) -> Iterator[str]:
    for path in interpreters_in(folder, host, disk):
        if not is_placeholder(path, host):
            yield path


def is_placeholder(path: str, host: Host) -> bool:
    """Return whether ``path`` is the placeholder of macOS for a Python that is not installed."""
    # Its file system takes letters of both cases for the same.
    return (
        host.platform == "darwin"
        and path.lower().endswith("/python3")
        and real_path(parent(host, path)).lower() == parent(host, _PLACEHOLDER)
    )
