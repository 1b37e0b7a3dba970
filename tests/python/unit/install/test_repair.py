"""What is found missing among the files of an environment's packages."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.files import site_packages, write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install import repair

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


def recorded(machine: Machine, *paths: str) -> Path:
    """An environment with the package ``one``, whose record tells of ``paths``; its ``*.dist-info``."""
    folder = site_packages(machine.workspace / ".venv") / "one-1.dist-info"
    write(folder / "METADATA", "Name: one\nVersion: 1\n")
    write(folder.parent / "one" / "__init__.py")
    write(folder / "RECORD", "".join(f"{path},,\n" for path in paths))
    return folder


def test_record_with_the_separators_of_the_system_is_understood(machine: Machine) -> None:
    """Virtualenv writes them so for pip, on Windows with backslashes."""
    paths = os.path.join("one", "__init__.py"), os.path.join("..", "..", "Scripts", "one.exe")
    recorded(machine, *paths, os.path.join("one", "deep", "__pycache__"))
    prefix = str(machine.workspace / ".venv")
    assert list(repair.lost(prefix, machine.host, Disk())) == []


def test_what_python_compiles_need_not_be_there(machine: Machine) -> None:
    """The record of a package stays where folders of compiled code that it tells of are missing."""
    folder = recorded(machine, "one/__init__.py", "one/__pycache__", "one/__pycache__/x.pyc")
    repair.repair(str(machine.workspace / ".venv"), machine.host)
    assert folder.exists()
