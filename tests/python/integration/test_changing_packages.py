"""Environments whose packages were being changed when something came between: what a reader is told, and for how long."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import packages_in, write
from support.machine import make_venv
from workflow_helper.discovery.environments import health, in_progress
from workflow_helper.errors import AlreadyExists, Cancelled, ExecutionFailed, Locked
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.claim import changing, claimed
from workflow_helper.install.delete import delete

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

#: Begins to change the environment, says so, and waits to be killed.
KILLED = """
import os, sys, time
from workflow_helper.system.host import this_host
from workflow_helper.install.claim import changing
with changing(sys.argv[1], this_host()):
    os.mkdir(sys.argv[2])
    print("begun", flush=True)
    time.sleep(600)
"""


def state(prefix: Path, machine: Machine) -> str:
    """What a reader is told of the environment."""
    return health.inspect(str(prefix), machine.host, Disk()).status.state


def put_a_package(prefix: Path) -> None:
    """Half a package, as an installer leaves it that is stopped."""
    folder = packages_in(prefix)
    write(folder / "half" / "__init__.py")


def stop(prefix: Path, machine: Machine, error: Exception) -> None:
    """Begin to change the environment, and end with ``error``."""
    with changing(str(prefix), machine.host):
        put_a_package(prefix)
        raise error


def notes(machine: Machine) -> list[str]:
    """What is noted as unfinished."""
    folder = in_progress.folder(machine.host)
    return os.listdir(folder) if os.path.isdir(folder) else []


def test_environment_can_be_used_while_it_is_changed(machine: Machine) -> None:
    """A reader sees nothing of the change, another that wants to change it waits outside, and nothing stays noted."""
    prefix = make_venv(machine.workspace / ".venv")
    with changing(str(prefix), machine.host):
        put_a_package(prefix)
        assert state(prefix, machine) == "ok"
        with pytest.raises(Locked), changing(str(prefix), machine.host):
            pass
        with pytest.raises(Locked):
            delete(str(prefix), str(machine.workspace), machine.host, Disk())
    assert state(prefix, machine) == "ok"
    assert notes(machine) == []


def test_stopped_in_the_middle_is_broken(machine: Machine) -> None:
    """A change that was stopped after it began leaves an environment that is told as broken until it is deleted."""
    prefix = make_venv(machine.workspace / ".venv")
    with pytest.raises(Cancelled):
        stop(prefix, machine, Cancelled("stopped"))
    status = health.inspect(str(prefix), machine.host, Disk()).status
    assert (status.state, "wsp env sync" in status.message) == ("broken", True)
    with pytest.raises(AlreadyExists), claimed(str(prefix), machine.host):
        pass
    delete(str(prefix), str(machine.workspace), machine.host, Disk())
    assert notes(machine) == []


@pytest.mark.parametrize("code", [1, -9])
def test_tool_that_failed_by_itself_is_trusted(machine: Machine, code: int) -> None:
    """A tool that ended with an error is taken to have left things whole, one that was killed is not."""
    prefix = make_venv(machine.workspace / ".venv")
    with pytest.raises(ExecutionFailed):
        stop(prefix, machine, ExecutionFailed("failed", data={"exit_code": code}))
    assert state(prefix, machine) == ("ok" if code > 0 else "broken")


def test_stopped_before_it_began_is_nothing(machine: Machine) -> None:
    """An environment in which nothing changed yet is as good as it was."""
    prefix = make_venv(machine.workspace / ".venv")
    with pytest.raises(KeyboardInterrupt), changing(str(prefix), machine.host):
        raise KeyboardInterrupt
    assert state(prefix, machine) == "ok"
    assert notes(machine) == []


def test_another_environment_at_the_same_place_is_good(machine: Machine) -> None:
    """Whoever recreates the environment by hand is not told of what became of the old one."""
    prefix = make_venv(machine.workspace / ".venv")
    with pytest.raises(Cancelled):
        stop(prefix, machine, Cancelled("stopped"))
    shutil.rmtree(prefix)
    make_venv(prefix)
    assert state(prefix, machine) == "ok"
    with changing(str(prefix), machine.host):
        pass
    assert notes(machine) == []


@pytest.mark.needs("POSIX")
def test_killed_in_the_middle_is_broken(machine: Machine) -> None:
    """A process that is killed while it changes an environment leaves one that is told as broken."""
    prefix = make_venv(machine.workspace / ".venv")
    folder = packages_in(prefix)
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", KILLED, str(prefix), str(folder / "half")],
        env=machine.environ,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"begun\n"
    assert state(prefix, machine) == "ok"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert state(prefix, machine) == "broken"
