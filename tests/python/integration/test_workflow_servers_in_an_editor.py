"""Workflow servers behind the language server: asked beside its requests, followed, and ended with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.language_client import GUARD, LSP, LanguageClient, ResponseError, uri
from support.machine import make_venv
from support.servers import until
from support.workflow_server import WorkflowServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine import Machine

CREATED, CHANGED = 1, 2
#: What the helper may take at most.
MEMORY_KIB = 60 * 1024
TRUSTED = {"trusted": True}


@pytest.fixture
def server(machine: Machine) -> WorkflowServer:
    """A project whose workflow tells of ``envs/a``, beside ``envs/b`` and ``.venv``."""
    return declared(machine.workspace)


@pytest.fixture
def client(machine: Machine, server: WorkflowServer) -> Iterator[LanguageClient]:
    """A language server that was just started, and that leaves no workflow server behind."""
    with LanguageClient(machine.environ) as client:
        yield client
    until(lambda: server.alive == [])


def declared(folder: Path, *, watch: bool = False) -> WorkflowServer:
    """A project in ``folder`` whose workflow tells of ``envs/a``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[workflow]\nwsp = {script = "serve.py"}\n')
    for name in ("envs/a", "envs/b", ".venv"):
        make_venv(folder / name)
    return WorkflowServer.at(folder, "envs/a", watch=watch)


def answer(client: LanguageClient, folder: Path) -> dict[str, Any]:
    """The answer to a request about ``folder``."""
    found: dict[str, Any]
    (found,) = client.request("pythonWorkflow/resolve", {"uris": [uri(folder)]})["answers"]
    return found


def next_answer(client: LanguageClient, folder: Path, name: str) -> dict[str, Any]:
    """The next answer for ``folder`` that is told unasked, is verified, and selects ``name``."""
    while True:
        for one in client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"]:
            prefix = one["environment"] and one["environment"]["prefix"]
            if (one["uri"], prefix) == (uri(folder), str(folder / name)) and not one["provisional"]:
                found: dict[str, Any] = one
                return found


def is_servers(found: dict[str, Any]) -> bool:
    """Tell an answer that a server gave from one while it starts, and from one where it failed, as on a busy machine."""
    return not found["provisional"] and found["trouble"] is None


def changed(client: LanguageClient, path: Path, kind: int = CHANGED) -> None:
    """Tell of a change on the disk, as an editor does."""
    event = {"uri": uri(path), "type": kind}
    client.notify("workspace/didChangeWatchedFiles", {"changes": [event]})


def test_what_the_server_says_replaces_the_first_answer(
    client: LanguageClient, machine: Machine, server: WorkflowServer
) -> None:
    """The first answer is provisional and comes at once; the server's is told when it is there, and explained."""
    root = machine.workspace
    client.initialize([root], context=TRUSTED)
    first = answer(client, root)
    assert (first["environment"]["name"], first["provisional"]) == (".venv", True)
    found = next_answer(client, root, "envs/a")
    assert (found["environment"]["source"], found["problem"]) == ("workflow", None)
    trail = client.request("pythonWorkflow/explain", {"uri": uri(root)})["trail"]
    (step,) = [step for step in trail if step["rule"] == "E3"]
    assert step["outcome"] == "matched"
    assert "the default of the workflow serve.py" in step["detail"]
    with LanguageClient(machine.environ) as again:
        again.initialize([root], context=TRUSTED)
        remembered = answer(again, root)
    assert remembered["environment"]["prefix"] == str(root / "envs" / "a")
    assert remembered["provisional"] is True


def test_nothing_is_started_before_the_folder_is_trusted(
    client: LanguageClient, machine: Machine, server: WorkflowServer
) -> None:
    """In an untrusted folder no server starts, whatever is asked; with trust it does, and without it ends."""
    root = machine.workspace
    client.initialize([root])
    assert answer(client, root)["environment"]["name"] == ".venv"
    for method in ("environments", "explain"):
        client.request(f"pythonWorkflow/{method}", {"uri": uri(root)})
    client.notify("pythonWorkflow/didFocus", {})
    changed(client, root / "pyproject.toml")
    assert answer(client, root)["provisional"] is False
    assert server.started == 0
    client.notify("pythonWorkflow/didChangeContext", TRUSTED)
    next_answer(client, root, "envs/a")
    assert len(server.alive) == 1
    client.notify("pythonWorkflow/didChangeContext", {"trusted": False})
    next_answer(client, root, ".venv")
    until(lambda: server.alive == [])


