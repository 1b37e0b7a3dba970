"""How the real tools would run a project's tests, and that their tests are run so, in the environments that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from support.forked_command import wsp
from support.making import local
from support.pythons import minor, pythons_of
from support.recipes import EMPTY, Site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Finished

#: Passes where the variable and the folder are those of its configuration.
CASE = """import os, unittest

class Case(unittest.TestCase):
    def test_kind(self):
        print(os.environ["KIND"], os.path.basename(os.getcwd()))
        self.assertNotEqual(os.environ["KIND"], "two")
"""
TOX = """[tox]
no_package = true
env_list = one, two, lint
[testenv]
set_env =
    one: KIND = one
    two: KIND = two
change_dir = engine
commands = python -m unittest {posargs:discover -s cases}
[testenv:lint]
commands = python -V
"""
NOX = """import nox

@nox.session
@nox.parametrize("kind", ["one", "two"])
def cases(session, kind):
    session.chdir("engine")
    session.run("python", "-m", "unittest", "discover", "-s", "cases", *session.posargs, env={"KIND": "one"})

@nox.session
def lint(session):
    session.run("python", "-V")
"""
HATCH = """
[tool.hatch.envs.default]
installer = "uv"
skip-install = true
[tool.hatch.envs.cases.scripts]
all = "python -m unittest discover {args:-s engine/cases}"
[tool.hatch.envs.cases.env-vars]
KIND = "{env_name}"
[[tool.hatch.envs.cases.matrix]]
kind = ["one", "two"]
[tool.hatch.envs.hatch-test]
skip-install = true
dependencies = []
extra-args = ["-vv"]
default-args = ["engine"]
[[tool.hatch.envs.hatch-test.matrix]]
kind = ["one"]
"""


def site_of(tmp_path: Path, tool: str, name: str, text: str) -> Site:
    """A project of ``tool`` with a case in a folder of its own."""
    site = Site.at(tmp_path, tool, files={name: text}, lock=False)
    write(site.root / "engine" / "cases" / "test_case.py", CASE)
    return site


def configurations_of(done: Finished) -> dict[str, Any]:
    """What ``wsp test configurations`` told, by id."""
    return {one["id"]: one for one in done.document["configurations"]}


def states(done: Finished) -> dict[str, list[tuple[str, str]]]:
    """By configuration the states of the tests, with what these printed."""
    return {
        run["configuration"]: [(one["state"], str(one["output"]).strip()) for one in run["results"]]
        for run in done.document["runs"]
    }


def test_tox_environments_are_configurations(tmp_path: Path) -> None:
    """Each that runs tests, with its command, folder and variables; made by tox, and run side by side in one table."""
    site = site_of(tmp_path, "tox", "tox.ini", TOX)
    found = configurations_of(wsp(site.machine, "test", "configurations", "--json"))
    assert [*found] == ["tox:one", "tox:two"]
    one = found["tox:one"]
    assert (one["framework"], one["argv"], one["environment"]) == (
        "unittest",
        ["-s", "cases"],
        None,
    )
    assert (one["cwd"], one["env"]["KIND"]) == (str(site.root / "engine"), "one")
    assert one["declared_in"] == str(site.root / "tox.ini")
    assert not (site.root / ".tox").exists()
    ran = wsp(site.machine, "test", "run", "--all", "--create", "--json", quoting=True)
    assert states(ran) == {
        "tox:one": [("passed", "one engine")],
        "tox:two": [("failed", "two engine")],
    }
    assert (ran.exit_code, ran.document["left_out"]) == (1, [])
    assert not (site.root / ".venv").exists()
    # Now that they are there, nobody has to agree to anything.
    table = wsp(site.machine, "test", "run", "--all", quoting=True).stdout.decode()
    *_, head, row, _one, _two = table.splitlines()
    assert head.split() == ["tox:one", "tox:two"]
    assert row.split() == ["test_case.Case.test_kind", "passed", "failed"]


def test_nox_sessions_are_configurations(tmp_path: Path) -> None:
    """Each that runs tests, as the text of the noxfile has it; made by nox."""
    site = site_of(tmp_path, "nox", "noxfile.py", NOX)
    found = configurations_of(wsp(site.machine, "test", "configurations", "--json"))
    assert [*found] == ["nox:cases(kind='one')", "nox:cases(kind='two')"]
    ran = wsp(site.machine, "test", "run", "--in", "nox:cases(kind='two')", "--create", "--json")
    (result,) = ran.document["results"]
    assert (result["state"], result["output"].strip()) == ("passed", "one engine"), ran.text
    assert ran.document["environment"]["prefix"].startswith(str(site.root / ".nox"))


def test_hatch_environments_are_configurations(tmp_path: Path) -> None:
    """A script of a matrix, and ``hatch test``; an environment of either is made by hatch."""
    site = site_of(tmp_path, "hatch", "pyproject.toml", EMPTY + HATCH)
    found = configurations_of(wsp(site.machine, "test", "configurations", "--json"))
    assert [*found] == ["cases.one", "cases.two", "hatch-test.one"]
    of_hatch = found["hatch-test.one"]
    assert (of_hatch["framework"], of_hatch["argv"], of_hatch["paths"]) == (
        "pytest",
        ["-vv"],
        ["engine"],
    )
    ran = wsp(site.machine, "test", "run", "--in", "cases.one", "--create", "--json")
    (result,) = ran.document["results"]
    assert result["output"].strip() == f"cases.one {site.root.name}", ran.text
    lacking = wsp(site.machine, "test", "run", "--in", "hatch-test.one", "--create", "--json")
    assert "pytest, which is not installed" in lacking.document["error"]["message"]
    made = configurations_of(wsp(site.machine, "test", "configurations", "--json"))[
        "hatch-test.one"
    ]
    assert made["environment"]["name"] == "hatch-test.one"


#: By tool the file of a project that is tested on several Pythons, as a function of their versions.
ON_PYTHONS: dict[str, tuple[str, Callable[[list[str]], str]]] = {
    "tox": (
        "tox.ini",
        lambda versions: (
            f"""[tox]
