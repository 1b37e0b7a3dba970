"""The workflow ``pdm`` against the real pdm, in small real projects."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from contextlib import suppress
from hashlib import sha224
from typing import TYPE_CHECKING

import pytest
from python_workflow.discovery.disk import Disk
from python_workflow.discovery.tools import Folder
from python_workflow.errors import (
    AlreadyExists,
    Cancelled,
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    NameConflict,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    UnusableFile,
)
from python_workflow.workflows import pdm_project
from support.blocking import Blocking
from support.files import break_venv, tree_of, write
from support.launching import serving
from support.machine import make_venv
from support.making import (
    cancel_while_building,
    kill_while_building,
    local,
    made_by_two,
    make_when_nobody_else_does,
)
from support.pythons import other_python
from support.recipes import Site

if TYPE_CHECKING:
    from pathlib import Path

    from python_workflow.wsp.local import Local
    from python_workflow.wsp.values import ServerEnvironment

THIS = "{}.{}".format(*sys.version_info[:2])
PROJECT = """\
[project]
name = "demo-project"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["iniconfig"]

[project.optional-dependencies]
more = ["pluggy"]

[dependency-groups]
test = ["packaging"]
docs = ["colorama"]

[tool.pdm]
distribution = false

[tool.pdm.scripts]
hello = "python -V"
"""
#: What tells that the project's own scripts ran.
HOOK = '\n[tool.pdm.scripts.pre_invoke]\nshell = "touch hooked"\n'


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The text of the project's lock file, and a cache that holds what it names."""
    site = Site.at(tmp_path_factory.mktemp("locked"), "pdm", lock=False)
    write(site.root / "pyproject.toml", PROJECT)
    site.run("lock")
    return (site.root / "pdm.lock").read_text(), str(site.machine.home / ".cache" / "pdm")


@pytest.fixture
def site(tmp_path: Path, locked: tuple[str, str]) -> Site:
    """A locked project without an environment."""
    return project_at(tmp_path, locked)


def project_at(base: Path, locked: tuple[str, str], folder: str = "project") -> Site:
    """The locked project in a folder of this name."""
    site = Site.at(base, "pdm", folder=folder, lock=False)
    write(site.root / "pyproject.toml", PROJECT)
    lock, site.machine.environ["PDM_CACHE_DIR"] = locked
    write(site.root / "pdm.lock", lock)
    return site


@pytest.fixture
def made(site: Site) -> Site:
    """A project that pdm itself brought in step."""
    site.run("sync")
    return site


def replace(site: Site, before: str, after: str) -> None:
    """Change what the project declares."""
    path = site.root / "pyproject.toml"
    text = path.read_text()
    assert before in text
    write(path, text.replace(before, after))


def names(session: Local, identity: str = ".venv") -> set[str]:
    """What is installed."""
    return {one.name for one in session.packages(identity)}


def selected(site: Site) -> str:
    """The interpreter that pdm remembers."""
    return (site.root / ".pdm-python").read_text()


def default(site: Site) -> ServerEnvironment:
    """The default environment."""
    (one,) = (each for each in local(site).environments() if each.default)
    return one


def pdms_own(site: Site) -> str:
    """The environment in which pdm itself runs things."""
    return site.run("run", "python", "-c", "import sys; print(sys.prefix)").strip()


# -- every operation --------------------------------------------------------------------------------------------


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


# -- where they are, and which is selected ----------------------------------------------------------------------


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


# -- in step or not ---------------------------------------------------------------------------------------------


def test_questions_change_nothing(site: Site) -> None:
    """Whatever state all is in, no question changes a file of the project or of pdm's, as pdm's own do."""
    path = site.root / "pyproject.toml"
    write(path, path.read_text() + HOOK)
    ask_everything(site, ["hello"])
    site.run("sync", "--skip", ":all")
    ask_everything(site, ["hello"])
    site.make_stale()
    ask_everything(site, ["hello"])
    (site.root / "pdm.lock").unlink()
    ask_everything(site, ["hello"])
    break_venv(site.root / ".venv")
    ask_everything(site, [])


