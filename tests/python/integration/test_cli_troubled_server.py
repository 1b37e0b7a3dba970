"""What ``wsp env`` tells where a workflow's server fails or is not trusted, and where there is no default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.command import assert_error
from support.files import write
from support.forked_command import wsp
from support.machine import make_venv
from support.workflow_server import WorkflowServer

if TYPE_CHECKING:
    from support.machine import Machine


def declare_server(machine: Machine, says: str) -> WorkflowServer:
    """A project whose workflow is a server that tells of ``says``, trusted."""
    server = WorkflowServer.at(machine.workspace, says)
    write(machine.workspace / "pyproject.toml", '[workflow]\nwsp = {script = "serve.py"}\n')
    wsp(machine, "workflow", "trust")
    return server


def test_env_list_tells_that_a_server_is_dead(machine: Machine) -> None:
    """A server that dies is told of in one line with its name: exit 1 where there is nothing else, 0 beside other rows."""
    declare_server(machine, "die: no such luck")
    listed = wsp(machine, "env", "list", "--json")
    assert listed.exit_code == 1
    assert listed.document["environments"] == []
    assert listed.document["trouble"]["code"] == "server_exited"
    assert "serve.py" in listed.document["trouble"]["message"]
    assert b"serve.py" in wsp(machine, "env", "list").stderr
    make_venv(machine.workspace / ".venv")
    beside = wsp(machine, "env", "list")
    assert beside.exit_code == 0
    assert b".venv" in beside.stdout
    assert b"serve.py" in beside.stderr


def test_env_list_tells_that_a_server_is_not_trusted(machine: Machine) -> None:
    """Where trust is what is missing, that is said with exit 3, and running is refused with exit 4."""
    declare_server(machine, ".venv").edit()
    listed = wsp(machine, "env", "list", "--json")
    assert (listed.exit_code, listed.document["trouble"]["code"]) == (3, "not_trusted")
    assert "'wsp workflow trust'" in listed.document["trouble"]["message"]
    assert_error(wsp(machine, "env", "run", "--json", "--", "python", "-V"), 4, "not_trusted")


def test_several_environments_and_none_the_default_is_said(machine: Machine) -> None:
    """Without a default among several, their number is told, and how to choose one; without any, none."""
    assert wsp(machine, "env", "default", "--json").document.get("environments") is None
    write(machine.workspace / "noxfile.py", "import nox\n")
    for name in ("a", "b"):
        make_venv(machine.workspace / ".nox" / name)
    found = wsp(machine, "env", "default", "--json")
    assert (found.exit_code, found.document["environments"]) == (3, 2)
    assert b"2 environments, none is the default" in wsp(machine, "env", "default").stderr
