"""Which Pythons a project asks for: ``.python-version`` and ``requires-python``."""

from __future__ import annotations

import os

from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Interpreter


def requires_python(root: str, disk: Disk) -> str | None:
    """``[project] requires-python`` of the root's ``pyproject.toml``; ``None`` where there is none to be read."""
    path = os.path.join(root, "pyproject.toml")
    try:
        document = disk.toml(path) if disk.mentions(path, b"requires-python") else None
    except UnusableFile:
        return None
    project = document.get("project") if document else None
    value = project.get("requires-python") if isinstance(project, dict) else None
    return value if isinstance(value, str) else None


def pinned_python(root: str, disk: Disk) -> str | None:
    """The first line of the root's ``.python-version`` that is not a comment, as pyenv and uv read it."""
    try:
        text = disk.text(os.path.join(root, ".python-version"))
    except UnusableFile:
        return None
    for line in (text or "").splitlines():
        word = line.strip()
        if word and not word.startswith("#"):
            return word
    return None


def allowed(pythons: Iterable[Interpreter], root: str, disk: Disk) -> tuple[Interpreter, ...]:
    """Those of ``pythons`` that ``requires-python`` allows, in their order; all of them where it says nothing usable.

    A Python whose patch version is unknown is allowed when any patch of its minor version could be.
    """
    wanted = requires_python(root, disk)
    if not wanted:
        return tuple(pythons)
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        specifiers = SpecifierSet(wanted)
    except InvalidSpecifier:
        return tuple(pythons)

    def fits(python: Interpreter) -> bool:
        version = python.version
        if version is None:
            return False
        try:
            candidates = [version] if version.count(".") > 1 else [version, f"{version}.999"]
            return any(specifiers.contains(candidate, prereleases=True) for candidate in candidates)
        except InvalidVersion:
            return False

    return tuple(python for python in pythons if fits(python))
