"""The workflow ``pdm`` against the real pdm, in small real projects."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from python_workflow.errors import (
    AlreadyExists,
    Cancelled,
    ExecutionFailed,
    InvalidParams,
    NameConflict,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    UnusableFile,
)
from support.blocking import Blocking
from support.files import tree_of, write
from support.launching import serving
from support.machine import make_venv
from support.making import (
    cancel_while_building,
    kill_while_building,
    local,
    made_by_two,
    make_when_nobody_else_does,
)
from support.pdm_project import (
    PROJECT,
    THIS,
    default,
    names,
    pdms_own,
    project_at,
    replace,
    selected,
)
from support.pythons import other_python
from support.recipes import Site

if TYPE_CHECKING:
    from pathlib import Path

# -- every operation ----------------------------------------------------------------------------------------------


def test_every_operation(site: Site) -> None:
    """A project is made ready, kept in step, changed, run in, and cleared, by a server of its own."""
    heard: list[str] = []
    with serving(site.machine, "pdm") as session:
        assert session.environments() == ()
        one = session.create(".venv", THIS, progress=lambda told: heard.append(told.message))
        assert (one.id, one.default, one.managed_by) == (".venv", True, "pdm")
        assert one.prefix == str(site.root / ".venv")
        assert session.check(".venv").in_sync
        assert not session.sync(".venv").changed
        assert not session.sync(".venv", frozen=True).changed
        assert [each.name for each in session.install(".venv", ["pluggy"]).installed] == ["pluggy"]
        assert session.check(".venv").message.endswith(" is not in pdm.lock")
        assert [each.name for each in session.uninstall(".venv", ["pluggy"]).removed] == ["pluggy"]
        ran = session.execute(".venv", ["python", "-c", "import iniconfig, sys; print(sys.prefix)"])
        assert ran.stdout.strip() == one.prefix
        assert [(task.name, task.description) for task in session.tasks()] == [
            ("hello", "python -V")
        ]
        command = session.task_command("hello", [])
        done = subprocess.run(
            command.argv,
            cwd=command.cwd,
            env=command.applied(site.machine.environ),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(f"Python {THIS}")
        session.delete(".venv")
        assert session.environments() == ()
    assert any("Install iniconfig" in message for message in heard)
    assert not (site.root / ".venv").exists()
    assert not (site.root / ".pdm-python").exists()


def test_folder_that_pdm_made_is_what_pdm_says(made: Site) -> None:
    """The default is the environment in which pdm runs things, in step, whether or not the project is trusted."""
    prefix = pdms_own(made)
    for trusted in (True, False):
        (one,) = local(made, trusted=trusted).environments()
        assert (one.prefix, one.default) == (prefix, True)
        assert local(made, trusted=trusted).check(".venv").in_sync
    told = made.machine.wsp("env", "default")["environment"]
    assert isinstance(told, dict)
    assert told["prefix"] == prefix


def test_environment_that_this_made_is_what_pdm_says(site: Site) -> None:
    """The default is selected as well, so that pdm itself takes it, in step."""
    one = local(site).create("default")
    assert selected(site) == one.interpreter_path
    assert pdms_own(site) == one.prefix
    assert "nothing to do" in site.run("sync", "--dry-run", "--only-keep")
    assert not (site.root / ".python-version").exists()


def test_wishes_at_making(site: Site) -> None:
    """Groups, extras and further packages are in it from the start, and the Python named by its path is its Python."""
    python = other_python()
    session = local(site)
    one = session.create(
        ".venv", python=python, groups=["test"], extras=["more"], packages=["zipp"]
    )
    assert names(session) == {"iniconfig", "packaging", "pluggy", "zipp"}
    assert python.endswith(".".join(one.python_version.split(".")[:2]))


def test_project_without_a_lock_gets_one(site: Site) -> None:
    """Making writes the lock file, as pdm does, with all groups."""
    (site.root / "pdm.lock").unlink()
    session = local(site)
    session.create(".venv")
    assert names(session) == {"colorama", "iniconfig", "packaging"}
    assert session.check(".venv").in_sync
    site.run("lock", "--check")


def test_callers_activation_does_not_leak(site: Site, tmp_path: Path) -> None:
    """Neither an activated environment nor another project or environment in pdm's own variables is touched."""
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "pyproject.toml", PROJECT)
    activated = make_venv(tmp_path / "activated")
    before = tree_of(elsewhere), tree_of(activated)
    site.machine.environ.update(
        VIRTUAL_ENV=str(activated),
        PYTHONPATH=str(elsewhere),
        PDM_PROJECT=str(elsewhere),
        PDM_LOCKFILE=str(elsewhere / "pdm.lock"),
        PDM_IN_VENV="nonesuch",
        PDM_USE_VENV="false",
    )
    session = local(site)
    assert session.create(".venv").prefix == str(site.root / ".venv")
    assert "iniconfig" in names(session)
    assert not (site.root / "__pypackages__").exists()
    assert (tree_of(elsewhere), tree_of(activated)) == before


