"""The workflow ``tox`` against the real tox, in small real projects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
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
    RequestFailed,
    ToolNotInstalled,
)
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

THIS = "{}.{}".format(*sys.version_info[:2])
OTHER = os.path.basename(other_python()).removeprefix("python")
#: An environment that nothing is installed into takes a moment, and no index.
BARE = "[tox]\nno_package = true\nenv_list = dev, docs\n[testenv:docs]\ndescription = to write\n"
PLUGIN = "import pathlib\npathlib.Path(__file__).with_name('executed').touch()\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A project whose environment ``dev`` has a dependency."""
    return Site.at(tmp_path, "tox")


@pytest.fixture
def bare(site: Site) -> Site:
    """A project whose environments hold nothing."""
    write(site.root / "tox.ini", BARE)
    return site


@pytest.fixture
def blocking(site: Site) -> Blocking:
    """What the environment ``dev`` depends on, whose building is held up."""
    write(site.root / "tox.ini", "[tox]\nno_package = true\n[testenv:dev]\ndeps = ./blocking\n")
    return Blocking.at(site.root / "blocking")


# -- every operation --------------------------------------------------------------------------------------------


def test_every_operation(site: Site) -> None:
    """An environment is made, told of, run in, changed, and deleted, and is a task, by a server of its own."""
    heard: list[str] = []
    with serving(site.machine, "tox") as session:
        assert session.environments() == ()
        assert [(one.name, one.description) for one in session.tasks()] == [("dev", "to develop")]
        one = session.create(
            "dev", THIS, progress=lambda told: heard.append(told.title + told.message)
        )
        assert (one.id, one.name, one.default, one.managed_by) == (".tox/dev", "dev", True, "tox")
        assert one.prefix == str(site.root / ".tox" / "dev")
        assert {"iniconfig"} < {each.name for each in session.get(one.id).installed_packages or ()}
        assert [each.name for each in session.install(one.id, ["pluggy"]).installed] == ["pluggy"]
        assert [each.name for each in session.uninstall(one.id, ["pluggy"]).removed] == ["pluggy"]
        ran = session.execute(one.id, ["python", "-c", "import iniconfig, sys; print(sys.prefix)"])
        assert ran.stdout.strip() == one.prefix
        task = session.task_command("dev")
        done = subprocess.run(
            task.argv,
            cwd=task.cwd,
            env=task.applied(site.machine.environ),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Python 3." in done.stdout
        assert "environment.sync" not in session.capabilities
        session.delete(one.id)
        assert session.environments() == ()
    assert any("iniconfig" in message for message in heard)
    assert not (site.root / ".tox" / "dev").exists()


def test_arguments_reach_the_commands(bare: Site) -> None:
    """What is added to a task stands where its configuration has a place for it."""
    write(bare.root / "tox.ini", BARE + "[testenv:dev]\ncommands = python -c {posargs}\n")
    task = local(bare).task_command("dev", ["print('-' * 3, 6 * 7)"])
    told = subprocess.check_output(
        task.argv, cwd=task.cwd, env=task.applied(bare.machine.environ), text=True
    )
    assert "--- 42" in told


def test_folder_that_tox_made_is_what_tox_says(bare: Site) -> None:
    """What tox itself made, and pointed ``.venv`` to, is the default, whether or not the project is trusted."""
    bare.run("run", "-e", "docs,dev", "--notest")
    told = json.loads(bare.run("config", "-e", "dev", "-k", "env_dir", "--format", "json"))
    prefix = told["env"]["dev"]["env_dir"]
    assert (bare.root / ".venv").read_text() == ".tox/dev\n"
    for trusted in (True, False):
        found = {one.name: one.default for one in local(bare, trusted=trusted).environments()}
        assert found == {"dev": True, "docs": False}
    for words in (("env", "default"), ("env", "default", "--workflow", "tox")):
        environment = bare.machine.wsp(*words)["environment"]
        assert isinstance(environment, dict)
        assert environment["prefix"] == prefix


def test_which_is_made(bare: Site) -> None:
    """Without a name it is the one that tox takes to develop in; a name that tox derives a Python from needs no configuration."""
    factor = "py" + THIS.replace(".", "")
    assert local(bare).create("default").name == "dev"
    assert local(bare).create(factor, THIS).name == factor
    with pytest.raises(InvalidParams, match="its configuration has dev, docs"):
        local(bare).create("lint")
    with pytest.raises(NameConflict), serving(bare.machine, "tox") as session:
        session.create("dev")
    write(bare.root / "tox.ini", "[tox]\nno_package = true\nenv_list = docs\n")
    with pytest.raises(InvalidParams, match="'dev'"):
        local(bare).create("default")


def test_packages_beside(bare: Site) -> None:
    """Packages can be wished for; groups and extras cannot, and nothing is made then."""
    with pytest.raises(InvalidParams, match="groups: "):
        local(bare).create("dev", groups=["test"])
    with pytest.raises(InvalidParams, match="extras: "):
        local(bare).create("dev", extras=["more"])
    assert not (bare.root / ".tox").exists()
    one = local(bare).create("dev", packages=["pluggy"])
    assert "pluggy" in {each.name for each in one.installed_packages or ()}


def test_callers_activation_does_not_leak(bare: Site, tmp_path: Path) -> None:
    """An activated environment, and modules that PYTHONPATH names, stay out of it."""
    activated = make_venv(tmp_path / "activated")
    before = tree_of(activated)
    write(tmp_path / "modules" / "json" / "__init__.py", "raise SystemExit('leaked')\n")
    bare.machine.environ.update(
        VIRTUAL_ENV=str(activated), PYTHONPATH=str(tmp_path / "modules"), PYTHONHOME="/nowhere"
    )
    assert local(bare).create("dev").prefix == str(bare.root / ".tox" / "dev")
    unset = local(bare).task_command("dev").unset
    assert {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"} <= {*unset}
    assert tree_of(activated) == before


# -- the redirect -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tox.ini", "[tox]\nno_package = true\nenv_list = dev\n{}"),
        ("setup.cfg", "[tox:tox]\nno_package = true\nenv_list = dev\n{}"),
        ("pyproject.toml", "[tool.tox]\nno_package = true\nenv_list = ['dev']\n{}"),
        ("tox.toml", "no_package = true\nenv_list = ['dev']\n{}"),
    ],
)
def test_redirect_is_this_products(site: Site, file: str, text: str) -> None:
    """``.venv`` is pointed to ``dev`` as the user wants it, and not by tox, whatever file configures that."""
    (site.root / "tox.ini").unlink()
    write(site.root / file, text.format(""))
    local(site, redirect="none").create("dev")
    assert not (site.root / ".venv").exists()
    local(site).delete(".tox/dev")
    local(site).create("dev")
    assert (site.root / ".venv").read_text() == ".tox/dev\n"
    local(site).delete(".tox/dev")
    assert not (site.root / ".venv").exists()


