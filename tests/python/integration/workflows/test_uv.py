"""The workflow ``uv`` against the real uv, in small real projects."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
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
    RequestFailed,
    ToolNotInstalled,
    UnusableFile,
)
from python_workflow.workflows.bundled import server
from python_workflow.workflows.registry import WORKFLOWS
from python_workflow.wsp.local import Local
from support.files import tree_of, write
from support.launching import serving
from support.machine import make_venv
from support.mirror import mirror_of
from support.pythons import other_python
from support.recipes import Site
from support.servers import until
from support.slow import put_slow_package, stop_when_begun

THIS = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The text of the project's lock file, and a cache that holds what it names."""
    site = Site.at(tmp_path_factory.mktemp("locked"), "uv")
    site.run("sync", "--all-groups", "--all-extras")
    return (site.root / "uv.lock").read_text(), str(site.machine.home / ".cache" / "uv")


@pytest.fixture
def site(tmp_path: Path, locked: tuple[str, str]) -> Site:
    """A locked project without an environment."""
    site = Site.at(tmp_path, "uv", lock=False)
    lock, site.machine.environ["UV_CACHE_DIR"] = locked
    write(site.root / "uv.lock", lock)
    return site


@pytest.fixture
def made(site: Site) -> Site:
    """A project that uv itself brought in step."""
    site.run("sync", "--python", f"python{THIS}")
    return site


def local(site: Site, *, trusted: bool = True) -> Local:
    """Uv's workflow in this process."""
    return Local(server(WORKFLOWS["uv"], site.machine.host), str(site.root), trusted=trusted)


def names(session: Local, identity: str = ".venv") -> set[str]:
    """What is installed."""
    return {one.name for one in session.packages(identity)}


def give_python(site: Site, python: str) -> None:
    """Put a Python on PATH."""
    (site.machine.home / "programs" / os.path.basename(python)).symlink_to(python)


def put_slow(site: Site) -> Path:
    """Make the project need a package that is held up while it is built."""
    slow = put_slow_package(site.root)
    path = site.root / "pyproject.toml"
    text = path.read_text().replace('["iniconfig"]', '["iniconfig", "slow"]')
    path.write_text(text + '[tool.uv.sources]\nslow = { path = "slow" }\n')
    return slow


# -- every operation --------------------------------------------------------------------------------------------


def test_every_operation(site: Site) -> None:
    """A project is made ready, kept in step, changed, run in, and cleared, by a server of its own."""
    heard: list[str] = []
    with serving(site.machine, "uv") as session:
        assert session.environments() == ()
        one = session.create(".venv", THIS, progress=lambda told: heard.append(told.message))
        assert (one.id, one.default, one.managed_by) == (".venv", True, "uv")
        assert one.prefix == str(site.root / ".venv")
        assert session.check(".venv").in_sync
        assert not session.sync(".venv").changed
        changes = session.sync(".venv", groups=["test"], extras=["more"])
        assert {package.name for package in changes.installed} == {"packaging", "pluggy"}
        assert session.check(".venv", groups=["test"], extras=["more"]).in_sync
        assert {package.name for package in session.sync(".venv", frozen=True).removed} == {
            "packaging",
            "pluggy",
        }
        assert [one.name for one in session.install(".venv", ["pluggy"]).installed] == ["pluggy"]
        assert [one.name for one in session.uninstall(".venv", ["pluggy"]).removed] == ["pluggy"]
        ran = session.execute(".venv", ["python", "-c", "import iniconfig, sys; print(sys.prefix)"])
        assert ran.stdout.strip() == one.prefix
        assert "task" not in session.capabilities
        session.delete(".venv")
        assert session.environments() == ()
    assert any("iniconfig" in message for message in heard)
    assert not (site.root / ".venv").exists()


def test_folder_that_uv_made_is_what_uv_says(made: Site) -> None:
    """The default is the environment in which uv runs things, in step, whether or not the project is trusted."""
    words = ("run", "--frozen", "--no-sync", "python", "-c", "import sys; print(sys.prefix)")
    prefix = made.run(*words).strip()
    for trusted in (True, False):
        (one,) = local(made, trusted=trusted).environments()
        assert (one.prefix, one.default) == (prefix, True)
    assert local(made).check(".venv").in_sync
    told = made.machine.wsp("env", "default")["environment"]
    assert isinstance(told, dict)
    assert told["prefix"] == prefix


