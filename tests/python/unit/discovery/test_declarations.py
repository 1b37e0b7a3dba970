from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.discovery.declarations import (
    expand_home,
    of_editor,
    of_project,
    of_user,
    of_word,
)
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.machine import Machine


def user_file(machine: Machine, text: str) -> None:
    """The user's file with this text."""
    write(machine.home / ".config" / "python-workflow" / "pyworkflow.toml", text)


def test_no_files_declare_nothing(machine: Machine) -> None:
    """Without files there is nothing, and nothing wrong."""
    assert of_project(str(machine.workspace), Disk()) == (None, ())
    user = of_user(machine.host, Disk())
    assert (user.preference, user.fallback, user.folders, user.problems) == (None, True, (), ())


def test_a_key_spelled_with_an_escape_is_found(machine: Machine) -> None:
    """TOML lets a quoted key spell a letter by its number."""
    write(machine.workspace / "pyproject.toml", '["\\u0077orkflow"]\nwsp = "uv"\n')
    found = of_project(str(machine.workspace), Disk())
    assert found.declaration is not None
    assert found.declaration.name == "uv"


@pytest.mark.needs("POSIX")
def test_each_bad_part_of_the_user_s_file_leaves_the_others(machine: Machine) -> None:
    """A bad flag, policy, workflow or rule is told of, and the rest counts."""
    text = """
[workflow]
wsp = "uv"
fallback = "no"
[[folder]]
path = 5
[[folder]]
path = "~/x"
wsp = "hatch"
"""
    user_file(machine, text)
    user = of_user(machine.host, Disk())
    assert len(user.problems) == 2
    assert user.preference is not None
    assert user.preference.declaration.name == "uv"
    assert [rule.path for rule in user.folders] == [str(machine.home / "x")]


@pytest.mark.needs("POSIX")
def test_a_bad_workflow_leaves_the_fallback_off(machine: Machine) -> None:
    """What the user turned off stays off whatever else is wrong."""
    user_file(machine, "[workflow]\nfallback = false\nwsp = 5\n")
    user = of_user(machine.host, Disk())
    assert user.fallback is False
    assert len(user.problems) == 1


@pytest.mark.parametrize(
    "setting", [{}, {"workflow": None}, {"workflow": ""}, {"policy": "default"}]
)
def test_an_empty_setting_prefers_nothing(machine: Machine, setting: dict[str, object]) -> None:
    """An editor that was told nothing says nothing."""
    assert of_editor(setting, machine.host, Disk()) is None


def test_a_setting_s_script_is_looked_for_on_this_machine(machine: Machine) -> None:
    """``~`` is this user's home; what is not there, not absolute or another machine's is refused by name."""
    write(machine.home / "mine.py")
    found = of_editor({"workflow": {"script": "~/mine.py"}}, machine.host, Disk())
    assert found is not None
    assert found.declaration.name == "mine.py"
    for script in ("~/gone.py", "mine.py", "//host/mine.py", "\\\\host\\mine.py"):
        for value in (script, {"script": script}):
            with pytest.raises(UnusableFile, match=r"pythonWorkflow\.workflow"):
                of_editor({"workflow": value}, machine.host, Disk())


def test_a_word_is_a_bundled_name_or_a_path(machine: Machine) -> None:
    """Bundled names are exact; everything else is a path that must be there."""
    assert of_word("uv", "--workflow", machine.host, Disk()).bundled == "uv"
    script = write(machine.home / "mine.py")
    assert of_word(str(script), "--workflow", machine.host, Disk()).launch.to_wire() == {
        "script": str(script)
    }
    for word in ("UV", "uv ", "relative/mine.py", "/nowhere"):
        with pytest.raises(UnusableFile):
            of_word(word, "--workflow", machine.host, Disk())


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("text", "found"),
    [("~", "{0}"), ("~/", "{0}"), ("~/a", "{0}/a"), ("~a", "~a"), ("a/~", "a/~"), ("", "")],
)
def test_only_a_leading_tilde_is_the_home_folder(machine: Machine, text: str, found: str) -> None:
    """Other users' homes and tildes elsewhere are text."""
    expanded = expand_home(text, machine.host).rstrip("/")
    assert expanded == found.format(machine.home)
