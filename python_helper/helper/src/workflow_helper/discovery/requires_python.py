"""The Pythons that a project allows (``requires-python``), and the release to install for it."""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Disk


#: The releases of Python that get fixes, by PEP 602 and its successors: those that can be installed.
MAINTAINED = ("3.14", "3.13", "3.12", "3.11", "3.10")


def releases(specifiers: str) -> tuple[str, ...]:
    """Return the releases of :data:`MAINTAINED` that ``requires-python = wanted`` allows; all of them if it is invalid."""
    from packaging.specifiers import SpecifierSet

    # A specifier may limit the patch number, but only a minor release is requested: it fits if its first patch or a
    # very late one is allowed. An exact pin such as ``==3.12.4`` allows neither.
    try:
        allows = SpecifierSet(specifiers)
        return tuple(
            release
            for release in MAINTAINED
            if any(allows.contains(f"{release}.{patch}") for patch in (0, 99))
        )
    except ValueError:
        return MAINTAINED


def newest_release(specifiers: str | None) -> str | None:
    """Return the newest release that ``requires-python = wanted`` allows, to be installed; ``None`` if there is none."""
    return next(iter(releases(specifiers or "")), None)


def is_release(spec: str) -> bool:
    """Return whether ``spec`` names one Python to install by its version alone: ``3.12``, ``3.12.4``."""
    parts = spec.split(".")
    return len(parts) in (2, 3) and all(part.isascii() and part.isdigit() for part in parts)


def requires_python(root: str, disk: Disk) -> str | None:
    """Return ``[project] requires-python`` of the root's ``pyproject.toml``; ``None`` if it is missing or unreadable."""
    path = os.path.join(root, "pyproject.toml")
    try:
        document = disk.toml(path) if disk.mentions(path, b"requires-python") else None
    except UnusableFile:
        return None
    project = document.get("project") if document else None
    value = project.get("requires-python") if isinstance(project, dict) else None
    return value if isinstance(value, str) else None
