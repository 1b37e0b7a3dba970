"""The bundled copy of ``workflow-server``, which satisfies every requirement on that distribution.

The distributions of this product are not published yet, so a package of one of these names on an index belongs to a
stranger.
"""

from __future__ import annotations

import os

import workflow_server

from workflow_helper.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement

DISTRIBUTION = "workflow-server"
#: The parts that stand on it, and are no library for a server.
_PROGRAMS = frozenset(("python-workflow-helper", "python-workflow-launcher"))
PACKAGE = os.path.dirname(os.path.abspath(workflow_server.__file__))
VERSION = workflow_server.__version__


def is_copy(requirement: Requirement) -> bool:
    """Return whether ``requirement`` is for the bundled distribution.

    Raises:
        UsageError: The copy does not satisfy it, or it is for a program of this product.
    """
    from packaging.utils import canonicalize_name

    name = canonicalize_name(requirement.name)
    if name in _PROGRAMS:
        raise UsageError(
            f"{requirement} cannot be required: {name} is a program, and is not on an index",
            f"A workflow server needs only {DISTRIBUTION}, which is included.",
        )
    if name != DISTRIBUTION or requirement.url is not None:
        return False
    if not requirement.specifier.contains(VERSION, prereleases=True):
        raise UsageError(
            f"{requirement} is required, and the included {DISTRIBUTION} is {VERSION}",
            "Update Python Workflow, or allow this version.",
        )
    return True


def without(dependencies: Iterable[str]) -> tuple[str, ...]:
    """Return ``dependencies`` without those on the bundled distribution.

    Raises:
        UsageError: The copy does not satisfy one of them.
    """
    return tuple(text for text in dependencies if not _is_copy(text))


def _is_copy(text: str) -> bool:
    from packaging.requirements import Requirement

    try:
        requirement = Requirement(text)
    except ValueError:
        return False  # the installer says it better
    return is_copy(requirement)


def constraints(folder: str) -> str:
    """Write a constraints file for uv and pip that pins :data:`DISTRIBUTION` to this copy, and return its path.

    ``folder`` is empty, and must exist until the installer is done.
    """
    from pathlib import Path

    path = os.path.join(folder, "constraints.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{DISTRIBUTION} @ {Path(_wheel(folder)).as_uri()}\n")
    return path


def _wheel(folder: str) -> str:
    """Pack the copy as a wheel (the "Binary distribution format" of the packaging specifications)."""
    from base64 import urlsafe_b64encode
    from hashlib import sha256
    from zipfile import ZIP_DEFLATED, ZipFile

    stem = f"{DISTRIBUTION.replace('-', '_')}-{VERSION}"
    info = f"{stem}.dist-info"
    path = os.path.join(folder, f"{stem}-py3-none-any.whl")
    record = []
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:

        def add(name: str, data: bytes) -> None:
            digest = urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}\n")
            archive.writestr(name, data)

        for name, source in _sources():
            with open(source, "rb") as file:
                add(name, file.read())
        about = f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: {VERSION}\nRequires-Python: >=3.10\n"
        add(f"{info}/METADATA", about.encode())
        wheel = "Wheel-Version: 1.0\nGenerator: Python Workflow\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        add(f"{info}/WHEEL", wheel.encode())
        archive.writestr(f"{info}/RECORD", "".join(record) + f"{info}/RECORD,,\n")
    return path


def _sources() -> Iterator[tuple[str, str]]:
    """Yield the name within a wheel of each file of the package, and its path."""
    for folder, folders, files in os.walk(PACKAGE):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        for file in sorted(files):
            path = os.path.join(folder, file)
            yield os.path.relpath(path, os.path.dirname(PACKAGE)).replace(os.sep, "/"), path
