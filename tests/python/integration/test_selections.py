"""Selections as several processes write them, and as they are killed while writing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD, WSP
from support.files import base_python, drawn_venv, write
from support.forked_command import wsp
from support.machine import make_venv

if TYPE_CHECKING:
    from support.machine import Machine

#: Selects one root after the other, until it is killed; says so when it begins.
ENDLESS = """
import itertools, sys
from workflow_helper.state import selections
from workflow_helper.system.host import this_host
host = this_host()
for number in itertools.count():
    selections.select(f"/project/{number % 50}", f"/env/{number}", host)
    if number == 0:
        print(flush=True)
"""


def test_selections_made_at_once_are_all_kept(machine: Machine) -> None:
    """Twelve processes that each select for a project of their own lose none of the twelve."""
    projects = [machine.workspace / f"project{number}" for number in range(12)]
    base = base_python(machine.home)
    for project in projects:
        drawn_venv(project / ".venv", base)
    running = [
        subprocess.Popen(
            [*WSP, "env", "select", ".venv", "--json"],
            cwd=project,
            env=machine.environ,
            stdout=subprocess.PIPE,
        )
        for project in projects
    ]
    ended = [(process.communicate(timeout=GUARD), process.returncode) for process in running]
    assert [code for _, code in ended] == [0] * len(projects)
    kept = {root: entry["environment"] for root, entry in selections(machine).items()}
    assert kept == {str(path): str(path / ".venv") for path in projects}


@pytest.mark.needs("POSIX")
def test_a_writer_killed_at_any_moment_leaves_the_old_file_or_the_new(machine: Machine) -> None:
    """After each of ten kills the file is whole, and the next selection is made as if nothing had been."""
    for _ in range(10):
        writer = subprocess.Popen(
            [sys.executable, "-c", ENDLESS], env=machine.environ, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        with writer.stdout as stream:
            assert stream.readline() == b"\n"
        writer.send_signal(signal.SIGKILL)
        assert writer.wait(GUARD) == -signal.SIGKILL
        assert all(
            entry["environment"].startswith("/env/") for entry in selections(machine).values()
        )
    make_venv(machine.workspace / ".venv")
    assert wsp(machine, "env", "select", ".venv").exit_code == 0
    kept = selections(machine)[str(machine.workspace)]
    assert kept["environment"] == str(machine.workspace / ".venv")


def test_a_project_that_was_renamed_keeps_its_selection(machine: Machine) -> None:
    """The environment in it is found where it is now; once it is moved back, too."""
    project = machine.workspace / "project"
    make_venv(project / ".venv")
    make_venv(project / "envs" / "a")
    write(project / "pyproject.toml")
    assert wsp(machine, "env", "select", "envs/a", "--folder", str(project)).exit_code == 0
    for name in ("renamed", "project"):
        project = project.rename(machine.workspace / name)
        finished = wsp(machine, "env", "default", "--json", "--folder", str(project))
        found = finished.document["environment"]
        assert (found["source"], found["prefix"]) == ("selected", str(project / "envs" / "a"))
        assert found["status"]["state"] == "ok"
    project = project.rename(machine.home / "elsewhere")
    assert wsp(machine, "env", "forget", "--folder", str(project)).exit_code == 0
    finished = wsp(machine, "env", "default", "--json", "--folder", str(project))
    assert finished.document["environment"]["source"] == ".venv"


@pytest.mark.needs("POSIX")
def test_a_selection_is_one_by_whatever_link_the_project_is_opened(machine: Machine) -> None:
    """What is selected through a symbolic link counts by the real path, and the reverse."""
    make_venv(machine.workspace / "envs" / "a")
    make_venv(machine.workspace / ".venv")
    alias = machine.home / "alias"
    alias.symlink_to(machine.workspace)
    assert wsp(machine, "env", "select", "envs/a", "--folder", str(alias)).exit_code == 0
    assert list(selections(machine)) == [str(machine.workspace)]
    assert default(machine)["source"] == "selected"
    assert wsp(machine, "env", "forget").exit_code == 0
    finished = wsp(machine, "env", "default", "--json", "--folder", str(alias))
    assert finished.document["environment"]["source"] == ".venv"


@pytest.mark.needs("POSIX")
def test_selections_can_be_read_by_their_user_alone(machine: Machine) -> None:
    """The names of somebody's projects are nobody else's business."""
    assert wsp(machine, "env", "select", "none").exit_code == 0
    assert os.stat(path_of(machine)).st_mode & 0o777 == 0o600


def test_nothing_but_an_explicit_pick_is_stored(machine: Machine) -> None:
    """Queries write nothing, anywhere."""
    make_venv(machine.workspace / ".venv")
    write(machine.workspace / "pyproject.toml")
    shutil.rmtree(machine.home / ".cache", ignore_errors=True)  # what is compiled for all tests
    before = sorted(machine.home.rglob("*"))
    queries = ("env list", "env default", "env show", "env check", "workflow show", "explain")
    for query in (*queries, "python list", "python find"):
        wsp(machine, *query.split())
    assert sorted(machine.home.rglob("*")) == before
    assert sorted(path.name for path in machine.workspace.iterdir()) == [
        ".git",
        ".venv",
        "pyproject.toml",
    ]


def path_of(machine: Machine) -> Path:
    """Where the selections are."""
    return Path(machine.host.state) / "selections.json"


def selections(machine: Machine) -> dict[str, dict[str, str]]:
    """What the file holds now."""
    kept: dict[str, dict[str, str]] = json.loads(path_of(machine).read_bytes())["selections"]
    return kept


def default(machine: Machine) -> dict[str, object]:
    """The workspace's default environment."""
    found: dict[str, object] = wsp(machine, "env", "default", "--json").document["environment"]
    return found
