"""``wsp test``: real projects, pytest in real environments, and tests that behave badly."""

from __future__ import annotations

import json
import signal
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD, WSP
from support.files import packages_in, python_in, write
from support.forked_command import wsp
from support.frameworks import PYTEST, XDIST, project, results, with_packages
from support.machine import make_venv
from support.processes import see_it_end
from support.servers import until
from workflow_helper.test_runner.start import FOLDER

if TYPE_CHECKING:
    from support.command import Finished
    from support.machine import Machine

#: All that pytest finds in more than one way.
FOUND = {
    "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
    "shop/prices.py": 'def price():\n    """A price.\n\n    >>> price()\n    1\n    """\n    return 1\n',
    "tests/conftest.py": "import pytest\n\n@pytest.fixture(params=['a', 'b'])\ndef letter(request): return request.param\n",
    "tests/deep/conftest.py": "import pytest\n\n@pytest.fixture\ndef number(letter): return ord(letter)\n",
    "tests/deep/test_deep.py": "def test_number(number): assert number\n",
    "tests/test_one.py": """
import unittest
import pytest

@pytest.mark.parametrize("value", [1, "a::b", "x[y]", "é"])
def test_value(value): assert value

class TestOuter:
    def test_method(self, letter): assert letter

    class TestInner:
        def test_inner(self): pass

class Older(unittest.TestCase):
    def test_case(self): self.assertTrue(True)
""",
}

#: A test in each state; the lines are named below.
STATES = """import pytest

def check(value): assert value == 1

def test_passes(): print("quiet words")

def test_fails():
    print("loud words")
    check(2)

@pytest.fixture
def broken(): raise RuntimeError("no fixture")

def test_error(broken): pass

@pytest.mark.skip(reason="later")
def test_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_expected(): assert False

def test_subtests(subtests):
    for number in range(3):
        with subtests.test("number", n=number):
            assert number != 1
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pytest and pytest-xdist."""
    return with_packages(tmp_path_factory.mktemp("environment") / "env", *PYTEST, *XDIST)


def states(done: Finished) -> dict[str, str]:
    """The state of each test by its name alone."""
    return {name.rpartition("::")[2]: one["state"] for name, one in results(done).items()}


# -- finding --------------------------------------------------------------------------------------------------------


def test_what_is_found_is_what_pytest_finds(machine: Machine, environment: Path) -> None:
    """Classes, parameters, doctests, and fixtures of folders above: the same ids in the same order, each with its line."""
    root = project(machine, environment, FOUND)
    theirs = subprocess.run(
        [python_in(environment), "-m", "pytest", "--collect-only", "-q"],
        cwd=root,
        env=machine.environ,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    listed = wsp(machine, "test", "list", "--json")
    assert listed.exit_code == 0, listed.text
    tests = listed.document["tests"]
    assert [one["id"] for one in tests] == theirs.partition("\n\n")[0].splitlines()
    assert len(tests) == 11
    lines = {one["id"]: (one["file"], one["line"]) for one in tests}
    assert lines["tests/deep/test_deep.py::test_number[a]"] == (
        str(root / "tests/deep/test_deep.py"),
        1,
    )
    assert lines["tests/test_one.py::TestOuter::TestInner::test_inner"][1] == 12
    assert lines["shop/prices.py::prices.price"] == (str(root / "shop/prices.py"), 2)
    assert wsp(machine, "test", "list").stdout.decode() == theirs.partition("\n\n")[0] + "\n"


def test_a_name_is_an_id_a_file_or_a_folder(machine: Machine, environment: Path) -> None:
    """From the folder that the command was given in, too."""
    root = project(machine, environment, FOUND)
    one = wsp(machine, "test", "list", "test_one.py::TestOuter", cwd=root / "tests")
    assert one.stdout.decode().splitlines() == [
        "tests/test_one.py::TestOuter::test_method[a]",
        "tests/test_one.py::TestOuter::test_method[b]",
        "tests/test_one.py::TestOuter::TestInner::test_inner",
    ]
    two = wsp(machine, "test", "run", "--json", "tests/deep", "tests/test_one.py::Older")
    assert states(two) == dict.fromkeys(["test_number[a]", "test_number[b]", "test_case"], "passed")


def test_a_file_that_cannot_be_collected_is_told_with_its_line(
    machine: Machine, environment: Path
) -> None:
    """A mistake in it, and a module that it misses; the others are listed, and the exit status is pytest's 2."""
    root = project(
        machine,
        environment,
        {
            "test_fine.py": "def test_fine(): pass\n",
            "test_missing.py": "import os\n\nimport nowhere_to_be_found\n",
            "test_syntax.py": "def test_it():\n    return (\n\n]\n",
        },
    )
    listed = wsp(machine, "test", "list", "--json", quoting=True)
    assert listed.exit_code == 2
    assert [one["id"] for one in listed.document["tests"]] == ["test_fine.py::test_fine"]
    found = {one["file"]: (one["line"], one["message"]) for one in listed.document["unusable"]}
    assert found[str(root / "test_missing.py")] == (
        3,
        "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
    )
    line, message = found[str(root / "test_syntax.py")]
    assert line == 4
    assert message.startswith("SyntaxError")
    assert "test_missing.py:3" in wsp(machine, "test", "run", quoting=True).text


# -- running --------------------------------------------------------------------------------------------------------


def test_each_result_has_its_state_reason_place_and_output(
    machine: Machine, environment: Path
) -> None:
    """The place is the last line of the test itself, though a helper raised."""
    root = project(machine, environment, {"test_states.py": STATES})
    done = wsp(machine, "test", "run", "--json")
    assert done.exit_code == 1, done.text
    assert states(done) == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_error": "error",
        "test_skipped": "skipped",
        "test_expected": "skipped",
        "test_subtests": "failed",
    }
    outcomes = {name.rpartition("::")[2]: one for name, one in results(done).items()}
    assert outcomes["test_passes"]["output"] == "quiet words\n"
    fails = outcomes["test_fails"]
    assert fails["message"] == "assert 2 == 1"
    assert fails["file"] == str(root / "test_states.py")
    assert (fails["line"], fails["output"]) == (3, "loud words\n")
    assert "check(2)" in fails["detail"]
    assert outcomes["test_error"]["message"] == "RuntimeError: no fixture"
    assert outcomes["test_skipped"]["message"] == "later"
    assert outcomes["test_expected"]["message"] == "expected to fail: known"
    subtests = [one for one in done.document["results"] if "subtest" in one]
    assert [(one["subtest"], one["state"]) for one in subtests][1:2] == [("number n=1", "failed")]
    assert done.document["summary"] == {"passed": 1, "failed": 2, "skipped": 2, "error": 1}


