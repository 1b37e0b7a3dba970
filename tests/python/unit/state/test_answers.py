from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.declaring import declaration
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Environment, Status, Workflow
from workflow_helper.state import answers

if TYPE_CHECKING:
    from support.machine import Machine


def test_what_a_server_said_counts_for_the_trust_that_it_was_told_of(machine: Machine) -> None:
    """What it said of a trusted project is not the answer for one that is not."""
    workflow = Workflow(declaration({"script": "/serve.py"}), "W3", trusted=True)
    root, host = str(machine.workspace), machine.host
    environments = (
        Environment("a", "a", "venv", "/a", "/a/bin/python", None, "workflow", default=True),
    )
    query = answers.Query(workflow, root, trusted=True)
    answers.keep(query, environments, host, Disk())
    assert answers.recall(query, host, Disk()) == environments
    assert answers.recall(query._replace(trusted=False), host, Disk()) is None


WORKFLOW = Workflow(declaration({"script": "/serve.py"}), "W3", trusted=True)


def answer(name: str, message: str = "") -> tuple[Environment, ...]:
    """An answer that holds one environment."""
    path, status = f"/{name}/bin/python", Status("broken", message)
    return (
        Environment(
            name, name, "venv", f"/{name}", path, None, "workflow", default=True, status=status
        ),
    )


def keep(machine: Machine, root: str, environments: tuple[Environment, ...]) -> None:
    """Remember it as what the workflow said for ``root``."""
    answers.keep(answers.Query(WORKFLOW, root, trusted=True), environments, machine.host, Disk())


def recall(machine: Machine, root: str) -> tuple[Environment, ...] | None:
    """What is remembered for ``root``."""
    return answers.recall(answers.Query(WORKFLOW, root, trusted=True), machine.host, Disk())


def test_an_answer_that_is_too_large_is_left_out(machine: Machine) -> None:
    """It is not kept, nor is what it took the place of, and all others stay and can be added to."""
    keep(machine, "/one", answer("one"))
    keep(machine, "/two", answer("two"))
    keep(machine, "/two", answer("two", "x" * 20_000_000))
    assert recall(machine, "/two") is None
    assert recall(machine, "/one") == answer("one")
    keep(machine, "/two", answer("two"))
    assert recall(machine, "/two") == answer("two")


def test_answers_make_room_for_a_new_one(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, the last is kept, and the file stays below its limit."""
    monkeypatch.setattr(answers, "ALL_BYTES", 20_000)
    for number in range(40):
        keep(machine, f"/{number}", answer(str(number), "x" * 1000))
        assert recall(machine, f"/{number}") is not None
    assert os.path.getsize(os.path.join(machine.host.cache, answers.FILE)) < 25_000


@pytest.mark.needs("POSIX")
def test_answers_are_for_the_user_alone(machine: Machine) -> None:
    """The file cannot be read by others."""
    keep(machine, "/one", answer("one"))
    path = os.path.join(machine.host.cache, answers.FILE)
    assert os.stat(path).st_mode & 0o777 == 0o600
