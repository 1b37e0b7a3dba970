"""The workflow that the user chose for one folder in the editor (W1), followed by every side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.command import WSP
from support.files import write
from support.forked_command import wsp
from support.language_client import LanguageClient, ResponseError, uri
from support.machine import make_venv
from support.servers import until
from support.terminal import Terminal
from support.workflow_server import WorkflowServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine import Machine


@pytest.fixture
def client(machine: Machine) -> Iterator[LanguageClient]:
    """A trusted workspace in an editor; the project would be governed by uv."""
    write(machine.workspace / "uv.lock", "version = 1\n")
    make_venv(machine.workspace / ".venv")
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        yield client


@pytest.fixture
def mine(machine: Machine) -> WorkflowServer:
    """A workflow of the user's own, whose environment is in the workspace."""
    make_venv(machine.workspace / "envs" / "a")
    make_venv(machine.home / "mine" / "envs" / "a")
    return WorkflowServer.at(machine.home / "mine", "envs/a")


def choose(client: LanguageClient, folder: Path, workflow: str | None) -> dict[str, Any]:
    """The answer to choosing ``workflow``."""
    params = {"uri": uri(folder), "workflow": workflow}
    found: dict[str, Any] = client.request("pythonWorkflow/chooseWorkflow", params)
    return found


def explained(client: LanguageClient, folder: Path) -> dict[str, Any]:
    """The whole trail."""
    found: dict[str, Any] = client.request("pythonWorkflow/explain", {"uri": uri(folder)})
    return found


@pytest.mark.needs("POSIX")
def test_chosen_workflow_governs_on_every_side(client: LanguageClient, machine: Machine) -> None:
    """It governs by W1 in the editor and on the command line alike, below the words of one invocation, until taken back."""
    root = machine.workspace
    assert explained(client, root)["workflow"]["rule"] == "W6"
    choose(client, root, "venv")
    found = explained(client, root)["workflow"]
    assert (found["name"], found["rule"]) == ("venv", "W1")
    shown = wsp(machine, "workflow", "show", "--json").document["workflow"]
    assert (shown["name"], shown["rule"]) == ("venv", "W1")
    assert (
        wsp(machine, "workflow", "show", "--workflow", "pdm", "--json").document["workflow"]["name"]
        == "pdm"
    )
    details = [step["detail"] for step in wsp(machine, "explain", "--json").document["trail"]]
    reason = (
        "chosen for this folder in the editor ('wsp workflow unset --choice' takes that back): venv"
    )
    assert reason in details
    with Terminal([*WSP, "workflow", "show"], cwd=root, environ=machine.environ) as terminal:
        assert f"W1: {reason}".encode() in terminal.ended()[0]
    choose(client, root, None)
    assert wsp(machine, "workflow", "show", "--json").document["workflow"]["rule"] == "W6"


def test_what_can_be_chosen_is_told(client: LanguageClient, machine: Machine) -> None:
    """The bundled workflows, and what is chosen now."""
    params, asked_root = {"uri": uri(machine.workspace)}, str(machine.workspace)
    found = client.request("pythonWorkflow/workflows", params)
    assert (found["root"], found["chosen"], found["selected"]) == (asked_root, None, False)
    assert set(found["workflows"]) == set(
        wsp(machine, "workflow", "list", "--json").document["bundled"]
    )
    client.request("pythonWorkflow/select", {**params, "selection": "none"})
    assert client.request("pythonWorkflow/workflows", params)["selected"] is True
    choose(client, machine.workspace, "pdm")
    found = client.request("pythonWorkflow/workflows", params)
    assert (found["chosen"], found["selected"]) == ("pdm", False)


@pytest.mark.parametrize("word", ["nonsense", "relative/path.py", "/not/there.py"])
def test_what_is_no_workflow_is_refused(
    client: LanguageClient, machine: Machine, word: str
) -> None:
    """A word that names none is refused, and what was remembered stays."""
    choose(client, machine.workspace, "venv")
    with pytest.raises(ResponseError) as caught:
        choose(client, machine.workspace, word)
    assert caught.value.data["code"] == "usage"
    assert explained(client, machine.workspace)["workflow"]["name"] == "venv"


