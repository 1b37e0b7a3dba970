"""The workflow ``tox`` against the real tox, in small real projects."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of, write
from support.launching import serving
from support.making import (
    local,
)
from support.recipes import Site
from workflow_helper.errors import (
    AlreadyExists,
    InvalidParams,
    NameConflict,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
)

if TYPE_CHECKING:
    from pathlib import Path

THIS = "{}.{}".format(*sys.version_info[:2])
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


# -- every operation --------------------------------------------------------------------------------------------


def test_arguments_reach_the_commands(bare: Site) -> None:
    """What is added to a task stands where its configuration has a place for it."""
    write(bare.root / "tox.ini", BARE + "[testenv:dev]\ncommands = python -c {posargs}\n")
    task = local(bare).task_command("dev", ["print('-' * 3, 6 * 7)"])
    output = subprocess.check_output(
        task.argv, cwd=task.cwd, env=task.applied(bare.machine.environ), text=True
    )
    assert "--- 42" in output


def test_folder_that_tox_made_is_what_tox_says(bare: Site) -> None:
    """What tox itself made, and pointed ``.venv`` to, is the default, whether or not the project is trusted."""
    bare.run("run", "-e", "docs,dev", "--notest")
    document = json.loads(bare.run("config", "-e", "dev", "-k", "env_dir", "--format", "json"))
    prefix = document["env"]["dev"]["env_dir"]
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


# -- the redirect -----------------------------------------------------------------------------------------------


def test_redirect_is_this_products(bare: Site) -> None:
    """``.venv`` is pointed to ``dev`` as the user wants it, and not by tox."""
    local(bare, redirect="none").create("dev")
    assert not (bare.root / ".venv").exists()
    local(bare).delete(".tox/dev")
    local(bare).create("dev")
    assert (bare.root / ".venv").read_text() == ".tox/dev\n"
    local(bare).delete(".tox/dev")
    assert not (bare.root / ".venv").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("setup.cfg", "[tox:tox]\nno_package = true\nenv_list = dev\n"),
        ("pyproject.toml", "[tool.tox]\nno_package = true\nenv_list = ['dev']\n"),
        ("tox.toml", "no_package = true\nenv_list = ['dev']\n"),
    ],
)
def test_redirect_is_not_toxs(site: Site, file: str, text: str) -> None:
    """Whatever file configures tox, it does not point ``.venv`` anywhere by itself."""
    (site.root / "tox.ini").unlink()
    write(site.root / file, text)
    local(site, redirect="none").create("dev")
    assert not (site.root / ".venv").exists()


@pytest.mark.slow
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
        with pytest.raises(Protected, match="no tox configuration"):
            act()
    assert local(inner).environments() == ()
    assert not (bare.root / "executed").exists()
    assert not [*inner.root.iterdir()]


@pytest.mark.slow
def test_tox_that_runs_itself_elsewhere(bare: Site) -> None:
    """Where tox needs packages beside it, a question makes no environment for them; making one does, and is asked from then on."""
    write(bare.root / "tox.ini", BARE.replace("[tox]\n", "[tox]\nrequires = iniconfig\n"))
    before = tree_of(bare.root)
    with pytest.raises(
        ToolNotInstalled, match="reading the configuration does not install them"
    ) as raised:
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
    with pytest.raises(PythonUnavailable, match="this machine does not have"):
        local(bare).create("dev")
    assert not (bare.root / ".tox" / "dev").exists()
    with suppress(AssertionError):
        bare.run("run", "-e", "dev", "--notest")
    assert (bare.root / ".tox" / "dev").is_dir()
    write(bare.root / "tox.ini", BARE)
    assert local(bare).create("dev").status.state == "ok"


@pytest.mark.parametrize("kept", ["log/.git/config", "log/today"])
def test_folder_that_is_not_what_tox_left_stays(bare: Site, kept: str) -> None:
    """Somebody's logs where tox would make an environment, and a repository in what tox left, are not taken away."""
    write(bare.root / "tox.ini", BARE + "[testenv:dev]\nenv_dir = {toxinidir}/place\n")
    write(bare.root / "place" / kept)
    if ".git" in kept:
        write(bare.root / "place" / ".tox-info.json", "{}")
    with pytest.raises(AlreadyExists):
        local(bare).create("dev")
    assert (bare.root / "place" / kept).exists()


# -- being stopped, and two at once -----------------------------------------------------------------------------


# -- what is asked once -----------------------------------------------------------------------------------------


def test_tox_is_started_once_for_those_who_ask_at_once(bare: Site) -> None:
    """All that the Testing view asks of tox is told by one start of it, until a file that decides the answer changes."""
    starts = bare.root.parent / "starts"
    write(bare.root / "toxfile.py", f"open({str(starts)!r}, 'a').write('.')\n")
    time.sleep(0.2)  # what was written a moment ago could change unseen
    for _ in range(2):
        session = local(bare)
        session.environments()
        session.run_configurations()
        session.tasks()
    assert starts.read_text() == "."
    write(bare.root / "tox.ini", BARE.replace("docs", "guide"))
    assert [one.name for one in local(bare).tasks()] == ["dev", "guide"]
    assert starts.read_text() == ".."
