"""What runs though no word of a declaration names it: each change of it asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from workflow_helper.discovery.workflow_table import Declaration
from workflow_helper.filesystem.reader import Disk
from workflow_helper.trust import fingerprint

if TYPE_CHECKING:
    from support.machine import Machine


def digest(machine: Machine, launch: dict[str, Any], *, bundled: bool = False) -> str:
    """What consent would be given to."""
    where = None if bundled else str(machine.workspace / "pyworkflow.toml")
    declaration = Declaration(launch.get("bundled", "tested"), launch, where)
    return fingerprint.digest(declaration, str(machine.workspace), machine.host, Disk())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["python3", "serve.py"], "socketserver/__init__.py"),
        (["python3", "serve.py"], "yaml/__init__.pyc"),
        (["./start"], "interpreter"),
        (["./start"], "loaded.py"),
        (["uv", "run", "serve"], "pyproject.toml"),
        (["poetry", "run", "serve"], "pyproject.toml"),
    ],
)
def test_a_command_is_asked_about_again(machine: Machine, words: list[str], name: str) -> None:
    """A package that shadows one, what a first line names, and the file that tells a tool what to run."""
    write(machine.workspace / "serve.py", "import http.server")
    write(machine.workspace / "start", "#!./interpreter loaded.py\n")
    before = digest(machine, {"cmd": words})
    write(machine.workspace / name, "1")
    made = digest(machine, {"cmd": words})
    write(machine.workspace / name, "2")
    assert len({before, made, digest(machine, {"cmd": words})}) == 3


@pytest.mark.parametrize("path", ["hooks.py", "../hooks.py", "../beside/hooks.py"])
def test_a_hook_of_hatchs_counts_wherever_it_lies(machine: Machine, path: str) -> None:
    """A build hook beside the project is executed as one in it is."""
    text = f'[tool.hatch.build.hooks.custom]\npath = "{path}"\n'
    write(machine.workspace / "pyproject.toml", text)
    hook = write(machine.workspace / path, "1")
    before = digest(machine, {"bundled": "hatch"}, bundled=True)
    hook.write_text("2")
    assert digest(machine, {"bundled": "hatch"}, bundled=True) != before
