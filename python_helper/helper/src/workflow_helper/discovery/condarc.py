"""The key ``envs_dirs`` of conda's configuration files: the only one that decides where environments are.

The files and their order are those of conda's documentation, "Using the .condarc conda configuration file". Of YAML
the two spellings of a list of plain texts are read, which are those that conda itself writes.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.filesystem.user_dirs import expand, is_absolute, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

#: The names of the configuration in a folder that holds it.
NAMES = (".condarc", "condarc")
#: A folder of configuration files beside them.
PARTS = "condarc.d"
#: The number of files of such a folder that are read.
MOST_PARTS = 100
KEYS = ("envs_dirs", "envs_path")


def environment_folders(roots: Iterable[str], host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the values of ``envs_dirs`` in every file, as written, the file with the highest precedence first."""
    found: list[str] = []
    for path in reversed(tuple(dict.fromkeys(_files(roots, host, disk)))):
        try:
            text = disk.text(path) if disk.is_file(path) else None
        except UnusableFile:
            continue
        if text:
            found += listed(text)
    return tuple(dict.fromkeys(found))


def listed(text: str) -> tuple[str, ...]:
    """Return the texts of the list at ``envs_dirs`` in a file's ``text``."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        if line[0] not in " \t-":
            key, _, value = line.partition(":")
            inside = key.strip("'\" ") in KEYS
            value = value.strip()
            if inside and value.startswith("["):
                found += map(_plain, value[1:].partition("]")[0].split(","))
            elif inside and value and not value.startswith("#"):
                found.append(_plain(value))
        elif inside and bare.startswith("- "):
            found.append(_plain(bare[2:]))
    return tuple(filter(None, found))


def _plain(scalar: str) -> str:
    scalar = scalar.strip()
    if scalar[:1] in ('"', "'"):
        return scalar[1:].partition(scalar[0])[0]
    return scalar.partition(" #")[0].rstrip()


def _files(roots: Iterable[str], host: Host, disk: Disk) -> Iterator[str]:
    """Yield the files that may exist, the one with the lowest precedence first."""
    environ = host.environ
    machine = ("C:\\ProgramData\\conda",) if host.windows else ("/etc/conda", "/var/lib/conda")
    shared = environ.get("XDG_CONFIG_HOME", "")
    folders = [
        *machine,
        *roots,
        *([join(host, shared, "conda")] if is_absolute(host, shared) else []),
        join(host, host.home, ".config", "conda"),
        join(host, host.home, ".conda"),
        join(host, host.home, ".mamba"),
    ]
    for folder in folders:
        yield from _in(folder, host, disk)
    yield join(host, host.home, ".condarc")
    yield join(host, host.home, ".mambarc")
    if prefix := environ.get("CONDA_PREFIX"):
        yield from _in(prefix, host, disk)
    for variable in ("CONDARC", "MAMBARC"):
        path = expand(host, environ.get(variable, ""), variables=True)
        if is_absolute(host, path) and not is_remote(path):
            yield path


def _in(folder: str, host: Host, disk: Disk) -> Iterator[str]:
    if not is_absolute(host, folder) or is_remote(folder) or not disk.is_folder(folder):
        return
    for name in NAMES:
        yield join(host, folder, name)
    parts = join(host, folder, PARTS)
    if disk.is_folder(parts):
        for name in disk.names(parts)[:MOST_PARTS]:
            if os.path.splitext(name)[1] in (".yml", ".yaml"):
                yield join(host, parts, name)
