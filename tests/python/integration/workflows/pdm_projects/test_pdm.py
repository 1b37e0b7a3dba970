"""The workflow ``pdm`` against the real pdm, in small real projects."""

from __future__ import annotations

import os
import sys

import pytest
from support.files import write
from support.making import (
    local,
)
from support.pdm_project import (
    PROJECT,
    THIS,
    default,
    names,
    pdms_own,
    replace,
    selected,
)
from support.recipes import Site
from workflow_helper.errors import InvalidParams, Protected

# -- every operation ----------------------------------------------------------------------------------------------


def test_folder_that_pdm_made_is_what_pdm_says(synced: Site) -> None:
    """The default is the environment in which pdm runs things, in sync, whether or not the project is trusted."""
    prefix = pdms_own(synced)
    for trusted in (True, False):
        (one,) = local(synced, trusted=trusted).environments()
        assert (one.prefix, one.default) == (prefix, True)
        assert local(synced, trusted=trusted).check(".venv").in_sync
    environment = synced.machine.wsp("env", "default")["environment"]
    assert isinstance(environment, dict)
    assert environment["prefix"] == prefix


def test_environment_that_this_made_is_what_pdm_says(site: Site) -> None:
    """The default is selected as well, so that pdm itself takes it, in sync."""
    one = local(site).create("default")
    assert selected(site) == one.interpreter_path
    assert pdms_own(site) == one.prefix
    assert "nothing to do" in site.run("sync", "--dry-run", "--only-keep")
    assert not (site.root / ".python-version").exists()


def test_wishes_at_making(site: Site) -> None:
    """Groups, extras and further packages are in it from the start, and a name is no path."""
    session = local(site)
    with pytest.raises(InvalidParams, match="cannot create an environment named"):
        session.create("../../other")
    session.create(".venv", groups=["test"], extras=["more"], packages=["zipp"])
    assert names(session) == {"iniconfig", "packaging", "pluggy", "zipp"}


# -- where they are, and which is selected ------------------------------------------------------------------------


def test_named_environment(synced: Site) -> None:
    """One with a name is where pdm keeps those, is not selected by being made, and by ``pdm use`` becomes the default."""
    before = selected(synced)
    session = local(synced)
    one = session.create("of docs", groups=["docs"])
    assert (one.name, one.default) == ("of docs", False)
    assert one.prefix is not None
    assert one.prefix.startswith(str(synced.machine.home / ".local" / "share" / "pdm" / "venvs"))
    assert one.prefix in synced.run("venv", "list")
    assert names(session, one.id) == {"colorama", "iniconfig"}
    assert session.check(one.id, groups=["docs"]).in_sync
    assert selected(synced) == before
    synced.run("use", "-f", "--venv", "of docs", "--no-version-file")
    assert default(synced).prefix == one.prefix == pdms_own(synced)
    session.sync(".venv", groups=[])
    assert names(session) == {"iniconfig"}
    assert names(session, one.id) == {"colorama", "iniconfig"}
    assert default(synced).prefix == one.prefix


@pytest.mark.slow
def test_what_is_selected_stays_so(site: Site) -> None:
    """Making the default does not take the place of another environment that the user selected, but of one that is gone."""
    session = local(site)
    other = session.create("other")
    write(site.root / ".pdm-python", other.interpreter_path or "")
    assert not session.create(".venv").default
    session.delete(".venv")
    assert selected(site) == other.interpreter_path
    session.delete(other.id)
    assert not (site.root / ".pdm-python").exists()
    write(site.root / ".pdm-python", os.path.realpath(sys.executable))
    assert session.create("in-project").default


@pytest.mark.slow
def test_default_that_is_kept_elsewhere(site: Site) -> None:
    """Where the user keeps environments out of projects, the default is named after its Python's version, as by pdm."""
    site.machine.environ["PDM_VENV_IN_PROJECT"] = "false"
    one = local(site).create("default")
    assert (one.name, one.default) == (THIS, True)
    assert one.prefix == pdms_own(site)
    assert f"{THIS}: {one.prefix}" in site.run("venv", "list")
    assert not (site.root / ".venv").exists()


@pytest.mark.slow
def test_member_of_a_workspace(site: Site) -> None:
    """A member shares the environment and the lock of its workspace, made and kept in sync from there, and has tasks of its own."""
    replace(site, "distribution = false", 'distribution = false\nworkspace = {members = ["lib"]}')
    write(
        site.root / "lib" / "pyproject.toml",
        '[project]\nname = "lib"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = []\n'
        '[tool.pdm]\ndistribution = false\n[tool.pdm.scripts]\nown = "python -V"\n',
    )
    member = Site(site.machine._replace(workspace=site.root / "lib"), site.recipe)
    session = local(member)
    one = session.create("default")
    assert (one.prefix, one.default) == (str(site.root / ".venv"), True)
    assert session.check(one.id).in_sync
    assert [task.name for task in session.tasks()] == ["own"]
    replace(member, "dependencies = []", 'dependencies = ["pluggy"]')
    assert "does not match" in local(site).check(".venv").message
    session.sync(one.id)
    assert session.check(one.id).in_sync
    assert os.listdir(member.root) == ["pyproject.toml"]


# -- tasks --------------------------------------------------------------------------------------------------------


def test_tasks(site: Site) -> None:
    """Scripts of every kind are told as they are written, or as their help says; options are none."""
    write(
        site.root / "pyproject.toml",
        PROJECT + '_.env = {A = "1"}\n_hidden = "x"\nlist = ["python", "-V"]\n'
        'shelly = {shell = "echo hi", help = "Says hi"}\ncall = {call = "main:run"}\n'
        'both = {composite = ["hello", "shelly"]}\n',
    )
    session = local(site, trusted=False)
    assert {one.name: one.description for one in session.tasks()} == {
        "hello": "python -V",
        "list": "python -V",
        "shelly": "Says hi",
        "call": "main:run",
        "both": "hello shelly",
    }
    assert local(site).task_command("both", ["a b"]).argv[1:] == ("run", "both", "a b")
    for name in ("_hidden", "nonesuch"):
        with pytest.raises(InvalidParams, match="has no"):
            local(site).task_command(name, [])


# -- what goes wrong ----------------------------------------------------------------------------------------------


def test_read_only_folder(site: Site) -> None:
    """In a folder that cannot be written, what is kept elsewhere can be made and kept in sync."""
    with site.serving(read_only=True) as session:
        one = session.create("other")
        assert session.check(one.id).in_sync
        assert not session.sync(one.id).changed


def test_default_that_cannot_be_selected(site: Site) -> None:
    """Where it is kept elsewhere and the project cannot be written, that is told, and nothing is left."""
    site.machine.environ["PDM_VENV_IN_PROJECT"] = "false"
    with site.serving(read_only=True) as session:
        with pytest.raises(Protected, match=r"\.pdm-python could not be written"):
            session.create("default")
        assert session.environments() == ()


# -- being stopped, and two at once -------------------------------------------------------------------------------
