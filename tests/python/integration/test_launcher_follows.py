"""``py`` starts what ``wsp`` takes for the folder, and says why where it takes another Python than the one that was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from python_launcher.folder_workflow import MARKS
from support.files import break_venv, write
from support.forked_command import wsp
from support.launcher import py, with_pythons
from support.machine import make_venv
from support.workflow_server import WorkflowServer
from workflow_helper.discovery import roots, tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Finished
    from support.machine import Machine

WHICH = ("-c", "import sys; print(sys.executable)")


def selected(machine: Machine) -> None:
    """An environment beside ``.venv`` was selected."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "envs" / "other")
    assert wsp(machine, "env", "select", "envs/other").exit_code == 0


def selected_above(machine: Machine) -> None:
    """One was selected for the folder above, which is the project."""
    write(machine.workspace / "pyproject.toml", "")
    make_venv(machine.home / "elsewhere")
    assert wsp(machine, "env", "select", str(machine.home / "elsewhere")).exit_code == 0
    (machine.workspace / "src" / "deep").mkdir(parents=True)


def listed(machine: Machine) -> None:
    """The last line of ``.python-envs`` names it."""
    make_venv(machine.home / "elsewhere")
    write(machine.workspace / ".python-envs", "../home/elsewhere\n")


def lone(machine: Machine) -> None:
    """It is the only one in the folder, whatever it is called."""
    make_venv(machine.workspace / "my env")


def lone_of_a_project(machine: Machine) -> None:
    """It is the only one in the project, which a folder below is asked about."""
    write(machine.workspace / "requirements.txt", "")
    make_venv(machine.workspace / "venv")
    (machine.workspace / "src" / "deep").mkdir(parents=True)


def preferred(machine: Machine) -> None:
    """The user's own workflow keeps another one than the project's ``.venv``."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.home / "mine" / "one")
    server = WorkflowServer.at(machine.home / "mine", "one")
    assert wsp(machine, "workflow", "set", str(server.script)).exit_code == 0


def declared(machine: Machine) -> None:
    """The project's own workflow, to which the user agreed, keeps another one than ``.venv``."""
    untrusted(machine)
    assert wsp(machine, "workflow", "trust").exit_code == 0


def untrusted(machine: Machine) -> None:
    """The project declares a workflow."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "one")
    WorkflowServer.at(machine.workspace, "one")
    write(machine.workspace / "pyproject.toml", '[workflow]\nwsp = {script = "serve.py"}\n')


def of_folder(machine: Machine, *words: str) -> Finished:
    """``py WORDS...`` in the deepest folder that the case has made for that."""
    deep = machine.workspace / "src" / "deep"
    return py(machine, *words, cwd=deep if deep.exists() else machine.workspace)


@pytest.mark.parametrize(
    "prepare", [selected, selected_above, listed, lone, lone_of_a_project, preferred, declared]
)
def test_py_takes_what_wsp_takes(prepare: Callable[[Machine], None], machine: Machine) -> None:
    """The interpreter is that of ``wsp env default``, in the folder and in its list, and a version skips it."""
    with_pythons(machine)
    prepare(machine)
    taken = wsp(machine, "env", "default", "--json").document["environment"]["interpreter_path"]
    assert not taken.startswith(str(machine.workspace / ".venv"))
    for _ in range(2):  # a server that has answered is not asked again
        done = of_folder(machine, *WHICH)
        assert (done.stdout.decode(), done.stderr) == (f"{taken}\n", b"")
    assert of_folder(machine, "--list", "--json").document["default"] == {
        "path": taken,
        "rule": "wsp",
    }
    assert of_folder(machine, "-3", *WHICH).stdout.decode() != f"{taken}\n"


def test_a_server_is_asked_once(machine: Machine) -> None:
    """Where nobody has asked it before, ``py`` does; after that it is not started any more."""
    with_pythons(machine)
    declared(machine)
    expected = f"{machine.workspace / 'one' / 'bin' / 'python'}\n"
    server = WorkflowServer(machine.workspace)
    answers = [(py(machine, *WHICH).stdout.decode(), server.started) for _ in range(2)]
    assert answers == [(expected, 1), (expected, 1)]
    assert server.alive == []


def test_what_was_meant_and_does_not_count_is_told(machine: Machine) -> None:
    """A workflow that nobody agreed to, or a selection that is broken: ``.venv`` is taken, and one line says why."""
    with_pythons(machine)
    untrusted(machine)
    expected = f"{machine.workspace / '.venv' / 'bin' / 'python'}\n"
    done = py(machine, *WHICH)
    assert (done.stdout.decode(), done.stderr.count(b"\n")) == (expected, 1)
    assert b"was not started" in done.stderr
    make_venv(machine.workspace / "other")
    wsp(machine, "env", "select", "other")
    break_venv(machine.workspace / "other")
    assert b"you selected" in py(machine, *WHICH).stderr


def test_no_interpreter_is_no_environment(machine: Machine) -> None:
    """Where the user selected none, ``.venv`` does not count, and a Python of the machine is started."""
    with_pythons(machine)
    make_venv(machine.workspace / ".venv")
    assert wsp(machine, "env", "select", "none").exit_code == 0
    assert ".venv" not in py(machine, *WHICH).stdout.decode()


def test_a_list_that_cannot_be_used_is_an_error(machine: Machine) -> None:
    """Another Python than the last line of ``.python-envs`` names is never taken silently."""
    with_pythons(machine)
    write(machine.workspace / ".python-envs", "gone\n")
    done = py(machine, *WHICH)
    assert done.exit_code == 107
    assert b".python-envs" in done.stderr


def test_what_makes_a_project_is_what_wsp_takes_for_one() -> None:
    """The names at which ``py`` looks closer are those that make a root."""
    assert {*roots.DECLARATIONS, *roots.WEAK, *tools.MARKERS} == MARKS