def test_wishes_at_making(site: Site) -> None:
    """Groups, extras and further packages are in it from the start, and the Python named by its path is its Python."""
    python = other_python()
    one = local(site).create(
        ".venv", python=python, groups=["test"], extras=["more"], packages=["colorama"]
    )
    assert names(local(site)) == {"colorama", "iniconfig", "packaging", "pluggy"}
    assert f"python{'.'.join(one.python_version.split('.')[:2])}" == os.path.basename(python)


def test_project_without_a_lock_gets_one(tmp_path: Path) -> None:
    """Making writes the lock file, as uv does."""
    site = Site.at(tmp_path, "uv", lock=False)
    local(site).create(".venv")
    assert (site.root / "uv.lock").is_file()
    assert local(site).check(".venv").in_sync


def test_callers_activation_does_not_leak(site: Site, tmp_path: Path) -> None:
    """Neither an activated environment nor another project in uv's own variables is touched."""
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "pyproject.toml", '[project]\nname = "other"\nversion = "1"\n')
    activated = make_venv(tmp_path / "activated")
    before = tree_of(elsewhere), tree_of(activated)
    site.machine.environ.update(
        VIRTUAL_ENV=str(activated),
        PYTHONPATH=str(elsewhere),
        UV_PROJECT=str(elsewhere),
        UV_WORKING_DIR=str(elsewhere),
    )
    session = local(site)
    assert session.create(".venv").prefix == str(site.root / ".venv")
    session.install(".venv", ["pluggy"])
    assert "pluggy" in names(session)
    assert (tree_of(elsewhere), tree_of(activated)) == before


# -- in step or not ---------------------------------------------------------------------------------------------


def test_check_tells_what_is_out_of_step(made: Site) -> None:
    """One sentence names what differs, and nothing is changed to find out."""
    session = local(made)
    session.install(".venv", ["iniconfig==2.0.0", "pluggy"])
    before = tree_of(made.root)
    told = session.check(".venv", groups=["test"])
    assert not told.in_sync
    assert " is locked, 2.0.0 is installed; packaging " in told.message
    assert told.message.startswith("iniconfig ")
    assert told.message.endswith(" is not in uv.lock")
    assert tree_of(made.root) == before


def test_check_tells_of_a_stale_lock(made: Site) -> None:
    """A lock file that is older than what the project declares is told with the command that mends it."""
    made.make_stale()
    before = tree_of(made.root)
    told = local(made).check(".venv")
    assert not told.in_sync
    assert "uv.lock does not match" in told.message
    assert "wsp env sync" in told.message
    assert tree_of(made.root) == before
    assert local(made).sync(".venv").changed
    assert local(made).check(".venv").in_sync


def test_check_tells_of_a_missing_lock(made: Site) -> None:
    """A project without a lock file is not in step, and none is written."""
    (made.root / "uv.lock").unlink()
    assert local(made).check(".venv").message.startswith("there is no uv.lock")
    assert not (made.root / "uv.lock").exists()


def test_check_without_trust_asks_nobody(made: Site) -> None:
    """In a project that is not trusted uv is not started."""
    made.take("uv")
    with pytest.raises(Protected, match="not trusted, so uv was not asked"):
        local(made, trusted=False).check(".venv")


@pytest.mark.parametrize("lock", ["stale", "missing"])
def test_frozen_changes_nothing_without_a_fresh_lock(made: Site, lock: str) -> None:
    """A stale or missing lock file is told with the command that mends it, and all stays as it was."""
    if lock == "stale":
        made.make_stale()
    else:
        (made.root / "uv.lock").unlink()
    before = tree_of(made.root)
    with pytest.raises(LockOutdated) as caught:
        local(made).sync(".venv", groups=["test"], frozen=True)
    assert "uv lock" in (caught.value.hint or "")
    assert tree_of(made.root) == before


