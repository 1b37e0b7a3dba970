"""The tests of others' projects, found and run in each one's own environment, beside its own framework.

``tests/projects.txt`` has their versions. Every run tries one for each framework; the others come with ``--whole``, as in ``npm run test:full``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.tree import real_projects

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


class Project(NamedTuple):
    """A project whose tests are for pytest."""

    #: Those that are run; all of them where none are named. They are found whole in any case.
    run: tuple[str, ...] = ()


#: What every run tries.
ALWAYS = "pluggy"
PROJECTS = {
    # Its benchmarks measure for seconds.
    "pluggy": Project(
        tuple(f"testing/test_{name}.py" for name in ("details", "hookcaller", "pluginmanager"))
    ),
    # Thousands of cases, and hypothesis: what is left out takes minutes.
    "attrs": Project(("tests/test_3rd_party.py", "tests/test_funcs.py", "tests/test_slots.py")),
    "click": Project(("tests/test_arguments.py", "tests/test_basic.py", "tests/test_options.py")),
    "docutils": Project(("test/test_utils", "test/test_nodes.py", "test/test_settings.py")),
    "flask": Project(),
    "itsdangerous": Project(),
    # 64,000 tests in all.
    "packaging": Project(("tests/test_markers.py", "tests/test_tags.py")),
    "pyparsing": Project(("examples", "tests/test_util.py")),
}
#: A line of what unittest prints, with ``-v``, of a test; of one with a docstring the rest follows on a line of its own.
_TOLD = re.compile(r"^test\w* \((?P<id>[\w.]+)\)(?:\n.*)? \.\.\. (?P<state>.+)$", re.MULTILINE)

# On a busy machine packaging alone takes more than the minutes that others have.
pytestmark = [pytest.mark.needs("real projects"), pytest.mark.timeout(3600)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The projects that are asked for."""
    if "name" in metafunc.fixturenames:
        whole = metafunc.config.getoption("--whole")
        metafunc.parametrize("name", [*PROJECTS] if whole else [ALWAYS])


def unpacked(machine: Machine, name: str) -> Path:
    """The machine's workspace with a project's source in it, and its environment; the latter's interpreter."""
    folder = real_projects()[name]
    shutil.copytree(folder / "source", machine.workspace, dirs_exist_ok=True)
    (machine.workspace / ".venv").symlink_to(folder / "environment")
    return machine.workspace / ".venv" / "bin" / "python"


def run(machine: Machine, python: Path | str, *words: str) -> str:
    """Run a module of ``python`` in the workspace; return what it printed. However long it takes: some have thousands of tests."""
    done = subprocess.run(
        [python, "-m", *words],
        cwd=machine.workspace,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def tell(machine: Machine, *words: str) -> Any:
    """What ``wsp WORDS... --json`` answers, asked in the workspace."""
    printed = run(machine, sys.executable, "workflow_helper", *words, "--json")
    return json.loads(printed[printed.index('{"') : printed.rindex("}") + 1])


def cases(report: Path) -> Counter[tuple[str | None, ...]]:
    """The tests of a report in JUnit's form, each with what kept it from passing."""
    kinds = {"failure", "error", "skipped"}
    return Counter(
        (one.get("classname"), one.get("name"), *sorted(kinds & {part.tag for part in one}))
        for one in ET.parse(report).iter("testcase")  # noqa: S314 - of this run
    )


def test_project_s_tests_are_found_and_end_as_by_its_own_pytest(
    machine: Machine, name: str, tmp_path: Path
) -> None:
    """The same ids in the same order, each of them with its file and line; and test for test the same state."""
    python = unpacked(machine, name)
    theirs = run(machine, python, "pytest", "--collect-only", "-q")
    listed = tell(machine, "test", "list")
    assert [one["id"] for one in listed["tests"]] == theirs.partition("\n\n")[0].splitlines()
    assert [one for one in listed["tests"] if not one["file"] or not one["line"]] == []
    named = PROJECTS[name].run
    run(machine, python, "pytest", f"--junitxml={tmp_path / 'theirs.xml'}", *named)
    junit = ("--junit", str(tmp_path / "ours.xml"))
    done = tell(machine, "test", "run", *junit, *named)
    assert cases(tmp_path / "ours.xml") == cases(tmp_path / "theirs.xml")
    states = Counter(one["state"] for one in done["results"] if "subtest" not in one)
    assert {state: states[state] for state in done["summary"]} == done["summary"]
    assert done["summary"]["passed"] > 0


def test_project_s_tests_are_found_and_end_as_by_unittest(machine: Machine) -> None:
    """A project without pytest is found and run by unittest: pyflakes, test for test."""
    python = unpacked(machine, "pyflakes")
    results = {
        one["id"]: one["state"].partition(" ")[0].rstrip(":")
        for one in _TOLD.finditer(run(machine, python, "unittest", "-v"))
    }
    listed = tell(machine, "test", "list")
    assert listed["framework"]["name"] == "unittest"
    assert [one["id"] for one in listed["tests"]] == list(results)
    states = {"passed": "ok", "skipped": "skipped", "failed": "FAIL", "error": "ERROR"}
    done = tell(machine, "test", "run")
    assert {one["id"]: states[one["state"]] for one in done["results"]} == results
