"""A program of the folder that looks like a Python, and is on PATH: a shell's hook put it there, say."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from support.command import wsp
from support.files import write

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

pytestmark = pytest.mark.needs("POSIX")


@pytest.fixture
def planted(machine: Machine) -> Path:
    """A program that would win, were it one of the machine's Pythons."""
    folder = machine.workspace / "bin"
    folder.mkdir()
    shutil.copy(os.path.realpath("/bin/true"), folder / "python3.99")
    machine.environ["PATH"] = f"{folder}:{machine.environ['PATH']}"
    return folder / "python3.99"


@pytest.mark.needs("POSIX")
def test_it_is_no_python_of_the_machine(machine: Machine, planted: Path) -> None:
    """Where the project has no environment, it is not what is offered meanwhile; elsewhere PATH is believed."""
    planted.with_name("python3").symlink_to(planted.name)
    found = wsp(machine, "env", "default", "--or-system", "--json").document["environment"]
    assert found is None or found["interpreter_path"] != str(planted)
    elsewhere = machine.home / "src"
    elsewhere.mkdir()
    found = wsp(machine, "env", "default", "--or-system", "--json", cwd=elsewhere).document
    assert found["environment"]["interpreter_path"] == str(planted)


@pytest.mark.needs("POSIX")
def test_no_environment_is_made_with_it(machine: Machine, planted: Path) -> None:
    """It is not started, be it the only one that fits, by another name of the folder or by a link that leads there."""
    link = machine.home / "bin"
    link.symlink_to(planted.parent)
    machine.environ["PATH"] = f"{link}:{machine.environ['PATH']}"
    done = wsp(machine, "env", "create", "--python", "3.99", "--json")
    assert done.document["error"]["code"] == "python_unavailable"


def test_no_workflow_is_started_with_it(machine: Machine, planted: Path) -> None:
    """A script that asks for such a Python is told that there is none."""
    script = write(machine.home / "mine.py", '# /// script\n# requires-python = ">=3.90"\n# ///\n')
    done = wsp(machine, "explain", "--workflow", str(script), "--json")
    details = [step["detail"] for step in done.document["trail"] if step["rule"] == "E0"]
    assert "no Python on this machine fits" in details[0]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("command", [("check",), ("call", "environments/list", "--server")])
def test_no_server_is_started_with_it_by_its_name_alone(
    machine: Machine, planted: Path, command: tuple[str, ...]
) -> None:
    """A command line that names it by its name finds nothing there, and is told to name it by its path."""
    mark = machine.home / "ran"
    program = write(planted.parent / "planted", f"#!/bin/sh\ntouch '{mark}'\n")
    program.chmod(0o755)
    words = ("--", "planted") if command == ("check",) else ("planted",)
    done = wsp(machine, *command, *words)
    assert done.exit_code == 1
    assert "Name a program of the project by its path" in done.text
    assert not mark.exists()
    expected = ("--", "bin/planted") if command == ("check",) else ("./bin/planted",)
    wsp(machine, *command, *expected)
    assert mark.exists()


@pytest.mark.needs("unshare")
def test_it_is_not_found_by_another_path_of_the_folder(machine: Machine, planted: Path) -> None:
    """Where the folder is mounted a second time, and PATH leads there, its programs are its programs still."""
    alias = machine.home / "alias"
    alias.mkdir()
    script = 'mount --bind "$0" "$1" && shift && exec "$@"'
    through = ("unshare", "-rm", "sh", "-c", script, str(machine.workspace), str(alias))
    environ = {"PATH": f"{alias / planted.parent.name}:/usr/bin:/bin"}
    words = ("env", "create", "--python", "3.99", "--json")
    done = wsp(machine, *words, environ=environ, through=through)
    assert done.document["error"]["code"] == "python_unavailable"