def test_redirect_is_the_projects_choice(bare: Site) -> None:
    """A project can have none, or another environment; what is there stays."""
    local(bare).create("docs")
    assert not (bare.root / ".venv").exists()
    write(bare.root / "tox.ini", BARE.replace("[tox]\n", "[tox]\nvenv_redirect = false\n"))
    local(bare).create("dev")
    assert not (bare.root / ".venv").exists()
    local(bare).delete(".tox/dev")
    local(bare).delete(".tox/docs")
    write(bare.root / "tox.ini", BARE.replace("[tox]\n", "[tox]\nvenv_redirect_env = docs\n"))
    assert local(bare).create("default").name == "docs"
    assert (bare.root / ".venv").read_text() == ".tox/docs\n"
    local(bare).create("dev")
    assert (bare.root / ".venv").read_text() == ".tox/docs\n"


# -- trust, and what tox makes when it is merely asked ----------------------------------------------------------


def test_nothing_runs_before_trust(bare: Site) -> None:
    """In a project that is not trusted no plug-in of the folder runs; environments are told of all the same."""
    local(bare).create("dev")
    write(bare.root / "toxfile.py", PLUGIN)
    session = local(bare, trusted=False)
    assert [one.name for one in session.environments()] == ["dev"]
    assert session.get(".tox/dev").interpreter_path
    assert session.tasks() == ()
    for act in (lambda: session.task_command("dev"), lambda: session.create("docs")):
        with pytest.raises(Protected, match="not trusted"):
            act()
    assert not (bare.root / "executed").exists()


