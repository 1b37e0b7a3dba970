"""``wsp test`` in the configurations that a project's workflow tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.configured_tests import CONFIGURED
from support.forked_command import wsp
from support.frameworks import PYTEST, project, with_packages
from support.machine import make_venv

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Finished
    from support.machine import Machine


@pytest.fixture
def root(machine: Machine) -> Path:
    """A trusted project whose server tells how its tests are run."""
    made = project(machine, None, CONFIGURED)
    with_packages(made / "env", *PYTEST)
    assert wsp(machine, "workflow", "trust").exit_code == 0
    return made


def ids(done: Finished) -> list[str]:
    """The ids of the tests that were run, with their states."""
    return [f"{one['id']} {one['state']}" for one in done.document["results"]]


def test_tests_run_as_the_project_s_server_says(machine: Machine, root: Path) -> None:
    """The default configuration has its framework, options, paths, folder and variables; ``--in`` names another one."""
    listed = wsp(machine, "test", "configurations", "--json").document
    known = {one["id"]: one for one in listed["configurations"]}
    assert [(one["id"], one["default"]) for one in listed["configurations"]] == [
        ("unit", True),
        ("all", False),
        ("old", False),
    ]
    assert known["unit"]["environment"]["prefix"] == str(root / "env")
    assert known["old"]["environment"] is None
    assert "later does not exist yet" in known["old"]["obstacle"]
    done = wsp(machine, "test", "run", "--json")
    assert done.document["configuration"] == "unit"
    assert ids(done) == ["engine/unit/test_unit.py::test_quick passed"], done.text
    everything = wsp(machine, "test", "run", "--in", "all", "--json")
    assert sorted(ids(everything)) == [
        "engine/test_case.py::Case::test_kind failed",
        "engine/unit/test_unit.py::test_quick failed",
        "engine/unit/test_unit.py::test_slow passed",
    ]
    # What is named takes the place of the paths, from wherever the command is given.
    named = wsp(
        machine, "test", "run", "test_case.py", "--in", "unit", "--json", cwd=root / "engine"
    )
    assert ids(named) == ["engine/test_case.py::Case::test_kind failed"]


def test_an_environment_that_is_not_there_is_made_with_consent(
    machine: Machine, root: Path
) -> None:
    """Without it ``--all`` leaves it out and ``--in`` is an error; with ``--create`` its own workflow makes it."""
    refused = wsp(machine, "test", "run", "--in", "old", "--json")
    assert (refused.exit_code, refused.document["error"]["code"]) == (1, "not_found")
    assert "--create" in refused.document["error"]["hint"]
    without = wsp(machine, "test", "run", "--all", "--json").document
    assert [one["configuration"] for one in without["runs"]] == ["unit", "all"]
    assert [one["configuration"] for one in without["left_out"]] == ["old"]
    assert not (root / "later").exists()
    made = wsp(machine, "test", "run", "--in", "old", "--create", "--json")
    assert ids(made) == ["test_case.Case.test_kind passed"], made.text
    assert made.document["environment"]["prefix"] == str(root / "later")


def test_a_workflow_without_configurations_has_one_for_each_environment(machine: Machine) -> None:
    """The default environment is the default configuration; one that lacks pytest says so."""
    files = {"test_it.py": "import pytest\n\ndef test_it(): pass\n", ".python-envs": "other\n"}
    root = project(machine, None, files)
    with_packages(root / ".venv", *PYTEST)
    make_venv(root / "other")
    found = wsp(machine, "test", "configurations", "--json").document["configurations"]
    assert [(one["id"], one["default"]) for one in found] == [(".venv", True), ("other", False)]
    assert found[0]["obstacle"] is None
    assert "pytest, which is not installed" in found[1]["obstacle"]
    missing = wsp(machine, "test", "run", "--in", "nothing", "--json").document["error"]
    assert "no test configuration 'nothing'" in missing["message"]
    assert "other" in missing["hint"]


#: A server that finds and runs the tests itself; one of them never ends.
RUNNER = """
import os, sys
from workflow_server import Cancelled, Environment, InvalidParams, RunConfiguration, Server, TestRunEnd, TestUpdate

server = Server("ours", default=True)
PYTHON = ["bin", "python"] if os.name == "posix" else ["Scripts", "python.exe"]

@server.list_environments
def environments():
    prefix = os.path.join(server.root, "env")
    return [Environment("env", "env", "3.13", os.path.join(prefix, *PYTHON), prefix=prefix, default=True)]

@server.test_configurations
def configurations():
    return [RunConfiguration("ours", "env", default=True)]

@server.discover_tests
def discover(params, updates):
    file = os.path.join(server.root, "spec.txt")
    updates(TestUpdate("adds", "found", file=file, line=1), TestUpdate("divides", "found", file=file, line=2))
    updates(TestUpdate("broken.txt", "unusable", message="no such word", file=file, line=9))
    return TestRunEnd(2)

@server.run_tests
def run(params, updates, cancelled):
    for name in params.names or ("adds", "divides"):
        updates(TestUpdate(name, "running"))
        if name == "waits":
            cancelled.wait()
            raise Cancelled("the run was interrupted")
        if name == "divides":
            updates(TestUpdate(name, "failed", 0.5, "by zero", "a trace", output="dividing"))
        else:
            updates(TestUpdate(name, "passed"))
    return TestRunEnd(1 if not params.names else 0)

server.run()
"""


def test_a_server_may_find_and_run_the_tests_itself(machine: Machine) -> None:
    """What it tells of each comes as if pytest had run; what was running at a time limit is an error."""
    root = project(machine, None, {**CONFIGURED, "serve.py": RUNNER})
    make_venv(root / "env")
    assert wsp(machine, "workflow", "trust").exit_code == 0
    listed = wsp(machine, "test", "list", "--json")
    assert listed.exit_code == 2
    assert [(one["id"], one["line"]) for one in listed.document["tests"]] == [
        ("adds", 1),
        ("divides", 2),
    ]
    assert [one["message"] for one in listed.document["unusable"]] == ["no such word"]
    ran = wsp(machine, "test", "run", "--json")
    assert (ran.exit_code, ids(ran)) == (1, ["adds passed", "divides failed"])
    failed = ran.document["results"][1]
    assert (failed["message"], failed["duration"], failed["output"]) == ("by zero", 0.5, "dividing")
    assert ids(wsp(machine, "test", "run", "adds", "--json")) == ["adds passed"]
    stopped = wsp(machine, "test", "run", "adds", "waits", "--timeout", "1", "--json")
    assert (stopped.exit_code, ids(stopped)) == (2, ["adds passed", "waits error"])
    assert stopped.document["trouble"] == "stopped after 1 s"
