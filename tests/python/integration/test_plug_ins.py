"""What runs tests beside pytest and unittest alone: plug-ins, Django, and old versions, each the real one."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from support.files import python_in, write
from support.forked_command import wsp
from support.frameworks import PYTEST, project, with_distributions, with_packages
from support.processes import see_it_end
from support.tree import old_pythons

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Finished
    from support.machine import Machine

ASYNC = """import asyncio
import pytest
import pytest_asyncio

@pytest_asyncio.fixture
async def number():
    await asyncio.sleep(0)
    return 1

@pytest.mark.asyncio
async def test_marked(number): assert number == 1

@pytest.mark.asyncio
@pytest.mark.parametrize("value", [1, 2])
async def test_fails(number, value):
    await asyncio.sleep(0)
    assert number == value

async def test_bare(): pass

class TestAsync:
    async def test_method(self): pass
"""

DJANGO = {
    "manage.py": """import os, sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
""",
    "settings.py": """SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
""",
    "cart/__init__.py": "",
    "cart/tests.py": """from django.contrib.auth.models import User
from django.test import SimpleTestCase, TestCase

class CartTests(TestCase):
    def test_database(self):
        User.objects.create(username="a")
        self.assertEqual(User.objects.count(), 1)

    def test_fails(self):
        print("words")
        self.assertEqual(1, 2)

class PlainTests(SimpleTestCase):
    def test_plain(self): pass
""",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pytest, pytest-asyncio and Django, and without pytest-django."""
    prefix = tmp_path_factory.mktemp("environment") / "env"
    return with_distributions(prefix, "pytest==9.2.0", "pytest-asyncio", "django==5.2.19")


def states(done: Finished) -> dict[str, str]:
    """The state of each test by its name alone."""
    results: list[dict[str, Any]] = done.document["results"]
    return {one["id"].rpartition("::")[2]: one["state"] for one in results if "subtest" not in one}


