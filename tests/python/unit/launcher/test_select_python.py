from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from python_launcher.errors import NoPython
from python_launcher.select_python import Chooser, SelectedPython
from support.files import base_python, drawn_venv, link, write
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine
    from workflow_helper.model import Host

#: A user who is neither the one that runs the tests nor root.
SOMEBODY = 12345


@pytest.fixture
def host(machine: Machine) -> Host:
    """The machine, on whose PATH there is one Python."""
    machine.environ["PATH"] = str(base_python(machine.home).parent)
    return machine.host


def given_away(path: Path, host: Host) -> Host:
    """Make ``path`` somebody else's; the machine on which it is."""
    if os.geteuid() == 0:
        os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)
        return host
    return host._replace(uid=SOMEBODY)


def chosen(cwd: Path, host: Host) -> tuple[SelectedPython, list[str]]:
    """What is chosen without a word, and what was told meanwhile."""
    messages: list[str] = []
    return Chooser(str(cwd), host, Disk(), messages.append, messages.append).choose(None), messages


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("name", ["", ".venv"], ids=["folder", "marker"])
def test_somebody_else_s_environment_above_is_passed_over(
    machine: Machine, host: Host, name: str
) -> None:
    """Whoever may write above a folder does not choose what runs in it; that is told."""
    drawn_venv(machine.workspace / ".venv", base_python(machine.home))
    # The owner of the folder that is asked about counts as well.
    project = link(machine.workspace / "mine", "/usr")
    choice, messages = chosen(project, given_away(machine.workspace / name, host))
    assert choice.rule == "path"
    assert f"{machine.workspace}/.venv belongs to another user, so it is skipped" in messages


@pytest.mark.needs("POSIX")
def test_somebody_else_s_redirect_above_is_passed_over(machine: Machine, host: Host) -> None:
    """A file that redirects is as good as an environment."""
    drawn_venv(machine.workspace / "env", base_python(machine.home))
    marker = write(machine.workspace / ".venv", "env\n")
    project = link(machine.workspace / "mine", "/usr")
    assert chosen(project, given_away(marker, host))[0].rule == "path"


@pytest.mark.needs("POSIX")
def test_one_s_own_environment_above_is_meant(machine: Machine, host: Host) -> None:
    """Also beyond the folder that holds ``.git``, and where the folder asked about is root's."""
    drawn_venv(machine.workspace / ".venv", base_python(machine.home))
    below = machine.workspace / "a" / "b"
    (below / ".git").mkdir(parents=True)
    choice, _ = chosen(below, host)
    assert choice == SelectedPython(str(machine.workspace / ".venv" / "bin" / "python"), ".venv")


def test_without_any_python_that_is_said(machine: Machine) -> None:
    """With what installs one."""
    machine.environ["PATH"] = ""
    # Nor are there any where systems keep them.
    host = machine.host._replace(platform="win32")
    with pytest.raises(NoPython, match="no Python was found") as failed:
        chosen(machine.workspace, host)
    assert "wsp python install" in str(failed.value.hint)
