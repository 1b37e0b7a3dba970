"""The language server as a process of its own, spoken with over pipes as an editor does."""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from python_workflow import __version__
from support.language_client import CAPABILITIES, GUARD, LanguageClient, ResponseError, uri
from support.machine import Machine, make_venv, uv

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATED, CHANGED, DELETED = 1, 2, 3
#: What the server may take at most.
MEMORY_KIB = 60 * 1024


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without uv."""
    return Machine.at(tmp_path)


@pytest.fixture
def client(machine: Machine) -> Iterator[LanguageClient]:
    """A server that was just started."""
    with LanguageClient(machine.environ) as client:
        yield client


def project(folder: Path) -> Path:
    """A folder that declares a project."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\n')
    return folder


def answer_of(client: LanguageClient, path: Path | str) -> dict[str, Any]:
    """The answer to a request about one place."""
    answers = client.request("pythonWorkflow/resolve", {"uris": [uri(path)]})["answers"]
    assert len(answers) == 1
    found: dict[str, Any] = answers[0]
    return found


def prefix_of(answer: dict[str, Any]) -> str | None:
    """The environment's folder, or nothing."""
    environment = answer["environment"]
    return None if environment is None else str(environment["prefix"])


def changed(client: LanguageClient, path: Path, kind: int) -> None:
    """Tell of a change on the disk, as an editor does."""
    event = {"uri": uri(path), "type": kind}
    client.notify("workspace/didChangeWatchedFiles", {"changes": [event]})


def next_change(client: LanguageClient, path: Path) -> dict[str, Any]:
    """The next answer that the server tells of for ``path``."""
    while True:
        told = client.wait_for("pythonWorkflow/didChangeInterpreter")
        for answer in told["answers"]:
            if answer["uri"] == uri(path):
                found: dict[str, Any] = answer
                return found


# -- life cycle -------------------------------------------------------------------------------------------------


def test_capabilities_say_who_serves_and_ask_for_no_documents(
    client: LanguageClient, machine: Machine
) -> None:
    """The server names itself, follows the workspace's folders, and wants no document sent."""
    result = client.initialize([machine.workspace])
    assert result["serverInfo"]["name"] == "python-workflow"
    assert result["capabilities"]["workspace"]["workspaceFolders"]["supported"] is True
    assert not result["capabilities"]["textDocumentSync"]["openClose"]


