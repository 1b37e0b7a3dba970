"""``wsp task``, and ``wsp env`` through a workflow server of a project's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.acting_server import declare
from support.command import GUARD, WSP
from support.files import python_in, write
from support.forked_command import wsp
from support.machine import make_venv
from support.processes import runs
from support.terminal import Terminal

if TYPE_CHECKING:
    from support.machine import Machine

#: How Python ends a line that it prints.
END = os.linesep.encode()


@pytest.fixture
def served(machine: Machine) -> Machine:
    """A machine whose workspace declares a server, which is trusted."""
    declare(machine.workspace)
    assert wsp(machine, "workflow", "trust").exit_code == 0
    return machine


def notes(machine: Machine) -> list[str]:
    """What the server was asked to do."""
    return (machine.workspace / "notes").read_text().splitlines()


# -- tasks ----------------------------------------------------------------------------------------------------------


def test_tasks_are_listed_with_what_they_do(served: Machine) -> None:
    """A task without a description has none in the document either."""
    listed = wsp(served, "task", "list", "--json")
    assert listed.exit_code == 0, listed.text
    assert list(listed.document) == ["root", "workflow", "tasks"]
    assert listed.document["root"] == str(served.workspace)
    assert listed.document["tasks"] == [{"name": "tell", "description": "Tells"}, {"name": "bare"}]
    assert wsp(served, "task", "list").stdout == b"tell  Tells\nbare\n"


def test_a_task_runs_with_the_words_that_follow(served: Machine) -> None:
    """Options and two dashes among them; the process is the task's own."""
    done = wsp(served, "task", "run", "tell", "--", "--json", "--", "a b")
    assert (done.exit_code, done.stdout, done.stderr) == (0, b"--json -- a b" + END, b"")
    assert wsp(served, "task", "run", "tell").stdout == END


def test_a_task_that_is_none_is_an_error(served: Machine) -> None:
    """Exit 1 with the server's own sentence, as a document where that is asked for."""
    done = wsp(served, "task", "run", "nonsense", "--json")
    assert done.exit_code == 1
    assert "there is no task nonsense" in done.document["error"]["message"]


def test_a_workflow_without_tasks_has_an_empty_list(machine: Machine) -> None:
    """Which is an answer; to run one is an error."""
    listed = wsp(machine, "task", "list", "--json", "--workflow", "uv")
    assert (listed.exit_code, listed.document["tasks"]) == (0, [])
    assert wsp(machine, "task", "run", "x", "--workflow", "uv").exit_code == 1


def test_no_workflow_has_no_tasks(machine: Machine) -> None:
    """Nothing governs: exit 3 and the reason."""
    listed = wsp(machine, "task", "list", "--json", "--no-fallback")
    assert listed.exit_code == 3
    assert listed.document["workflow"] is None
    assert "turned off" in listed.document["summary"]


# -- environments of a server ---------------------------------------------------------------------------------------


def test_a_server_makes_and_deletes_its_environments(served: Machine) -> None:
    """Groups and extras are told to it, and the environment goes by its own id."""
    made = wsp(
        served, "env", "create", "mine", "--group", "a", "--group", "b", "--extra", "c", "--json"
    )
    assert made.exit_code == 0, made.text
    assert made.document["environment"]["id"] == "own-id"
    assert made.document["environment"]["default"] is True
    assert notes(served) == [f"create {json.dumps(['mine', ['a', 'b'], ['c']])}"]
    gone = wsp(served, "env", "delete", "own-id", "--json")
    assert gone.exit_code == 0, gone.text
    assert notes(served)[1:] == ["delete own-id"]
    assert not (served.workspace / "mine").exists()


def test_what_a_server_does_not_offer_cannot_be_asked_of_it(served: Machine) -> None:
    """To sync is an error that names it; to check is answered with what can be told."""
    assert wsp(served, "env", "create").exit_code == 0
    refused = wsp(served, "env", "sync", "--json")
    assert (refused.exit_code, refused.document["error"]["code"]) == (1, "method_not_found")
    checked = wsp(served, "env", "check", "--json")
    assert (checked.exit_code, checked.document["in_sync"]) == (0, None)


