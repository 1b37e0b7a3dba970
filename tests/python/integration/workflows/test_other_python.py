"""Environments whose Python is not one that their project allows, by every bundled workflow that keeps environments in sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import tree_of, write
from support.forked_command import wsp
from support.making import local
from support.pythons import two_pythons
from support.recipes import RECIPES, Site
from workflow_helper.discovery.requires_python import MAINTAINED
from workflow_helper.errors import OtherPython, PythonUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_server.values import InSync

pytestmark = pytest.mark.needs("POSIX")

#: Those that tell by files alone what is not in sync.
TOOLS = ("venv", "poetry", "pdm", "pipenv", "hatch", "uv")


def of_two(folder: Path, tool: str) -> tuple[Site, str, int]:
    """A project on a machine with two Pythons: the path of the older one, and the minor version of the newer one."""
    older, newer = sorted(two_pythons(), key=minor)
    site = Site.at(folder, tool, pythons=(older, newer), files=RECIPES[tool].bare)
    return site, older, minor(newer)


def minor(python: str) -> int:
    """The ``10`` of ``python3.10``."""
    return int(python.rpartition(".")[2])


def require(site: Site, specifier: str) -> None:
    """Have the project say ``requires-python = specifier``, and lock that."""
    path = site.root / "pyproject.toml"
    text = path.read_text(encoding="utf-8") if path.exists() else '[project]\nname = "a"\n'
    lines = [line for line in text.splitlines() if not line.startswith("requires-python")]
    at = lines.index("[project]") + 1
    lines.insert(at, f'requires-python = "{specifier}"')
    write(path, "\n".join(lines) + "\n")


@pytest.mark.slow
@pytest.mark.needs(pythons=2)
@pytest.mark.parametrize("tool", TOOLS)
def test_it_is_told_and_left_alone(tool: str, tmp_path: Path) -> None:
    """A check names both versions, a sync refuses with the way to recreate it, and neither changes anything."""
    site, older, newer = of_two(tmp_path, tool)
    local(site).create(site.name, python=older)
    (one,) = local(site).environments()
    require(site, f">=3.{newer}")
    before = tree_of(site.root)
    for trusted in (True, False):
        result = local(site, trusted=trusted).check(one.id)
        assert result.in_sync is False
        assert result.message == (
            f"the project requires Python >=3.{newer}, and the environment has {one.python_version}"
        )
    with pytest.raises(OtherPython, match="the environment has") as caught:
        local(site).sync(one.id)
    assert "wsp env sync --recreate" in (caught.value.hint or "")
    assert tree_of(site.root) == before


@pytest.mark.needs(pythons=2)
def test_it_is_recreated_with_one_that_fits(tmp_path: Path) -> None:
    """The plan says that it is to be recreated; ``env sync`` refuses, and does it with ``--recreate``."""
    site, older, newer = of_two(tmp_path, "venv")
    local(site).create(site.name, python=older)
    require(site, f">=3.{newer}")
    planned = wsp(site.machine, "env", "check", "--plan", "--json").document
    assert (planned["in_sync"], planned["plan"], planned["recreate"]) == (False, None, True)
    checked = wsp(site.machine, "env", "check")
    assert checked.exit_code == 1
    assert "'wsp env sync --recreate' recreates it." in checked.text
    refused = wsp(site.machine, "env", "sync", "--json")
    assert refused.exit_code == 1
    assert refused.document["error"]["code"] == "other_python"
    done = wsp(site.machine, "env", "sync", "--recreate", "--json")
    assert done.document["recreated"] is True
    assert done.document["environment"]["python_version"].startswith(f"3.{newer}.")
    assert wsp(site.machine, "env", "check").exit_code == 0


@pytest.mark.needs(pythons=2)
def test_a_tool_that_replaces_it_by_itself_is_let_do_so(tmp_path: Path) -> None:
    """A sync through uv recreates it without being told to, as ``uv sync`` does, and never for ``env ensure``."""
    site, older, newer = of_two(tmp_path, "uv")
    local(site).create(site.name, python=older)
    require(site, f">=3.{newer}")
    ensured = wsp(site.machine, "env", "ensure", "--json")
    assert ensured.document["error"]["code"] == "other_python"
    done = wsp(site.machine, "env", "sync", "--json")
    assert done.document["recreated"] is True
    assert done.document["environment"]["python_version"].startswith(f"3.{newer}.")


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["venv", "poetry", "pipenv"])
def test_nothing_is_deleted_where_no_python_fits(tool: str, tmp_path: Path) -> None:
    """Neither a sync nor ``--recreate`` deletes what could not be created again, and both say why."""
    site = Site.at(tmp_path, tool, files=RECIPES[tool].bare)
    local(site).create(site.name)
    (one,) = local(site).environments()
    require(site, ">=3.99")
    before = tree_of(site.root)
    with pytest.raises(PythonUnavailable, match=r"requires Python >=3\.99, and the environment"):
        local(site).sync(one.id)
    finished = wsp(site.machine, "env", "sync", "--recreate", "--json")
    assert finished.document["error"]["code"] == "python_unavailable"
    assert tree_of(site.root) == before


@pytest.mark.needs(pythons=2)
def test_a_pin_counts_where_the_tool_heeds_it(tmp_path: Path) -> None:
    """A ``.python-version`` counts for the built-in workflow, and not for Poetry, which goes on in the environment."""
    for tool, in_sync in (("venv", False), ("poetry", True)):
        site, older, newer = of_two(tmp_path / tool, tool)
        local(site).create(site.name, python=older)
        (one,) = local(site).environments()
        write(site.root / ".python-version", f"3.{newer}\n")
        assert local(site).check(one.id).in_sync is in_sync


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        ('">=3.x"', "'>=3.x', which is not a range of versions"),
        ('["3.12"]', "requires-python, which is not a string"),
    ],
)
def test_what_is_not_understood_is_not_in_sync(
    requirement: str, message: str, tmp_path: Path
) -> None:
    """A specifier that cannot be understood leaves the answer open, and is named."""
    checked = check_in(tmp_path, f'[project]\nname = "a"\nrequires-python = {requirement}\n')
    assert checked.in_sync is None
    assert message in checked.message


def test_a_patch_that_is_not_known_is_not_in_sync(tmp_path: Path) -> None:
    """An environment that tells ``X.Y`` alone is not compared with a patch release, and is with a minor one."""
    text = '[project]\nname = "a"\nrequires-python = "{}MINOR{}"\n'
    checked = check_in(tmp_path / "1", text.format(">=", ".4"), patch=False)
    assert checked.in_sync is None
    assert "whose patch release is not known" in checked.message
    assert check_in(tmp_path / "2", text.format(">=", ""), patch=False).in_sync is True
    assert check_in(tmp_path / "3", text.format("<", ""), patch=False).in_sync is False


def test_a_pin_that_is_not_understood_is_not_in_sync(tmp_path: Path) -> None:
    """A ``.python-version`` that names no version, nor an environment, leaves the answer open."""
    checked = check_in(tmp_path, "", pin="whatever\n")
    assert checked.in_sync is None
    assert "'whatever', which names no Python version" in checked.message


def check_in(
    tmp_path: Path, pyproject: str, *, patch: bool = True, pin: str | None = None
) -> InSync:
    """What the built-in workflow says of an environment, whose notes may leave the patch out, in such a project."""
    site = Site.at(tmp_path, "venv", files={})
    (one,) = [local(site).create(site.name)]
    version = ".".join(one.python_version.split(".")[:2])
    write(site.root / "pyproject.toml", pyproject.replace("MINOR", version))
    if pin is not None:
        write(site.root / ".python-version", pin)
    if not patch:
        notes = site.root / ".venv" / "pyvenv.cfg"
        lines = [line for line in notes.read_text().splitlines() if not line.startswith("version")]
        write(notes, "\n".join([*lines, f"version = {version}"]) + "\n")
    return local(site).check(one.id)


# Hatch takes whatever Python there is.
@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "hatch"])
def test_a_release_that_is_missing_is_named(tool: str, tmp_path: Path) -> None:
    """Where the machine lacks the Python that a project requires, the error names the release to install, whichever tool says so."""
    site = Site.at(tmp_path, tool, files=RECIPES[tool].bare)
    site.machine.environ["UV_PYTHON_DOWNLOADS"] = "never"
    listed = wsp(site.machine, "python", "list", "--json").document["pythons"]
    there = {python["version"].rpartition(".")[0] for python in listed}
    missing = next(release for release in MAINTAINED if release not in there)
    require(site, f"=={missing}.*")
    error = wsp(site.machine, "env", "create", "--json").document["error"]
    assert error["code"] == "python_unavailable"
    assert f"'wsp python install {missing}' installs one." in error["hint"]
