"""``wsp python install``: a Python that is really installed, from a mirror on this machine, and used."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from support.forked_command import wsp
from support.launching import put_uv_on_path
from support.machine import Machine
from support.mirror import mirror_of
from support.pythons import minor, other_cpython

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("another CPython")

OTHER = minor(other_cpython())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without that Python, where uv is."""
    machine = Machine.at(tmp_path)
    machine.environ["PATH"] = str(machine.home / "nothing")
    put_uv_on_path(machine)
    return machine


def test_python_is_installed_once_and_found(machine: Machine, tmp_path: Path) -> None:
    """What is missing is installed and starts; the second time it is there; nothing is put on PATH."""
    mirror_of(other_cpython(), machine, tmp_path / "mirror")
    first = wsp(machine, "python", "install", OTHER, "--json").document
    assert first["installed_by"] == "uv"
    assert first["python"]["version"].startswith(OTHER)
    assert first["python"]["source"] == "uv"
    code = "import sys; print(*sys.version_info[:2], sep='.')"
    finished = subprocess.run(
        [first["python"]["path"], "-c", code], capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == OTHER
    again = wsp(machine, "python", "install", OTHER, "--json").document
    assert again == {"python": first["python"], "installed_by": None}
    assert wsp(machine, "python", "find", OTHER).stdout.decode().strip() == first["python"]["path"]
    assert not (machine.home / ".local" / "bin").exists()


def test_environment_is_made_with_a_python_that_was_missing(
    machine: Machine, tmp_path: Path
) -> None:
    """Whatever workflow makes the environment, the Python that it is to have is installed first."""
    mirror_of(other_cpython(), machine, tmp_path / "mirror")
    made = wsp(machine, "env", "create", "--python", OTHER, "--workflow", "venv", "--json").document
    assert made["environment"]["python_version"].startswith(OTHER)


def test_python_that_cannot_be_had_is_told_with_the_reason(
    machine: Machine, tmp_path: Path
) -> None:
    """One that the installer does not know, or whose download is not what it should be, leaves nothing."""
    listing = mirror_of(other_cpython(), machine, tmp_path / "mirror")
    unknown = wsp(machine, "python", "install", "3.99")
    assert unknown.exit_code == 1
    assert b"uv failed" in unknown.stderr
    text = listing.read_text()
    start = text.index('"sha256": "') + len('"sha256": "')
    listing.write_text(text[:start] + "0" * 64 + text[start + 64 :])
    wrong = wsp(machine, "python", "install", OTHER)
    assert wrong.exit_code == 1
    assert b"hash" in wrong.stderr.lower()
    assert wsp(machine, "python", "find", OTHER).exit_code == 3


def test_machine_that_can_install_none_says_how_to_get_one(tmp_path: Path) -> None:
    """Without uv, the install manager and pyenv, that is said, with what would do."""
    machine = Machine.at(tmp_path, path="/nothing")
    done = wsp(machine, "python", "install", "3.99")
    assert done.exit_code == 1
    assert b"nothing on this machine can install Python 3.99" in done.stderr
    assert b"Install uv" in done.stderr


@pytest.mark.parametrize("spec", [">=3.11", "3", "/usr/bin/python3", "py3k", "3.1.2.3", ""])
def test_what_names_no_single_python_is_refused(machine: Machine, spec: str) -> None:
    """A range, a path or a riddle is a mistake of usage, and nothing is started."""
    assert wsp(machine, "python", "install", spec).exit_code == 2
