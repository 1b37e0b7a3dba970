"""An environment of pdm's project follows its lock, and what is out of sync is told."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from hashlib import sha224
from typing import TYPE_CHECKING

import pytest
from support.blocking import Blocking
from support.files import break_venv, tree_of, write
from support.making import (
    local,
)
from support.pdm_project import HOOK, names, replace
from support.pythons import other_python
from workflow_helper.backends import pdm_project
from workflow_helper.discovery.tools import Folder
from workflow_helper.errors import (
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    OtherPython,
    Protected,
    PythonUnavailable,
)
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.recipes import Site


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


def test_nothing_runs_before_trust(synced: Site) -> None:
    """A plug-in that the project brings along, which every pdm command loads, is loaded by no question without trust."""
    write(synced.root / "pdm.toml", f'cache_dir = "{synced.root / "cache"}"\n')
    mark = sha224(str(synced.root).encode()).hexdigest()[:12]
    plugins = synced.root / "cache" / "plugins" / f"{synced.root.name}-{mark}"
    trace = synced.machine.home / "was-run"
    for version in range(10, 20):  # which Python runs pdm does not matter here
        path = plugins / "lib" / f"python3.{version}" / "site-packages" / "planted.pth"
        write(path, f"import pathlib; pathlib.Path({str(trace)!r}).touch()\n")
    session = local(synced, trusted=False)
    assert session.check(".venv").in_sync
    assert session.tasks()
    session.command(".venv", ["python"])
    with pytest.raises(Protected, match="not trusted"):
        session.sync(".venv")
    assert not trace.exists()
    synced.run("lock", "--check")
    assert trace.exists()


def test_check_tells_what_is_out_of_sync(synced: Site) -> None:
    """One sentence names what differs, and a sync mends it."""
    session = local(synced)
    session.install(".venv", ["iniconfig==2.0.0", "pluggy"])
    session.uninstall(".venv", ["packaging"])
    result = session.check(".venv")
    assert not result.in_sync
    assert " is locked, but 2.0.0 is installed, packaging " in result.message
    assert result.message.endswith(" is not in pdm.lock")
    assert session.sync(".venv", frozen=True).changed
    assert session.check(".venv").in_sync
    assert names(session) == {"colorama", "iniconfig", "packaging"}


def test_stale_lock(synced: Site) -> None:
    """It is told without asking pdm, and a sync locks anew, with the versions that were locked."""
    replace(synced, '["iniconfig"]', '["iniconfig==2.0.0"]')
    synced.run("install")
    replace(synced, '["iniconfig==2.0.0"]', '["iniconfig", "zipp"]')
    synced.take("pdm")
    message = local(synced, trusted=False).check(".venv").message
    assert message.startswith("pdm.lock does not match what the project declares ('wsp env sync'")
    synced.give("pdm")
    changes = local(synced).sync(".venv")
    assert [one.name for one in changes.installed] == ["zipp"]
    assert changes.removed == ()
    assert local(synced).check(".venv").in_sync
    synced.run("lock", "--check")


def test_lock_without_the_extra(synced: Site) -> None:
    """A lock that does not cover an extra is reported with the command that adds it, and all stays as it was."""
    before = tree_of(synced.root)
    with pytest.raises(LockOutdated) as caught:
        local(synced).sync(".venv", extras=["more"], frozen=True)
    assert tree_of(synced.root) == before
    command = (caught.value.hint or "").split("'")[1]
    assert command.startswith("pdm lock ")
    synced.run(*shlex.split(command)[1:])
    assert local(synced).sync(".venv", extras=["more"], frozen=True).changed
    assert local(synced).check(".venv", extras=["more"]).in_sync


def test_user_who_forbids_to_lock(synced: Site) -> None:
    """Where pdm's variable says that no lock is written, a stale one is told and not passed over."""
    synced.machine.environ["PDM_FROZEN_LOCKFILE"] = "1"
    synced.make_stale()
    before = tree_of(synced.root)
    with pytest.raises(LockOutdated):
        local(synced).sync(".venv")
    assert tree_of(synced.root) == before