def test_environment_of_another_python_is_not_replaced(made: Site) -> None:
    """Where the project asks for another Python by now, the environment stays until the user has it made anew."""
    python = other_python()
    give_python(made, python)
    version = os.path.basename(python).removeprefix("python")
    write(made.root / ".python-version", f"{version}\n")
    before = tree_of(made.root)
    session = local(made)
    assert f"asks for Python {version}" in session.check(".venv").message
    for frozen in (False, True):
        with pytest.raises(Protected, match="asks for Python") as caught:
            session.sync(".venv", frozen=frozen)
        assert caught.value.hint == "Delete it, and make it anew."
    assert tree_of(made.root) == before
    session.delete(".venv")
    assert session.create(".venv").python_version.startswith(version)


def test_group_that_is_not_declared(made: Site) -> None:
    """A group or an extra that the project does not have is told as a wrong wish."""
    session = local(made)
    with pytest.raises(InvalidParams, match="no such group or extra"):
        session.sync(".venv", groups=["nonesuch"])
    with pytest.raises(InvalidParams, match="no such group or extra"):
        session.check(".venv", extras=["nonesuch"])


def test_build_backend_is_not_run_to_check(made: Site) -> None:
    """A check builds nothing, even where the project's metadata comes from its build backend."""
    slow = put_slow(made)
    text = (slow / "pyproject.toml").read_text()
    (slow / "hold").unlink()
    assert local(made).sync(".venv").changed
    (slow / "begun").unlink()
    write(slow / "pyproject.toml", text + "\n")
    told = local(made).check(".venv")
    assert (told.in_sync, told.message) == (False, "slow has changed since it was installed")
    assert not (slow / "begun").exists()


# -- where it is ------------------------------------------------------------------------------------------------


def test_redirect_file(site: Site, tmp_path: Path) -> None:
    """Where ``.venv`` redirects, the environment is made there and kept there, which uv alone refuses."""
    target = tmp_path / "envs" / "x"
    write(site.root / ".venv", f"{target}\n")
    with pytest.raises(AssertionError, match="expected directory but found a file"):
        site.run("sync")
    session = local(site)
    assert session.create(".venv").prefix == str(target)
    (one,) = session.environments()
    assert (one.prefix, one.default) == (str(target), True)
    assert session.check(one.id).in_sync
    assert session.sync(one.id, groups=["test"]).changed
    assert not session.check(one.id).in_sync
    assert session.sync(one.id, frozen=True).removed
    assert (site.root / ".venv").read_text() == f"{target}\n"
    told = site.machine.wsp("env", "default")["environment"]
    assert isinstance(told, dict)
    assert told["prefix"] == str(target)
    with pytest.raises(AlreadyExists):
        session.create(".venv")


def test_redirect_that_leads_nowhere(site: Site) -> None:
    """A redirect to another machine, or an empty one, is told, and nothing is made."""
    for text in ("//server/share/env\n", "\n"):
        write(site.root / ".venv", text)
        with pytest.raises(Protected) as caught:
            local(site).create(".venv")
        assert caught.value.hint == "Remove the file first."
        assert (site.root / ".venv").read_text() == text


def test_member_of_a_workspace(tmp_path: Path) -> None:
    """A member shares the environment of its workspace, made from wherever."""
    site = Site.at(tmp_path, "uv", lock=False)
    top = (site.root / "pyproject.toml").read_text() + '[tool.uv.workspace]\nmembers = ["lib"]\n'
    write(site.root / "pyproject.toml", top)
    write(
        site.root / "lib" / "pyproject.toml",
        '[project]\nname = "lib"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["pluggy"]\n',
    )
    member = Site(site.machine._replace(workspace=site.root / "lib"), site.recipe)
    session = local(member)
    assert session.create(".venv").prefix == str(site.root / ".venv")
    (one,) = session.environments()
    assert one.default
    assert names(session, one.id) == {"pluggy"}
    assert session.check(one.id).in_sync
    assert not local(site).check(".venv").in_sync
    assert not (member.root / "uv.lock").exists()


def test_place_that_the_user_chose(site: Site) -> None:
    """UV_PROJECT_ENVIRONMENT moves the environment."""
    site.machine.environ["UV_PROJECT_ENVIRONMENT"] = "build/env"
    session = local(site)
    assert session.create("default").prefix == str(site.root / "build" / "env")
    (one,) = session.environments()
    assert (one.id, one.default) == ("build/env", True)
    assert session.check(one.id).in_sync


