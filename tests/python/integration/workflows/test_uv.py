"""The workflow ``uv`` against the real uv, in small real projects."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from support.files import tree_of, write
from support.mirror import mirror_of
from support.pythons import other_cpython, other_python
from support.recipes import Site
from support.slow import put_slow_package, stop_when_begun
from workflow_helper.backends.registry import WORKFLOWS
from workflow_helper.backends.server import server
from workflow_helper.errors import (
    AlreadyExists,
    Cancelled,
    ExecutionFailed,
    InvalidParams,
    OtherPython,
    Protected,
    PythonUnavailable,
    RequestFailed,
)
from workflow_server.in_process import Local

THIS = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a locked project without an environment."""
    return Site.at(tmp_path, "uv")


@pytest.fixture
def synced(site: Site) -> Site:
    """A project that uv itself brought in sync."""
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


def test_folder_that_uv_made_is_what_uv_says(synced: Site) -> None:
    """The default is the environment in which uv runs things, in sync, whether or not the project is trusted."""
    words = ("run", "--frozen", "--no-sync", "python", "-c", "import sys; print(sys.prefix)")
    prefix = synced.run(*words).strip()
    for trusted in (True, False):
        (one,) = local(synced, trusted=trusted).environments()
        assert (one.prefix, one.default) == (prefix, True)
    assert local(synced).check(".venv").in_sync
    environment = synced.machine.wsp("env", "default")["environment"]
    assert isinstance(environment, dict)
    assert environment["prefix"] == prefix


def test_wishes_at_making(site: Site) -> None:
    """Groups, extras and further packages are in it from the start, and others are not."""
    session = local(site)
    session.create(".venv", groups=["test"], extras=["more"], packages=["colorama"])
    assert names(session) == {"colorama", "iniconfig", "packaging", "pluggy"}
    assert not session.check(".venv", groups=["test"], extras=["more"]).in_sync
    assert session.sync(".venv").removed
    assert names(session) == {"iniconfig"}


# -- in sync or not ---------------------------------------------------------------------------------------------


def test_check_tells_what_is_out_of_sync(synced: Site) -> None:
    """One sentence names what differs, and nothing is changed to find out."""
    session = local(synced)
    session.install(".venv", ["iniconfig==2.0.0", "pluggy"])
    before = tree_of(synced.root)
    result = session.check(".venv", groups=["test"])
    assert not result.in_sync
    assert " is locked, but 2.0.0 is installed, packaging " in result.message
    assert result.message.startswith("iniconfig ")
    assert result.message.endswith(" is not in uv.lock")
    assert tree_of(synced.root) == before


@pytest.mark.needs(pythons=2)
def test_environment_of_another_python_is_not_replaced(synced: Site) -> None:
    """Where the project asks for another Python by now, the environment stays until the user has it recreated."""
    python = other_python()
    give_python(synced, python)
    version = os.path.basename(python).removeprefix("python")
    write(synced.root / ".python-version", f"{version}\n")
    before = tree_of(synced.root)
    session = local(synced)
    assert f"would use Python {version}" in session.check(".venv").message
    for frozen in (False, True):
        with pytest.raises(OtherPython, match="would use Python") as caught:
            session.sync(".venv", frozen=frozen)
        assert "wsp env sync --recreate" in (caught.value.hint or "")
    assert tree_of(synced.root) == before
    session.delete(".venv")
    assert session.create(".venv").python_version.startswith(version)


def test_group_that_is_not_declared(synced: Site) -> None:
    """A group or an extra that the project does not have is told as a wrong wish."""
    session = local(synced)
    with pytest.raises(InvalidParams, match="no such group or extra"):
        session.sync(".venv", groups=["nonesuch"])
    with pytest.raises(InvalidParams, match="no such group or extra"):
        session.check(".venv", extras=["nonesuch"])


def test_build_backend_is_not_run_to_check(synced: Site) -> None:
    """A check builds nothing, even where the project's metadata comes from its build backend."""
    slow = put_slow(synced)
    text = (slow / "pyproject.toml").read_text()
    (slow / "hold").unlink()
    assert local(synced).sync(".venv").changed
    (slow / "begun").unlink()
    write(slow / "pyproject.toml", text + "\n")
    result = local(synced).check(".venv")
    assert (result.in_sync, result.message) == (False, "slow has changed since it was installed")
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
    environment = site.machine.wsp("env", "default")["environment"]
    assert isinstance(environment, dict)
    assert environment["prefix"] == str(target)
    with pytest.raises(AlreadyExists):
        session.create(".venv")


def test_redirect_that_leads_nowhere(site: Site) -> None:
    """A redirect to another machine, or an empty one, is told, and nothing is made."""
    for text in ("//server/share/env\n", "\n"):
        write(site.root / ".venv", text)
        with pytest.raises(Protected) as caught:
            local(site).create(".venv")
        file = site.root / ".venv"
        assert caught.value.hint == f"Delete the file {file}, then create the environment again."
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


# -- what goes wrong --------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
@pytest.mark.needs(pythons=2)
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


def test_syncing_cancelled_before_anything_changed(synced: Site) -> None:
    """A sync that is stopped while it still prepares leaves the environment as good as it was."""
    slow = put_slow(synced)
    stop = threading.Event()
    watch = threading.Thread(target=stop_when_begun, args=(slow, stop))
    watch.start()
    with pytest.raises(Cancelled):
        local(synced).sync(".venv", cancelled=stop)
    watch.join()
    (one,) = local(synced).environments()
    assert one.status.state == "ok"


# -- Pythons ----------------------------------------------------------------------------------------------------


@pytest.fixture
def mirror(site: Site, tmp_path: Path) -> Path:
    """Where uv gets Pythons from, offline."""
    return mirror_of(other_cpython(), site.machine, tmp_path / "mirror")


@pytest.mark.needs("another CPython")
def test_python_is_installed(site: Site, mirror: Path) -> None:
    """A Python that is not here is brought by uv, and an environment is made with it."""
    assert mirror.is_file()
    version = os.path.basename(other_cpython()).removeprefix("python")
    session = local(site)
    with pytest.raises(PythonUnavailable):
        session.find_python(version)
    python = session.install_python(version)
    assert python.source == "uv"
    assert python.path.startswith(str(site.machine.home / ".local" / "share" / "uv" / "python"))
    assert session.find_python(version) == python
    assert not (site.machine.home / ".local" / "bin").exists()
    assert session.create(".venv", version).python_version.startswith(version)


@pytest.mark.needs("another CPython")
def test_python_that_uv_cannot_get(site: Site, mirror: Path) -> None:
    """One that is nowhere to be had is told as such, and a download that is not what it should be is not taken."""
    version = os.path.basename(other_cpython()).removeprefix("python")
    session = local(site)
    with pytest.raises(PythonUnavailable, match="uv could not install one"):
        session.install_python("3.99")
    text = mirror.read_text()
    start = text.index('"sha256": "') + len('"sha256": "')
    write(mirror, text[:start] + "0" * 64 + text[start + 64 :])
    with pytest.raises(ExecutionFailed, match="Hash mismatch"):
        session.install_python(version)
    with pytest.raises(PythonUnavailable):
        session.find_python(version)
