"""Guard every deletion: check that a folder is nothing precious, and that it is an environment and nothing else.

A ``pyvenv.cfg`` is not enough: a folder of sources, or a home folder, that contains one must not be deleted. So an
environment must have its interpreter, or the link to it, and its libraries. Everything at its top level must come from
an environment, from a tool that creates environments, or from the record of an installed package.

Sources: PEP 405 and the ``venv`` documentation; the specification "Recording installed projects" for ``RECORD``; conda's
``conda-meta`` records; what uv, virtualenv, tox, nox and pipenv left on 29 November 2026.
"""

from __future__ import annotations

import json
import os
import sys
from itertools import islice

from workflow_helper.discovery.environments import distributions, health, in_progress
from workflow_helper.errors import Protected, UnusableFile
from workflow_helper.filesystem.paths import holds
from workflow_helper.filesystem.real_path import encloses, real_path
from workflow_helper.install.repair import RECORD_LIMIT, rows_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

#: Entries at the top of a repository, and never in an environment that no one works in.
_REPOSITORIES = frozenset({".git", ".hg", ".svn", ".jj", ".bzr"})
#: Entries that Python, uv, virtualenv and other tools put at the top of a virtual environment.
_VIRTUAL = frozenset(
    {
        *("pyvenv.cfg", "bin", "lib", "lib64", "include", "Scripts", "Lib", "Include"),
        *(".gitignore", "CACHEDIR.TAG", ".lock", ".project", "pip-selfcheck.json"),
    }
)
#: Entries that conda and pixi put at the top of theirs, beside what the records of packages name.
_CONDA = _VIRTUAL | frozenset(
    {
        *("conda-meta", "lib32", "libexec", "sbin", "share", "man", "etc", "ssl", "var"),
        *("Library", "Tools", "DLLs", "libs", "Menu", "python.exe", "pythonw.exe"),
        *(".condarc", ".nonadmin"),
    }
)
#: Entries that tox and nox keep in an environment of theirs; tox's own file shows that it is one.
_SCRATCH, _OF_TOX = frozenset({"log", "tmp"}), ".tox-info.json"
#: Entries that our own tools and systems leave anywhere.
_HARMLESS = frozenset({in_progress.MARKER, ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__"})
#: The number of foreign entries that are named.
_MOST_LISTED = 3
#: The most folders below a folder that are searched for a file.
_MOST_FOLDERS = 200


def check_deletable(prefix: str, root: str, host: Host, disk: Disk) -> None:
    """Raise :class:`Protected` if the environment at ``prefix`` of the project ``root`` must never be deleted.

    No option overrides this. A folder that does not exist passes.
    """
    reason = why_not(prefix, root, host, disk) if os.path.lexists(prefix) else None
    if reason is None:
        return
    if os.path.islink(os.path.normpath(prefix)):
        raise Protected(f"{prefix} is not deleted: {reason}", "Remove the link yourself.")
    raise Protected(
        f"{real_path(prefix)} is not deleted: {reason}",
        "Move what you want to keep elsewhere, then delete the folder.",
    )


def why_not(prefix: str, root: str, host: Host, disk: Disk) -> str | None:
    """Return why the environment at ``prefix`` of the project ``root`` must never be deleted.

    It is a clause after "it"; ``None`` if deletion is allowed.
    """
    spelled = os.path.normpath(prefix)
    if os.path.islink(spelled):
        return "it is a link"
    real = real_path(spelled)
    return (
        why_precious(real, root, host)
        or _why_no_environment(spelled, disk)
        or _why_of_the_machine(spelled, real, host, disk)
        or (_why_foreign if _is_left(spelled, host, disk) else _why_more)(spelled, host, disk)
    )


def why_kept(prefix: str, host: Host, disk: Disk) -> str | None:
    """Return why the remains of a killed process at ``prefix`` must not be deleted: something was added to them.

    It is a clause as in :func:`why_not`.
    """
    real = real_path(prefix)
    return why_precious(real, os.path.dirname(real), host) or _why_foreign(prefix, host, disk)


def why_precious(real: str, root: str, host: Host) -> str | None:
    """Return why the folder at the real path ``real`` must never be deleted, even as an environment: see :func:`why_not`."""
    for path, what in (
        *((home, "your home folder") for home in _homes(host)),
        (root, "the project"),
        (_current(), "the current folder"),
    ):
        if path is not None and encloses(real, real_path(path)):
            return (
                f"it holds {what}"
                if encloses(real, os.path.dirname(real_path(path)))
                else f"it is {what}"
            )
    if os.path.dirname(real) == real or os.path.ismount(real):
        return "it is the top of a file system"
    mounted = next(_mounts(real), None)
    if mounted is not None:
        return f"{mounted} is mounted in it"
    repository = next(_repositories(real), None)
    return None if repository is None else f"it holds {repository}"


def _mounts(prefix: str) -> Iterator[str]:
    """Yield the mount points in ``prefix``, whose deletion would delete files elsewhere.

    On Linux they come from its list, which also has folders that are mounted from the same file system. Source:
    proc(5).
    """
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            rows = file.read().splitlines()
    except OSError:
        return
    for row in rows:
        place = row.split()[4].decode("unicode_escape").encode("latin-1")  # a space is \040
        path = os.fsdecode(place)
        if path != prefix and holds(prefix, path):
            yield os.path.relpath(path, prefix)


def _repositories(prefix: str) -> Iterator[str]:
    """Yield the repositories anywhere in ``prefix``: a checkout among the packages is the user's work too."""
    for folder, names, files in os.walk(prefix):
        for name in (*names, *files):
            if name in _REPOSITORIES:
                yield os.path.relpath(os.path.join(folder, name), prefix)


def _why_no_environment(prefix: str, disk: Disk) -> str | None:
    if not disk.is_folder(prefix) or not health.is_environment(prefix, disk):
        return "it is not an environment"
    return None


def _why_of_the_machine(prefix: str, real: str, host: Host, disk: Disk) -> str | None:
    if health.is_base(prefix, host, disk):
        return "it is conda's base environment"
    if real == real_path(sys.prefix):
        return "this process runs in it"
    if _is_installation(prefix, disk):
        return "it is a Python of the machine"
    return None


def _is_installation(prefix: str, disk: Disk) -> bool:
    """Return whether a folder with a ``pyvenv.cfg`` is a whole Python, which contains its standard library."""
    if disk.is_folder(os.path.join(prefix, "conda-meta")):
        return False
    below = os.path.join(prefix, "lib")
    libraries = [
        os.path.join(prefix, "Lib"),
        *(os.path.join(below, name) for name in disk.names(below)),
    ]
    # A link is how a virtualenv of old borrowed it.
    return any(
        disk.is_file(os.path.join(folder, "os.py"))
        and not os.path.islink(os.path.join(folder, "os.py"))
        for folder in libraries
    )


def _is_left(prefix: str, host: Host, disk: Disk) -> bool:
    """Return whether it is the remains of a killed process, which no other process completed."""
    noted = in_progress.read(prefix, host, disk)
    return noted is not None and noted.kind != in_progress.CHANGED and noted.is_about(prefix)


def _why_more(prefix: str, host: Host, disk: Disk) -> str | None:
    """Return what the folder lacks as an environment, or what it contains beyond one."""
    names = disk.names(prefix)
    conda = "conda-meta" in names
    if not conda:
        if not any(os.path.lexists(path) for path in _interpreters(prefix, host)):
            return "it is not an environment: it has no interpreter, nor the link where one was"
        if not any(disk.is_folder(os.path.join(prefix, name)) for name in ("lib", "Lib", "lib64")):
            return "it is not an environment: it has no libraries"
    return _why_foreign(prefix, host, disk)


def _why_foreign(prefix: str, host: Host, disk: Disk) -> str | None:
    """Return the entries at the top of the environment that come neither from it nor from its packages."""
    names = disk.names(prefix)
    conda = "conda-meta" in names
    left = _is_left(prefix, host, disk)
    if conda and left:  # its packages record what is theirs when they are whole
        return None
    # Packages that are damaged as well no longer record their files, so usual names are accepted.
    usual = _HARMLESS | (_CONDA if conda or left else _VIRTUAL)
    if _OF_TOX in names or os.path.basename(os.path.dirname(prefix)) == ".nox":
        usual = usual | _SCRATCH | {_OF_TOX}
    foreign = [
        name for name in names if name not in usual and not (conda and name.endswith("-linux-gnu"))
    ]
    if foreign:
        put = set(_of_conda(prefix, disk) if conda else ()) | set(_of_packages(prefix, host, disk))
        foreign = [
            name
            for name in foreign
            if name not in put and _holds_a_file(os.path.join(prefix, name))
        ]
    if not foreign:
        return None
    more = f" and {len(foreign) - _MOST_LISTED} more" if len(foreign) > _MOST_LISTED else ""
    return (
        f"it contains more than an environment: {', '.join(sorted(foreign)[:_MOST_LISTED])}{more}"
    )


def _interpreters(prefix: str, host: Host) -> Iterator[str]:
    yield from health.python_in(prefix, host)
    # One that was made on another system is broken, and one still.
    yield os.path.join(prefix, "Scripts", "python.exe")
    yield os.path.join(prefix, "bin", "python")


def _of_packages(prefix: str, host: Host, disk: Disk) -> Iterator[str]:
    """Yield the names at the top of the environment that the records of its packages list."""
    for folder in distributions.folders(prefix, host, disk):
        for name in disk.names(folder):
            if not name.endswith(distributions.SUFFIX):
                continue
            for row in rows_of(os.path.join(folder, name, "RECORD"), disk):
                if row[0].startswith(".."):
                    inside = os.path.relpath(os.path.join(folder, row[0]), prefix)
                    yield inside.split(os.sep)[0]


def _of_conda(prefix: str, disk: Disk) -> Iterator[str]:
    folder = os.path.join(prefix, "conda-meta")
    for name in disk.names(folder):
        if not name.endswith(".json"):
            continue
        try:
            record = json.loads(disk.read(os.path.join(folder, name), RECORD_LIMIT) or b"{}")
        except (UnusableFile, ValueError, RecursionError):
            continue
        files = record.get("files") if isinstance(record, dict) else None
        for path in files if isinstance(files, list) else ():
            yield str(path).replace("\\", "/").partition("/")[0]


def _holds_a_file(path: str) -> bool:
    """Return whether there is a file at or below ``path``: uninstalled packages leave empty folders."""
    if os.path.islink(path) or not os.path.isdir(path):
        return True
    walk = list(islice(os.walk(path), _MOST_FOLDERS))
    return len(walk) == _MOST_FOLDERS or any(
        files or any(os.path.islink(os.path.join(folder, name)) for name in folders)
        for folder, folders, files in walk
    )


def _homes(host: Host) -> Iterator[str]:
    yield host.home
    if sys.platform != "win32":
        import pwd

        try:  # what a variable says is not the only home
            yield pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            return


def _current() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None
