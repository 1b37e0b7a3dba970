"""What is installed in an environment, read from its ``*.dist-info`` folders: no process is started.

Source: the specification "Recording installed projects". What a base Python lends to an environment with
``include-system-site-packages`` is not the environment's own, and not told.
"""

from __future__ import annotations

import os

from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host
else:
    from python_workflow.light import NamedTuple

SUFFIX = ".dist-info"
#: Bytes of a ``METADATA`` file: the longest descriptions take a tenth of it.
METADATA_LIMIT = 4 * 1024 * 1024


class Distribution(NamedTuple):
    """One installed distribution."""

    name: str
    version: str


def installed(prefix: str, host: Host, disk: Disk) -> tuple[Distribution, ...]:
    """What is installed in the environment at ``prefix``, by name. Starts nothing, raises nothing."""
    found: dict[str, Distribution] = {}
    for folder in folders(prefix, host, disk):
        for name in disk.names(folder):
            if name.endswith(SUFFIX):
                told = _read(os.path.join(folder, name), name.removesuffix(SUFFIX), disk)
                if told is not None:
                    found.setdefault(_plain(told.name), told)
    return tuple(found[key] for key in sorted(found))


def folders(prefix: str, host: Host, disk: Disk) -> Iterator[str]:
    """Where the packages of the environment at ``prefix`` are: its ``site-packages``."""
    if host.windows:
        yield os.path.join(prefix, "Lib", "site-packages")
        return
    seen = set()
    # `lib64` is a link to `lib` in most environments, and a folder of its own on some systems.
    for library in ("lib", "lib64"):
        for name in disk.names(os.path.join(prefix, library)):
            folder = os.path.join(prefix, library, name, "site-packages")
            if name.startswith(("python", "pypy", "graalpy")) and disk.is_folder(folder):
                real = os.path.realpath(folder)
                if real not in seen:
                    seen.add(real)
                    yield folder


def _read(folder: str, stem: str, disk: Disk) -> Distribution | None:
    """From ``METADATA``, which spells the name as its author does, else from the folder's own name."""
    headers: dict[str, str] = {}
    try:
        data = disk.read(os.path.join(folder, "METADATA"), METADATA_LIMIT) or b""
    except UnusableFile:
        data = b""
    head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    for line in head.decode("utf-8", "replace").split("\n"):
        key, colon, value = line.partition(":")
        if colon and key.lower() in ("name", "version"):
            headers.setdefault(key.lower(), value.strip())
    name, _, version = stem.partition("-")
    name, version = headers.get("name") or name, headers.get("version") or version
    # pip renames what it is about to remove to begin with `~`.
    return Distribution(name, version) if name and not stem.startswith("~") else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