def ask_everything(site: Site, can_start: list[str]) -> None:
    """Ask all that can be asked, with trust and without; these tasks can be started."""
    before = tree_of(site.root), tree_of(site.machine.home)
    for trusted in (True, False):
        session = local(site, trusted=trusted)
        for one in session.environments():
            session.check(one.id)
            session.packages(one.id)
            if one.status.state == "ok":
                session.command(one.id, ["python"])
        assert [task.name for task in session.tasks()] == ["hello", "pre_invoke"]
        started = []
        with suppress(ExecutionFailed):
            started.append(session.task_command("hello", []).argv[2])
        assert started == can_start
    assert (tree_of(site.root), tree_of(site.machine.home)) == before


def test_nothing_runs_before_trust(made: Site) -> None:
    """A plug-in that the project brings along, which every pdm command loads, is loaded by no question without trust."""
    write(made.root / "pdm.toml", f'cache_dir = "{made.root / "cache"}"\n')
    mark = sha224(str(made.root).encode()).hexdigest()[:12]
    plugins = made.root / "cache" / "plugins" / f"{made.root.name}-{mark}"
    trace = made.machine.home / "was-run"
    for version in range(10, 20):  # which Python runs pdm does not matter here
        path = plugins / "lib" / f"python3.{version}" / "site-packages" / "planted.pth"
        write(path, f"import pathlib; pathlib.Path({str(trace)!r}).touch()\n")
    made.machine.environ.pop("PDM_CACHE_DIR")
    session = local(made, trusted=False)
    assert session.check(".venv").in_sync
    assert session.tasks()
    session.command(".venv", ["python"])
    with pytest.raises(Protected, match="not trusted"):
        session.sync(".venv")
    assert not trace.exists()
    made.run("lock", "--check")
    assert trace.exists()


def test_command_line(site: Site) -> None:
    """Made, checked and kept in step through the command line, with pdm chosen by its lock."""
    told = site.machine.wsp
    assert told("env", "create")["environment"]
    assert told("env", "check")["in_step"] is True
    assert told("env", "sync", "--frozen")["changed"] is False


def test_check_tells_what_is_out_of_step(made: Site) -> None:
    """One sentence names what differs, and a sync mends it."""
    session = local(made)
    session.install(".venv", ["iniconfig==2.0.0", "pluggy"])
    session.uninstall(".venv", ["packaging"])
    told = session.check(".venv")
    assert not told.in_sync
    assert " is locked, 2.0.0 is installed; packaging " in told.message
    assert told.message.endswith(" is not in pdm.lock")
    assert session.sync(".venv", frozen=True).changed
    assert session.check(".venv").in_sync
    assert names(session) == {"colorama", "iniconfig", "packaging"}


def test_stale_lock(made: Site) -> None:
    """It is told without asking pdm, and a sync locks anew, with the versions that were locked."""
    replace(made, '["iniconfig"]', '["iniconfig==2.0.0"]')
    made.run("install")
    replace(made, '["iniconfig==2.0.0"]', '["iniconfig", "zipp"]')
    made.take("pdm")
    told = local(made, trusted=False).check(".venv").message
    assert told.startswith("pdm.lock does not match what the project declares; 'wsp env sync'")
    made.give("pdm")
    changes = local(made).sync(".venv")
    assert [one.name for one in changes.installed] == ["zipp"]
    assert changes.removed == ()
    assert local(made).check(".venv").in_sync
    made.run("lock", "--check")


@pytest.mark.parametrize("lock", ["stale", "missing", "without the extra"])
def test_frozen_changes_nothing_without_a_fresh_lock(made: Site, lock: str) -> None:
    """A lock that does not do is told with the command that mends it, and all stays as it was."""
    if lock == "stale":
        made.make_stale()
    elif lock == "missing":
        (made.root / "pdm.lock").unlink()
    before = tree_of(made.root)
    with pytest.raises(LockOutdated) as caught:
        local(made).sync(".venv", extras=["more"], frozen=True)
    assert tree_of(made.root) == before
    command = (caught.value.hint or "").split("'")[1]
    assert command.startswith("pdm lock ")
    made.run(*shlex.split(command)[1:])
    assert local(made).sync(".venv", extras=["more"], frozen=True).changed
    assert local(made).check(".venv", extras=["more"]).in_sync