def test_leaving_in_order(machine: Machine) -> None:
    """After shutdown and exit the status is 0, and nothing but messages was written."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace])
        assert client.request("shutdown") is None
        with pytest.raises(ResponseError, match="shut down"):
            client.request("pythonWorkflow/resolve", {"uris": []})
        client.notify("exit")
        assert client.process.wait(GUARD) == 0
    assert (client.stray, client.stderr) == (b"", b"")


def test_exit_without_shutdown(client: LanguageClient, machine: Machine) -> None:
    """An editor that leaves without shutdown gets the status 1."""
    client.initialize([machine.workspace])
    client.notify("exit")
    assert client.process.wait(GUARD) == 1


def test_end_of_input(client: LanguageClient, machine: Machine) -> None:
    """The server ends when its input does."""
    client.initialize([machine.workspace])
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(GUARD) == 1


def test_the_editor_is_gone_but_the_pipe_is_held_open(machine: Machine) -> None:
    """The server ends with the process that initialize names, also while somebody holds its input open."""
    waits = [sys.executable, "-I", "-c", "import sys; sys.stdin.read()"]
    editor = subprocess.Popen(waits, stdin=subprocess.PIPE)
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], processId=editor.pid)
        answer_of(client, machine.workspace)
        editor.communicate()
        assert client.process.wait(GUARD) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_by_the_system(
    client: LanguageClient, machine: Machine, number: signal.Signals
) -> None:
    """A signal to end ends the server in order."""
    client.initialize([machine.workspace])
    client.process.send_signal(number)
    assert client.process.wait(GUARD) == 128 + number


def test_requests_before_initialize(client: LanguageClient) -> None:
    """Nothing is answered before initialize, and nothing breaks by it."""
    with pytest.raises(ResponseError, match="initialize") as caught:
        client.request("pythonWorkflow/resolve", {"uris": []})
    assert caught.value.code == -32002
    client.notify("pythonWorkflow/didFocus", {})
    client.initialize([])
    with pytest.raises(ResponseError, match="already"):
        client.initialize([])


def test_garbage(client: LanguageClient, machine: Machine) -> None:
    """Whatever comes in, what is a request is answered with an error, and the server goes on."""
    client.initialize([machine.workspace])
    client.send_bytes(b"hello\r\n\r\n")
    client.send_bytes(b"Content-Length: 5\r\n\r\n{...}")
    assert client.null_response()["error"]["code"] == -32700
    client.send_bytes(b"content-length: 3\r\nX: y\r\n\r\n\xff\xfe\x00")
    assert client.null_response()["error"]["code"] == -32700
    deep = b"[" * 100_000
    client.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(deep), deep))
    assert client.null_response()["error"]["code"] == -32700
    no_messages: list[object] = [
        [],
        1,
        None,
        {"id": 1},
        {"jsonrpc": "2.0", "id": [], "method": "x"},
    ]
    for message in no_messages:
        client.send(message)
        assert client.null_response()["error"]["code"] == -32600
    client.send({"jsonrpc": "2.0", "id": 4, "result": 1})
    client.send({"jsonrpc": "2.0", "method": "no"})
    requests: list[tuple[str, object]] = [
        ("nonsense", {}),
        ("workspace/executeCommand", 5),
        ("workspace/executeCommand", {"command": "rm"}),
        ("pythonWorkflow/nonsense", None),
        ("pythonWorkflow/resolve", None),
        ("pythonWorkflow/resolve", {"uris": [1]}),
        ("pythonWorkflow/select", {"uri": uri(machine.workspace), "selection": 1}),
        ("pythonWorkflow/create", {"uri": uri(machine.workspace), "workDoneToken": []}),
    ]
    for method, params in requests:
        with pytest.raises(ResponseError) as caught:
            client.request(method, params)
        assert "Traceback" not in json.dumps([caught.value.message, caught.value.data])
    notifications: list[tuple[str, object]] = [
        ("$/cancelRequest", {"id": 99}),
        ("$/cancelRequest", None),
        ("pythonWorkflow/didChangeContext", {"trusted": "yes"}),
        ("workspace/didChangeWatchedFiles", {"changes": 1}),
        ("workspace/didChangeWorkspaceFolders", {}),
    ]
    for method, params in notifications:
        client.notify(method, params)
    assert answer_of(client, machine.workspace)["root"] == str(machine.workspace)


#: A server whose own code was changed before it serves.
CHANGED_SERVER = """
import os, subprocess, sys
from python_workflow.editor import server, session

def resolve(self, asked):
    print("printed")
    os.write(1, b"written\\n")
    subprocess.run(["/bin/sh", "-c", "cat; echo child"])
    raise ZeroDivisionError("a secret")

