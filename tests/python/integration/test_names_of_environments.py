"""What environments are called, in lists and by those who select one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.files import write
from support.forked_command import wsp
from support.machine import make_venv

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


def _prompted(prefix: Path, prompt: str) -> None:
    make_venv(prefix)
    with (prefix / "pyvenv.cfg").open("a") as file:
        file.write(f"prompt = {prompt}\n")


def _names(machine: Machine) -> dict[str, str]:
    listed = wsp(machine, "env", "list", "--json").document["environments"]
    return {one["id"]: one["name"] for one in listed if one["kind"] == "venv"}


def test_prompts_tell_environments_apart(machine: Machine) -> None:
    """The prompt is the name wherever the environment is shown, and the folder's where there is none."""
    _prompted(machine.workspace / ".venv", "'shop-api'")
    _prompted(machine.workspace / "web", "shop-web")
    make_venv(machine.workspace / "plain")
    assert _names(machine) == {".venv": "shop-api", "web": "shop-web", "plain": "plain"}


def test_a_tools_own_name_goes_before_the_prompt(machine: Machine) -> None:
    """What a tool calls its environment is how the tool is asked for it."""
    write(machine.workspace / "hatch.toml", '[envs.docs]\npath = "made/for-docs"\n')
    _prompted(machine.workspace / "made" / "for-docs", "shop")
    assert _names(machine) == {"made/for-docs": "docs"}


def test_an_environment_is_selected_by_its_name_or_its_folders(machine: Machine) -> None:
    """Who has known the folder's name need not learn the prompt."""
    write(machine.workspace / ".python-envs", "envs/web\n")
    _prompted(machine.workspace / "envs" / "web", "shop-web")
    for word in ("shop-web", "web"):
        assert wsp(machine, "env", "select", word).exit_code == 0
