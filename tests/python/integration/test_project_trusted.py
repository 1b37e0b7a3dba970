"""What a workflow's server is told of the folder it is started for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.command import wsp
from support.files import write

if TYPE_CHECKING:
    from support.machine import Machine

COMMANDS = [
    ("env", "default"),
    ("env", "create", "one", "--python", "3"),
    ("call", "environment/list"),
]

SERVER = """\
import json, sys
for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    if message["method"] == "initialize":
        with open(%r, "a") as heard:
            heard.write(f"{message['params']['project_trusted']}\\n")
    results = {
        "initialize": {"methods": ["environment/list", "environment/create"], "protocol_version": "0.1.0"},
        "environment/list": [],
    }
    if "id" in message:
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": results.get(message["method"])}
        print(json.dumps(answer), flush=True)
    else:
        sys.exit(0)
"""


def reports(machine: Machine) -> set[str]:
    """What servers were told."""
    return set((machine.home / "heard").read_text().split())


def server(machine: Machine, path: Path) -> Path:
    """A server that writes down what it is told."""
    return write(path, SERVER % str(machine.home / "heard"))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_users_own_workflow_makes_no_folder_trusted(
    machine: Machine, command: tuple[str, ...]
) -> None:
    """Whatever is asked, a server of the user's own is told that nobody trusted the folder, be it their home."""
    script = server(machine, machine.home / "mine.py")
    preference = f'[workflow]\nwsp = {{script = "{script.as_posix()}"}}\n'
    write(Path(machine.host.config) / "pyworkflow.toml", preference)
    wsp(machine, *command)
    wsp(machine, *command, cwd=machine.home)
    assert reports(machine) == {"False"}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_project_declares_is_told_that_it_is_trusted(
    machine: Machine, command: tuple[str, ...]
) -> None:
    """Once allowed, a project's own workflow may run what the project holds, for a project inside it as well."""
    server(machine, machine.workspace / "serve.py")
    declaration = '[workflow]\nwsp = {script = "serve.py"}\n'
    write(machine.workspace / "pyworkflow.toml", declaration)
    write(machine.workspace / "inner" / "pyproject.toml", "")
    assert wsp(machine, "workflow", "trust").exit_code == 0
    wsp(machine, *command)
    wsp(machine, *command, cwd=machine.workspace / "inner")
    assert reports(machine) == {"True"}