session.Session.resolve = resolve
sys.exit(server.serve())
"""


def test_accidents_stay_in_the_log(machine: Machine) -> None:
    """What nobody expected is a plain sentence to the client; its traceback, and any print, go to the log."""
    command = [sys.executable, "-I", "-c", CHANGED_SERVER]
    with LanguageClient(machine.environ, command=command) as client:
        client.initialize([machine.workspace])
        with pytest.raises(ResponseError) as caught:
            answer_of(client, machine.workspace)
        shown = client.wait_for("window/logMessage")
        assert client.request("pythonWorkflow/explain", {"uri": uri(machine.workspace)})
    assert (caught.value.code, caught.value.data["code"]) == (-32603, "internal")
    for told in (caught.value.message, caught.value.data["hint"], shown["message"]):
        assert "secret" not in told
        assert "Traceback" not in told
    assert client.stray == b""
    for logged in (b"printed", b"written", b"child", b"ZeroDivisionError: a secret"):
        assert logged in client.stderr


def test_message_without_end(client: LanguageClient, machine: Machine) -> None:
    """A message that announces an absurd size ends the server instead of its memory."""
    client.initialize([machine.workspace])
    client.send_bytes(b"Content-Length: 99999999999\r\n\r\n")
    assert client.process.wait(GUARD) == 1


def test_wrong_options(client: LanguageClient) -> None:
    """A client that sends a wrong context is told which field is wrong."""
    with pytest.raises(ResponseError, match="trusted must be true or false") as caught:
        client.request("initialize", {"capabilities": {}, "initializationOptions": {"trusted": 1}})
    assert caught.value.data["code"] == "usage"


def test_client_that_can_do_nothing(client: LanguageClient, machine: Machine) -> None:
    """A client without any capability gets answers, and is asked for nothing."""
    client.initialize([], capabilities={}, rootUri=uri(machine.workspace), workspaceFolders=None)
    make_venv(machine.workspace / ".venv")
    assert prefix_of(answer_of(client, machine.workspace)) == str(machine.workspace / ".venv")
    assert client.requests.empty()


# -- answers ----------------------------------------------------------------------------------------------------


def test_several_folders_and_their_files(client: LanguageClient, machine: Machine) -> None:
    """Each folder has its own answer, and so has a file, by the nearest project around it."""
    one, two = project(machine.workspace / "one"), project(machine.workspace / "two")
    inner = project(one / "inner")
    for folder in (one, two, inner):
        make_venv(folder / ".venv")
    (inner / "pkg").mkdir()
    file = inner / "pkg" / "a b#ü%.py"
    file.write_text("")
    client.initialize([one, two])
    uris = [uri(two), uri(one), uri(file), uri(one / "not there.py")]
    answers = client.request("pythonWorkflow/resolve", {"uris": uris})["answers"]
    assert [answer["uri"] for answer in answers] == uris
    assert [prefix_of(answer) for answer in answers] == [
        str(folder / ".venv") for folder in (two, one, inner, one)
    ]
    assert answers[2]["root"] == str(inner)
    assert all(answer["own"] and answer["summary"] and not answer["problem"] for answer in answers)


def test_answer_equals_that_of_the_command_line(client: LanguageClient, machine: Machine) -> None:
    """The editor's environment object is the command line's, field by field."""
    make_venv(machine.workspace / ".venv")
    client.initialize([machine.workspace])
    told = machine.wsp("env", "default")
    answer = answer_of(client, machine.workspace)
    assert (answer["root"], answer["environment"]) == (told["root"], told["environment"])


def test_folder_without_an_environment(client: LanguageClient, machine: Machine) -> None:
    """Where there is nothing, an offer to create is made, and the machine's Python is named as such."""
    client.initialize([machine.workspace])
    answer = answer_of(client, machine.workspace)
    assert answer["environment"] is None
    assert answer["offer_create"] is True
    assert answer["own"] is False
    assert answer["system"]["source"] == "system"


def test_broken_environment(client: LanguageClient, machine: Machine) -> None:
    """A broken environment is a problem in plain words, and none is offered beside it."""
    (machine.workspace / ".venv").write_text("nowhere\n")
    client.initialize([machine.workspace])
    answer = answer_of(client, machine.workspace)
    assert answer["environment"] is None
    assert "nowhere" in answer["problem"]
    assert answer["offer_create"] is False


def test_unusable_last_line_must_be_asked_about(client: LanguageClient, machine: Machine) -> None:
    """An unusable last line of .python-envs is not guessed around: the user is to be asked."""
    make_venv(machine.workspace / "good")
    (machine.workspace / ".python-envs").write_text("good\ngone\n")
    client.initialize([machine.workspace])
    answer = answer_of(client, machine.workspace)
    assert (answer["environment"], answer["must_ask"]) == (None, True)
    assert "gone" in answer["problem"]


def test_many_at_once(client: LanguageClient, machine: Machine) -> None:
    """A thousand projects in one request are answered in their order, in little memory."""
    make_venv(machine.workspace / ".venv")
    client.initialize([machine.workspace])
    folders = [project(machine.workspace / f"p{number}") for number in range(1000)]
    asked = {"uris": [uri(folder) for folder in folders]}
    answers = client.request("pythonWorkflow/resolve", asked)["answers"]
    assert [answer["root"] for answer in answers] == [str(folder) for folder in folders]
    status = Path(f"/proc/{client.process.pid}/status").read_text()
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    assert int(peak) < MEMORY_KIB


@pytest.mark.parametrize(
    "asked",
    ["git:/x/y.py", "http://example.org/x", "relative/path", "file://host/x", "file:///a%00b", ""],
)
def test_what_is_no_place_of_this_machine(
    client: LanguageClient, machine: Machine, asked: str
) -> None:
    """A URI that names no file of this machine is refused with its reason."""
    client.initialize([machine.workspace])
    with pytest.raises(ResponseError) as caught:
        client.request("pythonWorkflow/explain", {"uri": asked})
    assert caught.value.code == -32602
    assert caught.value.data["code"] == "usage"