def by_pytest(machine: Machine) -> list[str]:
    """The ids that the environment's own pytest collects."""
    python = str(python_in(machine.workspace / ".venv"))
    done = subprocess.run(
        [python, "-m", "pytest", "--collect-only", "-q"],
        cwd=machine.workspace,
        env=machine.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.partition("\n\n")[0].splitlines()


# -- pytest-asyncio -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "bare"), [("strict", "failed"), ("auto", "passed")])
def test_coroutines_are_run_as_the_mode_of_pytest_asyncio_has_it(
    machine: Machine, environment: Path, mode: str, bare: str
) -> None:
    """In strict mode those that are marked, in auto mode all; a failure stands at its line."""
    ini = f"[pytest]\nasyncio_mode = {mode}\n"
    root = project(machine, environment, {"pytest.ini": ini, "test_it.py": ASYNC})
    listed = wsp(machine, "test", "list", "--json").document["tests"]
    assert [one["id"] for one in listed] == by_pytest(machine)
    done = wsp(machine, "test", "run", "--json")
    assert states(done) == {
        "test_marked": "passed",
        "test_fails[1]": "passed",
        "test_fails[2]": "failed",
        "test_bare": bare,
        "test_method": bare,
    }
    failed = next(one for one in done.document["results"] if one["id"].endswith("test_fails[2]"))
    assert (failed["file"], failed["line"]) == (str(root / "test_it.py"), 17)


# -- Django ---------------------------------------------------------------------------------------------------------


def test_django_project_is_tested_by_its_own_runner(machine: Machine, environment: Path) -> None:
    """As with ``manage.py test``: with its settings and a database for tests, though pytest is installed."""
    root = project(machine, environment, DJANGO)
    listed = wsp(machine, "test", "list", "--json").document
    assert listed["framework"]["name"] == "unittest"
    ids = [one["id"] for one in listed["tests"]]
    assert sorted(ids) == [
        "cart.tests.CartTests.test_database",
        "cart.tests.CartTests.test_fails",
        "cart.tests.PlainTests.test_plain",
    ]
    done = wsp(machine, "test", "run", "--json", quoting=True)
    results = {one["id"].rpartition(".")[2]: one for one in done.document["results"]}
    assert {name: one["state"] for name, one in results.items()} == {
        "test_database": "passed",
        "test_fails": "failed",
        "test_plain": "passed",
    }
    failed = results["test_fails"]
    assert (failed["file"], failed["line"]) == (str(root / "cart/tests.py"), 11)
    assert failed["output"] == "words\n"
    again = wsp(machine, "test", "run", "--json", "--last-failed", quoting=True)
    assert [one["id"] for one in again.document["results"]] == ["cart.tests.CartTests.test_fails"]
    one = wsp(machine, "test", "run", "--json", "cart.tests.PlainTests")
    assert [one["id"] for one in one.document["results"]] == ["cart.tests.PlainTests.test_plain"]


def test_django_project_is_found_in_the_folder_below(machine: Machine, environment: Path) -> None:
    """Where the repository's own files are above ``manage.py``, its runner is started beside that, and paths are from the root."""
    files = {f"backend/{name}": text for name, text in DJANGO.items()}
    top = {"pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n'}
    root = project(machine, environment, {**files, **top})
    ids = ["cart.tests.CartTests.test_database", "cart.tests.CartTests.test_fails"]
    plain = "cart.tests.PlainTests.test_plain"
    listed = wsp(machine, "test", "list", "--json").document
    assert sorted(one["id"] for one in listed["tests"]) == [*ids, plain]
    done = wsp(machine, "test", "run", "--json", "backend/cart/tests.py", quoting=True)
    results = {one["id"]: one for one in done.document["results"]}
    assert {name: one["state"] for name, one in results.items()} == {
        ids[0]: "passed",
        ids[1]: "failed",
        plain: "passed",
    }
    assert results[ids[1]]["file"] == str(root / "backend/cart/tests.py")
    one = wsp(machine, "test", "run", "--json", plain)
    assert [one["id"] for one in one.document["results"]] == [plain]


def test_what_keeps_django_from_starting_is_told(machine: Machine, environment: Path) -> None:
    """Settings that cannot be read, and a module of tests that cannot be imported."""
    root = project(machine, environment, DJANGO)
    write(root / "cart/test_broken.py", "import nowhere_to_be_found\n")
    listed = wsp(machine, "test", "list", "--json", quoting=True)
    assert listed.exit_code == 2
    assert [one["id"] for one in listed.document["unusable"]] == ["cart.test_broken"]
    assert len(listed.document["tests"]) == 3
    write(root / "settings.py", "import nowhere_to_be_found\n")
    done = wsp(machine, "test", "run", "--json", quoting=True)
    assert done.document["results"] == []
    assert done.exit_code != 0
    assert "nowhere_to_be_found" in done.document["trouble"]


def test_django_project_that_configures_pytest_is_tested_by_it(
    machine: Machine, tmp_path: Path
) -> None:
    """pytest-django brings the settings and the database, and the ids are pytest's."""
    packages = ("pytest==9.2.0", "pytest-django", "django==5.2.19")
    environment = with_distributions(tmp_path / "env", *packages)
    ini = "[pytest]\nDJANGO_SETTINGS_MODULE = settings\npython_files = tests.py\n"
    project(machine, environment, {**DJANGO, "pytest.ini": ini})
    listed = wsp(machine, "test", "list", "--json").document["tests"]
    assert [one["id"] for one in listed] == by_pytest(machine)
    assert states(wsp(machine, "test", "run", "--json")) == {
        "test_database": "passed",
        "test_fails": "failed",
        "test_plain": "passed",
    }


# -- configuration, and old versions --------------------------------------------------------------------------------


def test_file_of_pytest_s_own_kind_of_toml_configures_it(
    machine: Machine, environment: Path
) -> None:
    """Tests of unittest in a project with a ``pytest.toml`` are run by pytest, with its options."""
    case = "import unittest\n\nclass Case(unittest.TestCase):\n    def test_it(self): pass\n"
    project(machine, environment, {"pytest.toml": "[pytest]\n", "test_it.py": case})
    assert wsp(machine, "test", "list").stdout == b"test_it.py::Case::test_it\n"


@pytest.mark.needs("older python")
def test_pytest_of_an_old_python_runs_its_tests(machine: Machine, tmp_path: Path) -> None:
    """Pytest 6.2 on Python 3.8: each state, what was printed, and the line of a failure."""
    old = [path for path in old_pythons() if path.endswith(("3.8", "3.9"))][-1]
    environment = with_distributions(tmp_path / "env", "pytest==6.2.5", python=old)
    text = (
        "import pytest, unittest\n\ndef test_passes(): print('words')\n\ndef test_fails():\n    assert 1 == 2\n\n"
        "@pytest.mark.xfail\ndef test_expected(): assert 0\n\n@pytest.mark.skip('later')\ndef test_skipped(): pass\n\n"
        "@pytest.fixture\ndef broken(): raise OSError\n\ndef test_error(broken): pass\n\n"
        "class Case(unittest.TestCase):\n    def test_case(self): self.assertTrue(1)\n"
    )
    root = project(machine, environment, {"test_it.py": text})
    listed = wsp(machine, "test", "list", "--json").document
    assert listed["framework"] == {"name": "pytest", "version": "6.2.5"}
    assert [one["id"] for one in listed["tests"]] == by_pytest(machine)
    done = wsp(machine, "test", "run", "--json")
    assert states(done) == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_expected": "skipped",
        "test_skipped": "skipped",
        "test_error": "error",
        "test_case": "passed",
    }
    results = {one["id"].rpartition("::")[2]: one for one in done.document["results"]}
    assert results["test_passes"]["output"] == "words\n"
    assert (results["test_fails"]["file"], results["test_fails"]["line"]) == (
        str(root / "test_it.py"),
        6,
    )


# -- faults ---------------------------------------------------------------------------------------------------------


def test_two_runs_at_once_do_not_meet(machine: Machine, tmp_path: Path) -> None:
    """Each of two runs of one project tells all of its own tests, and nothing of the other's."""
    environment = with_packages(tmp_path / "env", *PYTEST)
    # Each waits for the other one's first test.
    meet = (
        "import os, pathlib, time\nhere = pathlib.Path(os.environ['RUNS'])\n\ndef test_meet():\n"
        "    (here / str(os.getpid())).touch()\n"
        "    while len(list(here.iterdir())) < 2: time.sleep(0.01)\n\n"
        "def test_who(): print(os.environ['WHO'])\n"
    )
    project(machine, environment, {"pytest.ini": "[pytest]\n", "test_it.py": meet})
    runs = tmp_path / "runs"
    runs.mkdir()

    def run(who: str) -> Finished:
        environ = {"RUNS": str(runs), "WHO": who}
        return wsp(machine, "test", "run", "--json", environ=environ)

    with ThreadPoolExecutor(2) as pool:
        both = [*pool.map(run, ("first", "second"))]
    for who, done in zip(("first", "second"), both, strict=True):
        results = done.document["results"]
        assert [one["state"] for one in results] == ["passed", "passed"]
        assert results[-1]["output"] == f"{who}\n"


@pytest.mark.needs("POSIX")
def test_process_that_a_test_leaves_behind_does_not_hold_up_the_run(
    machine: Machine, tmp_path: Path
) -> None:
    """A forked copy that goes on with the report and the output open is ended with the run."""
    environment = with_packages(tmp_path / "env", *PYTEST)
    text = (
        "import os, time\n\ndef test_fork():\n    pid = os.fork()\n"
        "    if pid == 0:\n        time.sleep(600)\n        os._exit(0)\n"
        "    with open('pid', 'w') as file: file.write(str(pid))\n"
    )
    root = project(machine, environment, {"pytest.ini": "[pytest]\n", "test_it.py": text})
    done = wsp(machine, "test", "run", "--json")
    assert states(done) == {"test_fork": "passed"}
    see_it_end(int((root / "pid").read_text()))
