from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import base_python, break_venv, drawn_venv, write
from workflow_helper.errors import NotFound, UsageError, WorkflowError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Question
from workflow_helper.operations.select import choose, forget, named

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

pytestmark = pytest.mark.needs("POSIX")


@pytest.fixture
def question(machine: Machine) -> Question:
    """About a folder with the environments ``a`` and ``b``, the latter broken, asked from a folder inside."""
    for name in "ab":
        drawn_venv(machine.workspace / name, base_python(machine.home))
    break_venv(machine.workspace / "b")
    write(machine.workspace / ".python-envs", "b\na\n")
    return Question(str(write(machine.workspace / "src" / "x.py").parent))


def test_a_relative_word_is_taken_from_where_it_is_typed_then_from_the_root(
    machine: Machine, question: Question
) -> None:
    """``../a`` in a folder of the project and ``./a`` from its root are one environment."""
    for word in ("../a", "./a", "../a/bin/python"):
        assert named(question, word, machine.host, Disk()).prefix == str(machine.workspace / "a")


def test_an_environment_outside_can_be_chosen_by_its_path(
    machine: Machine, question: Question
) -> None:
    """Whatever works may be selected, listed or not."""
    outside = drawn_venv(machine.home / "env", base_python(machine.home))
    answer = choose(question, str(outside), machine.host, Disk())
    assert answer.environment is not None
    assert (answer.environment.prefix, answer.environment.source) == (str(outside), "selected")


def test_choosing_an_environment_s_interpreter_chooses_the_environment(
    machine: Machine, question: Question
) -> None:
    """The interpreter of a virtual environment stands for it."""
    answer = choose(question, str(machine.workspace / "a" / "bin" / "python"), machine.host, Disk())
    assert answer.environment is not None
    assert answer.environment.prefix == str(machine.workspace / "a")


def test_what_is_broken_or_missing_is_not_remembered(machine: Machine, question: Question) -> None:
    """The reason is given, and the answer stays as it was."""
    with pytest.raises(WorkflowError, match="broken"):
        choose(question, "b", machine.host, Disk())
    with pytest.raises(NotFound, match="no environment 'c'"):
        choose(question, "c", machine.host, Disk())
    with pytest.raises(WorkflowError):
        choose(question, str(write(machine.home / "notes.txt")), machine.host, Disk())
    assert not list(machine.home.glob(".local/state/*/selections.json"))


def test_a_name_of_two_is_not_guessed(machine: Machine, question: Question) -> None:
    """Both ids are in the hint."""
    twin: Path = drawn_venv(machine.workspace / "x" / "a", base_python(machine.home))
    write(machine.workspace / ".python-envs", f"{twin}\n./y/a\n")
    drawn_venv(machine.workspace / "y" / "a", base_python(machine.home))
    (machine.workspace / "a" / "pyvenv.cfg").unlink()
    with pytest.raises(UsageError, match="names 2") as caught:
        named(question, "a", machine.host, Disk())
    assert caught.value.hint is not None
    assert {"x/a", "y/a"} <= set(caught.value.hint.replace(",", " ").split())


def test_none_is_remembered_until_it_is_forgotten(machine: Machine, question: Question) -> None:
    """No interpreter here, then the folder's own again."""
    assert choose(question, "none", machine.host, Disk()).declined
    answer = forget(question, machine.host, Disk())
    assert not answer.declined
    assert answer.environment is not None