def test_untitled_file(client: LanguageClient, machine: Machine) -> None:
    """A file that was never saved belongs to the first folder; without a folder that is said."""
    make_venv(machine.workspace / ".venv")
    client.initialize([])
    asked = {"uris": ["untitled:Untitled-1"]}
    with pytest.raises(ResponseError, match="no folder is open"):
        client.request("pythonWorkflow/resolve", asked)
    added = [{"uri": uri(machine.workspace), "name": "x"}]
    event = {"added": added, "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    answer = client.request("pythonWorkflow/resolve", asked)["answers"][0]
    assert prefix_of(answer) == str(machine.workspace / ".venv")


def test_path_that_is_not_utf_8(client: LanguageClient, machine: Machine) -> None:
    """A folder whose name is not UTF-8 is answered like any other."""
    folder = os.fsencode(machine.workspace) + b"/caf\xe9"
    os.mkdir(folder)
    make_venv(machine.workspace / ".venv")
    os.rename(machine.workspace / ".venv", folder + b"/.venv")
    client.initialize([])
    answer = answer_of(client, os.fsdecode(folder))
    assert answer["uri"].endswith("caf%E9")
    assert answer["environment"]["interpreter_path"].endswith("/.venv/bin/python")


def test_environments_and_pythons(client: LanguageClient, machine: Machine) -> None:
    """The list has the default first, broken ones with their reason, and the machine's Pythons apart."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "other")
    (machine.workspace / ".python-envs").write_text("gone\nother\n")
    client.initialize([machine.workspace])
    found = client.request("pythonWorkflow/environments", {"uri": uri(machine.workspace)})
    assert found["environments"] == machine.wsp("env", "list")["environments"]
    assert found["environments"][0]["name"] == ".venv"
    states = {one["name"]: one["status"]["state"] for one in found["environments"]}
    assert states == {".venv": "ok", "other": "ok", "gone": "broken"}
    assert {python["source"] for python in found["pythons"]} == {"system"}


def test_about(machine: Machine) -> None:
    """For a report of a mistake the helper tells what runs it, and which tools of workflows it finds, none in the workspace."""
    folders = machine.workspace / "bin", machine.home / "bin"
    for folder in folders:
        folder.mkdir()
        program = folder / "uv"
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
    machine.environ["PATH"] = os.pathsep.join(map(str, folders))
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace])
        about = client.request("pythonWorkflow/about", {})
    assert about.pop("executable")
    assert about.pop("platform")
    assert about == {
        "version": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "tools": [{"name": "uv", "program": str(folders[1] / "uv"), "version": None}],
    }


def test_explanation(client: LanguageClient, machine: Machine) -> None:
    """The explanation is that of the command line."""
    make_venv(machine.workspace / ".venv")
    client.initialize([machine.workspace])
    found = client.request("pythonWorkflow/explain", {"uri": uri(machine.workspace)})
    assert found.pop("provisional") is False
    assert found == machine.wsp("explain")


# -- selections -------------------------------------------------------------------------------------------------


def test_selection_is_shared_with_the_command_line(
    client: LanguageClient, machine: Machine
) -> None:
    """What is selected in the editor is what the command line answers, and the reverse."""
    for name in (".venv", "other"):
        make_venv(machine.workspace / name)
    client.initialize([machine.workspace])
    answer_of(client, machine.workspace)
    other = str(machine.workspace / "other")
    asked = {"uri": uri(machine.workspace), "selection": other}
    assert prefix_of(client.request("pythonWorkflow/select", asked)) == other
    assert prefix_of(next_change(client, machine.workspace)) == other
    told = machine.wsp("env", "default")
    assert isinstance(told["environment"], dict)
    assert (told["environment"]["prefix"], told["environment"]["source"]) == (other, "selected")
    machine.wsp("env", "forget")
    client.notify("pythonWorkflow/didFocus", {})
    assert prefix_of(next_change(client, machine.workspace)) == str(machine.workspace / ".venv")


def test_none_is_a_selection(client: LanguageClient, machine: Machine) -> None:
    """No interpreter can be selected, is not an offer to create one, and can be forgotten."""
    make_venv(machine.workspace / ".venv")
    client.initialize([machine.workspace])
    asked = {"uri": uri(machine.workspace)}
    answer = client.request("pythonWorkflow/select", {**asked, "selection": "none"})
    assert (answer["environment"], answer["offer_create"], answer["problem"]) == (None, False, None)
    answer = client.request("pythonWorkflow/forget", asked)
    assert prefix_of(answer) == str(machine.workspace / ".venv")


def test_selection_of_an_interpreter_of_the_machine(
    client: LanguageClient, machine: Machine
) -> None:
    """A Python of the machine can be selected by its path."""
    client.initialize([machine.workspace])
    path = client.request("pythonWorkflow/environments", {"uri": uri(machine.workspace)})
    python = path["pythons"][0]["interpreter_path"]
    asked = {"uri": uri(machine.workspace), "selection": python}
    answer = client.request("pythonWorkflow/select", asked)
    assert answer["environment"]["interpreter_path"] == python


def test_selection_of_what_is_not_there(client: LanguageClient, machine: Machine) -> None:
    """What is not there cannot be selected, and nothing is remembered."""
    client.initialize([machine.workspace])
    asked = {"uri": uri(machine.workspace), "selection": str(machine.workspace / "gone")}
    with pytest.raises(ResponseError) as caught:
        client.request("pythonWorkflow/select", asked)
    assert caught.value.data["code"] == "not_found"
    assert answer_of(client, machine.workspace)["offer_create"] is True


# -- changes ----------------------------------------------------------------------------------------------------


def test_venv_made_broken_and_removed(client: LanguageClient, machine: Machine) -> None:
    """Making, breaking, mending and removing .venv is each told of."""
    client.initialize([machine.workspace])
    assert answer_of(client, machine.workspace)["environment"] is None
    venv = make_venv(machine.workspace / ".venv")
    changed(client, venv / "pyvenv.cfg", CREATED)
    assert prefix_of(next_change(client, machine.workspace)) == str(venv)
    config = (venv / "pyvenv.cfg").read_bytes()
    python = os.readlink(venv / "bin" / "python")
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/nowhere/python")
    changed(client, venv / "bin" / "python", CHANGED)
    broken = next_change(client, machine.workspace)
    assert (prefix_of(broken), broken["offer_create"]) == (None, False)
    assert str(venv) in broken["problem"]
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(python)
    changed(client, venv / "bin" / "python", CHANGED)
    assert prefix_of(next_change(client, machine.workspace)) == str(venv)
    (venv / "pyvenv.cfg").write_bytes(config.replace(b"version = 3.", b"version = 2."))
    changed(client, venv / "pyvenv.cfg", CHANGED)
    assert "2." in next_change(client, machine.workspace)["problem"]
    shutil.rmtree(venv)
    changed(client, venv, DELETED)
    assert next_change(client, machine.workspace)["offer_create"] is True


def test_only_what_changed_is_told(client: LanguageClient, machine: Machine) -> None:
    """An event that changes one answer tells of that one, for every URI that was asked about."""
    one, two = project(machine.workspace / "one"), project(machine.workspace / "two")
    client.initialize([one, two])
    (one / "a.py").write_text("")
    answer_of(client, one / "a.py")
    make_venv(one / ".venv")
    changed(client, one / ".venv", CREATED)
    told = client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"]
    assert {answer["uri"] for answer in told} == {uri(one), uri(one / "a.py")}
    changed(client, one / ".venv", CHANGED)
    answer_of(client, two)
    assert client.notifications.empty()


def test_change_without_an_event(client: LanguageClient, machine: Machine) -> None:
    """A request sees the disk as it is, and tells those who were answered before."""
    client.initialize([machine.workspace])
    file = machine.workspace / "a.py"
    answer_of(client, file)
    make_venv(machine.workspace / ".venv")
    assert prefix_of(answer_of(client, machine.workspace)) == str(machine.workspace / ".venv")
    assert prefix_of(next_change(client, file)) == str(machine.workspace / ".venv")


def test_folders_come_and_go(client: LanguageClient, machine: Machine) -> None:
    """A folder that was added is followed, one that was removed no longer."""
    one, two = project(machine.workspace / "one"), project(machine.workspace / "two")
    client.initialize([one])
    folder = [{"uri": uri(two), "name": "two"}]
    event = {"added": folder, "removed": [{"uri": uri(one), "name": "one"}]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    client.request("pythonWorkflow/explain", {"uri": uri(two)})  # answered once the folder is known
    for root in (one, two):
        make_venv(root / ".venv")
    client.notify("pythonWorkflow/didFocus", {})
    told = client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"]
    assert [answer["uri"] for answer in told] == [uri(two)]


def test_a_folder_that_is_opened_after_it_was_asked_about(
    client: LanguageClient, machine: Machine
) -> None:
    """What was answered about it as about a stranger's file is answered anew: it is trusted now."""
    one, two = project(machine.workspace / "one"), project(machine.workspace / "two")
    (two / "pyworkflow.toml").write_text('[workflow]\nwsp = {cmd = ["x", "wsp"]}\n')
    client.initialize([one], context={"trusted": True, "preference": None})
    assert answer_of(client, two)["workflow"]["trusted"] is False
    event = {"added": [{"uri": uri(two), "name": "two"}], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert next_change(client, two)["workflow"]["trusted"] is True


def test_preference_of_the_editor(client: LanguageClient, machine: Machine) -> None:
    """The user's settings rank W3, are taken from initialize, and can change."""
    preference = {"workflow": "hatch", "policy": "override"}
    client.initialize([machine.workspace], context={"trusted": True, "preference": preference})
    asked = {"uri": uri(machine.workspace)}
    found = client.request("pythonWorkflow/explain", asked)["workflow"]
    assert (found["name"], found["rule"]) == ("hatch", "W3")
    client.notify("pythonWorkflow/didChangeContext", {"trusted": True, "preference": None})
    assert client.request("pythonWorkflow/explain", asked)["workflow"]["rule"] == "W7"


def test_trust_is_part_of_the_question(client: LanguageClient, machine: Machine) -> None:
    """A workflow that the project declares is not trusted until the folder is."""
    (machine.workspace / "pyworkflow.toml").write_text('[workflow]\nwsp = {cmd = ["x", "wsp"]}\n')
    client.initialize([machine.workspace])
    asked = {"uri": uri(machine.workspace)}
    assert client.request("pythonWorkflow/explain", asked)["workflow"]["trusted"] is False
    client.notify("pythonWorkflow/didChangeContext", {"trusted": True})
    client.wait_for("pythonWorkflow/didChangeInterpreter")
    assert client.request("pythonWorkflow/explain", asked)["workflow"]["trusted"] is True


def test_environment_activated_in_the_editors_terminal(machine: Machine) -> None:
    """An environment that was active when the editor was started does not count for other folders."""
    elsewhere = make_venv(machine.home / "elsewhere")
    make_venv(machine.workspace / ".venv")
    environ = {**machine.environ, "VIRTUAL_ENV": str(elsewhere)}
    with LanguageClient(environ) as client:
        client.initialize([machine.workspace])
        answer = answer_of(client, machine.workspace)
    assert prefix_of(answer) == str(machine.workspace / ".venv")
    assert answer["problem"] is None


# -- watching ---------------------------------------------------------------------------------------------------


def globs(registered: dict[str, Any]) -> list[Any]:
    """What one registration watches."""
    (registration,) = registered["registrations"]
    assert registration["method"] == "workspace/didChangeWatchedFiles"
    return [watcher["globPattern"] for watcher in registration["registerOptions"]["watchers"]]


def test_what_is_watched(client: LanguageClient, machine: Machine) -> None:
    """The editor is asked to watch names anywhere in the workspace, and elsewhere just what answers use."""
    environment = make_venv(machine.home / "envs" / "mine")
    (machine.workspace / ".venv").write_text(f"{environment}\n")
    client.initialize([machine.workspace])

    def is_plain(params: dict[str, Any]) -> bool:
        return all(isinstance(glob, str) for glob in globs(params))

    anywhere = globs(client.wait_for_request("client/registerCapability", is_plain))
    for name in (".venv", "pyvenv.cfg", ".python-envs", "pyproject.toml", "pyworkflow.toml"):
        assert any(name in glob for glob in anywhere)
    client.requests.queue.clear()
    answer_of(client, machine.workspace)
    elsewhere = make_venv(machine.home / "envs" / "other")
    (machine.workspace / ".venv").write_text(f"{elsewhere}\n")
    changed(client, machine.workspace / ".venv", CHANGED)

    def is_ours(params: dict[str, Any]) -> bool:
        return any("baseUri" in glob for glob in globs(params))

    places = globs(client.wait_for_request("client/registerCapability", is_ours))
    watched = {(place["baseUri"], place["pattern"]) for place in places}
    assert any(base == uri(elsewhere) and "pyvenv.cfg" in names for base, names in watched)
    assert any(base == uri(elsewhere / "bin") and "python" in names for base, names in watched)
    assert (uri(machine.home), "{.config,.local}") in watched
    gone = client.wait_for_request("client/unregisterCapability")
    assert len(gone["unregisterations"]) == 1


def test_client_that_watches_its_workspace_only(client: LanguageClient, machine: Machine) -> None:
    """A client without relative patterns is asked to watch the workspace alone."""
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    client.initialize([machine.workspace], capabilities={**CAPABILITIES, "workspace": watching})
    answer_of(client, machine.workspace)
    assert all(isinstance(glob, str) for glob in globs(client.requests.get(timeout=GUARD)[1]))
    assert client.requests.empty()


# -- creating ---------------------------------------------------------------------------------------------------


def test_environment_is_made_with_progress(client: LanguageClient, machine: Machine) -> None:
    """Creating reports its progress, gives the environment, and tells of the new answer."""
    client.initialize([machine.workspace], context={"trusted": True})
    answer_of(client, machine.workspace)
    asked = {"uri": uri(machine.workspace), "python": sys.executable, "workDoneToken": 3}
    made = client.request("pythonWorkflow/create", asked)["environment"]
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
    told = machine.wsp("env", "default")
    assert told["environment"] == made


def test_nothing_is_made_before_trust(client: LanguageClient, machine: Machine) -> None:
    """In a folder that is not trusted nothing is made, and what to do is said."""
    client.initialize([machine.workspace], context={"trusted": False})
    with pytest.raises(ResponseError, match="not trusted") as caught:
        client.request("pythonWorkflow/create", {"uri": uri(machine.workspace)})
    assert caught.value.data["code"] == "not_trusted"
    assert os.listdir(machine.workspace) == [".git"]


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


def wait_until_gone(pid: int) -> None:
    """Return once the process is gone."""
    until = time.monotonic() + GUARD
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < until, f"process {pid} is still there"
        time.sleep(0.01)


def test_cancelling_leaves_nothing(slow_uv: Path, machine: Machine) -> None:
    """A cancelled creation ends what it started, takes back what it made, and others were answered meanwhile."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        before = sorted(os.listdir(machine.workspace))
        asked = {"uri": uri(machine.workspace), "name": "new", "workDoneToken": 7}
        making = client.begin("pythonWorkflow/create", asked)
        pid = int(wait_for_file(slow_uv))
        assert answer_of(client, machine.workspace)["root"] == str(machine.workspace)
        waiting = client.begin("pythonWorkflow/create", {**asked, "workDoneToken": None})
        for request in (waiting, making):
            client.notify("$/cancelRequest", {"id": request})
            with pytest.raises(ResponseError) as caught:
                client.result(request)
            assert caught.value.code == -32800
        client.wait_for("$/progress", lambda progress: progress["value"]["kind"] == "end")
        assert sorted(os.listdir(machine.workspace)) == before
        wait_until_gone(pid)


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
    wait_until_gone(pid)
    assert os.listdir(machine.workspace) == [".git"]


def test_killed_while_something_is_made(slow_uv: Path, machine: Machine) -> None:
    """What a killed server left half-made is no environment, and is replaced when asked for again."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        client.begin("pythonWorkflow/create", {"uri": uri(machine.workspace)})
        pid = int(wait_for_file(slow_uv))
        client.process.kill()
        client.process.wait(GUARD)
    asked = {"uri": uri(machine.workspace), "python": sys.executable}
    with LanguageClient({**machine.environ, "PATH": "/usr/bin:/bin"}) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        assert answer_of(client, machine.workspace)["environment"] is None
        # The tool outlives the server, and the folder is its own as long as it works on it.
        with pytest.raises(ResponseError, match="is being made already"):
            client.request("pythonWorkflow/create", asked)
        os.killpg(pid, signal.SIGKILL)
        wait_until_gone(pid)
        made = client.request("pythonWorkflow/create", asked)["environment"]
    assert made["status"]["state"] == "ok"
    assert not list((machine.workspace / ".venv").glob(".python-workflow*"))


def test_environment_made_by_uv(machine: Machine) -> None:
    """The program uv is used where PATH has it."""
    machine.environ["PATH"] = f"{uv().parent}:{machine.environ['PATH']}"
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        asked = {"uri": uri(machine.workspace), "name": "other"}
        made = client.request("pythonWorkflow/create", asked)["environment"]
    assert (made["name"], made["default"]) == ("other", True)
    assert "uv =" in (machine.workspace / "other" / "pyvenv.cfg").read_text()
    assert (machine.workspace / ".venv").read_text() == "other\n"
