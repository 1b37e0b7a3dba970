"""The distributions in an environment, read from its ``*.dist-info`` folders: no process is started.

Source: the specification "Recording installed projects". Packages that an environment gets from its base Python
(``include-system-site-packages``) are not its own, and not reported.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

SUFFIX = ".dist-info"
#: Bytes of a ``METADATA`` file: the longest descriptions take a tenth of it.
METADATA_LIMIT = 4 * 1024 * 1024


class Distribution(NamedTuple):
    """One installed distribution."""

    name: str
    version: str


class Located(NamedTuple):
    """One installed distribution, and the folder that records it."""

    distribution: Distribution
    #: Its ``*.dist-info``, absolute.
    folder: str


def installed(prefix: str, host: Host, disk: Disk) -> tuple[Distribution, ...]:
    """Return the distributions in the environment at ``prefix``, by name. Starts nothing, raises nothing."""
    found = located(prefix, host, disk)
    return tuple(found[key].distribution for key in sorted(found))


def located(prefix: str, host: Host, disk: Disk) -> dict[str, Located]:
    """Return the distributions with the folder that records each, by :func:`normalized` name."""
    found: dict[str, Located] = {}
    for one in records(prefix, host, disk):
        found.setdefault(normalized(one.distribution.name), one)
    return found


def records(prefix: str, host: Host, disk: Disk) -> Iterator[Located]:
    """Yield every recorded distribution, also several of one name."""
    for folder in folders(prefix, host, disk):
        for name in disk.names(folder):
            if name.endswith(SUFFIX):
                place = os.path.join(folder, name)
                parsed = _read(place, name.removesuffix(SUFFIX), disk)
                if parsed is not None:
                    yield Located(parsed, place)


def folders(prefix: str, host: Host, disk: Disk) -> Iterator[str]:
    """Yield the folders of the packages of the environment at ``prefix``: its ``site-packages``."""
    if host.windows:
        yield os.path.join(prefix, "Lib", "site-packages")
        return
    seen = set()
    # `lib64` is a link to `lib` in most environments, and a folder of its own on some systems.
    for library in ("lib", "lib64"):
        for name in disk.names(os.path.join(prefix, library)):
            folder = os.path.join(prefix, library, name, "site-packages")
            if name.startswith(("python", "pypy", "graalpy")) and disk.is_folder(folder):
                real = real_path(folder)
                if real not in seen:
                    seen.add(real)
                    yield folder


def _read(folder: str, stem: str, disk: Disk) -> Distribution | None:
    """Read ``METADATA``, which has the author's spelling of the name, else use the folder's name."""
    headers: dict[str, str] = {}
    for key, value in metadata(folder, disk):
        headers.setdefault(key, value)
    name, _, version = stem.partition("-")
    name, version = headers.get("name") or name, headers.get("version") or version
    # pip renames what it is about to remove to begin with `~`.
    return Distribution(name, version) if name and not stem.startswith("~") else None


def metadata(folder: str, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the headers of the ``METADATA`` in a ``*.dist-info`` folder, their names in lower case; none where it cannot be read."""
    try:
        data = disk.read(os.path.join(folder, "METADATA"), METADATA_LIMIT) or b""
    except UnusableFile:
        return
    head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    for line in head.decode("utf-8", "replace").split("\n"):
        key, colon, value = line.partition(":")
        if colon:
            yield key.lower(), value.strip()


def normalized(name: str) -> str:
    """Return a distribution's name, normalized for comparison as in the specification "Names and normalization"."""
    parts = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join(part for part in parts if part)
