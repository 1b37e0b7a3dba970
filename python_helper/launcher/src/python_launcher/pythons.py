"""The Pythons that ``py`` starts outside of environments: those on PATH first, then all others of the machine."""

from __future__ import annotations

import os

from workflow_helper.discovery.interpreters import path, spec
from workflow_helper.discovery.interpreters.describe import describe, prefix_of
from workflow_helper.filesystem.real_path import real_path

from python_launcher.errors import NoPython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host, Interpreter

    from python_launcher.versions import VersionRequest


def best(request: VersionRequest, host: Host, disk: Disk) -> Interpreter:
    """Return the requested Python: the newest on PATH, else the newest elsewhere.

    Of several on PATH of the same version, X.Y, the first counts.

    Raises:
        NoPython: there is no such Python.
    """
    found = _first(request, sorted(on_path(host, disk), key=minor_first), disk)
    if found is None:
        from workflow_helper.discovery.interpreters.find import installed

        found = _first(request, installed(host, disk), disk)
    if found is None:
        raise _none(request)
    return found


def on_path(host: Host, disk: Disk) -> Iterator[Interpreter]:
    """Yield the Pythons on PATH in its order, each once, without those of environments.

    pyenv's shims are replaced by the Pythons that they would start. Versions may lack the patch number.
    """
    seen = set()
    for source, candidate in path.find(_without_shims(host), disk):
        real = real_path(candidate)
        if real in seen or prefix_of(candidate, host, disk) is not None:
            continue
        python = describe(candidate, source, host, disk, wholly=False)
        if python is not None:
            seen.add(real)
            yield python


def _without_shims(host: Host) -> Host:
    entries = host.environ.get("PATH", "")
    if "shims" not in entries:
        return host
    from workflow_helper.system.which import behind_shims

    separator = ";" if host.windows else ":"
    folders = (
        folder
        for entry in entries.split(separator)
        for folder in (behind_shims(entry, host) if os.path.isabs(entry) else (entry,))
    )
    return host._replace(environ={**host.environ, "PATH": separator.join(folders)})


def _first(
    request: VersionRequest, pythons: Iterable[Interpreter], disk: Disk
) -> Interpreter | None:
    return next((python for python in pythons if request.fits(python, disk)), None)


def minor_first(python: Interpreter) -> tuple[bool, bool, list[int]]:
    """Return a key that sorts Pythons as the product ranks them, without the patch number, which may be unknown here."""
    unknown, other, digits = spec.rank(python)
    return unknown, other, digits[:2]


def _none(request: VersionRequest) -> NoPython:
    if request.is_any:
        return NoPython("no Python was found", "'wsp python install 3.13' installs one.")
    version = request.spec.version
    message = f"no Python on this machine fits {request.spelling}"
    if version.partition(".")[0] not in ("", "3"):
        return NoPython(message, "Only Python 3 is looked for.")
    if "." in version and not request.processors:
        name = f"{request.spec.implementation or ''}{version}{'t' * request.spec.freethreaded}"
        return NoPython(message, f"'wsp python install {name}' installs it.")
    return NoPython(message, "'py --list' lists the available Pythons.")
