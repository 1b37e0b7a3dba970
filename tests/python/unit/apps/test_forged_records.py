"""Tools whose folder or record somebody else put there: what is taken away is ours alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from workflow_helper.apps import install, layout
from workflow_helper.errors import UsageError
from workflow_helper.install.work import Work

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.mark.needs("POSIX")
def test_what_a_tools_folder_leads_to_stays(machine: Machine) -> None:
    """A tool whose folder is a link is uninstalled by taking the link away, and nothing behind it."""
    mine = write(machine.home / "precious" / "work" / "file").parent.parent
    write(mine / layout.RECORD, "{}")
    home = Path(layout.home("demo", machine.host))
    home.parent.mkdir(parents=True)
    link(home, mine)
    assert install.uninstall("demo", machine.host, Work()) == (str(home),)
    assert not os.path.lexists(home)
    assert sorted(os.listdir(mine)) == [layout.RECORD, "work"]
    assert os.listdir(mine / "work") == ["file"]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("folder", ["..", "../..", "/", "", "a/b"])
def test_a_record_names_nothing_outside_of_its_folder(machine: Machine, folder: str) -> None:
    """Neither the environment nor the programs that a record names are looked for elsewhere."""
    host = machine.host
    mine = write(machine.home / ".local" / "bin" / "mine", "mine")
    link(mine.parent / "linked", "/usr/bin/env")
    record: dict[str, object] = {"folder": folder, "requirement": "x", "with": [], "python": None}
    record |= {"programs": ["mine", "../../mine", "linked"], "bin": str(mine.parent)}
    write(Path(layout.record("demo", host)), json.dumps(record))
    assert install.uninstall("demo", host, Work()) == (layout.home("demo", host),)
    assert sorted(os.listdir(mine.parent)) == ["linked", "mine"]


@pytest.mark.parametrize("name", ["..", ".", "", "a/..", "../x", "a\0b", "-r", "a\nb"])
def test_what_is_no_name_names_no_tool(machine: Machine, name: str) -> None:
    """Nothing is looked for by a name that leads elsewhere."""
    with pytest.raises(UsageError):
        install.uninstall(name, machine.host, Work())
