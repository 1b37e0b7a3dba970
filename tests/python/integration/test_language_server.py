"""The language server as a process of its own, spoken with over pipes as an editor does."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.answers import answer_of, changed, next_change, prefix_of, project
from support.files import python_in
from support.language_client import CAPABILITIES, GUARD, LSP, LanguageClient, ResponseError, uri
from support.machine import make_venv
from workflow_helper import __version__

if TYPE_CHECKING:
    from support.machine import Machine

CREATED, CHANGED, DELETED = 1, 2, 3
#: What the server may take at most.
MEMORY_KIB = 60 * 1024


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
    finished = machine.wsp("env", "default")
    answer = answer_of(client, machine.workspace)
    assert (answer["root"], answer["environment"]) == (finished["root"], finished["environment"])


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


def test_what_is_elsewhere(client: LanguageClient, machine: Machine) -> None:
    """What nothing in the folder names is told on request, with the client's own folders, and can be selected by its place."""
    make_venv(machine.workspace / ".venv")
    shop = make_venv(machine.home / ".virtualenvs" / "shop")
    notes = make_venv(machine.home / "lab" / "notes")
    client.initialize([machine.workspace])
    params = {"uri": uri(machine.workspace), "folders": ["~/lab"]}
    found = client.request("pythonWorkflow/elsewhere", params)["environments"]
    assert [(one["prefix"], one["source"], one["default"]) for one in found] == [
        (str(notes), "elsewhere", False),
        (str(shop), "elsewhere", False),
    ]
    selection = {"uri": uri(machine.workspace), "selection": str(shop)}
    assert prefix_of(client.request("pythonWorkflow/select", selection)) == str(shop)
    again = client.request("pythonWorkflow/elsewhere", {**params, "folders": []})["environments"]
    assert again == []


@pytest.mark.needs("POSIX")
def test_many_at_once(machine: Machine) -> None:
    """A thousand projects in one request are answered in their order, in little memory."""
    make_venv(machine.workspace / ".venv")
    with LanguageClient(machine.environ, command=LSP) as client:
        client.initialize([machine.workspace])
        folders = [project(machine.workspace / f"p{number}") for number in range(1000)]
        params = {"uris": [uri(folder) for folder in folders]}
        answers = client.request("pythonWorkflow/resolve", params)["answers"]
        assert [answer["root"] for answer in answers] == [str(folder) for folder in folders]
        status = Path(f"/proc/{client.process.pid}/status").read_text()
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    assert int(peak) < MEMORY_KIB


@pytest.mark.parametrize(
    "query",
    ["git:/x/y.py", "http://example.org/x", "relative/path", "file://host/x", "file:///a%00b", ""],
)
def test_what_is_no_place_of_this_machine(
    client: LanguageClient, machine: Machine, query: str
) -> None:
    """A URI that names no file of this machine is refused with its reason."""
    client.initialize([machine.workspace])
    with pytest.raises(ResponseError) as caught:
        client.request("pythonWorkflow/explain", {"uri": query})
    assert caught.value.code == -32602
    assert caught.value.data["code"] == "usage"


