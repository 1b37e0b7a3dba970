"""An environment parts of which are links to elsewhere: what lies there is not changed with it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from support.forked_command import wsp
from support.machine import make_venv

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

pytestmark = pytest.mark.needs("POSIX")


def everything(folder: Path) -> dict[str, bytes | str]:
    """All files and links below ``folder``, with what they hold or lead to."""
    return {
        str(path): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def other(machine: Machine) -> Path:
    """Another project's environment, with a program and a package whose files are not all there."""
    prefix = make_venv(machine.home / "other" / ".venv")
    write(prefix / "bin" / "program", f"#!{prefix}/bin/python\n").chmod(0o755)
    (packages,) = (prefix / "lib").glob("python3*/site-packages")
    write(packages / "half-1.dist-info" / "METADATA", "Name: half\nVersion: 1\n")
    write(packages / "half-1.dist-info" / "RECORD", "half/__init__.py,,\n")
    return prefix


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("names", [("bin",), ("lib",), ("bin", "lib"), ("packages",)])
def test_what_lies_elsewhere_is_not_changed(
    machine: Machine, other: Path, names: tuple[str, ...]
) -> None:
    """A project's ``.venv`` whose folders are links to another's is neither repaired nor filled, and can be deleted."""
    prefix = make_venv(machine.workspace / ".venv")
    (packages,) = (prefix / "lib").glob("python3*/site-packages")
    for name in names:
        part = packages if name == "packages" else prefix / name
        part.rename(machine.home / "aside" if name == names[0] else machine.home / "aside2")
        link(part, other / part.relative_to(prefix))
    before = everything(other)
    done = wsp(machine, "env", "sync", ".venv", "--json")
    error = done.document["error"]
    assert error["code"] == "protected"
    assert f"leads to {other}" in error["message"]
    assert everything(other) == before
    assert wsp(machine, "env", "delete", ".venv").exit_code == 0
    assert everything(other) == before


@pytest.mark.needs("POSIX")
def test_an_environment_that_is_itself_a_link_can_be_changed(machine: Machine, other: Path) -> None:
    """Who shares an environment by a link to it has it brought up to date by its name in the project."""
    link(machine.workspace / ".venv", other)
    done = wsp(machine, "env", "sync", ".venv", "--json")
    assert done.exit_code == 0, done.text
    assert not list(other.glob("lib/python3*/site-packages/half-1.dist-info"))