def test_user_who_forbids_to_lock(made: Site) -> None:
    """Where pdm's variable says that no lock is written, a stale one is told and not passed over."""
    made.machine.environ["PDM_FROZEN_LOCKFILE"] = "1"
    made.make_stale()
    before = tree_of(made.root)
    with pytest.raises(LockOutdated):
        local(made).sync(".venv")
    assert tree_of(made.root) == before


def test_groups_and_extras(made: Site) -> None:
    """Those that are named are installed and no others; by default all for development, and what else the lock covers."""
    session = local(made)
    assert names(session) == {"colorama", "iniconfig", "packaging"}
    for groups, extras, expected in (
        (["test"], None, {"iniconfig", "packaging"}),
        ([], ["more"], {"iniconfig", "pluggy"}),
        (None, ["more"], {"colorama", "iniconfig", "packaging", "pluggy"}),
        ([], None, {"iniconfig"}),
        (None, None, {"colorama", "iniconfig", "packaging", "pluggy"}),  # it is locked by now
    ):
        assert not session.check(".venv", groups=groups, extras=extras).in_sync
        session.sync(".venv", groups=groups, extras=extras)
        assert names(session) == expected
        assert session.check(".venv", groups=groups, extras=extras).in_sync


def test_group_that_is_not_declared(made: Site) -> None:
    """A group or an extra that the project does not have is told as a wrong wish, which pdm passes over."""
    session = local(made)
    for act in (
        lambda: session.check(".venv", groups=["nonesuch"]),
        lambda: session.sync(".venv", extras=["test"]),
        lambda: session.create("other", groups=["nonesuch"]),
    ):
        with pytest.raises(InvalidParams, match="does not declare"):
            act()


#: All that a lock is made of, and some that it is not.
MUCH = """\
[project]
name = "d\u00e9mo"
version = "1"
requires-python = ">=3.10, <4"
dependencies = ['iniconfig; python_version < "4"', "zipp"]
[project.optional-dependencies]
More_of = ["pluggy>=1"]
[dependency-groups]
Test = ["packaging", {include-group = "docs"}]
docs = []
[tool.pdm]
distribution = false
[tool.pdm.dev-dependencies]
own = ["colorama"]
[tool.pdm.resolution]
excludes = ["zipp"]
[tool.pdm.resolution.overrides]
pluggy = "1.5.0"
[[tool.pdm.source]]
name = "beside"
type = "find_links"
url = "file:///${PROJECT_ROOT}"
"""
LITTLE = '[project]\nname = "little"\n[tool.pdm]\ndistribution = false\n'


@pytest.mark.parametrize("text", [MUCH, LITTLE], ids=["much", "little"])
def test_digest_is_pdms(site: Site, text: str) -> None:
    """What a lock is made of is worked out as pdm does, whatever the project declares."""
    write(site.root / "pyproject.toml", text)
    (site.root / "pdm.lock").unlink()
    site.run("install")
    site.run("lock", "--check")
    folder = Folder(str(site.root), (), site.machine.host, Disk())
    lock = pdm_project.read(folder)
    assert lock is not None
    assert lock.is_fresh(pdm_project.Declaration(folder)) is True
    assert local(site).check(".venv").in_sync


@pytest.mark.parametrize("lock", ["without groups", "with inputs"])
def test_lock_that_only_pdm_understands(made: Site, lock: str) -> None:
    """Where files do not tell, pdm is asked in trusted projects, without making, building or running anything."""
    if lock == "without groups":
        made.run("lock", "-S", "no_inherit_metadata")
    else:
        table = "[tool.pdm.resolution]\nlock_inputs = true\n[tool.pdm.scripts]"
        replace(made, "[tool.pdm.scripts]", table)
        made.run("lock")
    write(made.root / "pyproject.toml", (made.root / "pyproject.toml").read_text() + HOOK)
    session = local(made)
    session.uninstall(".venv", ["colorama"])
    session.install(".venv", ["zipp", "iniconfig==2.0.0"])
    before = tree_of(made.root)
    told = session.check(".venv").message
    assert "colorama 0.4.6 is not installed" in told
    assert " is locked, 2.0.0 is installed" in told
    assert "; zipp " in told
    with pytest.raises(Protected, match="not trusted, so pdm was not asked"):
        local(made, trusted=False).check(".venv")
    assert tree_of(made.root) == before
    assert session.sync(".venv").changed
    assert session.check(".venv").in_sync