def test_a_command_runs_as_the_server_says_once_it_is_gone(served: Machine) -> None:
    """In the folder that it was given in, with its changes to the variables; no process of the server is left by then."""
    assert wsp(served, "env", "create").exit_code == 0
    inner = write(served.workspace / "inner" / "file").parent
    served.environ["GONE"] = "here"
    script = (
        "import json, os, sys\n"
        "told = os.environ['SERVED_BY'], os.environ.get('GONE'), os.getcwd(), sys.prefix\n"
        "print(json.dumps(told))"
    )
    argv = [*WSP, "env", "run", "--", str(python_in(served.workspace / "mine")), "-c", script]
    with subprocess.Popen(argv, cwd=inner, env=served.environ, stdout=subprocess.PIPE) as started:
        told, _ = started.communicate(timeout=GUARD)
    server, gone, here, prefix = json.loads(told)
    assert not runs(int(server))
    assert (gone, here, prefix) == (None, str(inner), str(served.workspace / "mine"))
    assert notes(served)[-1] == "command inner"


@pytest.mark.needs("POSIX")
def test_no_child_is_left_when_the_command_takes_over(served: Machine) -> None:
    """It has no child that it did not start, not even one that is over."""
    assert wsp(served, "env", "create").exit_code == 0
    look = "import os\ntry:\n    os.waitpid(-1, os.WNOHANG)\nexcept ChildProcessError:\n    print('none')"
    done = wsp(served, "env", "run", "--", str(python_in(served.workspace / "mine")), "-c", look)
    assert done.stdout == b"none\n"


def test_an_environment_that_the_server_does_not_know_runs_all_the_same(served: Machine) -> None:
    """By its own variables."""
    make_venv(served.home / "other")
    script = "import os, sys; print(sys.prefix); print(os.environ.get('SERVED_BY'))"
    done = wsp(served, "env", "run", str(served.home / "other"), "--", "python", "-c", script)
    assert done.lines == [str(served.home / "other"), "None"]


@pytest.mark.needs("POSIX")
def test_a_server_hears_that_it_is_cancelled(served: Machine) -> None:
    """Ctrl-C asks it to give up, and waits until it has undone what it did: exit 130."""
    os.mkfifo(served.workspace / "told")
    creating = subprocess.Popen(
        [*WSP, "env", "create", "slow", "--json"],
        cwd=served.workspace,
        env=served.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert (served.workspace / "told").read_text() == "slow"
    creating.send_signal(signal.SIGINT)
    stdout, stderr = creating.communicate(timeout=GUARD)
    assert creating.returncode == 130, (stdout, stderr)
    assert json.loads(stdout)["error"]["code"] == "cancelled"
    assert notes(served)[-1] == "undone"


@pytest.mark.needs("POSIX")
def test_how_much_is_done_is_a_bar_on_a_terminal(served: Machine) -> None:
    """With what the server says, of which nothing drives the terminal."""
    environ = served.environ
    with Terminal([*WSP, "env", "create"], cwd=served.workspace, environ=environ) as terminal:
        output, status = terminal.ended()
    assert status == 0, output
    assert b"Weaving default" in output
    assert b"[##########          ]  50 % half \\x1b]0;evil\\x07 done" in output
    assert b"\x1b]0;" not in output
    plain = wsp(served, "env", "delete", "own-id")
    assert plain.exit_code == 0, plain.text


# -- trust ----------------------------------------------------------------------------------------------------------


def test_trust_of_a_bundled_workflow_is_listed_and_taken_back(machine: Machine) -> None:
    """Where no file declares a workflow, the one that governs may be asked; for another one that is no consent."""
    noxfile = write(machine.workspace / "noxfile.py")
    given = wsp(machine, "workflow", "trust", "--json", "--workflow", "nox")
    assert given.exit_code == 0, given.text
    assert given.document["trusted"]["name"] == "nox"
    assert given.document["trusted"]["declared_in"] is None
    assert given.document["files"] == [str(noxfile)]
    listed = wsp(machine, "workflow", "list", "--json").document["trusted"]
    assert [(one["root"], one["name"]) for one in listed] == [(str(machine.workspace), "nox")]
    taken = wsp(machine, "workflow", "untrust", "--json")
    assert taken.document["revoked"] == [str(machine.workspace)]
    assert wsp(machine, "workflow", "list", "--json").document["trusted"] == []


def test_trust_of_a_workflow_of_one_s_own_is_not_needed(machine: Machine) -> None:
    """There is nothing to allow."""
    script = write(machine.home / "mine.py")
    refused = wsp(machine, "workflow", "trust", "--workflow", str(script), "--json")
    assert (refused.exit_code, refused.document["error"]["code"]) == (1, "not_found")
