"""Every command of ``wsp`` once, by the program that is installed, in a folder whose name needs care on every system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.command import Finished, assert_no_accident
from support.files import write
from support.launching import put_uv_on_path, reach_the_index
from workflow_helper.cli.arguments import COMMANDS

if TYPE_CHECKING:
    from support.machine import Machine

#: Seconds after which a command hangs: some make an environment.
GUARD = 300.0
#: Seconds for all of them.
PATIENCE = 1200

PROJECT = """\
[project]
name = "demo"
version = "1"
requires-python = ">=3.10"
dependencies = []
"""
SCRIPT = """\
# /// script
# requires-python = ">=3.10"
# dependencies = []
# ///
import sys
print(sys.argv[1:])
"""
TEST = """\
import unittest

class Sums(unittest.TestCase):
    def test_one(self):
        self.assertEqual(1 + 1, 2)
"""
#: What reaches a program as it was written.
ODD = "a b", 'say "hi"', "back\\slash\\", "100%PATH%", "ümlaut"
SHOW = "import sys; sys.stdout.buffer.write('|'.join(sys.argv[1:]).encode('utf-8'))"

#: The commands in an order in which each has what it needs, with the exit status that it ends with.
COMMANDS_IN_TURN: tuple[tuple[int, tuple[str, ...]], ...] = (
    (3, ("env", "default")),
    (0, ("explain",)),
    (0, ("workflow", "show")),
    (0, ("workflow", "list")),
    (0, ("python", "list")),
    (0, ("python", "find", ">=3.10")),
    (0, ("python", "install", "{}.{}".format(*sys.version_info[:2]))),
    (0, ("env", "create")),
    (0, ("env", "list")),
    (0, ("env", "default")),
    (0, ("env", "show", ".venv")),
    (0, ("env", "check")),
    (0, ("env", "sync")),
    (0, ("env", "create", "other one")),
    (0, ("env", "select", "other one")),
    (0, ("env", "forget")),
    (0, ("env", "ensure")),
    (0, ("env", "run", "--", "python", "-c", SHOW, *ODD)),
    (0, ("task", "list")),
    (1, ("task", "run", "build")),
    (0, ("test", "configurations")),
    (0, ("test", "list")),
    (0, ("test", "run")),
    (0, ("workflow", "set", "venv")),
    (0, ("workflow", "unset")),
    (0, ("workflow", "new", "server")),
    (0, ("workflow", "trust")),
    (0, ("workflow", "untrust")),
    (0, ("check", "--", sys.executable, "-I", "-m", "workflow_helper", "serve", "venv")),
    (0, ("call", "environment/list", "--workflow", "venv")),
    (0, ("serve", "venv")),
    (0, ("new", "begun")),
    (0, ("script", "new", "second.py")),
    (0, ("script", "env", "tool.py", "--make")),
    (0, ("script", "run", "tool.py", "a b")),
    (0, ("script", "add", "tool.py", "pycowsay")),
    (0, ("script", "remove", "tool.py", "pycowsay")),
    (0, ("script", "lock", "tool.py")),
    (0, ("script", "clean", "tool.py")),
    (0, ("tool", "run", "pycowsay", "hello")),
    (0, ("tool", "install", "pycowsay")),
    (0, ("tool", "list")),
    (0, ("tool", "upgrade", "pycowsay")),
    (0, ("tool", "uninstall", "pycowsay")),
    (0, ("cache", "dir")),
    (0, ("cache", "prune")),
    (0, ("completion", "bash")),
    (0, ("env", "delete", "other one")),
    (1, ("lsp",)),
    (0, ("mcp",)),
)


def run(machine: Machine, folder: Path, words: tuple[str, ...]) -> Finished:
    """Run the installed ``wsp`` in ``folder``, with nothing to read."""
    ending = ".exe" if sys.platform == "win32" else ""
    done = subprocess.run(
        [str(Path(sys.executable).parent / f"wsp{ending}"), *words],
        cwd=folder,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=GUARD,
        check=False,
    )
    finished = Finished(done.returncode, done.stdout, done.stderr)
    assert_no_accident(finished)
    return finished


@pytest.mark.timeout(PATIENCE)
def test_every_command_does_its_work_in_a_folder_whose_name_needs_care(machine: Machine) -> None:
    """Each ends as it should, and what it starts gets its arguments as they were written."""
    base = os.path.dirname(getattr(sys, "_base_executable", sys.executable))
    machine.environ["PATH"] = os.pathsep.join((base, machine.environ["PATH"]))
    put_uv_on_path(machine)
    reach_the_index(machine)
    folder = machine.workspace / "O'Brien & Söhne" / "Mein Projekt"
    for name, text in (("pyproject.toml", PROJECT), ("tool.py", SCRIPT), ("test_sums.py", TEST)):
        write(folder / name, text)
    wrong = []
    for expected, words in COMMANDS_IN_TURN:
        finished = run(machine, folder, words)
        if finished.exit_code != expected:
            wrong.append(f"{words} ended with {finished.exit_code}: {finished.text}")
        if words[:2] == ("env", "run"):
            assert finished.stdout.decode() == "|".join(ODD)
    assert wrong == []


def test_no_command_is_left_out() -> None:
    """What is run above are all commands that there are."""
    names = {command.words for command in COMMANDS}
    assert {
        words[:2] if words[:2] in names else words[:1] for _, words in COMMANDS_IN_TURN
    } == names
