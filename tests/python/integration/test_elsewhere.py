"""Environments that nothing in a folder names: listed on request, and selected by a name that only one of them has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import base_python, break_venv, drawn_venv, write
from support.forked_command import wsp

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.fixture
def shared(machine: Machine) -> Machine:
    """A machine with ``shop`` and ``blog`` in one shared folder, and another ``shop`` in a folder of the user's own."""
    for place in (".virtualenvs/shop", ".virtualenvs/blog", "lab/shop"):
        drawn_venv(machine.home / place, base_python(machine.home))
    write(
        Path(machine.host.config) / "pyworkflow.toml",
        '[environments]\nfolders = ["~/lab"]\n',
    )
    return machine


def test_a_unique_name_selects_an_environment_and_it_is_remembered(shared: Machine) -> None:
    """The name is enough, and what was selected is the folder's default from then on."""
    assert wsp(shared, "env", "default").exit_code == 3
    assert wsp(shared, "env", "select", "blog").exit_code == 0
    answer = wsp(shared, "env", "default", "--json").document["environment"]
    assert answer["prefix"] == str(shared.home / ".virtualenvs" / "blog")
    assert answer["source"] == "selected"


def test_a_name_of_several_is_refused_with_their_paths(shared: Machine) -> None:
    """Who has to choose is told what there is, and nothing is remembered."""
    finished = wsp(shared, "env", "select", "shop")
    assert finished.exit_code == 2
    for place in (".virtualenvs/shop", "lab/shop"):
        assert str(shared.home / place) in finished.text
    assert wsp(shared, "env", "default").exit_code == 3


def test_an_unknown_name_is_answered_with_those_that_come_near(shared: Machine) -> None:
    """A slip of the finger is told with the name that was meant."""
    finished = wsp(shared, "env", "select", "bolg")
    assert finished.exit_code == 1
    assert "Did you mean blog?" in finished.text


def test_the_list_shows_them_by_the_name_that_selects_them(shared: Machine) -> None:
    """A person reads names, and only where all are asked for."""
    assert "blog" not in wsp(shared, "env", "list").text
    rows = [line.split()[0] for line in wsp(shared, "env", "list", "--all").text.splitlines()]
    assert rows == ["blog", "shop", "shop"]


@pytest.mark.parametrize("value", ['"~/lab"', '["lab"]', "[1]"])
def test_folders_that_are_written_wrongly_are_told_and_hide_nothing(
    shared: Machine, value: str
) -> None:
    """The mistake in the user's file is in the trail, and the usual folders are searched all the same."""
    file = Path(shared.host.config) / "pyworkflow.toml"
    file.write_text(f"[environments]\nfolders = {value}\n")
    assert "environments.folders" in wsp(shared, "explain").text
    assert len(wsp(shared, "env", "list", "--all").text.splitlines()) == 2


def test_deleting_one_by_its_name_takes_the_word_for_what_is_outside(shared: Machine) -> None:
    """A name that leads out of the project deletes nothing by itself."""
    finished = wsp(shared, "env", "delete", "blog")
    assert finished.exit_code != 0
    assert (shared.home / ".virtualenvs" / "blog" / "pyvenv.cfg").is_file()


@pytest.mark.needs("POSIX")
def test_what_the_list_does_not_see_is_seen_before_it_is_selected(shared: Machine) -> None:
    """The list looks briefly at each; an environment whose Python became another version is refused with its reason."""
    prefix = shared.home / ".virtualenvs" / "blog"
    (prefix / "bin" / "python").unlink()
    (prefix / "bin" / "python").symlink_to(base_python(shared.home, "python3.13"))
    finished = wsp(shared, "env", "select", "blog")
    assert finished.exit_code == 1
    assert "Python 3.13 now" in finished.text


def test_one_without_an_interpreter_is_listed_as_broken(shared: Machine) -> None:
    """The list tells of an environment whose Python is gone, with the reason."""
    break_venv(shared.home / ".virtualenvs" / "blog")
    listed = wsp(shared, "env", "list", "--all", "--json").document["environments"]
    (blog,) = [one for one in listed if one["name"] == "blog"]
    assert blog["status"]["state"] == "broken"
    if os.name == "posix":
        assert "/nowhere/python3" in blog["status"]["message"]