def test_a_server_that_dies_is_told_of_and_hides_nothing(
    client: LanguageClient, machine: Machine, server: WorkflowServer
) -> None:
    """Its failure is a problem that names it, with its last words; .venv serves; a mended script is followed."""
    root = machine.workspace
    server.say("die: no such table")
    client.initialize([root], context=TRUSTED)
    answer(client, root)
    found = next_answer(client, root, ".venv")
    assert found["problem"].startswith("the workflow server serve.py ended with status 3")
    assert found["trouble"] == {
        "workflow": "serve.py",
        "message": found["problem"],
        "output": "die: no such table",
    }
    server.say("envs/b")
    server.edit()
    changed(client, server.script)
    assert next_answer(client, root, "envs/b")["problem"] is None


def test_the_servers_own_files_are_watched(
    client: LanguageClient, machine: Machine, server: WorkflowServer
) -> None:
    """The editor is asked to tell of changes to the script that is the server."""
    client.initialize([machine.workspace], context=TRUSTED)
    answer(client, machine.workspace)

    def names_the_script(params: dict[str, Any]) -> bool:
        globs = [
            watcher["globPattern"]
            for one in params["registrations"]
            for watcher in one["registerOptions"]["watchers"]
        ]
        return any(
            glob["baseUri"] == uri(machine.workspace) and "serve.py" in glob["pattern"]
            for glob in globs
            if isinstance(glob, dict)
        )

    client.wait_for_request("client/registerCapability", names_the_script)


def test_a_silent_server_holds_up_nothing(
    client: LanguageClient, machine: Machine, server: WorkflowServer
) -> None:
    """While one server is silent every request is answered, other servers are followed, and so is it when it speaks."""
    silent, other = machine.workspace, declared(machine.workspace / "other")
    server.say("silence")
    client.initialize([silent, other.folder], context=TRUSTED)
    assert answer(client, silent)["provisional"] is True
    next_answer(client, other.folder, "envs/a")
    until(lambda: server.started == 1)
    for method in ("environments", "explain"):
        client.request(f"pythonWorkflow/{method}", {"uri": uri(silent)})
    assert answer(client, silent)["environment"]["name"] == ".venv"
    server.say("envs/b")
    next_answer(client, silent, "envs/b")


def test_a_server_that_offers_to_watch_is_followed(
    client: LanguageClient, machine: Machine
) -> None:
    """What a server tells of its own accord reaches the editor, without any event or request."""
    root = machine.workspace
    server = declared(root, watch=True)
    client.initialize([root], context=TRUSTED)
    answer(client, root)
    next_answer(client, root, "envs/a")
    server.say("envs/b")
    next_answer(client, root, "envs/b")
    assert server.started == 1


def test_all_of_the_servers_environments_are_listed_whatever_is_selected(
    client: LanguageClient, machine: Machine, server: WorkflowServer
) -> None:
    """A selection goes before what the workflow says, and what that offers stays on the list."""
    root = machine.workspace
    client.initialize([root], context=TRUSTED)
    answer(client, root)
    next_answer(client, root, "envs/a")
    params = {"uri": uri(root), "selection": str(root / ".venv")}
    assert client.request("pythonWorkflow/select", params)["environment"]["source"] == "selected"
    listed = client.request("pythonWorkflow/environments", {"uri": uri(root)})["environments"]
    assert [(one["name"], one["default"]) for one in listed] == [
        (".venv", True),
        ("default", False),
    ]


def test_a_second_look_sees_what_no_event_told_of(client: LanguageClient, machine: Machine) -> None:
    """What happens in the second after an event is noticed, though editors drop the event of it."""
    plain = machine.workspace / "plain"
    (plain / ".git").mkdir(parents=True)
    client.initialize([plain], context=TRUSTED)
    assert answer(client, plain)["environment"] is None
    venv = make_venv(plain / ".venv")
    changed(client, venv, CREATED)
    next_answer(client, plain, ".venv")
    (venv / "pyvenv.cfg").unlink()
    broken = client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"][0]
    assert (broken["uri"], broken["environment"]) == (uri(plain), None)
    assert str(venv) in broken["problem"]


