"""Output of the real tools, recorded in ``test-fixtures/tools``, as the workflows read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from workflow_helper.backends import hatch_environments, nox, pdm, poetry, tox
from workflow_helper.backends.registry import WORKFLOWS
from workflow_helper.errors import (
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    UnusableFile,
)
from workflow_helper.install.failures import failure
from workflow_helper.system.process import Finished

if TYPE_CHECKING:
    from workflow_helper.errors import RequestFailed

TOOLS = Path(__file__).parents[4] / "test-fixtures" / "tools"
RECORDED = sorted(f"{path.parent.name}/{path.name}" for path in TOOLS.glob("*/*.[tj]*"))

#: What each failure becomes: the kind of error, a part of its message, and a part of its hint.
FAILURES: dict[str, tuple[type[RequestFailed], str, str]] = {
    "uv/folder-in-the-way.txt": (Protected, "the existing folder is not an environment", "Remove"),
    "uv/no-download.txt": (PythonUnavailable, "uv could not install one", "wsp python list"),
    "uv/no-index.txt": (NetworkUnavailable, "could not be reached", "network"),
    "uv/no-lock.txt": (LockOutdated, "uv.lock is missing", "uv lock"),
    "uv/no-resolution.txt": (ExecutionFailed, "depends on iniconfig<0", ""),
    "uv/no-such-extra.txt": (InvalidParams, "no such group or extra", "pyproject.toml"),
    "uv/no-such-group.txt": (InvalidParams, "no such group or extra", "pyproject.toml"),
    "uv/no-such-python.txt": (PythonUnavailable, "no Python on this machine fits", "--python"),
    "uv/python-excluded.txt": (
        PythonUnavailable,
        "no Python on this machine fits",
        "wsp python list",
    ),
    "uv/stale-lock.txt": (LockOutdated, "does not match", "uv lock"),
    "hatch/file-in-the-way.txt": (Protected, "where hatch needs a folder", "Remove"),
    "hatch/lock-by-pip.txt": (ExecutionFailed, "uses a lock file only with uv", 'installer = "uv"'),
    "hatch/no-download.txt": (PythonUnavailable, "hatch could not install one", "wsp python list"),
    "hatch/no-index.txt": (NetworkUnavailable, "could not be reached", "network"),
    "hatch/no-resolution.txt": (ExecutionFailed, "you require iniconfig<0", ""),
    "hatch/no-such-environment.txt": (InvalidParams, "no such environment", "hatch.toml"),
    "hatch/no-such-package.txt": (
        ExecutionFailed,
        "in none of the package indexes",
        "Check its name",
    ),
    "hatch/no-such-python.txt": (PythonUnavailable, "cannot locate Python: 3.99", "--python"),
    "pdm/lock-for-another-python.txt": (
        PythonUnavailable,
        "does not cover this Python",
        "--append",
    ),
    "pdm/no-index.txt": (NetworkUnavailable, "could not be reached", "network"),
    "pdm/no-resolution.txt": (ExecutionFailed, "conflict with each other", "Relax"),
    "pdm/no-such-python.txt": (PythonUnavailable, "no Python on this machine fits", "--python"),
    "poetry/no-index.txt": (NetworkUnavailable, "could not be reached", "network"),
    "poetry/no-package.txt": (ExecutionFailed, "is not a package", "package-mode"),
    "poetry/no-resolution.txt": (ExecutionFailed, "iniconfig (<0) which doesn't match", ""),
    "poetry/python-excluded.txt": (PythonUnavailable, "does not allow this Python", "--python"),
    "poetry/stale-lock.txt": (LockOutdated, "does not match", "poetry lock"),
    "pipenv/no-lock.txt": (LockOutdated, "Pipfile.lock", "pipenv lock"),
    "pipenv/no-such-package.txt": (
        ExecutionFailed,
        "in none of the package indexes",
        "Check its name",
    ),
    "pipenv/stale-lock.txt": (LockOutdated, "does not match the Pipfile", "pipenv lock"),
    "tox/broken-file.txt": (ExecutionFailed, "failed loading", ""),
    "tox/broken-value.txt": (ExecutionFailed, "Invalid requirement: './{x}'", ""),
    "tox/no-configuration.txt": (Protected, "no tox configuration", "tox quickstart"),
    "tox/no-index.txt": (NetworkUnavailable, "could not be reached", "network"),
    "tox/no-provision.txt": (ToolNotInstalled, "does not install them", "wsp env create"),
    "tox/no-such-environment.txt": (InvalidParams, "no such environment", "tox list"),
    "tox/no-such-package.txt": (
        ExecutionFailed,
        "in none of the package indexes",
        "Check its name",
    ),
    "tox/no-such-python.txt": (
        PythonUnavailable,
        "this machine does not have",
        "tox's configuration",
    ),
    "nox/broken-file.txt": (ExecutionFailed, "SyntaxError", ""),
    "nox/no-answer.txt": (ExecutionFailed, "EOF when reading a line", ""),
    "nox/no-index.txt": (NetworkUnavailable, "could not be reached", "network"),
    "nox/no-noxfile.txt": (Protected, "no noxfile.py", "sessions"),
    "nox/no-such-module.txt": (ExecutionFailed, "imports is missing", "# /// script"),
    "nox/no-such-package.txt": (
        ExecutionFailed,
        "in none of the package indexes",
        "Check its name",
    ),
    "nox/no-such-python.txt": (PythonUnavailable, "this machine does not have", "noxfile"),
    "nox/no-such-session.txt": (InvalidParams, "no such session", "nox --list"),
    "virtualenv/no-such-python.txt": (PythonUnavailable, "no Python on this machine fits", ""),
}
#: What is no failure.
LISTINGS = {
    "hatch/environments.json",
    "nox/sessions.txt",
    "pdm/dry-run.txt",
    "poetry/dry-run.txt",
    "tox/configuration-of-a-package.txt",
    "tox/configuration-of-tests.txt",
    "tox/configuration.txt",
}
#: Whatever would tell of the machine on which it was recorded.
OF_A_MACHINE = re.compile(
    r"/root\b|/tmp\b|/var\b|/opt\b|/home/(?!user/)|https?://(?!(index\.example|127\.0\.0\.1)\b)\S*(simple|pypi)"
    r"|pypi\.org|pythonhosted"
)


def recorded(name: str, exit_code: int = 0) -> Finished:
    """Return what a tool printed, as if it had just ended."""
    return Finished(exit_code, (TOOLS / name).read_bytes(), b"")


@pytest.mark.parametrize("name", FAILURES)
def test_failure_becomes_an_error_of_its_kind(name: str) -> None:
    """What a tool prints when it fails becomes an error that says what is wrong, and what to do, without colors."""
    tool = name.partition("/")[0]
    kind, message, hint = FAILURES[name]
    error_patterns = WORKFLOWS[tool].error_patterns if tool in WORKFLOWS else ()
    error = failure("creating .venv", tool, recorded(name, 1), error_patterns)
    assert type(error) is kind
    assert message in error.message
    assert hint in (error.hint or "")
    assert "\x1b" not in error.message


def test_everything_recorded_is_read() -> None:
    """Each recording is of a failure or a listing that a test reads, and the README beside it names it with its command."""
    assert {*RECORDED} == {*FAILURES} | LISTINGS
    for name in RECORDED:
        tool, _, file = name.partition("/")
        about = (TOOLS / tool / "README.md").read_text(encoding="utf-8")
        assert re.search(
            rf"^\| `{re.escape(file)}` \| \d+ \| `{tool} [^`]+` \|", about, re.MULTILINE
        )
        assert re.search(
            rf"^# Recorded of {tool} \d+(\.\d+)+$", about, re.MULTILINE | re.IGNORECASE
        )
        assert re.search(r"\b\d{4}-\d{2}-\d{2}\b", about)


def test_nothing_recorded_is_of_a_machine() -> None:
    """Neither a path of the machine on which it was recorded nor the host of its package index is in a recording."""
    for path in TOOLS.glob("*/*"):
        found = OF_A_MACHINE.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path}: {found}"


def test_environments_of_hatch() -> None:
    """The project's own environments are read with their options, and not those that hatch has for itself."""
    text = recorded("hatch/environments.json").stdout.decode()
    found = hatch_environments.parse_environments(text, "pyproject.toml")
    assert list(found) == ["default", "test.1", "test.2"]
    assert found["test.1"]["dependencies"] == ["pluggy"]
    assert found["test.2"]["dependencies"] == ["pluggy", "packaging"]
    assert {options["type"] for options in found.values()} == {"virtual"}
    for other in ("", "[]", "Creating environment: hatch-env"):
        with pytest.raises(UnusableFile, match="lists no environments"):
            hatch_environments.parse_environments(other, "pyproject.toml")