def test_groups_and_extras(synced: Site) -> None:
    """Those that are named are installed and no others; by default all for development, and what else the lock covers."""
    session = local(synced)
    assert names(session) == {"colorama", "iniconfig", "packaging"}
    for groups, extras, expected in (
        (["test"], ["more"], {"iniconfig", "packaging", "pluggy"}),
        (None, ["more"], {"colorama", "iniconfig", "packaging", "pluggy"}),
        ([], None, {"iniconfig"}),
        (None, None, {"colorama", "iniconfig", "packaging", "pluggy"}),  # it is locked by now
    ):
        assert not session.check(".venv", groups=groups, extras=extras).in_sync
        session.sync(".venv", groups=groups, extras=extras)
        assert names(session) == expected
        assert session.check(".venv", groups=groups, extras=extras).in_sync
    with pytest.raises(InvalidParams, match="does not declare"):
        session.check(".venv", groups=["nonesuch"])
    with pytest.raises(InvalidParams, match="does not declare"):
        session.sync(".venv", extras=["test"])


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
    site.run("lock")
    folder = Folder(str(site.root), (), site.machine.host, Disk())
    lock = pdm_project.read(folder)
    assert lock is not None
    assert lock.is_fresh(pdm_project.PdmDeclaration(folder)) is True


@pytest.mark.slow
@pytest.mark.parametrize("lock", ["without groups", "with inputs"])
def test_lock_that_only_pdm_understands(synced: Site, lock: str) -> None:
    """Where files do not tell, pdm is asked in trusted projects, without making, building or running anything."""
    if lock == "without groups":
        synced.run("lock", "-S", "no_inherit_metadata")
    else:
        table = "[tool.pdm.resolution]\nlock_inputs = true\n[tool.pdm.scripts]"
        replace(synced, "[tool.pdm.scripts]", table)
        synced.run("lock")
    write(synced.root / "pyproject.toml", (synced.root / "pyproject.toml").read_text() + HOOK)
    session = local(synced)
    session.uninstall(".venv", ["colorama"])
    session.install(".venv", ["zipp", "iniconfig==2.0.0"])
    before = tree_of(synced.root)
    message = session.check(".venv").message
    assert "colorama 0.4.6 is not installed" in message
    assert " is locked, but 2.0.0 is installed" in message
    assert ", and zipp " in message
    with pytest.raises(Protected, match="not trusted, so pdm was not run"):
        local(synced, trusted=False).check(".venv")
    assert tree_of(synced.root) == before


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
    assert session.check(".venv").message == "colorama is locked but not installed"
    site.make_stale()
    assert session.check(".venv").message.startswith("pylock.toml does not match")


@pytest.mark.slow
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
    assert "blocking is installed from another source" in session.check(".venv").message
    session.sync(".venv", frozen=True)
    assert session.check(".venv").in_sync
    site.machine.environ["PDM_NO_SELF"] = "1"
    assert session.check(".venv").message == "demo-project 1.0 is not in pdm.lock"


@pytest.mark.needs(pythons=2)
def test_environment_of_another_python(site: Site) -> None:
    """One that the project does not allow any more is left alone, where pdm would fill and remember another one."""
    pythons = sorted((other_python(), os.path.realpath(sys.executable)), key=minor)
    older, newer = pythons
    session = local(site)
    session.create(".venv", python=older)
    session.create("other", python=newer)
    replace(site, '">=3.10"', f'">=3.{minor(newer)}"')
    before = tree_of(site.root)
    assert f"requires Python >=3.{minor(newer)}, and " in session.check(".venv").message
    for frozen in (False, True):
        with pytest.raises(OtherPython, match="requires Python") as caught:
            session.sync(".venv", frozen=frozen)
        assert "wsp env sync --recreate" in (caught.value.hint or "")
    with pytest.raises(PythonUnavailable, match="requires Python"):
        session.create("third", python=older)
    assert tree_of(site.root) == before


def minor(python: str) -> int:
    """The ``10`` of ``python3.10``."""
    return int(python.rpartition(".")[2])
