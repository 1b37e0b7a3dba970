"""What every bundled workflow does, with its real tool.

Each operation under each condition a project can be in is in ``test_table.py``, and kills at random moments in ``test_faults.py``.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.blocking import Blocking
from support.files import break_venv, tree_of, write
from support.machine import make_venv
from support.making import (
    cancel_while_building,
    kill_while_building,
    local,
    make_when_nobody_else_does,
)
from support.recipes import EMPTY, HATCH, LOCKING, PATHS, POETRY, RECIPES, Site, index
from workflow_helper.errors import (
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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workflow_helper.errors import RequestFailed
    from workflow_server.client import Session
    from workflow_server.in_process import Local
    from workflow_server.values import ServerEnvironment

#: Those that make their environments in the project's folder.
IN_PROJECT = ("uv", "pdm", "tox", "nox", "venv")
#: Those that tell by files alone whether an environment is in sync.
READING = ("pdm", "poetry", "pipenv", "hatch", "venv")
#: Those whose tasks only the tool tells, which runs files of the project for that.
RUNNING = ("tox", "nox")

#: Those that are stopped in a run that is to be over soon. Of the others tox and pipenv do nothing about it that uv does not.
STOPPED = tuple(tool for tool in RECIPES if tool not in ("tox", "pipenv"))

all_of_them = pytest.mark.parametrize("tool", RECIPES)
locking = pytest.mark.parametrize("tool", LOCKING)


def names(session: Session | Local, one: ServerEnvironment) -> set[str]:
    """Return what is installed in an environment."""
    return {package.name for package in session.get(one.id).installed_packages or ()}


def packages_of(changes: Any) -> list[str]:
    """Return the names of the packages that were installed."""
    return [package.name for package in changes.installed]


# -- every operation ----------------------------------------------------------------------------------------------


@all_of_them
def test_every_operation(tool: str, tmp_path: Path) -> None:
    """An environment is made, described, kept in sync, changed, run in, never made over, and deleted, by a server of its own."""
    site = Site.at(tmp_path, tool)
    messages: list[str] = []
    with site.serving() as session:
        assert session.environments() == ()
        one = session.create(
            site.name,
            packages=["colorama"],
            progress=lambda progress: messages.append(progress.title + progress.message),
        )
        assert (one.default, one.status.state) == (True, "ok")
        assert one.managed_by == (None if tool == "venv" else tool)
        assert {site.recipe.package, "colorama"} <= names(session, one)
        with pytest.raises(NameConflict):
            session.create(site.name)
        keep_in_sync(session, one, site)
        change_packages(session, one)
        ran = session.execute(one.id, ["python", "-c", "import iniconfig, sys; print(sys.prefix)"])
        assert ran.stdout.strip() == one.prefix
        run_tasks(session, site)
        ask_everything(session, one, site)
        delete_what_is_broken(session, one, site)
    assert any(messages)
    assert not any("nox >" in line for line in messages)


def keep_in_sync(session: Session, one: ServerEnvironment, site: Site) -> None:
    """See that what is missing is reported and installed, where the tool can do that."""
    if "environment.sync" not in session.capabilities:
        assert site.recipe.name in RUNNING
        return
    if site.recipe.name in ("uv", "pdm", "poetry"):  # which take out what is not locked
        assert "colorama" in session.check(one.id).message
    else:
        assert session.check(one.id).in_sync
    session.uninstall(one.id, ["colorama"])
    assert session.check(one.id).in_sync
    assert not session.sync(one.id).changed
    if site.recipe.name == "hatch":  # whose environment has no lock that could be out of date
        assert not session.sync(one.id, frozen=True).changed
    session.uninstall(one.id, [site.recipe.package])
    found = session.check(one.id)
    assert not found.in_sync
    assert site.recipe.package in found.message
    assert packages_of(session.sync(one.id)) == [site.recipe.package]
    assert session.check(one.id).in_sync


def change_packages(session: Session, one: ServerEnvironment) -> None:
    """See that a package comes and goes."""
    assert packages_of(session.install(one.id, ["pluggy"])) == ["pluggy"]
    assert "pluggy" in names(session, one)
    assert [each.name for each in session.uninstall(one.id, ["pluggy"]).removed] == ["pluggy"]


def run_tasks(session: Session, site: Site) -> None:
    """See that the project's commands are tasks that can be started."""
    if "task" not in session.capabilities:
        assert site.recipe.name in ("uv", "poetry", "venv")
        return
    (task,) = session.tasks()
    described = {"tox": "to develop", "nox": "To develop."}.get(site.recipe.name, "python -V")
    assert task.description == described
    command = session.task_command(task.name)
    if site.recipe.name != "hatch":  # which finds its environments whatever is activated
        assert {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"} <= {*command.unset}
    done = subprocess.run(
        command.argv,
        cwd=command.cwd,
        env=command.applied(site.machine.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Python 3." in done.stdout + done.stderr
    with pytest.raises(InvalidParams):
        session.task_command("nonesuch")


def ask_everything(session: Session, one: ServerEnvironment, site: Site) -> None:
    """See that no question changes a file of the project."""
    before = tree_of(site.root)
    session.environments()
    session.get(one.id)
    session.pythons()
    if "environment.sync" in session.capabilities:
        session.check(one.id)
    if "task" in session.capabilities:
        session.tasks()
    assert tree_of(site.root) == before


def delete_what_is_broken(session: Session, one: ServerEnvironment, site: Site) -> None:
    """See that nothing is made over an environment that is broken, which is deleted, nor over files of the user."""
    assert one.prefix is not None
    prefix = site.root / one.prefix
    break_venv(prefix)
    assert [each.status.state for each in session.environments()] == ["broken"]
    ask_everything(session, one, site)
    if "environment.sync" in session.capabilities:
        assert not session.check(one.id).in_sync
        for frozen in (False, True):
            with pytest.raises(Protected):
                session.sync(one.id, frozen=frozen)
    if "environment.packages" in session.capabilities:
        with pytest.raises(Protected):
            session.install(one.id, ["colorama"])
    if site.recipe.name in ("pdm", "hatch"):  # which would take another environment without a word
        with pytest.raises(ExecutionFailed):
            session.task_command("hello")
    with pytest.raises((NameConflict, Protected)):
        session.create(site.name)
    if site.recipe.name in PATHS["tools"]:
        site.take(site.recipe.name)  # deleting does not need it
    session.delete(one.id)
    if site.recipe.name in PATHS["tools"]:
        site.give(site.recipe.name)
    assert session.environments() == ()
    assert not prefix.exists()
    write(prefix / "notes.txt", "mine")
    with pytest.raises(NameConflict):
        session.create(site.name)
    assert os.listdir(prefix) == ["notes.txt"]


# -- what the caller has, and does not allow ----------------------------------------------------------------------


class Made(NamedTuple):
    """An environment that was made in the shell of another project."""

    site: Site
    environment: ServerEnvironment
    #: The other project, and what was in it before.
    elsewhere: Path
    before: dict[str, bytes | str | None]

    @property
    def tool(self) -> str:
        """The tool's name."""
        return self.site.recipe.name


#: Variables by which each tool would act on the project in ``{}``, or run something else.
ELSEWHERE = {
    "uv": {"UV_PROJECT": "{}", "UV_WORKING_DIR": "{}"},
    "pdm": {
        "PDM_PROJECT": "{}",
        "PDM_LOCKFILE": "{}/pdm.lock",
        "PDM_IN_VENV": "nonesuch",
        "PDM_USE_VENV": "false",
    },
    "poetry": {"POETRY_ACTIVE": "1"},
    "pipenv": {"PIPENV_ACTIVE": "1", "PIPENV_PIPFILE": "{}/Pipfile"},
    "hatch": {
        "HATCH_ENV_ACTIVE": "nonesuch",
        "HATCH_PROJECT": "nonesuch",
        "HATCH_QUIET": "3",
        "UV_PYTHON": "{}/activated",
        "UV_PROJECT_ENVIRONMENT": "{}/activated",
    },
    "tox": {"TOXENV": "nonesuch"},
    "nox": {"NOXSESSION": "nonesuch", "NOXFORCEPYTHON": "2.7"},
    "venv": {"UV_PROJECT_ENVIRONMENT": "{}/activated"},
}


@pytest.fixture(scope="module", params=RECIPES)
def created(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make an environment that holds nothing, once for several tests."""
    tool = request.param
    base = tmp_path_factory.mktemp(tool)
    elsewhere = base / "elsewhere"
    for name, text in RECIPES[tool].files.items():
        write(elsewhere / name, text)
    write(elsewhere / "modules" / "json" / "__init__.py", "raise SystemExit('leaked')\n")
    activated = make_venv(elsewhere / "activated")
    before = tree_of(elsewhere)
    site = Site.at(base, tool, files=RECIPES[tool].bare)
    variables = {
        "VIRTUAL_ENV": str(activated),
        "CONDA_PREFIX": str(activated),
        "PYTHONPATH": str(elsewhere / "modules"),
        "PYTHONHOME": "/nowhere",
        **{name: text.format(elsewhere) for name, text in ELSEWHERE[tool].items()},
    }
    site.machine.environ.update(variables)
    environment = local(site).create(site.name)
    if tool in ("uv", "hatch"):
        local(site).install(environment.id, ["pluggy"])
        local(site).uninstall(environment.id, ["pluggy"])
    for name in variables:
        del site.machine.environ[name]
    return Made(site, environment, elsewhere, before)


@pytest.fixture
def away(created: Made) -> Iterator[Path]:
    """Put a trap in the place of the tool, and give what it leaves when it is started."""
    trace = created.site.machine.home / "was-run"
    if created.tool != "venv":
        created.site.take(created.tool)
        trap = write(
            created.site.machine.home / "programs" / created.tool,
            f"#!/bin/sh\ntouch '{trace}'\nexit 3\n",
            executable=True,
        )
        yield trace
        trap.unlink()
        created.site.give(created.tool)
    else:
        yield trace


def test_callers_activation_does_not_leak(created: Made) -> None:
    """Neither an activated environment nor another project in the tool's own variables is acted on."""
    assert created.environment.status.state == "ok"
    assert tree_of(created.elsewhere) == created.before
    assert created.site.root.name == "project"
    (one,) = local(created.site).environments()
    assert (one.id, one.default) == (created.environment.id, True)
    assert not (one.prefix or "").startswith(str(created.elsewhere))


def test_nothing_runs_before_trust(created: Made, away: Path) -> None:
    """In a project that is not trusted files alone are read, the tool is not started, and nothing is changed."""
    before = tree_of(created.site.root)
    session = local(created.site, trusted=False)
    identity = created.environment.id
    assert [one.prefix for one in session.environments()] == [created.environment.prefix]
    assert session.get(identity).interpreter_path
    session.command(identity, ["python"])
    acts: list[Any] = [lambda: session.create(created.site.name)]
    if created.tool in READING:
        assert session.check(identity).in_sync
        acts.append(lambda: session.sync(identity))
    elif created.tool == "uv":
        acts.append(lambda: session.check(identity))
    if "task" in session.capabilities:
        tasks = [task.name for task in session.tasks()]
        assert tasks == ([] if created.tool in RUNNING else ["hello"])
    if created.tool in RUNNING:
        acts.append(lambda: session.task_command("dev"))
    for act in acts:
        with pytest.raises(Protected, match="not trusted"):
            act()
    assert not away.exists()
    assert tree_of(created.site.root) == before


def test_tool_that_is_not_installed(created: Made) -> None:
    """Without the tool an environment is described all the same, and what needs the tool says how to get it."""
    if created.tool == "venv":
        return
    created.site.take(created.tool)
    try:
        session = local(created.site)
        (one,) = session.environments()
        assert one.status.state == "ok"
        if created.tool in READING:
            assert session.check(one.id).in_sync
        acts: list[Any] = []
        if "environment.sync" in session.capabilities:
            acts.append(lambda: session.sync(one.id))
        if "task" in session.capabilities:
            acts.append(lambda: session.task_command("dev" if created.tool in RUNNING else "hello"))
        if created.tool in RUNNING:
            acts.append(session.tasks)
        for act in acts:
            with pytest.raises(ToolNotInstalled) as caught:
                act()
            assert f"pipx install {created.tool}" in (caught.value.hint or "").replace('"', "")
    finally:
        created.site.give(created.tool)


# -- what cannot be done ------------------------------------------------------------------------------------------


def of_the_project(site: Site) -> dict[str, bytes | str | None]:
    """Return what is in the project's folder, but for the folders in which tox, nox and Python keep what is theirs."""
    theirs = (".tox", ".nox", "__pycache__")
    return {
        name: found
        for name, found in tree_of(site.root).items()
        if not name.startswith(theirs) or name.endswith("pyvenv.cfg")
    }


@all_of_them
def test_what_is_refused_leaves_nothing(tool: str, tmp_path: Path) -> None:
    """What cannot be granted, or lacks something, is an error of its kind, and all stays as it was."""
    site = Site.at(tmp_path, tool, files=RECIPES[tool].bare)
    site.machine.environ["UV_PYTHON_DOWNLOADS"] = "never"
    session = local(site)
    before = of_the_project(site)
    wishes: list[tuple[dict[str, Any], type[RequestFailed]]] = [
        ({"python_version": "3.99"}, PythonUnavailable),
        ({"python": "/nowhere/python3"}, PythonUnavailable),
        ({"groups": ["nonesuch"]}, InvalidParams),
        ({"extras": ["nonesuch"]}, InvalidParams),
    ]
    if tool != "venv":
        wishes.append(({"path": str(site.root / "other")}, InvalidParams))
    for wish, error in wishes:
        with pytest.raises(error):
            session.create(site.name, **wish)
    if tool not in ("pdm", "venv"):  # which give an environment any name
        with pytest.raises(InvalidParams):
            session.create("nonesuch")
    if tool != "venv":
        site.take(tool)
        with pytest.raises(ToolNotInstalled) as caught:
            session.create(site.name)
        assert f"pipx install {tool}" in (caught.value.hint or "").replace('"', "")
        site.give(tool)
    assert session.environments() == ()
    assert of_the_project(site) == before
    (file,) = site.recipe.files
    write(site.root / file, "[project\n")
    before = of_the_project(site)
    with pytest.raises((UnusableFile, ExecutionFailed, Protected)):
        session.create(site.name)
    assert of_the_project(site) == before


@pytest.mark.parametrize("tool", [name for name in RECIPES if name not in ("hatch", "venv")])
def test_folder_that_is_no_project(tool: str, tmp_path: Path) -> None:
    """A folder without a project of the tool gets no environment, and the project above is another one."""
    site = Site.at(tmp_path, tool, files=RECIPES[tool].bare)
    inside = site._replace(machine=site.machine._replace(workspace=site.root / "inside"))
    inside.root.mkdir()
    for text in (None, "[tool.black]\n"):
        if text is not None:
            write(inside.root / "pyproject.toml", text)
        before = tree_of(site.root)
        with pytest.raises(Protected, match=r"is not a .*project|no noxfile|no tox configuration"):
            local(inside).create(site.name)
        assert local(inside).environments() == ()
        assert tree_of(site.root) == before


@pytest.mark.slow
@all_of_them
def test_index_out_of_reach(tool: str, tmp_path: Path) -> None:
    """An index that cannot be reached is reported as such, with what to do, and nothing is left."""
    site = Site.at(tmp_path, tool, lock=False)
    site.lose_the_index()
    before = of_the_project(site)
    with pytest.raises(NetworkUnavailable, match="could not be reached") as caught:
        local(site).create(site.name)
    assert "network" in (caught.value.hint or "")
    assert local(site).environments() == ()
    assert of_the_project(site) == before


@pytest.mark.parametrize("tool", IN_PROJECT)
def test_read_only_folder(tool: str, tmp_path: Path) -> None:
    """A folder that cannot be written is reported as such."""
    site = Site.at(tmp_path, tool, files=RECIPES[tool].bare)
    with (
        site.serving(read_only=True) as session,
        pytest.raises(Protected, match=r"writ(ten|able)") as caught,
    ):
        session.create(site.name)
    assert "writable" in (caught.value.hint or "")


# -- a lock -------------------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    "tool", [name for name in LOCKING if RECIPES[name].lock_file != "pylock.toml"]
)
def test_lock_that_is_a_link_out_of_the_project(tool: str, tmp_path: Path) -> None:
    """The tool would write through it, so it is not started."""
    site = Site.at(tmp_path, tool, lock=False)
    file, outside = site.root / site.recipe.lock_file, tmp_path / "precious"
    for target in ("", None):  # one that is there, and one that the tool would make
        file.unlink(missing_ok=True)
        outside.unlink(missing_ok=True)
        if target is not None:
            outside.write_text(target)
        file.symlink_to(outside)
        before = tree_of(site.root)
        with pytest.raises(Protected, match="outside of the project"):
            local(site).create(site.name)
        assert tree_of(site.root) == before
        assert (outside.read_text() if outside.exists() else None) == target


@locking
def test_lock_that_is_not_up_to_date(tool: str, tmp_path: Path) -> None:
    """A stale or missing lock is reported, not followed where it must not change, and written by a sync."""
    site = Site.at(tmp_path, tool)
    one = local(site).create(site.name)
    lock = site.root / site.recipe.lock_file
    text = lock.read_text()
    lock.unlink()
    refuse_to_sync(site, one, f"there is no {lock.name}")
    lock.write_text(text)
    site.make_stale()
    refuse_to_sync(site, one, f"{lock.name} does not match")
    assert packages_of(local(site).sync(one.id)) == ["colorama"]
    assert local(site).check(one.id).in_sync
    # The tool itself is of the same opinion.
    words = {"poetry": ("check", "--lock"), "pipenv": ("verify",)}
    site.run(*words.get(tool, ("lock", "--check")))


def refuse_to_sync(site: Site, one: ServerEnvironment, reason: str) -> None:
    """See that a check gives the reason, without the tool where it reads files alone, and a frozen sync changes nothing."""
    tool = site.recipe.name
    before = tree_of(site.root)
    if tool in READING:
        site.take(tool)
    found = local(site, trusted=tool not in READING).check(one.id)
    assert (found.in_sync, found.message.startswith(reason)) == (False, True)
    assert "wsp env sync" in found.message
    if tool in READING:
        site.give(tool)
    with pytest.raises(LockOutdated) as caught:
        local(site).sync(one.id, frozen=True)
    assert f"{tool} lock" in (caught.value.hint or "")
    assert tree_of(site.root) == before


# -- being stopped ------------------------------------------------------------------------------------------------


def held_up(site: Site) -> Blocking:
    """Have the project, or else what its environment needs, wait while it is built."""
    table = {
        "uv": "[tool.uv]\n",
        "pdm": '[tool.pdm.scripts]\nhello = "python -V"\n',
        "hatch": HATCH.replace("skip-install = true\n", ""),
        "venv": "",
    }.get(site.recipe.name)
    if table is not None:
        return Blocking.at(site.root, table=table)
    blocking = Blocking.at(site.root / "blocking")
    match site.recipe.name:
        case "tox":
            text = "[tox]\nno_package = true\n[testenv:dev]\ndeps = ./blocking\n"
        case "nox":
            text = (
                'import nox\n@nox.session\ndef dev(session):\n    session.install("./blocking")\n'
            )
        case "pipenv":
            text = '[packages]\nblocking = {path = "./blocking"}\n'
        case _:
            needs = f'dependencies = ["blocking @ {blocking.folder.as_uri()}"]'
            text = EMPTY.replace("dependencies = []", needs) + POETRY.replace("{index}", index())
    (file,) = site.recipe.files
    write(site.root / file, text)
    return blocking


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Stop every tool in a whole run, else those that have something of their own to take back."""
    if metafunc.function is test_being_stopped:
        whole = bool(metafunc.config.getoption("--whole"))
        metafunc.parametrize("tool", RECIPES if whole else STOPPED)


@pytest.mark.slow
@pytest.mark.needs("POSIX")
def test_being_stopped(tool: str, tmp_path: Path) -> None:
    """A making that is cancelled leaves nothing; what a killed one leaves is broken, and is made when asked for."""
    site = Site.at(tmp_path, tool, files=RECIPES[tool].bare, lock=False)
    blocking = held_up(site)
    with pytest.raises(Cancelled):
        cancel_while_building(site, site.name, blocking)
    assert local(site).environments() == ()
    assert not (site.root / ".pdm-python").exists()
    kill_while_building(site, site.name, blocking)
    make_when_nobody_else_does(site, site.name)
    (one,) = local(site).environments()
    assert one.status.state == "ok"
    assert "blocking" in names(local(site), one)
    if "environment.sync" in local(site).capabilities:
        # What a folder that was installed as it was holds by now, nobody compares.
        assert local(site).check(one.id).in_sync is not False
    local(site).delete(one.id)
    assert local(site).environments() == ()
