"""What command lines that run tests say, and what the sessions of a noxfile run."""

from __future__ import annotations

import pytest
from workflow_helper.backends import test_commands as commands
from workflow_helper.backends.nox_sessions import read_sessions

Command = commands.TestCommand

#: Each with the command line before it.
LINES = {
    "pytest": Command("pytest"),
    "pytest -x tests/unit tests/slow.py::Case": Command(
        "pytest", ("-x",), ("tests/unit", "tests/slow.py::Case")
    ),
    "pytest -k 'not slow' -n auto --cov pkg -W error tests": Command(
        "pytest", ("-k", "not slow", "-n", "auto", "--cov", "pkg", "-W", "error"), ("tests",)
    ),
    "pytest --strict-markers tests --maxfail=2": Command(
        "pytest", ("--strict-markers", "--maxfail=2"), ("tests",)
    ),
    "pytest --of-a-plugin value tests": Command("pytest", ("--of-a-plugin", "value"), ("tests",)),
    "pytest -x -n": Command("pytest", ("-x",)),
    "python -m pytest tests": Command("pytest", (), ("tests",)),
    "/env/bin/python3.12 -X dev -m pytest -q": Command("pytest", ("-q",)),
    "coverage run --branch -m pytest -q": Command("pytest", ("-q",)),
    "python -m coverage run -p -m pytest -q": Command("pytest", ("-q",)),
    "uv run --frozen pytest -q": Command("pytest", ("-q",)),
    "uv.exe run Python.EXE -m pytest -q": Command("pytest", ("-q",)),
    "pdm run pytest.exe -q": Command("pytest", ("-q",)),
    "poetry run python -m pytest": Command("pytest"),
    "A=1 B='x y' pytest": Command("pytest", env={"A": "1", "B": "x y"}),
    "ruff check && pytest tests; echo done": Command("pytest", (), ("tests",)),
    "pytest {args:tests} --tb=short": Command("pytest", ("--tb=short",), ("tests",)),
    "pytest {args}": Command("pytest"),
    "python -m unittest": Command("unittest"),
    "python -m unittest -v tests.test_one tests.test_two": Command(
        "unittest", ("-v",), ("tests.test_one", "tests.test_two")
    ),
    "python -m unittest discover -s tests -p '*_test.py'": Command(
        "unittest", ("-s", "tests", "-p", "*_test.py")
    ),
    "python -m unittest discover -v tests": Command("unittest", ("-v", "-s", "tests")),
}


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_says_how_tests_are_run(line: str) -> None:
    """Options are told from paths, and what comes before the framework is left away."""

    def exists(path: str) -> bool:
        return path.startswith("tests")

    assert commands.of_script(line, exists) == LINES[line]


@pytest.mark.parametrize(
    "line",
    [
        "ruff check",
        "python setup.py test",
        "coverage report",
        "pip install pytest",
        "echo 'pytest",
        "",
    ],
)
def test_another_command_line_says_nothing(line: str) -> None:
    """What only mentions a framework, and what no shell would run, is no run of tests."""
    assert commands.of_script(line, lambda _: False) is None


NOXFILE = """
import nox

@nox.session(python=["3.11", "3.13"])
@nox.parametrize("django", ["4", "5"])
def tests(session, django):
    session.install("pytest")
    session.chdir("engine")
    if django:
        session.run("pytest", "-x", "tests", *session.posargs, env={"KIND": "unit", "PLACE": session.name})
    session.run("pytest", "-n", str(4), "more")

@nox.session(name="quick", venv_backend="none")
def _quick(s: nox.Session) -> None:
    s.run("python", "-m", "pytest")

def helper(session):
    session.run("pytest")
"""


def test_the_text_of_a_noxfile_tells_what_its_sessions_run() -> None:
    """Words that stand there as they are, in order, with folder and variables; what is worked out is left away."""
    found = read_sessions(NOXFILE)
    assert [*found] == ["tests", "quick"]
    assert found["tests"].commands == (
        (("pytest", "-x", "tests"), {"KIND": "unit"}),
        (("pytest", "-n"), {}),
    )
    assert found["tests"].folder == "engine"
    assert found["tests"].has_environment
    assert not found["quick"].has_environment


def test_a_noxfile_that_cannot_be_parsed_tells_nothing() -> None:
    """It is nox's to say what is wrong with it."""
    assert read_sessions("def (:\n") == {}
