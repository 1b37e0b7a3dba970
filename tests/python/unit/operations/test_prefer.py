from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.discovery.declarations import of_user
from workflow_helper.errors import NotFound
from workflow_helper.filesystem.reader import Disk
from workflow_helper.operations.prefer import prefer_for, unset_for

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.mark.parametrize("spelled", ["~/src/pip", "~/src//pip/", "{folder}"])
def test_rule_for_a_folder_is_known_however_it_is_spelled(machine: Machine, spelled: str) -> None:
    """One that a person wrote, with slashes on Windows too, is replaced and taken back, and no other is added."""
    folder = machine.home / "src" / "pip"
    path = spelled.format(folder=folder.as_posix())
    text = f'[[folder]]\npath = "{path}"\nworkflow = "project"\n'
    write(Path(machine.host.config) / "pyworkflow.toml", text)
    (rule,) = of_user(machine.host, Disk()).folders
    assert rule.is_for(str(folder))
    prefer_for(str(folder), "uv", machine.host)
    (rule,) = of_user(machine.host, Disk()).folders
    assert rule.declaration is not None
    unset_for(str(folder), machine.host)
    assert of_user(machine.host, Disk()).folders == ()


def test_rule_for_another_folder_is_none(machine: Machine) -> None:
    """Case counts where the system has it count."""
    prefer_for(str(machine.home / "src"), "uv", machine.host)
    (rule,) = of_user(machine.host, Disk()).folders
    assert rule.is_for(str(machine.home / "SRC")) == (os.name == "nt")
    assert not rule.is_for(str(machine.home))
    with pytest.raises(NotFound):
        unset_for(str(machine.home), machine.host)