def test_nothing_is_made_over_anything(made: Site) -> None:
    """What is there already is a conflict, whatever it is."""
    with serving(made.machine, "uv") as session:
        with pytest.raises(NameConflict):
            session.create(".venv")
        with pytest.raises(InvalidParams, match="one environment a project"):
            session.create("docs")
        shutil.rmtree(made.root / ".venv")
        write(made.root / ".venv" / "notes.txt", "mine")
        with pytest.raises(NameConflict):
            session.create(".venv")
    assert (made.root / ".venv" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("text", ["[tool.black]\n", None])
def test_project_that_is_not_uvs(site: Site, text: str | None) -> None:
    """A formatter's settings are no project, and the one above is another one: nothing is made in either."""
    inside = site.root / "inside"
    inside.mkdir()
    if text is not None:
        write(inside / "pyproject.toml", text)
    before = tree_of(site.root)
    session = local(Site(site.machine._replace(workspace=inside), site.recipe))
    with pytest.raises(Protected, match=r"no project of uv's"):
        session.create(".venv")
    assert tree_of(site.root) == before


def test_file_that_cannot_be_read(made: Site) -> None:
    """A pyproject.toml with a mistake is told with the place of it."""
    write(made.root / "pyproject.toml", "[project\n")
    with pytest.raises(UnusableFile, match=r"pyproject\.toml"):
        local(made).sync(".venv")


# -- what goes wrong --------------------------------------------------------------------------------------------


def test_uv_is_not_installed(made: Site) -> None:
    """Without uv the environment is told of all the same, and what needs uv says how to get it."""
    made.take("uv")
    session = local(made)
    (one,) = session.environments()
    assert one.status.state == "ok"
    assert "iniconfig" in names(session)
    with pytest.raises(ToolNotInstalled) as caught:
        session.sync(".venv")
    assert "pipx install uv" in (caught.value.hint or "")


def test_index_that_cannot_be_reached(tmp_path: Path) -> None:
    """It is told as such with uv's own words, and no environment is left."""
    site = Site.at(tmp_path, "uv", lock=False)
    site.lose_the_index()
    del site.machine.environ["UV_HTTP_RETRIES"]
    with pytest.raises(NetworkUnavailable, match="could not be reached"):
        local(site).create(".venv")
    assert sorted(os.listdir(site.root)) == [".git", "pyproject.toml"]


def test_project_that_cannot_be_resolved(site: Site) -> None:
    """What fails after uv has begun leaves no environment, and uv's reason is told."""
    path = site.root / "pyproject.toml"
    path.write_text(path.read_text().replace('["iniconfig"]', '["iniconfig<0"]'))
    with pytest.raises(ExecutionFailed, match="iniconfig"):
        local(site).create(".venv")
    assert not (site.root / ".venv").exists()


def test_python_that_is_not_there(site: Site) -> None:
    """A version that nobody has, a path that leads nowhere, and one that the project excludes are told as such."""
    site.machine.environ["UV_PYTHON_DOWNLOADS"] = "never"
    session = local(site)
    with pytest.raises(PythonUnavailable):
        session.create(".venv", "3.99")
    with pytest.raises(PythonUnavailable):
        session.create(".venv", python="/nowhere/python3")
    path = site.root / "pyproject.toml"
    path.write_text(path.read_text().replace(">=3.10", ">=3.98"))
    for python in (None, os.path.realpath(sys.executable)):
        with pytest.raises(PythonUnavailable):
            session.create(".venv", python=python)
    assert not (site.root / ".venv").exists()


def test_python_behind_shims(site: Site) -> None:
    """A Python that pyenv has, and that its shims on PATH do not give to uv, is used."""
    python = Path(other_python())
    version = python.name.removeprefix("python")
    home = site.machine.home / ".pyenv"
    (home / "versions").mkdir(parents=True)
    (home / "versions" / f"{version}.0").symlink_to(python.parents[1])
    write(home / "shims" / python.name, "#!/bin/sh\nexit 127\n", executable=True)
    programs = site.machine.home / "programs"
    site.machine.environ["PATH"] = f"{home / 'shims'}:{programs}"
    site.machine.environ["UV_PYTHON_DOWNLOADS"] = "never"
    write(site.root / ".python-version", f"{version}\n")
    assert local(site).create(".venv").python_version.startswith(version)


def test_place_that_cannot_be_written(site: Site) -> None:
    """A file where a folder is needed is told, and stays."""
    site.machine.environ["UV_PROJECT_ENVIRONMENT"] = "uv.lock/env"
    before = (site.root / "uv.lock").read_text()
    with pytest.raises(RequestFailed):
        local(site).create(".venv")
    assert (site.root / "uv.lock").read_text() == before


# -- stopped, and at once ---------------------------------------------------------------------------------------


def test_cancelled(site: Site) -> None:
    """A making that is stopped ends what it started, and leaves nothing."""
    slow = put_slow(site)
    stop = threading.Event()
    watch = threading.Thread(target=stop_when_begun, args=(slow, stop))
    watch.start()
    with pytest.raises(Cancelled):
        local(site).create(".venv", cancelled=stop)
    watch.join()
    assert not (site.root / ".venv").exists()
    assert local(site).environments() == ()


def test_syncing_cancelled_before_anything_changed(made: Site) -> None:
    """A sync that is stopped while it still prepares leaves the environment as good as it was."""
    slow = put_slow(made)
    stop = threading.Event()
    watch = threading.Thread(target=stop_when_begun, args=(slow, stop))
    watch.start()
    with pytest.raises(Cancelled):
        local(made).sync(".venv", cancelled=stop)
    watch.join()
    (one,) = local(made).environments()
    assert one.status.state == "ok"


def test_killed(site: Site) -> None:
    """What a killed server leaves is told as broken, also when uv goes on alone, and is made anew when asked for."""
    slow = put_slow(site)
    argv = [
        sys.executable,
        "-I",
        "-m",
        "python_workflow",
        "env",
        "create",
        "--folder",
        str(site.root),
    ]
    child = subprocess.Popen(
        argv, env=site.machine.environ, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    until((slow / "begun").exists)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    if (site.root / ".venv").is_dir():
        assert [one.status.state for one in local(site).environments()] == ["broken"]
    (slow / "hold").unlink()

    def again() -> bool:
        with suppress(AlreadyExists):
            return local(site).create(".venv").status.state == "ok"
        return False

    until(again)
    assert local(site).check(".venv").in_sync


def test_two_at_once(site: Site) -> None:
    """Two makers both get the one environment."""
    slow = put_slow(site)
    got: list[str | None] = []

    def make() -> None:
        with serving(site.machine, "uv") as session:
            got.append(session.create(".venv").prefix)

    makers = [threading.Thread(target=make) for _ in range(2)]
    for maker in makers:
        maker.start()
    until((slow / "begun").exists)
    (slow / "hold").unlink()
    for maker in makers:
        maker.join()
    assert got == [str(site.root / ".venv")] * 2


# -- Pythons ----------------------------------------------------------------------------------------------------


@pytest.fixture
def mirror(site: Site, tmp_path: Path) -> Path:
    """Where uv gets Pythons from, offline."""
    return mirror_of(other_python(), site.machine, tmp_path / "mirror")


def test_python_is_installed(site: Site, mirror: Path) -> None:
    """A Python that is not here is brought by uv, and an environment is made with it."""
    assert mirror.is_file()
    version = os.path.basename(other_python()).removeprefix("python")
    session = local(site)
    with pytest.raises(PythonUnavailable):
        session.find_python(version)
    told = session.install_python(version)
    assert told.source == "uv"
    assert told.path.startswith(str(site.machine.home / ".local" / "share" / "uv" / "python"))
    assert session.find_python(version) == told
    assert not (site.machine.home / ".local" / "bin").exists()
    assert session.create(".venv", version).python_version.startswith(version)


def test_python_that_uv_cannot_get(site: Site, mirror: Path) -> None:
    """One that is nowhere to be had is told as such, and a download that is not what it should be is not taken."""
    version = os.path.basename(other_python()).removeprefix("python")
    session = local(site)
    with pytest.raises(PythonUnavailable, match="nor could uv get one"):
        session.install_python("3.99")
    text = mirror.read_text()
    start = text.index('"sha256": "') + len('"sha256": "')
    write(mirror, text[:start] + "0" * 64 + text[start + 64 :])
    with pytest.raises(ExecutionFailed, match="Hash mismatch"):
        session.install_python(version)
    with pytest.raises(PythonUnavailable):
        session.find_python(version)