def test_question_leaves_nothing(bare: Site) -> None:
    """Asking runs the project's plug-in, and writes nothing, not even its byte code."""
    write(bare.root / "toxfile.py", "print('{\\n}')\n")
    before = tree_of(bare.root)
    session = local(bare)
    assert [one.name for one in session.tasks()] == ["dev", "docs"]
    assert session.environments() == ()
    session.task_command("docs")
    with pytest.raises(InvalidParams):
        session.task_command("lint")
    assert tree_of(bare.root) == before


def test_folders_above_do_not_count(bare: Site) -> None:
    """A folder without a configuration gets neither that of a folder above, whose plug-in stays as it is, nor a made-up one."""
    write(bare.root / "toxfile.py", PLUGIN)
    inner = bare._replace(machine=bare.machine._replace(workspace=bare.root / "inner"))
    inner.root.mkdir()
    for act in (lambda: local(inner).create("py"), lambda: local(inner).tasks()):
        with pytest.raises(Protected, match="no configuration of tox's"):
            act()
    assert local(inner).environments() == ()
    assert not (bare.root / "executed").exists()
    assert not [*inner.root.iterdir()]


def test_tox_that_runs_itself_elsewhere(bare: Site) -> None:
    """Where tox needs packages beside it, a question makes no environment for them; making one does, and is asked from then on."""
    write(bare.root / "tox.ini", BARE.replace("[tox]\n", "[tox]\nrequires = iniconfig\n"))
    before = tree_of(bare.root)
    with pytest.raises(ToolNotInstalled, match="a question installs nothing") as raised:
        local(bare).tasks()
    assert "wsp env create" in (raised.value.hint or "")
    assert local(bare).environments() == ()
    assert tree_of(bare.root) == before
    local(bare).create("dev")
    before = tree_of(bare.root)
    assert [one.name for one in local(bare).tasks()] == ["dev", "docs"]
    assert [one.name for one in local(bare).environments()] == ["dev"]
    assert tree_of(bare.root) == before


def test_environment_at_another_place(bare: Site) -> None:
    """One whose folder is configured is made there and told of, by asking tox."""
    write(bare.root / "tox.ini", BARE + "[testenv:dev]\nenv_dir = {toxinidir}/my envs/a\n")
    one = local(bare).create("dev")
    assert one.prefix == str(bare.root / "my envs" / "a")
    assert [each.prefix for each in local(bare).environments()] == [one.prefix]
    local(bare).delete(one.id)
    assert local(bare).environments() == ()


# -- errors -----------------------------------------------------------------------------------------------------


def test_python_that_is_not_there(bare: Site) -> None:
    """A Python that tox does not find is told as such, and what tox left of a try of its own is no obstacle."""
    write(bare.root / "tox.ini", BARE + "[testenv:dev]\nbase_python = python3.99\n")
    with pytest.raises(PythonUnavailable, match="no Python on this machine"):
        local(bare).create("dev")
    assert not (bare.root / ".tox" / "dev").exists()
    with suppress(AssertionError):
        bare.run("run", "-e", "dev", "--notest")
    assert (bare.root / ".tox" / "dev").is_dir()
    write(bare.root / "tox.ini", BARE)
    assert local(bare).create("dev").status.state == "ok"


