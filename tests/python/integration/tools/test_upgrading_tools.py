"""Tools are upgraded to what was asked for, and uninstalled without a rest."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import break_venv, link, write
from support.forked_command import wsp
from support.tooling import NEWER, OLDER, assert_failed, held_by, run

if TYPE_CHECKING:
    from support.tooling import Tooling


def test_tool_comes_and_goes(machine: Tooling) -> None:
    """Installed, upgraded and uninstalled, with uv and without."""
    machine.offer("demo")
    machine.tool("install", "demo")
    machine.offer("demo", "2.0")
    (done,) = machine.tool("upgrade", "demo")["tools"]
    assert (done["changed"], done["before"]) == (True, "1.0")
    assert run(machine, "demo")["version"] == "2.0"
    machine.tool("uninstall", "demo")
    assert machine.remains() == {}


@pytest.mark.needs(pythons=2)
def test_upgrade_keeps_to_what_was_asked_for(quick: Tooling) -> None:
    """The newest that fits is installed with plug-ins and Python as they were; then there is nothing to do."""
    quick.offer("demo")
    quick.offer("plugin")
    quick.tool("install", "demo<3", "--with", "plugin", "--python", OLDER)
    for version in ("2.0", "3.0"):
        quick.offer("demo", version, programs=("demo", f"demo-{version}"))
    quick.offer("plugin", "1.1")
    (done,) = quick.tool("upgrade", "demo")["tools"]
    assert (done["changed"], done["before"], done["tool"]["version"]) == (True, "1.0", "2.0")
    assert held_by(done["tool"]["prefix"], quick) == {("demo", "2.0"), ("plugin", "1.1")}
    finished = run(quick, "demo")
    assert (finished["version"], finished["python"]) == ("2.0", OLDER)
    assert sorted(os.listdir(quick.bin)) == ["demo", "demo-2.0"]
    before = quick.remains()
    (again,) = quick.tool("upgrade", "demo")["tools"]
    assert not again["changed"]
    assert quick.remains() == before
    quick.tool("upgrade", "demo", "--python", NEWER)
    assert run(quick, "demo")["python"] == NEWER
    quick.tool("upgrade")
    assert run(quick, "demo")["python"] == NEWER


def test_upgrading_all_goes_past_what_fails(quick: Tooling) -> None:
    """One that cannot be upgraded is told and stays as it was; the others are upgraded."""
    for name in ("first", "gone", "last"):
        quick.offer(name)
        quick.tool("install", name)
    (quick.packages / "gone-1.0-py3-none-any.whl").unlink()
    for name in ("first", "last"):
        quick.offer(name, "2.0")
    finished = wsp(quick, "tool", "upgrade")
    assert finished.exit_code == 1
    assert "gone: " in finished.text
    results = {name: tool["version"] for name, tool in quick.listed().items()}
    assert results == {"first": "2.0", "gone": "1.0", "last": "2.0"}
    assert run(quick, "gone")["version"] == "1.0"


def test_upgrade_makes_a_broken_tool_anew(quick: Tooling) -> None:
    """A tool whose Python is gone is listed as broken, with what mends it."""
    quick.offer("demo")
    prefix = Path(quick.tool("install", "demo")["tool"]["prefix"])
    break_venv(prefix)
    status = quick.listed()["demo"]["status"]
    assert status["state"] == "broken"
    assert "'wsp tool upgrade demo'" in status["message"]
    assert quick.tool("upgrade", "demo")["tools"][0]["changed"]
    assert quick.listed()["demo"]["status"] == {"state": "ok", "message": ""}
    assert run(quick, "demo")["version"] == "1.0"


@pytest.mark.needs("POSIX")
def test_upgrade_does_without_a_python_that_was_named_by_its_path_and_is_gone(
    quick: Tooling, tmp_path: Path
) -> None:
    """The interpreter that ``--python PATH`` named is removed: the tool is made with another, and later upgrades do not miss it."""
    quick.offer("demo")
    python = link(tmp_path / "bin" / "python3", os.path.realpath(sys.executable))
    prefix = Path(quick.tool("install", "demo", "--python", str(python))["tool"]["prefix"])
    python.unlink()
    break_venv(prefix)
    (done,) = quick.tool("upgrade", "demo")["tools"]
    assert done["changed"]
    assert run(quick, "demo")["version"] == "1.0"
    assert not quick.tool("upgrade", "demo")["tools"][0]["changed"]


def test_uninstalling_leaves_nothing(quick: Tooling) -> None:
    """Neither an environment nor a link nor a record is left, and what is somebody else's is as it was."""
    quick.offer("demo", programs=("demo", "demo-more"))
    quick.offer("other")
    write(quick.bin / "theirs", "theirs")
    quick.tool("install", "other")
    before = quick.remains()
    quick.tool("install", "demo")
    write(quick.bin / "demo-more.bak", "theirs too")
    done = quick.tool("uninstall", "demo")
    assert str(quick.bin / "demo-more") in done["removed"]
    (quick.bin / "demo-more.bak").unlink()
    assert quick.remains() == before
    quick.tool("uninstall", "Other")
    assert quick.remains() == {"bin/theirs": b"theirs"}
    assert not Path(quick.host.data).exists()
    assert_failed(wsp(quick, "tool", "uninstall", "demo", "--json"), 1, "not_found")
    finished = wsp(quick, "tool", "list", "--json")
    assert (finished.exit_code, finished.document["tools"]) == (3, [])


def test_program_that_took_a_link_s_place_survives_uninstalling(quick: Tooling) -> None:
    """Who replaced a link of ours by a program keeps it."""
    quick.offer("demo")
    quick.tool("install", "demo")
    (quick.bin / "demo").unlink()
    write(quick.bin / "demo", "mine now")
    assert "does not lead to it" in quick.listed()["demo"]["status"]["message"]
    quick.tool("uninstall", "demo")
    assert quick.remains() == {"bin/demo": b"mine now"}


@pytest.mark.parametrize(
    "damage", ["{", "{}", "[]", '{"folder": "../../x"}', '{"folder": "abc", "with": 3}']
)
def test_record_that_was_tampered_with(quick: Tooling, damage: str) -> None:
    """A record that says nothing is listed as broken; installing makes the tool anew, uninstalling removes it."""
    quick.offer("demo")
    quick.tool("install", "demo")
    record = quick.tools / "demo" / "record.json"
    write(record, damage)
    assert quick.listed()["demo"]["status"]["state"] == "broken"
    quick.tool("install", "demo")
    assert quick.listed()["demo"]["status"]["state"] == "ok"
    write(record, damage)
    quick.tool("uninstall", "demo")
    assert quick.remains() == {}