def test_later_word_counts(client: LanguageClient, mine: WorkflowServer, machine: Machine) -> None:
    """Choosing a workflow forgets the environment selected before; one that is selected afterwards is used."""
    root, other = machine.workspace, make_venv(machine.home / "other")
    client.request("pythonWorkflow/select", {"uri": uri(root), "selection": str(other)})
    choose(client, root, str(mine.script))

    def prefix() -> str | None:
        environment = explained(client, root)["environment"]
        return None if environment is None else str(environment["prefix"])

    until(lambda: prefix() == str(machine.home / "mine" / "envs" / "a"))
    client.request("pythonWorkflow/select", {"uri": uri(root), "selection": str(other)})
    found = explained(client, root)
    assert found["environment"]["prefix"] == str(other)
    assert found["workflow"]["rule"] == "W1"
    passed = [step["detail"] for step in found["trail"] if step["rule"] == "E0"]
    assert passed == ["an environment was selected after the workflow was chosen"]
    client.request("pythonWorkflow/forget", {"uri": uri(root)})
    until(lambda: prefix() == str(machine.home / "mine" / "envs" / "a"))


def test_taking_a_choice_back_keeps_what_was_selected_after_it(
    client: LanguageClient, machine: Machine
) -> None:
    """From the editor as from the command line, only the choice goes."""
    root, other = machine.workspace, make_venv(machine.home / "other")
    for take_back in (
        lambda: choose(client, root, None),
        lambda: wsp(machine, "workflow", "unset", "--choice"),
    ):
        choose(client, root, "pdm")
        client.request("pythonWorkflow/select", {"uri": uri(root), "selection": str(other)})
        take_back()
        found = explained(client, root)
        assert (found["workflow"]["rule"], found["environment"]["prefix"]) == ("W6", str(other))


def test_changed_choice_is_told_for_all_that_was_asked_of_the_root(
    client: LanguageClient, mine: WorkflowServer, machine: Machine
) -> None:
    """Whoever changes it: each folder and file of the root that was asked about gets its new answer unasked."""
    root = machine.workspace
    files = [uri(write(root / "src" / name, "")) for name in ("a.py", "b.py")]
    client.request("pythonWorkflow/resolve", {"uris": files})

    def await_answers(prefix: Path) -> None:
        waiting = {uri(root), *files}
        while waiting:
            for answer in client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"]:
                if (answer["environment"] or {}).get("prefix") == str(prefix):
                    waiting.discard(answer["uri"])

    choose(client, root, str(mine.script))
    await_answers(machine.home / "mine" / "envs" / "a")
    assert wsp(machine, "workflow", "unset", "--choice").exit_code == 0
    store = Path(machine.host.state) / "selections.json"
    changed = {"changes": [{"uri": uri(store), "type": 2}]}
    client.notify("workspace/didChangeWatchedFiles", changed)
    await_answers(root / ".venv")


def test_choice_of_another_process_is_followed(client: LanguageClient, machine: Machine) -> None:
    """What is taken back on the command line holds in the editor."""
    choose(client, machine.workspace, "pdm")
    both = wsp(machine, "workflow", "unset", "--choice", "--for", ".", "--json")
    assert both.document["error"]["code"] == "usage"
    assert wsp(machine, "workflow", "unset", "--choice").exit_code == 0
    assert explained(client, machine.workspace)["workflow"]["rule"] == "W6"
    again = wsp(machine, "workflow", "unset", "--choice", "--json")
    assert again.exit_code == 1
    assert "no workflow was chosen" in again.document["error"]["message"]


def test_chosen_script_that_is_gone_hides_nothing(client: LanguageClient, machine: Machine) -> None:
    """A chosen script that does not exist any more is told with what to do, and the search goes on."""
    script = write(machine.home / "gone.py", "")
    choose(client, machine.workspace, str(script))
    script.unlink()
    found = explained(client, machine.workspace)
    assert found["workflow"]["rule"] == "W6"
    assert found["environment"]["prefix"] == str(machine.workspace / ".venv")
    (failed,) = [
        step["detail"]
        for step in found["trail"]
        if (step["rule"], step["outcome"]) == ("W1", "failed")
    ]
    assert "gone.py does not exist" in failed
    assert "wsp workflow unset --choice" in failed


def test_nothing_of_it_starts_before_trust(mine: WorkflowServer, machine: Machine) -> None:
    """In a folder that is not trusted a workflow is chosen and shown, and not started."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": False})
        answer = choose(client, machine.workspace, str(mine.script))
        found = explained(client, machine.workspace)
    assert answer["problem"] is None  # that nothing is started here is no mistake
    assert found["workflow"]["rule"] == "W1"
    details = [step["detail"] for step in found["trail"] if step["rule"] == "E0"]
    assert details == ["the workflow serve.py was not started, because this folder is not trusted"]
    assert mine.started == 0
