"""A trusted folder inside a project that nobody trusts: the editor's trust is of the folder, not of what encloses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.command import wsp
from support.files import write
from support.language_client import LanguageClient, ResponseError, uri
from support.machine import make_venv
from support.servers import until
from support.workflow_server import WorkflowServer
from workflow_helper.filesystem.paths import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.machine import Machine

TRUSTED = {"trusted": True}


@pytest.fixture
def server(machine: Machine) -> WorkflowServer:
    """A project whose workflow tells of ``envs/a``, around another project ``inner``."""
    root = machine.workspace
    write(root / "pyproject.toml", '[workflow]\nwsp = {script = "serve.py"}\n')
    write(root / "inner" / "pyproject.toml", "")
    make_venv(root / "envs" / "a")
    return WorkflowServer.at(root, "envs/a")


@pytest.fixture
def client(machine: Machine, server: WorkflowServer) -> Iterator[LanguageClient]:
    """A language server that was just started, and that leaves no workflow server behind."""
    with LanguageClient(machine.environ) as client:
        yield client
    until(lambda: server.alive == [])


def explained(client: LanguageClient, folder: Path) -> dict[str, Any]:
    """The whole trail for ``folder``."""
    found: dict[str, Any] = client.request("pythonWorkflow/explain", {"uri": uri(folder)})
    return found


def test_what_encloses_the_open_folder_is_not_started(
    client: LanguageClient, server: WorkflowServer, machine: Machine
) -> None:
    """What a project around the trusted folder declares does not run, and the trail says what would allow it."""
    inner = machine.workspace / "inner"
    client.initialize([inner], context=TRUSTED)
    explained(client, inner)  # would start it
    found = explained(client, inner)
    assert found["environment"] is None
    assert found["workflow"]["trusted"] is False
    detail = next(
        step["detail"]
        for step in found["trail"]
        if step["rule"] == "W4" and "serve.py" in step["detail"]
    )
    assert f"{machine.workspace} is not part of what was trusted" in detail
    assert "(open that folder, or" in detail
    assert f"'wsp workflow trust --folder {quoted(str(machine.workspace))}'" in detail
    assert server.started == 0


def test_consent_of_the_command_line_is_none_of_the_editor(
    client: LanguageClient, server: WorkflowServer, machine: Machine
) -> None:
    """What the command line may run for the enclosing project, the editor does not run for the folder inside."""
    assert wsp(machine, "workflow", "trust").exit_code == 0
    inner = machine.workspace / "inner"
    client.initialize([inner], context=TRUSTED)
    assert explained(client, inner)["workflow"]["trusted"] is False
    assert server.started == 0


def test_it_is_started_once_the_enclosing_folder_is_open(
    client: LanguageClient, machine: Machine
) -> None:
    """With the enclosing folder in the workspace too, its workflow serves the project inside."""
    inner = machine.workspace / "inner"
    client.initialize([inner, machine.workspace], context=TRUSTED)

    def prefix() -> str | None:
        environment = explained(client, inner)["environment"]
        return None if environment is None else str(environment["prefix"])

    until(lambda: prefix() == str(machine.workspace / "envs" / "a"))


def test_one_shot_trusts_the_folder_that_it_names(server: WorkflowServer, machine: Machine) -> None:
    """``--trusted`` is said of the folder asked about, and of nothing above it."""
    words = ("explain", "--editor", "--trusted", "--folder")
    for folder, trusted in ((machine.workspace / "inner", False), (machine.workspace, True)):
        workflow = wsp(machine, *words, str(folder), "--json").document["workflow"]
        assert workflow["trusted"] is trusted
    assert server.started == 1


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("member", ["[project]\n", "[tool.uv.sources]\n"])
def test_tool_of_what_encloses_the_open_folder_is_not_started(
    machine: Machine, member: str
) -> None:
    """A tool that would act on the workspace around the open folder, its environment there, is neither asked nor let act."""
    root, inner = machine.workspace, machine.workspace / "inner"
    was_run = machine.home / "was-run"
    write(machine.home / "bin" / "uv", f"#!/bin/sh\ntouch {was_run}\n", executable=True)
    machine.environ["PATH"] = f"{machine.home / 'bin'}:{machine.environ['PATH']}"
    write(root / "pyproject.toml", '[tool.uv.workspace]\nmembers = ["inner"]\n')
    write(root / "uv.lock", "version = 1\n")
    write(inner / "pyproject.toml", member)
    make_venv(root / ".venv")
    with LanguageClient(machine.environ) as client:
        client.initialize([inner], context=TRUSTED)
        assert explained(client, inner)["environment"]["prefix"] == str(root / ".venv")
        assert client.request("pythonWorkflow/check", {"uri": uri(inner)})["state"] == "unknown"
        with pytest.raises(ResponseError) as caught:
            client.request("pythonWorkflow/sync", {"uri": uri(inner)})
        assert caught.value.data == {"code": "not_trusted", "hint": "Open that folder to trust it."}
        assert f"{root} is not part of what was trusted" in caught.value.message
        assert not was_run.exists()
        client.notify(
            "workspace/didChangeWorkspaceFolders",
            {"event": {"added": [{"uri": uri(root), "name": "root"}], "removed": []}},
        )
        with pytest.raises(ResponseError) as caught:
            client.request("pythonWorkflow/sync", {"uri": uri(inner)})
        assert caught.value.data["code"] != "not_trusted"
        assert was_run.exists()