def test_untitled_file(client: LanguageClient, machine: Machine) -> None:
    """A file that was never saved belongs to the first folder; without a folder that is said."""
    make_venv(machine.workspace / ".venv")
    client.initialize([])
    params = {"uris": ["untitled:Untitled-1"]}
    with pytest.raises(ResponseError, match="no folder is open"):
        client.request("pythonWorkflow/resolve", params)
    added = [{"uri": uri(machine.workspace), "name": "x"}]
    event = {"added": added, "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    answer = client.request("pythonWorkflow/resolve", params)["answers"][0]
    assert prefix_of(answer) == str(machine.workspace / ".venv")


@pytest.mark.needs("POSIX")
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


@pytest.mark.needs("POSIX")
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


@pytest.mark.needs("POSIX")
def test_about_starts_nothing(machine: Machine) -> None:
    """What a report tells of the machine starts no program by name: PATH may lead into a folder that is not trusted."""
    planted = make_venv(machine.workspace / ".venv") / "bin"
    for name in ("uname", "cmd", "sw_vers", "ldconfig", "gcc"):
        program = planted / name
        program.write_text(f'#!/bin/sh\necho ran >> "{machine.home}/ran"\n')
        program.chmod(0o755)
    machine.environ["PATH"] = str(planted)
    with LanguageClient(machine.environ, command=LSP) as client:
        client.initialize([machine.workspace], context={"trusted": False})
        assert client.request("pythonWorkflow/about", {})["platform"]
    assert not (machine.home / "ran").exists()


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
    params = {"uri": uri(machine.workspace), "selection": other}
    assert prefix_of(client.request("pythonWorkflow/select", params)) == other
    assert prefix_of(next_change(client, machine.workspace)) == other
    finished = machine.wsp("env", "default")
    assert isinstance(finished["environment"], dict)
    assert (finished["environment"]["prefix"], finished["environment"]["source"]) == (
        other,
        "selected",
    )
    machine.wsp("env", "forget")
    client.notify("pythonWorkflow/didFocus", {})
    assert prefix_of(next_change(client, machine.workspace)) == str(machine.workspace / ".venv")


def test_none_is_a_selection(client: LanguageClient, machine: Machine) -> None:
    """No interpreter can be selected, is not an offer to create one, and can be forgotten."""
    make_venv(machine.workspace / ".venv")
    client.initialize([machine.workspace])
    params = {"uri": uri(machine.workspace)}
    answer = client.request("pythonWorkflow/select", {**params, "selection": "none"})
    assert (answer["environment"], answer["offer_create"], answer["problem"]) == (None, False, None)
    answer = client.request("pythonWorkflow/forget", params)
    assert prefix_of(answer) == str(machine.workspace / ".venv")


def test_selection_of_an_interpreter_of_the_machine(
    client: LanguageClient, machine: Machine
) -> None:
    """A Python of the machine can be selected by its path."""
    client.initialize([machine.workspace])
    path = client.request("pythonWorkflow/environments", {"uri": uri(machine.workspace)})
    python = path["pythons"][0]["interpreter_path"]
    params = {"uri": uri(machine.workspace), "selection": python}
    answer = client.request("pythonWorkflow/select", params)
    assert answer["environment"]["interpreter_path"] == python


def test_selection_of_what_is_not_there(client: LanguageClient, machine: Machine) -> None:
    """What is not there cannot be selected, and nothing is remembered."""
    client.initialize([machine.workspace])
    params = {"uri": uri(machine.workspace), "selection": str(machine.workspace / "gone")}
    with pytest.raises(ResponseError) as caught:
        client.request("pythonWorkflow/select", params)
    assert caught.value.data["code"] == "not_found"
    assert answer_of(client, machine.workspace)["offer_create"] is True


# -- changes ----------------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
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
    answers = client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"]
    assert {answer["uri"] for answer in answers} == {uri(one), uri(one / "a.py")}
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
    answers = client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"]
    assert [answer["uri"] for answer in answers] == [uri(two)]


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
    params = {"uri": uri(machine.workspace)}
    found = client.request("pythonWorkflow/explain", params)["workflow"]
    assert (found["name"], found["rule"]) == ("hatch", "W3")
    client.notify("pythonWorkflow/didChangeContext", {"trusted": True, "preference": None})
    assert client.request("pythonWorkflow/explain", params)["workflow"]["rule"] == "W7"


def test_trust_is_part_of_the_question(client: LanguageClient, machine: Machine) -> None:
    """A workflow that the project declares is not trusted until the folder is."""
    (machine.workspace / "pyworkflow.toml").write_text('[workflow]\nwsp = {cmd = ["x", "wsp"]}\n')
    client.initialize([machine.workspace])
    params = {"uri": uri(machine.workspace)}
    assert client.request("pythonWorkflow/explain", params)["workflow"]["trusted"] is False
    client.notify("pythonWorkflow/didChangeContext", {"trusted": True})
    client.wait_for("pythonWorkflow/didChangeInterpreter")
    assert client.request("pythonWorkflow/explain", params)["workflow"]["trusted"] is True


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
    assert any(
        base == uri(python_in(elsewhere).parent) and "python" in names for base, names in watched
    )
    # The user's own files, of which neither is there yet.
    config = Path(machine.host.config)
    base, name = (machine.home, ".config") if os.name == "posix" else (config.parent, config.name)
    assert any(folder == uri(base) and name in names for folder, names in watched)
    gone = client.wait_for_request("client/unregisterCapability")
    assert len(gone["unregisterations"]) == 1


def test_client_that_watches_its_workspace_only(client: LanguageClient, machine: Machine) -> None:
    """A client without relative patterns is asked to watch the workspace alone."""
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    client.initialize([machine.workspace], capabilities={**CAPABILITIES, "workspace": watching})
    answer_of(client, machine.workspace)
    assert all(isinstance(glob, str) for glob in globs(client.requests.get(timeout=GUARD)[1]))
    assert client.requests.empty()