def test_what_pytest_prints_is_shown_and_a_table_follows(
    machine: Machine, environment: Path
) -> None:
    """With a row for each test that did not pass, and the totals."""
    project(machine, environment, {"test_states.py": STATES})
    done = wsp(machine, "test", "run", "test_states.py::test_fails", "test_states.py::test_passes")
    # What pytest itself prints comes in the code page of Windows.
    text = done.stdout.decode(errors="backslashreplace")
    assert "1 failed, 1 passed" in text
    *_, row, totals = text.splitlines()
    assert row.split() == [
        *("failed", "test_states.py::test_fails", "assert", "2", "==", "1", "test_states.py:3")
    ]
    assert ": 1 passed, 1 failed in " in totals


def test_junit_has_the_tests_that_pytest_s_own_has(machine: Machine, environment: Path) -> None:
    """The same names in the same classes, with failures as failures; a file that says that it is to be skipped is one of them."""
    whole = "import pytest\n\npytest.skip('not here', allow_module_level=True)\n"
    subtests = "def test_all(subtests):\n    with subtests.test('fine'): pass\n"
    files = {"test_states.py": STATES, "test_whole.py": whole, "test_fine.py": subtests}
    root = project(machine, environment, {**FOUND, **files})
    assert wsp(machine, "test", "run", "--junit", "ours.xml").exit_code == 1
    subprocess.run(
        [python_in(environment), "-m", "pytest", "--junitxml", "theirs.xml"],
        cwd=root,
        env=machine.environ,
        capture_output=True,
        check=False,
    )

    def cases(name: str) -> set[tuple[str | None, ...]]:
        found = ET.parse(root / name).iter("testcase")  # noqa: S314 - our own
        return {
            (
                one.get("classname"),
                one.get("name"),
                # Of a file that is skipped, pytest has the reason twice.
                *{part.tag for part in one if "system" not in part.tag},
            )
            for one in found
            if one.get("name") and "test_subtests" not in str(one.get("name"))
        }

    assert cases("ours.xml") == cases("theirs.xml")


def test_only_what_failed_the_last_time_is_run(machine: Machine, environment: Path) -> None:
    """By pytest's own memory."""
    project(machine, environment, {"test_states.py": STATES})
    assert wsp(machine, "test", "run").exit_code == 1
    again = wsp(machine, "test", "run", "--last-failed", "--json")
    assert (
        {"test_fails", "test_error"}
        <= states(again).keys()
        <= {"test_fails", "test_error", "test_subtests"}
    )


