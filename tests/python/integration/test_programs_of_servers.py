"""The programs that a workflow server says to start: found as every program is, and never in the folder that is current."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from support.forked_command import wsp
from support.language_client import LanguageClient, ResponseError, uri
from support.machine import make_venv
from support.telling_server import ENVIRONMENT, telling

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

pytestmark = pytest.mark.needs("POSIX")


def planted(path: Path) -> Path:
    """A program that tells that it ran."""
    write(path, '#!/bin/sh\necho "$0 ran"\n')
    path.chmod(0o755)
    return path


def serving(machine: Machine, argv: list[str], *, cwd: Path | None = None, bins: Any = ()) -> str:
    """A server that answers ``environment/command`` and ``task/command`` with ``argv``."""
    prefix = machine.workspace / ".venv"
    if not prefix.exists():
        make_venv(prefix)
    entry = {
        **ENVIRONMENT,
        "prefix": str(prefix),
        "interpreter_path": str(prefix / "bin" / "python"),
        "default": True,
    }
    env = {"set": {}, "unset": [], "prepend_path": list(map(str, bins))}
    how = {"result": {"argv": argv, "cwd": str(cwd or machine.workspace), "env": env}}
    return telling(
        machine.home / "serve.py",
        environment_list={"result": [entry]},
        environment_command=how,
        task_command=how,
    )


COMMANDS = [
    ("env", "run", "--workflow", "{}", "--", "true"),
    ("task", "run", "x", "--workflow", "{}"),
]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("words", COMMANDS, ids=["env run", "task run"])
@pytest.mark.parametrize("path", ["", ".", "{workspace}", "{workspace}/bin", "{workspace}/link"])
def test_a_name_is_never_found_in_the_project(
    machine: Machine, words: tuple[str, ...], path: str
) -> None:
    """Neither in the current folder nor where PATH, the server or a link leads into the project: the machine's own runs."""
    planted(machine.workspace / "echo")
    planted(machine.workspace / "bin" / "echo")
    (machine.workspace / "link").symlink_to(machine.workspace / "bin")
    machine.environ["PATH"] = os.pathsep.join(
        (path.format(workspace=machine.workspace), machine.environ["PATH"])
    )
    server = serving(machine, ["echo", "mine"], bins=[machine.workspace])
    done = wsp(machine, *(word.format(server) for word in words))
    assert done.stdout == b"mine\n", done.text


@pytest.mark.parametrize("words", COMMANDS, ids=["env run", "task run"])
@pytest.mark.parametrize("program", ["./echo", "bin/echo", "../workspace/echo", "./", "~/echo"])
def test_a_relative_path_is_refused(machine: Machine, words: tuple[str, ...], program: str) -> None:
    """With a sentence, and nothing runs."""
    planted(machine.workspace / "echo")
    planted(machine.workspace / "bin" / "echo")
    done = wsp(machine, *(word.format(serving(machine, [program])) for word in words))
    assert done.exit_code == 1
    assert b"ran" not in done.stdout
    assert "not an absolute path" in done.text


def test_a_name_that_is_nowhere_is_an_error(machine: Machine) -> None:
    """Which tells of it and of the workflow."""
    planted(machine.workspace / "gone")
    server = serving(machine, ["gone"])
    done = wsp(machine, "task", "run", "x", "--workflow", server)
    assert done.exit_code == 1
    assert "the program gone" in done.text
    assert "serve.py" in done.text


def test_a_name_is_found_in_the_environment(machine: Machine) -> None:
    """Where the server puts its folder of programs before PATH, in the project too."""
    make_venv(machine.workspace / ".venv")
    program = planted(machine.workspace / ".venv" / "bin" / "mine")
    server = serving(machine, ["mine"], bins=[machine.workspace / ".venv" / "bin"])
    assert (
        wsp(machine, "task", "run", "x", "--workflow", server).stdout == f"{program} ran\n".encode()
    )


def test_an_absolute_path_is_started_as_it_is(machine: Machine) -> None:
    """The server said which program it means."""
    program = planted(machine.workspace / "tool")
    server = serving(machine, [str(program)])
    assert (
        wsp(machine, "task", "run", "x", "--workflow", server).stdout == f"{program} ran\n".encode()
    )


def test_an_editor_gets_absolute_paths_alone(machine: Machine) -> None:
    """It starts what it is told in a folder of its own choice."""
    planted(machine.workspace / "echo")
    preference = {"workflow": serving(machine, ["echo", "mine"]), "policy": "override"}
    params = {"uri": uri(machine.workspace), "name": "x", "argv": []}
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True, "preference": preference})
        how = client.request("pythonWorkflow/taskCommand", params)
        assert how["argv"][0] in ("/usr/bin/echo", "/bin/echo")
        serving(machine, ["./echo"])
        client.notify("pythonWorkflow/didFocus", None)
        with pytest.raises(ResponseError, match="not an absolute path"):
            client.request("pythonWorkflow/taskCommand", {**params, "name": "y"})