def test_other_python_than_asked_for(bare: Site) -> None:
    """Which Python it is tox says; where that is not the one asked for nothing is left."""
    with pytest.raises(PythonUnavailable, match=f"not {OTHER}"):
        local(bare).create("dev", OTHER)
    with pytest.raises(PythonUnavailable):
        local(bare).create("dev", python="/nowhere/python3")
    assert not (bare.root / ".tox" / "dev").exists()


def test_failures_are_told(site: Site) -> None:
    """An index out of reach, a package that is nowhere, and a broken configuration leave nothing, and say what to do."""
    write(site.root / "tox.ini", "[tox]\nno_package = true\n[testenv:dev]\ndeps = {x}\n")
    with pytest.raises(RequestFailed):
        local(site).create("dev")
    write(site.root / "tox.ini", "[tox\n")
    with pytest.raises(ExecutionFailed, match="failed loading"):
        local(site).create("dev")
    write(site.root / "tox.ini", site.recipe.files["tox.ini"].replace("iniconfig", "iniconfig<0"))
    with pytest.raises(ExecutionFailed, match="no index has") as raised:
        local(site).create("dev")
    assert "\x1b" not in raised.value.message
    write(site.root / "tox.ini", site.recipe.files["tox.ini"])
    site.lose_the_index()
    with pytest.raises(NetworkUnavailable) as unreachable:
        local(site).create("dev")
    assert "network" in (unreachable.value.hint or "")
    assert not (site.root / ".tox" / "dev").exists()
    assert local(site).environments() == ()


def test_tool_absent(bare: Site) -> None:
    """Without tox environments are told of and deleted, and what needs it says how to get it."""
    local(bare).create("dev")
    bare.take("tox")
    session = local(bare)
    assert [one.name for one in session.environments()] == ["dev"]
    for act in (lambda: session.create("docs"), session.tasks):
        with pytest.raises(ToolNotInstalled) as raised:
            act()
        assert "pipx install tox" in (raised.value.hint or "")
    session.delete(".tox/dev")
    assert session.environments() == ()


def test_broken_environment(bare: Site) -> None:
    """A broken one is told as such, not made over, and deleted to make it anew."""
    one = local(bare).create("dev")
    break_venv(bare.root / ".tox" / "dev")
    session = local(bare)
    assert [each.status.state for each in session.environments()] == ["broken"]
    with pytest.raises(AlreadyExists):
        session.create("dev")
    session.delete(one.id)
    assert session.create("dev").status.state == "ok"


@pytest.mark.parametrize("folder", ["a b  c", "größe-数-🐍", "x" * 200])
def test_odd_folders(tmp_path: Path, folder: str) -> None:
    """Spaces, letters of any script and long names do no harm."""
    site = Site.at(tmp_path, "tox", folder=folder)
    write(site.root / "tox.ini", BARE)
    one = local(site).create("dev")
    assert one.prefix == str(site.root / ".tox" / "dev")
    assert [task.name for task in local(site).tasks()] == ["dev", "docs"]


def test_read_only_folder(bare: Site) -> None:
    """A folder that cannot be written is told as such."""
    with bare.serving(read_only=True) as session, pytest.raises(Protected, match="written"):
        session.create("dev")


# -- being stopped, and two at once -----------------------------------------------------------------------------


def test_cancelled(site: Site, blocking: Blocking) -> None:
    """A making that is stopped ends what it started, and leaves nothing."""
    with pytest.raises(Cancelled):
        cancel_while_building(site, "dev", blocking)
    assert not (site.root / ".tox" / "dev").exists()
    assert local(site).environments() == ()


def test_killed(site: Site, blocking: Blocking) -> None:
    """What a killed maker leaves is told as broken, and made anew when asked for."""
    kill_while_building(site, "dev", blocking)
    make_when_nobody_else_does(site, "dev")
    (one,) = local(site).environments()
    assert one.status.state == "ok"
    assert "blocking" in {each.name for each in local(site).get(one.id).installed_packages or ()}


def test_two_at_once(bare: Site) -> None:
    """Two makers both get the one environment."""
    assert made_by_two(bare, "dev") == [str(bare.root / ".tox" / "dev")] * 2