def test_tests_in_several_processes_come_as_if_in_one(machine: Machine, environment: Path) -> None:
    """With pytest-xdist, also where one of its workers is ended by a test."""
    crash = "import os\n\ndef test_first(): pass\n\ndef test_crash(): os._exit(3)\n\ndef test_last(): pass\n"
    project(
        machine,
        environment,
        {
            "pytest.ini": "[pytest]\naddopts = -n 2\n",
            "test_states.py": STATES,
            "test_crash.py": crash,
        },
    )
    done = wsp(machine, "test", "run", "--json")
    assert done.exit_code == 1
    by_name = states(done)
    assert (by_name["test_first"], by_name["test_crash"], by_name["test_last"]) == (
        "passed",
        "error",
        "passed",
    )
    assert (by_name["test_fails"], by_name["test_error"], by_name["test_passes"]) == (
        "failed",
        "error",
        "passed",
    )
    assert len(by_name) == 9


def test_options_are_handed_to_the_framework(machine: Machine, environment: Path) -> None:
    """Beside what the project configures: workers of pytest-xdist, and words that names must have; unittest's own where that runs them."""
    shows = 'import os\n\ndef test_worker(): print(os.environ.get("PYTEST_XDIST_WORKER"))\n\ndef test_other(): pass\n'
    root = project(machine, environment, {"pytest.ini": "[pytest]\n", "test_it.py": shows})
    options = ("--option=-n1", "--option=-k", "--option", "worker")
    assert wsp(machine, "test", "list", *options).stdout.split() == [b"test_it.py::test_worker"]
    done = wsp(machine, "test", "run", "--json", *options)
    ((name, outcome),) = results(done).items()
    assert (name, outcome["state"], outcome["output"]) == (
        "test_it.py::test_worker",
        "passed",
        "gw0\n",
    )
    (root / "pytest.ini").unlink()
    case = "import unittest\n\nclass Case(unittest.TestCase):\n    def test_a(self): pass\n    def test_b(self): pass\n"
    write(root / "test_it.py", case)
    ran = wsp(machine, "test", "run", "--json", "--option=-k", "--option=test_a")
    assert [*results(ran)] == ["test_it.Case.test_a"]


def test_there_may_be_no_tests(machine: Machine, environment: Path) -> None:
    """Exit 5 as of pytest, and a sentence; a name that is none is exit 4 with pytest's words."""
    project(machine, environment, {"pytest.ini": "[pytest]\n"})
    assert wsp(machine, "test", "list").exit_code == 5
    assert wsp(machine, "test", "run", "--json").exit_code == 5
    unknown = wsp(machine, "test", "run", "--json", "nonsense.py")
    assert unknown.exit_code == 4
    assert "nonsense.py" in unknown.document["trouble"]


def test_tests_run_in_each_environment(machine: Machine, environment: Path) -> None:
    """With a column for each, and a row for what did not pass in all; what cannot run them is named with the reason."""
    root = project(
        machine,
        environment,
        {
            "tox.ini": "[tox]\nenvlist = other, lint\n",
            "test_it.py": "import sys\nimport pytest\n\ndef test_all(): pass\n\n"
            "def test_some(): assert 'other' not in sys.prefix\n",
        },
    )
    with_packages(root / ".tox" / "other", *PYTEST)
    make_venv(root / ".tox" / "lint")
    done = wsp(machine, "test", "run", "--all", "--junit", "all.xml")
    assert done.exit_code == 1, done.text
    assert b"pytest, which is not installed in .tox/lint" in done.stderr
    *_, head, row, one, two = done.stdout.decode(errors="backslashreplace").splitlines()
    states = dict(zip(head.split(), row.split()[1:], strict=True))
    assert row.split()[0] == "test_it.py::test_some"
    assert states == {".venv": "passed", ".tox/other": "failed"}
    assert sorted(line.partition(",")[0] for line in (one, two)) == [".tox/other", ".venv"]
    suites = [one.get("name") for one in ET.parse(root / "all.xml").iter("testsuite")]  # noqa: S314 - our own
    assert sorted(map(str, suites)) == [".tox/other", ".venv"]
    one_of_them = wsp(machine, "test", "run", "--in", ".venv", "--json")
    assert one_of_them.exit_code == 0
    both = wsp(machine, "test", "run", "--in", ".venv", "--in", ".tox/other", "--json")
    assert (both.exit_code, both.document["left_out"]) == (1, [])
    assert [(one["environment"]["id"], one["status"]) for one in both.document["runs"]] == [
        (".venv", 0),
        (".tox/other", 1),
    ]
    for words in (("--all", "--in", ".venv"), ("--all", "--last-failed")):
        assert wsp(machine, "test", "run", *words).exit_code == 2