# -- where they are, and which is selected ------------------------------------------------------------------------


def test_named_environment(made: Site) -> None:
    """One with a name is where pdm keeps those, is not selected by being made, and by ``pdm use`` becomes the default."""
    before = selected(made)
    session = local(made)
    one = session.create("of docs", groups=["docs"])
    assert (one.name, one.default) == ("of docs", False)
    assert one.prefix is not None
    assert one.prefix.startswith(str(made.machine.home / ".local" / "share" / "pdm" / "venvs"))
    assert one.prefix in made.run("venv", "list")
    assert names(session, one.id) == {"colorama", "iniconfig"}
    assert session.check(one.id, groups=["docs"]).in_sync
    assert selected(made) == before
    made.run("use", "-f", "--venv", "of docs", "--no-version-file")
    assert default(made).prefix == one.prefix == pdms_own(made)
    session.sync(".venv", groups=[])
    assert names(session) == {"iniconfig"}
    assert names(session, one.id) == {"colorama", "iniconfig"}
    assert default(made).prefix == one.prefix


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


def test_default_that_is_kept_elsewhere(site: Site) -> None:
    """Where the user keeps environments out of projects, the default is named after its Python's version, as by pdm."""
    site.machine.environ["PDM_VENV_IN_PROJECT"] = "false"
    one = local(site).create("default")
    assert (one.name, one.default) == (THIS, True)
    assert one.prefix == pdms_own(site)
    assert f"{THIS}: {one.prefix}" in site.run("venv", "list")
    assert not (site.root / ".venv").exists()


def test_member_of_a_workspace(site: Site) -> None:
    """A member shares the environment and the lock of its workspace, made and kept in step from there, and has tasks of its own."""
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


def test_nothing_is_made_over_anything(made: Site) -> None:
    """What is there already is a conflict, whatever it is, and a name is no path."""
    session = local(made)
    with pytest.raises(AlreadyExists):
        session.create(".venv")
    with pytest.raises(InvalidParams, match="no environment that is called"):
        session.create("../../other")
    with pytest.raises(InvalidParams, match="pdm would make"):
        session.create("other", path=str(made.root / "other"))
    session.delete(".venv")
    write(made.root / ".venv" / "notes.txt", "mine")
    with serving(made.machine, "pdm") as served, pytest.raises(NameConflict):
        served.create(".venv")
    assert os.listdir(made.root / ".venv") == ["notes.txt"]


@pytest.mark.parametrize("text", ["[tool.black]\n", None])
def test_project_that_is_not_pdms(site: Site, text: str | None) -> None:
    """A formatter's settings are no project, and the one above is another one: nothing is made in either."""
    inside = site.root / "inside"
    inside.mkdir()
    if text is not None:
        write(inside / "pyproject.toml", text)
    before = tree_of(site.root)
    session = local(Site(site.machine._replace(workspace=inside), site.recipe))
    with pytest.raises(Protected, match=r"no project of pdm's"):
        session.create(".venv")
    assert session.tasks() == ()
    assert tree_of(site.root) == before


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


