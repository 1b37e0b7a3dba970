"""An environment is made for an editor: with progress, whole or not at all, and only where it may be."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest
from support.answers import answer_of
from support.language_client import GUARD, LanguageClient, ResponseError, uri
from support.machine import uv
from support.needs import need
from support.processes import see_it_end

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


def test_environment_is_made_with_progress(client: LanguageClient, machine: Machine) -> None:
    """Creating reports its progress, gives the environment, and tells of the new answer."""
    client.initialize([machine.workspace], context={"trusted": True})
    answer_of(client, machine.workspace)
    params = {"uri": uri(machine.workspace), "python": sys.executable, "workDoneToken": 3}
    made = client.request("pythonWorkflow/create", params)["environment"]
    assert made["prefix"] == str(machine.workspace / ".venv")
    assert (made["status"]["state"], made["default"]) == ("ok", True)
    kinds = []
    while "end" not in kinds:
        progress = client.wait_for("$/progress")
        assert progress["token"] == 3
        kinds.append(progress["value"]["kind"])
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert "report" in kinds
    client.notify("pythonWorkflow/didFocus", {})
    finished = machine.wsp("env", "default")
    assert finished["environment"] == made


def test_nothing_is_made_before_trust(client: LanguageClient, machine: Machine) -> None:
    """In a folder that is not trusted nothing is made, and what to do is said."""
    client.initialize([machine.workspace], context={"trusted": False})
    with pytest.raises(ResponseError, match="not trusted") as caught:
        client.request("pythonWorkflow/create", {"uri": uri(machine.workspace)})
    assert caught.value.data["code"] == "not_trusted"
    assert os.listdir(machine.workspace) == [".git"]


@pytest.mark.needs("POSIX")
def test_nothing_is_made_over_what_exists(client: LanguageClient, machine: Machine) -> None:
    """A name that is taken, be it by a link to nowhere, is refused and left as it was."""
    (machine.workspace / ".venv").symlink_to("nowhere")
    client.initialize([machine.workspace], context={"trusted": True})
    with pytest.raises(ResponseError, match="exists already") as caught:
        client.request("pythonWorkflow/create", {"uri": uri(machine.workspace)})
    assert caught.value.data["code"] == "already_exists"
    assert os.readlink(machine.workspace / ".venv") == "nowhere"


def test_name_that_leaves_the_folder(client: LanguageClient, machine: Machine) -> None:
    """A name is a name: no path, no option."""
    client.initialize([machine.workspace], context={"trusted": True})
    for name in ("../x", "/x", "-x", ".."):
        with pytest.raises(ResponseError) as caught:
            client.request("pythonWorkflow/create", {"uri": uri(machine.workspace), "name": name})
        assert caught.value.data["code"] == "usage"


@pytest.fixture
def slow_uv(machine: Machine) -> Path:
    """A uv first on PATH that fills the folder, tells so, and takes its time."""
    need("POSIX")  # a script
    folder = machine.home / "bin"
    folder.mkdir()
    program = folder / "uv"
    program.write_text(
        "#!/bin/sh\n"
        'for last; do :; done\nmkdir -p "$last/bin"; echo x >"$last/pyvenv.cfg"\n'
        'echo $$ >"$HOME/started.new"; mv "$HOME/started.new" "$HOME/started"\n'
        "sleep 1000 & wait\n"
    )
    program.chmod(0o755)
    machine.environ["PATH"] = f"{folder}:{machine.environ['PATH']}"
    return machine.home / "started"


def wait_for_file(path: Path) -> str:
    """What a file holds, once it is there."""
    until = time.monotonic() + GUARD
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not come"
        time.sleep(0.01)
    return path.read_text()


def test_cancelling_leaves_nothing(slow_uv: Path, machine: Machine) -> None:
    """A cancelled creation ends what it started, takes back what it made, and others were answered meanwhile."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        before = sorted(os.listdir(machine.workspace))
        params = {"uri": uri(machine.workspace), "name": "new", "workDoneToken": 7}
        making = client.begin("pythonWorkflow/create", params)
        pid = int(wait_for_file(slow_uv))
        assert answer_of(client, machine.workspace)["root"] == str(machine.workspace)
        waiting = client.begin("pythonWorkflow/create", {**params, "workDoneToken": None})
        for request in (waiting, making):
            client.notify("$/cancelRequest", {"id": request})
            with pytest.raises(ResponseError) as caught:
                client.result(request)
            assert caught.value.code == -32800
        client.wait_for("$/progress", lambda progress: progress["value"]["kind"] == "end")
        assert sorted(os.listdir(machine.workspace)) == before
        see_it_end(pid)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("leave", ["stdin", "exit", "SIGTERM"])
def test_leaving_while_something_is_made(slow_uv: Path, machine: Machine, leave: str) -> None:
    """When the editor leaves, what is being made is taken back and its tool ended."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        client.begin("pythonWorkflow/create", {"uri": uri(machine.workspace)})
        pid = int(wait_for_file(slow_uv))
        if leave == "SIGTERM":
            client.process.terminate()
        elif leave == "exit":
            client.notify("exit")
        else:
            assert client.process.stdin is not None
            client.process.stdin.close()
        client.process.wait(GUARD)
    see_it_end(pid)
    assert os.listdir(machine.workspace) == [".git"]


@pytest.mark.needs("POSIX")
def test_killed_while_something_is_made(slow_uv: Path, machine: Machine) -> None:
    """What a killed server left half-made is not an environment, and is replaced when asked for again."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        client.begin("pythonWorkflow/create", {"uri": uri(machine.workspace)})
        pid = int(wait_for_file(slow_uv))
        client.process.kill()
        client.process.wait(GUARD)
    params = {"uri": uri(machine.workspace), "python": sys.executable}
    with LanguageClient({**machine.environ, "PATH": "/usr/bin:/bin"}) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        assert answer_of(client, machine.workspace)["environment"] is None
        # The tool outlives the server, and the folder is its own as long as it works on it.
        with pytest.raises(ResponseError, match="is already being created"):
            client.request("pythonWorkflow/create", params)
        os.killpg(pid, signal.SIGKILL)
        see_it_end(pid)
        made = client.request("pythonWorkflow/create", params)["environment"]
    assert made["status"]["state"] == "ok"
    assert not list((machine.workspace / ".venv").glob(".python-workflow*"))


def test_environment_made_by_uv(machine: Machine) -> None:
    """The program uv is used where PATH has it."""
    machine.environ["PATH"] = os.pathsep.join((str(uv().parent), machine.environ["PATH"]))
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        params = {"uri": uri(machine.workspace), "name": "other"}
        made = client.request("pythonWorkflow/create", params)["environment"]
    assert (made["name"], made["default"]) == ("other", True)
    assert "uv =" in (machine.workspace / "other" / "pyvenv.cfg").read_text()
    assert (machine.workspace / ".venv").read_text() == "other\n"