def test_an_environment_that_cannot_start_pytest_fails_by_itself(
    machine: Machine, environment: Path
) -> None:
    """What Python said is told, and tests in other environments would be run."""
    root = project(machine, None, {"test_it.py": "import pytest\n"})
    packages = packages_in(with_packages(root / ".venv"))
    write(packages / "pytest-9.dist-info" / "METADATA", "Name: pytest\nVersion: 9\n")
    done = wsp(machine, "test", "run", "--json", quoting=True)
    assert (done.exit_code, done.document["results"]) == (1, [])
    assert "No module named 'pytest'" in done.document["trouble"]


# -- tests that behave badly ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("os._exit(0)", "Python ended with exit status 0"),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGKILL)",
            "Python crashed: ended by signal 9",
            marks=pytest.mark.needs("POSIX"),
        ),
    ],
)
def test_a_test_that_ends_python_is_an_error(
    machine: Machine, environment: Path, how: str, reason: str
) -> None:
    """What ran before it keeps its results, and what was to follow is counted."""
    text = f"import os, signal\n\ndef test_a(): pass\n\ndef test_b():\n    {how}\n\ndef test_c(): pass\n"
    project(machine, environment, {"test_it.py": text})
    done = wsp(machine, "test", "run", "--json")
    assert done.exit_code == 1
    assert states(done) == {"test_a": "passed", "test_b": "error"}
    ended = results(done)["test_it.py::test_b"]
    assert ended["message"] == f"{reason} while this test was running"
    assert ended["line"] == 5
    assert (
        wsp(machine, "test", "run").stdout.decode(errors="backslashreplace").splitlines()[-2]
        == f"{reason}, 1 not run"
    )


#: A test that never ends, and has started a process in a session of its own.
HANGS = """import subprocess, sys, time

def test_before(): pass

def test_hangs():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    with open("pid", "w") as file: file.write(f"{child.pid}\\n")
    DEFENCE
    time.sleep(600)
"""


@pytest.mark.parametrize(
    "defence",
    [
        "pass",
        pytest.param(
            "import signal; signal.pthread_sigmask(0, [2, 15])", marks=pytest.mark.needs("POSIX")
        ),
    ],
)
def test_a_run_that_never_ends_is_stopped(
    machine: Machine, environment: Path, defence: str
) -> None:
    """Also where it hears no signal: the test that was running is named, and nothing that it started is left."""
    root = project(machine, environment, {"test_it.py": HANGS.replace("DEFENCE", defence)})
    done = wsp(machine, "test", "run", "--json", "--timeout", "6")
    assert done.exit_code == 2, done.text
    assert states(done) == {"test_before": "passed", "test_hangs": "error"}
    assert done.document["trouble"] == "stopped after 6 s"
    see_it_end(int((root / "pid").read_text()))


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 2), (signal.SIGTERM, 128 + 15)])
def test_a_run_that_is_interrupted_leaves_nothing(
    machine: Machine, environment: Path, number: int, status: int
) -> None:
    """Ctrl-C tells what it got to; TERM ends it, too."""
    root = project(machine, environment, {"test_it.py": HANGS.replace("DEFENCE", "pass")})
    pid = root / "pid"
    argv = [*WSP, "test", "run", "--json"]
    with subprocess.Popen(argv, cwd=root, env=machine.environ, stdout=subprocess.PIPE) as started:
        until(lambda: pid.exists() and pid.read_text().endswith("\n"))
        started.send_signal(number)
        output, _ = started.communicate(timeout=GUARD)
    assert started.returncode == status
    see_it_end(int(pid.read_text()))
    if number == signal.SIGINT:
        (last,) = json.loads(output)["results"][1:]
        assert (last["state"], last["message"]) == (
            "error",
            "interrupted while this test was running",
        )


@pytest.mark.needs("POSIX")
def test_what_a_test_forks_reports_nothing(machine: Machine, environment: Path) -> None:
    """A copy of the process that goes on with the tests does not give each result twice."""
    text = "import os\n\ndef test_a():\n    os.fork()\n\ndef test_b(): pass\n"
    project(machine, environment, {"test_it.py": text})
    done = wsp(machine, "test", "run", "--json")
    assert states(done) == {"test_a": "passed", "test_b": "passed"}


