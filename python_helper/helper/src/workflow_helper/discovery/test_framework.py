"""Find the framework of a project's tests from its files."""

from __future__ import annotations

import os
import re

from workflow_helper.discovery.environments.distributions import located
from workflow_helper.errors import ToolNotInstalled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host

    Framework = Literal["pytest", "unittest"]

#: By a file that may configure pytest, what it contains then; nothing where its being there says it.
_CONFIGURATION = {
    "pytest.ini": b"",
    ".pytest.ini": b"",
    "pytest.toml": b"",
    ".pytest.toml": b"",
    "conftest.py": b"",
    "tests/conftest.py": b"",
    "test/conftest.py": b"",
    "pyproject.toml": b"[tool.pytest",
    "setup.cfg": b"[tool:pytest]",
    "tox.ini": b"[pytest]",
}
#: The maximum number of test files to read, of folders to list for that, and of bytes of each file.
_FILES, _FOLDERS, _BYTES = 100, 200, 16384
_IS_TEST = re.compile(r"test.*\.py|.*_test\.py")
_IMPORT = re.compile(rb"^\s*(?:import|from)\s+(pytest|unittest)\b", re.MULTILINE)
#: Folders without tests of the project.
_SKIPPED_FOLDERS = ("node_modules", "build", "dist", "__pycache__")


def framework_of(
    root: str, environment: Environment, host: Host, disk: Disk, declared: str = ""
) -> Framework:
    """Return the framework that runs the tests of the project at ``root`` in ``environment``.

    It is the ``declared`` one, else pytest if it is installed. The exception: nothing configures or imports pytest, and
    the tests import unittest or belong to a Django project.

    Raises:
        ToolNotInstalled: The project declares, configures or imports pytest, which the environment does not have.
    """
    if declared == "unittest":
        return "unittest"
    is_declared = declared == "pytest"
    if "pytest" in located(environment.prefix, host, disk):
        return "pytest" if is_declared else written_for(root, disk)
    if is_declared or is_configured(root, disk) or b"pytest" in _imported(root, disk):
        if environment.kind == "venv" and not _lends(environment, disk):
            raise ToolNotInstalled(
                f"the tests are for pytest, which is not installed in {environment.id}",
                "'wsp env ensure --with pytest' installs it.",
            )
        return "pytest"
    return "unittest"


def written_for(root: str, disk: Disk) -> Framework:
    """Return the framework of the tests at ``root`` from their files: pytest, which runs both, unless all import unittest.

    Django's tests count as unittest's, because pytest needs a configured plug-in for them.
    """
    if is_configured(root, disk):
        return "pytest"
    imported = _imported(root, disk)
    is_for_unittest = imported == {b"unittest"} or (
        b"pytest" not in imported and django_folder(root, disk) is not None
    )
    return "unittest" if is_for_unittest else "pytest"


def django_folder(root: str, disk: Disk) -> str | None:
    """Return the folder with the ``manage.py`` of the Django project at ``root``: ``root``, or its only such subfolder.

    ``None`` if there is none. A subfolder with its own project file or configuration of pytest does not count.
    """
    if _is_managed(root, disk):
        return root
    below = [
        path
        for name in disk.names(root)
        if not name.startswith(".") and name not in _SKIPPED_FOLDERS
        for path in (os.path.join(root, name),)
        if _is_managed(path, disk)
        and _is_source(path, disk)
        and not disk.is_file(os.path.join(path, "pyproject.toml"))
        and not is_configured(path, disk)
    ]
    return below[0] if len(below) == 1 else None


def _is_managed(folder: str, disk: Disk) -> bool:
    return disk.mentions(os.path.join(folder, "manage.py"), b"django")


def is_configured(root: str, disk: Disk) -> bool:
    """Return whether a file of the project at ``root`` configures pytest."""
    return any(
        disk.is_file(path) and (not word or disk.mentions(path, word))
        for path, word in (
            (os.path.join(root, *name.split("/")), word) for name, word in _CONFIGURATION.items()
        )
    )


def _lends(environment: Environment, disk: Disk) -> bool:
    """Return whether the environment also uses the packages of its base Python, which are not read here."""
    text = disk.head(os.path.join(environment.prefix, "pyvenv.cfg"), _BYTES).lower()
    return re.search(rb"^include-system-site-packages\s*=\s*true", text, re.MULTILINE) is not None


def _imported(root: str, disk: Disk) -> set[bytes]:
    """Return the frameworks that the first files of tests import."""
    found: set[bytes] = set()
    for count, path in enumerate(files_of_tests(root, disk)):
        if count == _FILES or b"pytest" in found:
            break
        found.update(_IMPORT.findall(disk.head(path, _BYTES)))
    return found


def files_of_tests(root: str, disk: Disk, folders: int = _FOLDERS) -> Iterator[str]:
    """Yield the files below ``root`` that are named like tests, from at most ``folders`` folders."""
    waiting = [root]
    for _ in range(folders):
        if not waiting:
            return
        folder = waiting.pop(0)
        for name in disk.names(folder):
            path = os.path.join(folder, name)
            if _IS_TEST.fullmatch(name) and disk.is_file(path):
                yield path
            elif (
                not name.startswith(".") and name not in _SKIPPED_FOLDERS and _is_source(path, disk)
            ):
                waiting.append(path)


def _is_source(path: str, disk: Disk) -> bool:
    """Return whether a folder can contain the project's sources: neither an environment nor a link out of the project."""
    return (
        not os.path.islink(path)
        and disk.is_folder(path)
        and not disk.is_file(os.path.join(path, "pyvenv.cfg"))
    )
