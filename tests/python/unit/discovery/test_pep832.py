from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import base_python, drawn_venv, link, write
from workflow_helper.discovery.environments.locate import View
from workflow_helper.discovery.pep832 import RedirectEntry, dot_venv, python_envs
from workflow_helper.discovery.roots import marker_of
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.machine import Machine


def test_nothing_is_named_where_nothing_is(machine: Machine) -> None:
    """Both files are optional."""
    assert dot_venv(str(machine.workspace), Disk()) is None
    assert python_envs(str(machine.workspace), Disk()) is None


def test_a_folder_named_dot_venv_names_itself(machine: Machine) -> None:
    """Whatever is in it: its state is another matter."""
    (machine.workspace / ".venv").mkdir()
    path = str(machine.workspace / ".venv")
    assert dot_venv(str(machine.workspace), Disk()) == RedirectEntry(".venv", path)


@pytest.mark.needs("POSIX")
def test_a_link_to_another_machine_is_told_of_and_not_looked_at(machine: Machine) -> None:
    """It marks a project, so that this is told; to look where it leads would send credentials there."""
    link(machine.workspace / ".venv", "\\\\host\\share\\env")
    root, disk = str(machine.workspace), Disk()
    named = dot_venv(root, disk)
    assert named is not None
    assert (named.path, named.unsupported) == ("\\\\host\\share\\env", True)
    assert "leads to another machine" in (named.problem or "")
    assert marker_of(root, machine.host._replace(platform="win32"), disk) == ".venv"
    there = View(root, machine.host, disk).at(f"{root}/.venv", "tool")
    assert (there.kind, there.status.state) == ("remote", "unsupported")


def test_a_redirect_keeps_the_text_and_names_the_target(machine: Machine) -> None:
    """The text as it is written, the target as a path, and nothing wrong with it."""
    prefix = drawn_venv(machine.workspace / "envs" / "a", base_python(machine.home))
    write(machine.workspace / ".venv", "./envs/a/\nmore\n")
    named = dot_venv(str(machine.workspace), Disk())
    assert named == RedirectEntry("./envs/a/", str(prefix), 1)


@pytest.mark.needs("POSIX")
def test_a_redirect_may_be_read_through_a_link(machine: Machine) -> None:
    """Its text is relative to the folder where ``.venv`` is, not to where the link leads."""
    prefix = drawn_venv(machine.workspace / "envs" / "a", base_python(machine.home))
    write(machine.workspace / "elsewhere" / "redirect", "envs/a\n")
    link(machine.workspace / ".venv", "elsewhere/redirect")
    named = dot_venv(str(machine.workspace), Disk())
    assert named is not None
    assert named.path == str(prefix)


def test_lines_know_their_number_and_their_last_place(machine: Machine) -> None:
    """Blank lines are counted and left out; of one environment the last line is kept."""
    for name in "ab":
        drawn_venv(machine.workspace / name, base_python(machine.home))
    write(machine.workspace / ".python-envs", "a\n\nb\n \n./a\nx@y:z\nx@y:z\n")
    named = python_envs(str(machine.workspace), Disk())
    assert named is not None
    assert [(one.text, one.line, one.unsupported) for one in named] == [
        ("b", 3, False),
        ("./a", 5, False),
        ("x@y:z", 7, True),
    ]
    assert [one.path for one in named][:2] == [str(machine.workspace / name) for name in "ba"]


def test_paths_of_other_machines_are_not_looked_at(machine: Machine) -> None:
    """A mere look sends credentials on some systems: the disk never hears of the path."""
    disk = Disk()
    write(machine.workspace / ".python-envs", "//host/a\n\\\\host\\b\n")
    write(machine.workspace / ".venv", "//host/c\n")
    named = [
        *(python_envs(str(machine.workspace), disk) or ()),
        dot_venv(str(machine.workspace), disk),
    ]
    assert [one is not None and one.unsupported for one in named] == [True, True, True]
    assert not [path for path in disk.seen if "host" in path]


def test_a_list_is_bounded(machine: Machine) -> None:
    """A list of more than any folder has environments is refused as a whole."""
    write(machine.workspace / ".python-envs", "a\n" * 40_000)
    with pytest.raises(UnusableFile, match="too large"):
        python_envs(str(machine.workspace), Disk())