def test_standard_lock(site: Site) -> None:
    """Where the user has pdm write ``pylock.toml``, that is kept to."""
    (site.root / "pdm.lock").unlink()
    write(site.machine.home / ".config" / "pdm" / "config.toml", '[lock]\nformat = "pylock"\n')
    session = local(site)
    session.create(".venv")
    assert (site.root / "pylock.toml").is_file()
    assert not (site.root / "pdm.lock").exists()
    assert names(session) == {"colorama", "iniconfig", "packaging"}
    assert local(site, trusted=False).check(".venv").in_sync
    assert session.sync(".venv", groups=["test"]).changed
    assert session.check(".venv", groups=["test"]).in_sync
    assert session.check(".venv").message == "colorama is locked, and not installed"
    site.make_stale()
    assert session.check(".venv").message.startswith("pylock.toml does not match")


def test_project_itself_and_folders(site: Site) -> None:
    """The project is installed editable, as are folders that it names, and both are missed."""
    lib = Blocking.at(site.root / "lib")
    lib.wait(wanted=False)
    backend = (site.root / "lib" / "backend.py").read_text()
    write(site.root / "own" / "backend.py", backend.replace("blocking", "demo_project"))
    replace(site, "distribution = false\n", "")
    replace(
        site,
        "[tool.pdm]",
        '[tool.pdm.dev-dependencies]\nown = ["-e file:///${PROJECT_ROOT}/lib#egg=blocking"]\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["own"]\n'
        "[tool.pdm]",
    )
    (site.root / "pdm.lock").unlink()
    session = local(site)
    session.create(".venv")
    assert {"blocking", "demo_project"} < names(session)
    assert session.check(".venv").in_sync
    assert not session.sync(".venv").changed
    session.uninstall(".venv", ["demo-project"])
    assert session.check(".venv").message == "the project itself is not installed"
    session.uninstall(".venv", ["blocking"])
    assert session.check(".venv").message == "blocking 1.0 is not installed"
    session.install(".venv", [str(site.root / "lib")])
    assert "blocking is installed from elsewhere" in session.check(".venv").message
    session.sync(".venv", frozen=True)
    assert session.check(".venv").in_sync
    site.machine.environ["PDM_NO_SELF"] = "1"
    assert session.check(".venv").message == "demo-project 1.0 is not in pdm.lock"


def test_environment_of_another_python(site: Site) -> None:
    """One that the project does not allow any more is left alone, where pdm would fill and remember another one."""
    pythons = sorted((other_python(), os.path.realpath(sys.executable)), key=minor)
    older, newer = pythons
    session = local(site)
    session.create(".venv", python=older)
    session.create("other", python=newer)
    replace(site, '">=3.10"', f'">=3.{minor(newer)}"')
    before = tree_of(site.root)
    assert f"asks for Python >=3.{minor(newer)}, and " in session.check(".venv").message
    for frozen in (False, True):
        with pytest.raises(Protected, match="asks for Python") as caught:
            session.sync(".venv", frozen=frozen)
        assert caught.value.hint == "Delete it, and make it anew."
    with pytest.raises(PythonUnavailable, match="asks for Python"):
        session.create("third", python=older)
    assert tree_of(site.root) == before


def minor(python: str) -> int:
    """The ``10`` of ``python3.10``."""
    return int(python.rpartition(".")[2])


# -- tasks ------------------------------------------------------------------------------------------------------


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


# -- what goes wrong --------------------------------------------------------------------------------------------


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


# -- being stopped, and two at once -----------------------------------------------------------------------------


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