def test_much_output_is_cut(machine: Machine, environment: Path) -> None:
    """100 MB: the last of it is kept, which says so."""
    text = (
        "def test_loud():\n    for _ in range(100): print('x' * 1_000_000)\n    print('the end')\n"
    )
    project(machine, environment, {"test_it.py": text})
    done = wsp(machine, "test", "run", "--json")
    output = results(done)["test_it.py::test_loud"]["output"]
    assert output.startswith("[99934572 characters before this are left out]\n")
    assert output.endswith("xxx\nthe end\n")


def test_a_file_may_be_saved_while_its_tests_run(machine: Machine, environment: Path) -> None:
    """The run is one of the tests that were there when it began; the next one is of those that are there now."""
    text = (
        "from pathlib import Path\n\ndef test_a():\n"
        "    Path(__file__).write_text('# shorter\\n\\ndef test_new(): pass\\n')\n\ndef test_b(): assert 0\n"
    )
    project(machine, environment, {"test_it.py": text})
    assert states(wsp(machine, "test", "run", "--json")) == {"test_a": "passed", "test_b": "failed"}
    assert states(wsp(machine, "test", "run", "--json")) == {"test_new": "passed"}


def test_an_installed_pytest_is_not_used_for_tests_of_unittest(
    machine: Machine, environment: Path
) -> None:
    """Unless a file configures it."""
    case = "import unittest\n\nclass Case(unittest.TestCase):\n    def test_it(self): pass\n"
    root = project(machine, environment, {"test_it.py": case})
    assert wsp(machine, "test", "list").stdout == b"test_it.Case.test_it\n"
    write(root / "pyproject.toml", "[tool.pytest.ini_options]\n")
    assert wsp(machine, "test", "list").stdout == b"test_it.py::Case::test_it\n"


# -- what keeps tests from running ----------------------------------------------------------------------------------


def test_tests_for_pytest_need_pytest(machine: Machine) -> None:
    """Where the environment has none, the error says how to install it."""
    project(machine, make_venv(machine.home / "env"), {"test_it.py": "import pytest\n"})
    done = wsp(machine, "test", "run", "--json")
    assert done.exit_code == 1
    assert "pytest, which is not installed in .venv" in done.document["error"]["message"]
    assert "wsp env ensure --with pytest" in done.document["error"]["hint"]


def test_without_an_environment_nothing_is_run(machine: Machine) -> None:
    """An error says so once, and how to make one."""
    done = wsp(machine, "test", "list", "--json")
    error = done.document["error"]
    assert (done.exit_code, error["code"]) == (1, "not_found")
    assert error["message"] == "the environment .venv does not exist yet"
    assert "--create" in error["hint"]


def test_a_workflow_that_is_not_trusted_runs_no_tests(machine: Machine, environment: Path) -> None:
    """Exit 4, also for a list, which imports the tests: nothing of the project was run."""
    server = "pathlib.Path('ran').touch()\n"
    root = project(
        machine,
        environment,
        {
            "pyproject.toml": '[workflow]\nwsp = {script = "serve.py"}\n',
            "serve.py": f"import pathlib\n{server}",
            "test_it.py": f"import pathlib\n{server}",
        },
    )
    for verb in ("list", "run"):
        assert wsp(machine, "test", verb).exit_code == 4
    assert not (root / "ran").exists()


@pytest.mark.parametrize("words", [("--timeout", "soon"), ("--timeout", "-1"), ("--", "-k")])
def test_odd_arguments_are_refused(
    machine: Machine, environment: Path, words: tuple[str, ...]
) -> None:
    """A time that is none, and an option in the place of a name: exit 2."""
    project(machine, environment, {"test_it.py": "def test_it(): pass\n"})
    assert wsp(machine, "test", "run", *words).exit_code == 2


@pytest.mark.parametrize("framework", ["pytest", "unittest"])
def test_the_tests_see_nothing_of_the_product_s_own_modules(
    machine: Machine, environment: Path, framework: str
) -> None:
    """The current folder is on the path and nothing of ours; the project's own module has its name, and nothing is written beside ours."""
    text = """import os
import sys
import unittest

import report


class Case(unittest.TestCase):
    def test_it(self):
        self.assertIn(os.getcwd(), [os.path.abspath(entry) for entry in sys.path])
        self.assertEqual([entry for entry in sys.path if "test_runner" in entry], [])
        self.assertEqual(os.path.dirname(os.path.abspath(report.__file__)), os.getcwd())
"""
    config = {"pytest.ini": "[pytest]\n"} if framework == "pytest" else {}
    project(machine, environment, {"test_it.py": text, "report.py": "", **config})
    done = wsp(machine, "test", "run", "--json")
    assert (done.exit_code, done.document["framework"]["name"]) == (0, framework), done.text
    assert [*Path(FOLDER).rglob("__pycache__")] == []
