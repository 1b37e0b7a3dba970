"""``wsp env ensure``: the interpreter of an environment that is as asked for, by real uv and by a server that offers less."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from support.acting_server import declare
from support.command import assert_error
from support.files import python_in
from support.forked_command import wsp
from support.recipes import Site

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


def test_the_interpreter_is_all_that_is_printed(tmp_path: Path) -> None:
    """It runs what was asked for, the first time and the second; in JSON the environment is the folder's default."""
    site = Site.at(tmp_path / "machine", "uv")
    words = ("env", "ensure", "--with", "pluggy", "--group", "test")
    python = f"{site.root}/.venv/bin/python"
    for _ in range(2):
        finished = wsp(site.machine, *words)
        assert (finished.exit_code, finished.stdout.decode()) == (0, f"{python}\n"), finished.text
        found = subprocess.run([python, "-c", "import iniconfig, packaging, pluggy"], check=False)
        assert found.returncode == 0
    document = wsp(site.machine, *words, "--json").document
    assert list(document) == ["root", "environment"]
    assert (document["environment"]["interpreter_path"], document["environment"]["default"]) == (
        python,
        True,
    )


def test_what_cannot_be_ensured_is_told(machine: Machine) -> None:
    """What the words say wrongly is exit 2, and names them; nothing is made for it."""
    wrong = {
        "python": ("--python", "any"),
        "packages[0]": ("--with=-r",),
        "package": ("--package", "web"),
    }
    for member, words in wrong.items():
        finished = wsp(machine, "env", "ensure", "--workflow", "venv", *words, "--json")
        assert_error(finished, 2, "usage")
        assert finished.document["error"]["message"].startswith(f"{member}: ")
    assert [one.name for one in machine.workspace.iterdir()] == [".git"]


def test_a_server_that_does_not_offer_it_is_asked_for_its_parts(machine: Machine) -> None:
    """Its environment is made once; what it has no part for is refused before."""
    notes = declare(machine.workspace)
    assert_error(wsp(machine, "env", "ensure", "--json"), 4, "not_trusted")
    wsp(machine, "workflow", "trust")
    assert_error(wsp(machine, "env", "ensure", "mine", "--with", "six", "--json"), 2, "usage")
    assert not notes.exists()
    for _ in range(2):
        finished = wsp(machine, "env", "ensure", "mine")
        assert finished.stdout.decode() == f"{python_in(machine.workspace / 'mine')}\n", (
            finished.text
        )
    assert [json.loads(line[7:])[0] for line in notes.read_text().splitlines()] == ["mine"]
    assert_error(wsp(machine, "env", "ensure", "--python", "2.7", "--json"), 1, "protected")