def test_a_folder_that_is_removed_takes_its_server_with_it(
    client: LanguageClient, machine: Machine, server: WorkflowServer
) -> None:
    """With its folder a server ends, also one that a file in the folder was asked about; others go on."""
    root, other = machine.workspace, declared(machine.workspace.parent / "other")
    client.initialize([root, other.folder], context=TRUSTED)
    for folder in (root, other.folder, root / "envs"):
        until(lambda folder=folder: is_servers(answer(client, folder)))  # type: ignore[misc]
    gone = {"added": [], "removed": [{"uri": uri(root), "name": "x"}]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": gone})
    until(lambda: server.alive == [])
    assert len(other.alive) == 1
    client.notify("pythonWorkflow/didFocus", {})
    answer(client, other.folder)
    assert server.started == 1


@pytest.mark.parametrize("says", ["envs/a", "silence"])
@pytest.mark.parametrize("leave", ["exit", "end of input"])
def test_leaving_ends_the_servers(
    client: LanguageClient, machine: Machine, server: WorkflowServer, leave: str, says: str
) -> None:
    """However the editor leaves, no server and no child of it is left behind, also not one that was being asked."""
    server.say(says)
    client.initialize([machine.workspace], context=TRUSTED)
    answer(client, machine.workspace)
    until(lambda: server.started == 1)
    if leave == "exit":
        client.request("shutdown")
        client.notify("exit")
    else:
        assert client.process.stdin is not None
        client.process.stdin.close()
    client.process.wait(GUARD)
    assert server.alive == []


@pytest.mark.needs("POSIX")
def test_little_memory(machine: Machine, server: WorkflowServer) -> None:
    """With a server to ask and to listen to, the helper stays within its bound."""
    with LanguageClient(machine.environ, command=LSP) as client:
        client.initialize([machine.workspace], context=TRUSTED)
        answer(client, machine.workspace)
        next_answer(client, machine.workspace, "envs/a")
        status = Path(f"/proc/{client.process.pid}/status").read_text()
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    assert int(peak) < MEMORY_KIB


def test_a_file_of_another_folder_starts_nothing(machine: Machine) -> None:
    """The trust of a window is that of its folders: a file from elsewhere is answered for by reading alone."""
    opened, other = machine.workspace / "opened", machine.workspace / "other"
    opened.mkdir()
    server = declared(other)
    with LanguageClient(machine.environ) as client:
        client.initialize([opened], context=TRUSTED)
        found = answer(client, other / "main.py")
        assert (found["environment"]["name"], found["provisional"]) == (".venv", False)
        trail = client.request("pythonWorkflow/explain", {"uri": uri(other)})["trail"]
        assert any(step["rule"] == "E3" and "not trusted" in step["detail"] for step in trail)
        assert server.alive == []


def test_a_file_in_a_window_without_a_folder_runs_and_starts_nothing_else(machine: Machine) -> None:
    """It is started with the environment that can be read; the server that its folder declares is not, and neither is a tool."""
    server = declared(machine.workspace)
    (machine.workspace.parent / "bare").mkdir()
    params = {"uri": uri(machine.workspace / "main.py")}
    with LanguageClient(machine.environ) as client:
        client.initialize([], context=TRUSTED)
        found = answer(client, machine.workspace / "main.py")["environment"]
        python = found["interpreter_path"]
        how = client.request("pythonWorkflow/command", {**params, "argv": [python, "main.py"]})
        assert (how["argv"], how["env"]["set"]["VIRTUAL_ENV"]) == (
            [python, "main.py"],
            found["prefix"],
        )
        bare = machine.workspace.parent / "bare" / "main.py"
        system = answer(client, bare)["system"]["interpreter_path"]
        how = client.request(
            "pythonWorkflow/command", {"uri": uri(bare), "environment": system, "argv": [system]}
        )
        assert (how["argv"], how["cwd"]) == ([system], str(bare.parent))
        for method in ("create", "sync"):
            with pytest.raises(ResponseError) as caught:
                client.request(f"pythonWorkflow/{method}", params)
            assert caught.value.data["code"] == "not_trusted"
        assert server.alive == []
        client.notify("pythonWorkflow/didChangeContext", {"trusted": False})
        with pytest.raises(ResponseError) as caught:
            client.request("pythonWorkflow/command", {**params, "argv": [python, "main.py"]})
        assert caught.value.data["code"] == "not_trusted"
