"""Paths that people and tools write with slashes, as answers spell them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from support.files import write
from support.machine import make_venv

if TYPE_CHECKING:
    from support.machine import Machine


def test_an_environment_from_elsewhere_is_spelled_with_backslashes_alone(machine: Machine) -> None:
    """Whether the user's own file names its folder with slashes, or a record of conda's does."""
    mine = make_venv(machine.home / "lab" / "mine")
    conda = machine.home / "opt" / "conda"
    write(conda / "conda-meta" / "history")
    write(conda / "conda-meta" / "python-3.12.4-h1_0.json", "{}")
    write(machine.home / ".conda" / "environments.txt", f"{conda.as_posix()}\n")
    folders = f'[environments]\nfolders = ["{mine.parent.as_posix()}"]\n'
    write(Path(machine.host.config) / "pyworkflow.toml", folders)
    answer = machine.wsp("env", "list", "--all")
    listed = answer["environments"]
    assert isinstance(listed, list)
    found = {one["prefix"] for one in listed if one["source"] == "elsewhere"}
    assert {str(mine), str(conda)} <= found
