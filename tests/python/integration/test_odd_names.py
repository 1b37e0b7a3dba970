"""Names of folders, environments, tasks and scripts that hold what ends a line, drives a terminal, or turns the direction of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.command import assert_no_accident
from support.files import base_python, drawn_venv, write
from support.forked_command import wsp
from workflow_helper.cli.arguments import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

ODD = "a\nforged\r\x1b[31m\u202eb\u2028forged"
PROJECT = """\
[project]
name = "demo"
[tool.pdm.scripts]
"a\\nforged\\u001b[31m\\u202eb" = "forged\\nforged"
"""
#: The commands whose answer is for a person, each as it is asked in such a folder; ``{}`` is such a name in it.
ASKED = (
    ("env", "default"),
    ("env", "list"),
    ("env", "list", "--all"),
    ("env", "show"),
    ("env", "show", "{}"),
    ("env", "show", "nonesuch"),
    ("env", "check"),
    ("env", "check", "--plan"),
    ("env", "check", "{}"),
    ("env", "select", "{}"),
    ("env", "default"),
    ("env", "sync", "{}"),
    ("env", "delete", "nonesuch\nforged"),
    ("env", "forget"),
    ("explain",),
    ("workflow", "show"),
    ("workflow", "trust"),
    ("workflow", "list"),
    ("workflow", "untrust"),
    ("workflow", "show", "--verbose"),
    ("task", "list"),
    ("task", "run", "nonesuch\nforged"),
    ("test", "configurations"),
    ("test", "list"),
    ("python", "list"),
    ("python", "find", "nonesuch\nforged"),
    ("script", "show", "{}.py"),
    ("script", "show", "nonesuch\nforged.py"),
    ("script", "lock", "{}.py"),
    ("check",),
    ("call", "environment/list"),
    ("tool", "list"),
    ("new", "{}"),
)
pytestmark = pytest.mark.needs("POSIX")


def odd_folder(machine: Machine) -> Path:
    """A project in a folder of such a name, with two environments and a script, one of each called so too."""
    folder = machine.home / ODD
    base = base_python(machine.home)
    drawn_venv(folder / ODD, base)
    drawn_venv(folder / ".venv", base)
    write(folder / "pyproject.toml", PROJECT)
    write(folder / f"{ODD}.py", '# /// script\n# dependencies = ["a b\u202e"]\n# ///\n')
    return folder


def test_no_name_breaks_a_line(machine: Machine) -> None:
    """What every command writes for a person is in its own lines: the odd characters of names are spelled out."""
    folder = odd_folder(machine)
    for words in ASKED:
        done = wsp(machine, *(word.replace("{}", ODD) for word in words), "--folder", str(folder))
        assert_no_accident(done)
        output = (done.stdout + done.stderr).decode("utf-8")
        assert all(letter.isprintable() or letter == "\n" for letter in output), (words, output)
        starts = {line.strip(" |").partition(" ")[0] for line in output.split("\n")}
        assert "forged" not in starts, (words, output)


def test_every_group_of_commands_is_asked() -> None:
    """No group of commands is left out, but for those that start something that lives long."""
    groups = {words[0] for words in ASKED}
    left_out = {"help", "version", "lsp", "mcp", "serve", "completion", "cache"}
    assert {command.words[0] for command in COMMANDS} - left_out <= groups