def test_dry_run_of_pdm() -> None:
    """What is missing, of another version and not asked for is a clause each, and the project itself is none."""
    text = recorded("pdm/dry-run.txt").stdout.decode()
    assert [re.sub(r"\d[\d.]+", "N", one) for one in pdm.parse_dry_run(text, "demo-project")] == [
        "packaging N is not installed",
        "iniconfig N is locked, but N is installed",
        "zipp N is installed but not requested",
    ]
    assert len([*pdm.parse_dry_run(text, "packaging")]) == 2
    folder = "Packages to update:\n  - blocking 1.0 -> 1.0\n"
    assert [*pdm.parse_dry_run(folder, None)] == []


def test_dry_run_of_poetry() -> None:
    """What would be done is a clause each, and what is skipped is none."""
    text = recorded("poetry/dry-run.txt").text
    (clause,) = poetry.parse_dry_run(text)
    assert clause.startswith("planned: Installing iniconfig (")


@pytest.mark.needs("POSIX")
def test_configuration_of_tox() -> None:
    """Environments are read with folder and description, whatever a plug-in printed before."""
    found = tox.parse_configuration(recorded("tox/configuration.txt"))
    assert found.environments == {
        "dev": tox.ToxEnvironment("/project/.tox/dev"),
        "docs": tox.ToxEnvironment("/project/.tox/docs", "to write"),
    }
    assert (found.default, found.redirect) == ("dev", True)


