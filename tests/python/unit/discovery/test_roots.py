from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import base_python, drawn_venv, link, write
from workflow_helper.discovery.roots import find
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine
    from workflow_helper.model import Host

#: A user who is neither the one that runs the tests nor root.
SOMEBODY = 12345


def given_away(path: Path, host: Host) -> Host:
    """Make ``path`` somebody else's; the machine on which it is."""
    if os.geteuid() == 0:
        os.chown(path, SOMEBODY, SOMEBODY)
        return host
    return host._replace(uid=SOMEBODY)


def of_root(path: Path) -> Path:
    """A folder at ``path`` that is not the one's who runs the tests, unless that is root."""
    return link(path, "/usr")


@pytest.mark.needs("POSIX")
def test_roots_are_told_nearest_first(machine: Machine) -> None:
    """The nearest marked folder is the root, those above enclose it."""
    for name in ("pyproject.toml", "a/b/Pipfile", "a/b/c/d/.python-envs"):
        write(machine.workspace / name)
    found = find(str(machine.workspace / "a/b/c/d"), machine.host, Disk())
    root = str(machine.workspace)
    assert found.all == (f"{root}/a/b/c/d", f"{root}/a/b", root)
    assert found.marker == ".python-envs"


def test_a_folder_that_is_not_there_is_asked_about_by_the_one_above(machine: Machine) -> None:
    """A file that is not saved yet belongs to the project it will be in."""
    write(machine.workspace / "pyproject.toml")
    found = find(str(machine.workspace / "new.py"), machine.host, Disk())
    assert found.root == str(machine.workspace)


@pytest.mark.needs("POSIX")
def test_somebody_else_s_marked_folder_above_is_passed_over(machine: Machine) -> None:
    """Whoever may write above a project does not choose its tools; the folder is told of."""
    write(machine.workspace / "pyproject.toml")
    project = of_root(machine.workspace / "mine")
    host = given_away(machine.workspace, machine.host)
    found = find(str(project), host, Disk())
    assert (found.root, found.marker) == (str(project), None)
    assert found.foreign == (str(machine.workspace),)


@pytest.mark.needs("POSIX")
def test_somebody_else_s_marker_in_my_folder_above_is_passed_over(machine: Machine) -> None:
    """A file that somebody put into a folder of mine marks nothing above the folder asked about."""
    marker = write(machine.workspace / "pyproject.toml")
    project = of_root(machine.workspace / "mine")
    host = given_away(marker, machine.host)
    assert find(str(project), host, Disk()).marker is None


@pytest.mark.needs("POSIX")
def test_the_owner_of_the_folder_asked_about_may_mark_those_above(machine: Machine) -> None:
    """A project that somebody else mounted is found from any folder of it that is theirs as well."""
    marker = write(machine.workspace / "pyproject.toml")
    below = write(machine.workspace / "src" / "notes.txt").parent
    host = machine.host
    for path in (machine.workspace, marker, below):
        host = given_away(path, host)
    found = find(str(below), host, Disk())
    assert (found.root, found.foreign) == (str(machine.workspace), ())


@pytest.mark.needs("POSIX")
def test_the_folder_asked_about_counts_whosever_it_is(machine: Machine) -> None:
    """Opening a folder is a choice; only what lies above it is not."""
    write(machine.workspace / "pyproject.toml")
    host = given_away(machine.workspace, machine.host)
    assert find(str(machine.workspace), host, Disk()).marker == "pyproject.toml"


@pytest.mark.needs("POSIX")
def test_where_users_have_no_numbers_every_folder_counts(machine: Machine) -> None:
    """Without a user's id there is nothing to compare."""
    write(machine.workspace / "pyproject.toml")
    given_away(machine.workspace, machine.host)
    host = machine.host._replace(uid=None)
    assert find(str(machine.workspace / "x"), host, Disk()).root == str(machine.workspace)


@pytest.mark.needs("POSIX")
def test_the_home_folder_is_left_out_by_each_of_its_names(machine: Machine) -> None:
    """A home folder that is a symbolic link is the boundary by its own path and by the real one."""
    write(machine.home / "pyproject.toml")
    project = write(machine.home / "src" / "a.py").parent
    alias = link(machine.workspace / "alias", machine.home)
    host = machine.host._replace(home=str(alias))
    assert find(str(project), host, Disk()).marker is None
    assert find(str(alias / "src"), host, Disk()).marker is None


def test_markers_are_files(machine: Machine) -> None:
    """A tool's marker counts as a file; a declaration counts as whatever it is, because a broken one is told of."""
    (machine.workspace / "a" / "uv.lock").mkdir(parents=True)
    (machine.workspace / "b" / "pyproject.toml").mkdir(parents=True)
    assert find(str(machine.workspace / "a"), machine.host, Disk()).marker == ".git"
    assert find(str(machine.workspace / "b"), machine.host, Disk()).marker == "pyproject.toml"


@pytest.mark.needs("POSIX")
def test_dot_venv_marks_as_an_environment_and_as_a_file(machine: Machine) -> None:
    """A folder of that name without pyvenv.cfg marks nothing; a link to nowhere does, so that it is told of."""
    drawn_venv(machine.workspace / "a" / ".venv", base_python(machine.home))
    (machine.workspace / "b" / ".venv").mkdir(parents=True)
    write(machine.workspace / "c" / ".venv")
    link(machine.workspace / "d" / ".venv", "gone")
    marked = {
        name: find(str(machine.workspace / name), machine.host, Disk()).marker for name in "abcd"
    }
    assert marked == {"a": ".venv", "b": ".git", "c": ".venv", "d": ".venv"}


def test_the_search_has_an_end_among_folders_in_each_other(machine: Machine) -> None:
    """Of many projects in each other the nearest sixteen count, and sixty-four folders are looked at."""
    write(machine.workspace / "pyproject.toml")
    folder = machine.workspace
    for depth in range(1, 100):
        folder /= "a"
        if depth > 80:
            write(folder / "pyproject.toml")
    write(folder / "plain" / "a.py")
    found = find(str(folder / "plain"), machine.host, Disk())
    assert found.all == tuple(str(one) for one in (folder, *list(folder.parents)[:15]))
    bare = folder.parents[25]
    assert find(str(bare), machine.host, Disk()).marker is None
