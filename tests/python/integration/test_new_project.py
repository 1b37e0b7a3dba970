"""``wsp new`` and ``wsp script new``: what is there to begin with, by the real tools."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.forked_command import wsp
from support.recipes import Site
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from support.machine import Machine


def declared(folder: Path) -> dict[str, Any]:
    """The table ``[project]`` of the project in ``folder``."""
    tables = Disk().toml(str(folder / "pyproject.toml"))
    assert tables is not None
    project: dict[str, Any] = tables["project"]
    return project


@pytest.mark.parametrize("tool", ["uv", "hatch", "pdm", "poetry"])
def test_the_tool_that_governs_begins_the_project(tmp_path: Path, tool: str) -> None:
    """What a person prefers everywhere begins it, and governs it from then on."""
    site = Site.at(tmp_path, tool, files={}, lock=False)
    machine = site.machine
    # Hatch gets the text of the license from the web, once.
    write(machine.home / ".cache" / "hatch" / "licenses" / "MIT.txt", "<year> <copyright holders>")
    assert wsp(machine, "workflow", "set", tool).exit_code == 0
    folder = machine.workspace / "deep" / "demo-app"
    done = wsp(machine, "new", "deep/demo-app", "--json")
    assert done.document == {"folder": str(folder), "workflow": tool}
    project = declared(folder)
    assert project["name"] == "demo-app"
    shown = wsp(machine, "workflow", "show", "--json", cwd=folder).document["workflow"]
    assert shown["name"] == tool


def test_without_a_tool_a_plain_project_is_written(machine: Machine) -> None:
    """It has a declaration and a program that runs; the one that is asked for by name is the fallback."""
    done = wsp(machine, "new", "demo", "--workflow", "venv", "--json")
    folder = machine.workspace / "demo"
    assert done.document == {"folder": str(folder), "workflow": "venv"}
    assert sorted(os.listdir(folder)) == ["main.py", "pyproject.toml"]
    project = declared(folder)
    assert project["name"] == "demo"
    assert project["dependencies"] == []
    ran = wsp(machine, "script", "run", "demo/main.py")
    assert ran.lines == ["Hello from demo!"]


def test_a_folder_around_it_is_left_as_it_is(tmp_path: Path) -> None:
    """A workspace of uv's does not get a member that nobody asked for."""
    site = Site.at(tmp_path, "uv", files={}, lock=False)
    workspace = (
        '[project]\nname = "a"\nversion = "1"\n\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    )
    write(site.root / "pyproject.toml", workspace)
    assert wsp(site.machine, "new", "inner", "--json").document["workflow"] == "uv"
    assert (site.root / "pyproject.toml").read_text() == workspace


@pytest.mark.parametrize("there", ["file", "full"])
def test_nothing_is_written_over(machine: Machine, there: str) -> None:
    """What exists is named, and stays as it is; an empty folder is taken."""
    write(machine.workspace / "file", "mine")
    write(machine.workspace / "full" / "main.py", "mine")
    (machine.workspace / "empty").mkdir()
    done = wsp(machine, "new", there, "--workflow", "venv", "--json")
    assert done.document["error"]["code"] == "already_exists"
    assert (machine.workspace / "full" / "main.py").read_text() == "mine"
    assert wsp(machine, "new", "empty", "--workflow", "venv").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("my project",), "usage"),
        (("-x",), "usage"),
        (("demo", "--workflow", "pipenv"), "usage"),
        (("demo", "--workflow", "hatch"), "tool_not_installed"),
    ],
)
def test_what_cannot_be_begun_leaves_nothing(
    machine: Machine, words: tuple[str, ...], code: str
) -> None:
    """The reason is told, and no folder is there afterward."""
    before = sorted(os.listdir(machine.workspace))
    done = wsp(machine, "new", *words, "--json")
    assert done.document["error"]["code"] == code
    assert sorted(os.listdir(machine.workspace)) == before


@pytest.mark.needs("POSIX")
def test_a_tool_that_fails_leaves_nothing(machine: Machine) -> None:
    """What it wrote before it failed is taken away, and a folder that was there stays, empty."""
    failing = "#!/bin/sh\nmkdir -p src/deep && touch pyproject.toml && exit 1\n"
    write(machine.home / "bin" / "uv", failing, executable=True)
    machine.environ["PATH"] = f"{machine.home / 'bin'}:{machine.environ['PATH']}"
    (machine.workspace / "empty").mkdir()
    for folder in ("fresh", "empty"):
        assert wsp(machine, "new", folder, "--workflow", "uv").exit_code != 0
    assert not (machine.workspace / "fresh").exists()
    assert list((machine.workspace / "empty").iterdir()) == []


def test_a_new_script_runs_as_it_is(tmp_path: Path) -> None:
    """It has a block without dependencies, and is not written over."""
    machine = Site.at(tmp_path, "uv", files={}, lock=False).machine
    path = machine.workspace / "tool.py"
    assert wsp(machine, "script", "new", "tool.py", "--json").document == {"script": str(path)}
    document = wsp(machine, "script", "env", "tool.py", "--json").document
    assert document["dependencies"] == []
    assert document["requires_python"].startswith(">=3.")
    assert wsp(machine, "script", "run", "tool.py").stdout == b"Hello from tool.py!\n"
    again = wsp(machine, "script", "new", "tool.py", "--json")
    assert again.document["error"]["code"] == "already_exists"