def test_pdm_that_is_not_installed(made: Site) -> None:
    """Without pdm all that files tell is told, and the error says how to get it."""
    made.take("pdm")
    session = local(made)
    assert default(made).status.state == "ok"
    assert session.check(".venv").in_sync
    for act in (
        lambda: session.create("other"),
        lambda: session.sync(".venv"),
        lambda: session.task_command("hello", []),
    ):
        with pytest.raises(ToolNotInstalled) as caught:
            act()
        assert "pipx install" in (caught.value.hint or "")


def test_index_out_of_reach(site: Site) -> None:
    """It is told as such, whether to install or to lock, and nothing is left."""
    site.lose_the_index()
    site.machine.environ["PDM_CACHE_DIR"] = str(site.machine.home / "empty")
    before = tree_of(site.root)
    with pytest.raises(NetworkUnavailable, match="could not be reached"):
        local(site).create(".venv")
    assert tree_of(site.root) == before
    (site.root / "pdm.lock").unlink()
    with pytest.raises(NetworkUnavailable, match="could not be reached"):
        local(site).create("other")
    assert local(site).environments() == ()


def test_what_nobody_has(site: Site) -> None:
    """A Python that is nowhere, and what does not fit together, are told as such, and nothing is left."""
    session = local(site)
    with pytest.raises(PythonUnavailable):
        session.create(".venv", "3.99")
    replace(site, '["iniconfig"]', '["iniconfig<2", "iniconfig>=2"]')
    with pytest.raises(ExecutionFailed, match="does not fit together"):
        session.create(".venv")
    assert sorted(os.listdir(site.root)) == [".git", "pdm.lock", "pyproject.toml"]
    write(site.root / "pyproject.toml", "[project\n")
    with pytest.raises(UnusableFile):
        session.create(".venv")


def test_lock_for_other_pythons(site: Site) -> None:
    """A lock that is not for the environment's Python is told as such."""
    site.run("lock", "--python", "==3.10.*" if THIS != "3.10" else "==3.11.*")
    with pytest.raises(PythonUnavailable, match="the lock is not for this Python"):
        local(site).create("other")
    assert [one.name for one in local(site).environments()] == [".venv"]  # to lock, pdm made it


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("a b", "default"),
        ("\u00fcml\u00e4ut \u96ea", "other"),
        ("x" * 200, "other"),
        ("[more]", "other"),
    ],
    ids=["space", "unicode", "long", "pattern"],
)
def test_odd_folders(tmp_path: Path, locked: tuple[str, str], folder: str, name: str) -> None:
    """A project may be in a folder of any name, with an environment in it or elsewhere."""
    site = project_at(tmp_path, locked, folder)
    one = local(site).create(name)
    assert local(site).check(one.id).in_sync
    assert default(site).prefix == one.prefix == pdms_own(site)


def test_read_only_folder(site: Site) -> None:
    """A folder that cannot be written is told as such; what is kept elsewhere can be made and kept in step all the same."""
    with site.serving(read_only=True) as session:
        with pytest.raises(Protected, match="written") as caught:
            session.create(".venv")
        assert "writable" in (caught.value.hint or "")
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


@pytest.fixture
def built(site: Site) -> Blocking:
    """The project, of which the building waits for a word."""
    return Blocking.at(site.root, table='[tool.pdm.scripts]\nhello = "python -V"\n')


def test_cancelled(site: Site, built: Blocking) -> None:
    """A making that is stopped ends what it started, and leaves nothing."""
    with pytest.raises(Cancelled):
        cancel_while_building(site, "default", built)
    assert not (site.root / ".venv").exists()
    assert not (site.root / ".pdm-python").exists()


def test_killed(site: Site, built: Blocking) -> None:
    """What a killed maker leaves is told as broken, and made anew when asked for."""
    kill_while_building(site, "default", built)
    make_when_nobody_else_does(site, "default")
    assert default(site).status.state == "ok"
    assert local(site).check(".venv").in_sync
    assert names(local(site)) == {"blocking"}


def test_two_at_once(site: Site) -> None:
    """Two makers both get the one environment."""
    assert made_by_two(site, "default") == [str(site.root / ".venv")] * 2