def test_configuration_of_tox_with_a_package() -> None:
    """What tox builds the package in is not an environment, and one with the package editable is the default."""
    done = recorded("tox/configuration-of-a-package.txt")
    assert [*tox.parse_configuration(done).environments] == ["dev", "docs"]
    without_dev = done._replace(stdout=done.stdout.replace(b'"dev"', b'"lint"'))
    assert tox.parse_configuration(without_dev).default == "lint"
    pinned = done.stdout.replace(
        b'"venv_redirect_env": "None"', b'"venv_redirect_env": "docs"'
    ).replace(b'"venv_redirect": "None"', b'"venv_redirect": false')
    found = tox.parse_configuration(done._replace(stdout=pinned))
    assert (found.default, found.redirect) == ("docs", False)


def test_how_tox_runs_tests() -> None:
    """The commands of an environment come with its folder and variables, those of tox itself left out."""
    done = recorded("tox/configuration-of-tests.txt")
    unit = tox.parse_configuration(done).environments["unit"]
    assert unit.commands == ("python -c 'print(1)'", "pytest -x --strict-markers tests/unit")
    assert unit.change_dir == "/project/engine"
    assert unit.set_env["KIND"] == "unit"
    assert "VIRTUAL_ENV" not in unit.set_env


def test_tox_that_prints_no_configuration() -> None:
    """Where tox prints none, that is an error of the kind that its words are of."""
    with pytest.raises(Protected, match="no tox configuration"):
        tox.parse_configuration(recorded("tox/no-configuration.txt", 254))
    with pytest.raises(ToolNotInstalled):
        tox.parse_configuration(recorded("tox/no-provision.txt", 254))


def test_sessions_of_nox() -> None:
    """Every session is read, with and without parameters, whatever the noxfile printed before."""
    found = nox.parse_sessions(recorded("nox/sessions.txt"), "listing")
    assert [one["session"] for one in found if isinstance(one, dict)] == [
        "dev",
        "tests(how='fast')",
        "tests(how='slow and thorough')",
        "plain",
        "passing",
    ]
    with pytest.raises(Protected, match=r"no noxfile\.py"):
        nox.parse_sessions(recorded("nox/no-noxfile.txt", 2), "listing")