no_package = true
env_list = {", ".join(f"py{version.replace('.', '')}" for version in versions)}
[testenv]
commands = python -m unittest {{posargs:discover -s engine/cases}}
"""
        ),
    ),
    "nox": (
        "noxfile.py",
        lambda versions: (
            f"""import nox

@nox.session(python={versions})
def cases(session):
    session.run("python", "-m", "unittest", "discover", "-s", "engine/cases", *session.posargs)
"""
        ),
    ),
    "hatch": (
        "pyproject.toml",
        lambda versions: (
            f"""{EMPTY}
[tool.hatch.envs.cases]
installer = "uv"
skip-install = true
scripts.all = "python -m unittest discover {{args:-s engine/cases}}"
[[tool.hatch.envs.cases.matrix]]
python = {versions}
"""
        ),
    ),
}


@pytest.mark.slow
@pytest.mark.needs(pythons=3)
@pytest.mark.parametrize("tool", ON_PYTHONS)
def test_a_project_is_tested_on_three_pythons_by_one_command(tool: str, tmp_path: Path) -> None:
    """Each of the tool's environments is made with its own Python, and has its column beside a test that fails in one."""
    pythons = pythons_of(3)
    versions = [minor(python) for python in pythons]
    file, text = ON_PYTHONS[tool]
    site = Site.at(tmp_path, tool, pythons=pythons, files={file: text(versions)}, lock=False)
    write(
        site.root / "engine" / "cases" / "test_case.py",
        f"""import sys, unittest

class Case(unittest.TestCase):
    def test_version(self):
        version = "{{}}.{{}}".format(*sys.version_info)
        print(version)
        self.assertNotEqual(version, "{versions[-1]}")
""",
    )
    ran = wsp(site.machine, "test", "run", "--all", "--create", "--json", quoting=True)
    became = ["passed", "passed", "failed"]
    assert [*states(ran).values()] == [[each] for each in zip(became, versions, strict=True)]
    table = wsp(site.machine, "test", "run", "--all", quoting=True).stdout.decode()
    assert ["test_case.Case.test_version", *became] in [line.split() for line in table.splitlines()]


@pytest.mark.parametrize(
    ("tool", "file", "text", "expected"),
    [
        (
            "pdm",
            "pyproject.toml",
            EMPTY + '[tool.pdm]\ndistribution = false\n[tool.pdm.scripts]\nlint = "ruff check"\n'
            'cov = "coverage run -m pytest {args:tests}"\ntest = {cmd = ["pytest", "-x"], env = {A = "1"}}\n'
            '[dependency-groups]\ncheck = ["pytest>=8"]\n',
            {"test": (["-x"], {"A": "1"}, True), "cov": ([], {}, False)},
        ),
        (
            "pipenv",
            "Pipfile",
            '[scripts]\nunit = "python -m unittest -v"\nlint = "ruff check"\n',
            {"unit": (["-v"], {}, True)},
        ),
        ("uv", "pyproject.toml", EMPTY + "[tool.uv]\n", {".venv": ([], {}, True)}),
    ],
)
def test_scripts_that_run_tests_are_configurations(
    tmp_path: Path, tool: str, file: str, text: str, expected: dict[str, object]
) -> None:
    """Read from the project's file, without the tool; a tool without any has its default environment."""
    site = site_of(tmp_path, tool, file, text)
    site.take(tool)
    found = configurations_of(wsp(site.machine, "test", "configurations", "--json"))
    assert {
        name: (one["argv"], one["env"], one["default"]) for name, one in found.items()
    } == expected
    assert all("does not exist yet" in one["obstacle"] for one in found.values())


@pytest.mark.parametrize("tool", ["uv", "poetry", "venv"])
def test_the_groups_that_hold_pytest_are_told(tmp_path: Path, tool: str) -> None:
    """They are what has to be installed before the tests can run."""
    text = EMPTY + '[dependency-groups]\nlint = ["ruff"]\ncheck = ["pytest-xdist", "six"]\n'
    site = Site.at(tmp_path, tool, files={"pyproject.toml": text}, lock=False)
    (one,) = local(site).run_configurations()
    assert (one.groups, one.missing, one.default) == (("check",), True, True)


@pytest.mark.parametrize(
    ("tool", "file", "text"), [("tox", "tox.ini", TOX), ("nox", "noxfile.py", NOX)]
)
def test_what_only_the_tool_knows_is_not_told_without_trust(
    tmp_path: Path, tool: str, file: str, text: str
) -> None:
    """Nothing of the project is run."""
    site = site_of(tmp_path, tool, file, text)
    assert local(site, trusted=False).run_configurations() == ()
