"""Find a program by name, but never one in an untrusted folder."""

from __future__ import annotations

import os
import posixpath

from workflow_helper.filesystem.real_path import encloses, real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from workflow_helper.model import Host


def find_program(name: str, host: Host, *, outside: Sequence[str] = ()) -> str | None:
    """Return the absolute path of the program ``name`` as PATH finds it, or ``None``.

    Skipped are PATH entries that are empty or relative, that are the current folder, or that lie in one of the folders
    ``outside`` (untrusted workspace folders), and links to programs in those.

    The user's home and the root of the disk never count as such folders: programs in ``~/.local/bin`` are found from
    ``~``. A pyenv shim depends on the folder in which it is started, so it is replaced by a program of
    ``PYENV_VERSION`` or of pyenv's global version. On Windows the suffixes of PATHEXT are tried. An absolute ``name``
    is checked itself; a relative one with a separator is never found.
    """
    paths = _paths(host)
    own = (real_path(host.home), real_path(os.sep))
    refused = [folder for folder in map(real_path, outside) if folder not in own]
    if paths.dirname(name):
        places = [paths.dirname(name)] if is_absolute(name, host) else []
        name = paths.basename(name)
    else:
        places = list(_entries(host))
    for place in places:
        for candidate in _candidates(place, name, host, paths):
            if not _is_program(candidate, host):
                continue
            # Both the name and what it leads to: a link in the workspace may point out of it, and the reverse.
            spelled = os.path.join(
                real_path(os.path.dirname(candidate)), os.path.basename(candidate)
            )
            if not any(
                encloses(folder, path)
                for folder in refused
                for path in (spelled, real_path(candidate))
            ):
                return candidate
    return None


def _paths(host: Host) -> ModuleType:
    """Return the module of the paths of ``host``."""
    if not host.windows:
        return posixpath
    import ntpath

    return ntpath


def _entries(host: Host) -> Iterator[str]:
    try:
        here = real_path(os.getcwd())
    except OSError:  # the current folder was deleted
        here = ""
    for written in host.environ.get("PATH", "").split(";" if host.windows else ":"):
        # Windows' own dialogs quote entries that hold a semicolon or a space.
        entry = written.strip('"') if host.windows else written
        if is_absolute(entry, host) and real_path(entry) != here:
            yield entry


def is_absolute(path: str, host: Host) -> bool:
    """Return whether ``path`` is absolute on ``host``, independent of the current folder and drive."""
    paths = _paths(host)
    # ``\\tools`` has a root but no drive on Windows: it means another place on each drive.
    return bool(paths.isabs(path)) and (paths is posixpath or bool(paths.splitdrive(path)[0]))


def _candidates(place: str, name: str, host: Host, paths: ModuleType) -> Iterator[str]:
    names = [name]
    if host.windows:
        endings = [
            end for end in host.environ.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";") if end
        ]
        if paths.splitext(name)[1].lower() not in {end.lower() for end in endings}:
            names = [name + end.lower() for end in endings]
    for folder in behind_shims(place, host):
        for spelled in names:
            yield paths.join(folder, spelled)


def behind_shims(place: str, host: Host) -> tuple[str, ...]:
    """Return the folders to search for the PATH entry ``place``: itself, or those behind pyenv's shims."""
    paths = _paths(host)
    if not _is_shims(place, host, paths):
        return (place,)
    return tuple(_behind_shims(place, host, paths))


def _is_shims(place: str, host: Host, paths: ModuleType) -> bool:
    if paths.basename(paths.normpath(place)).lower() != "shims":
        return False
    root = paths.dirname(paths.normpath(place))
    known = (host.environ.get("PYENV_ROOT", ""), host.environ.get("PYENV", ""))
    return any(given and paths.normpath(given) == root for given in known) or os.path.isdir(
        paths.join(root, "versions")
    )


def _behind_shims(shims: str, host: Host, paths: ModuleType) -> Iterator[str]:
    root = paths.dirname(paths.normpath(shims))
    chosen = host.environ.get("PYENV_VERSION", "").split(":")
    if not any(chosen):
        try:
            with open(paths.join(root, "version"), encoding="utf-8") as file:
                chosen = file.read(4096).split()
        except (OSError, UnicodeDecodeError):
            chosen = []
    for version in chosen:
        if version and version not in (".", "..", "system") and paths.basename(version) == version:
            yield paths.join(root, "versions", version, "Scripts" if host.windows else "bin")


def _is_program(path: str, host: Host) -> bool:
    return os.path.isfile(path) and (host.windows or os.access(path, os.X_OK))
