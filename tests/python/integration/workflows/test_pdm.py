"""The workflow pdm, against the real pdm."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from python_workflow.errors import (
    InvalidParams,
    LockOutdated,
    NameConflict,
    Protected,
    ToolNotInstalled,
)
from support.command import wsp
from support.files import tree_of, write
from support.recipes import PATHS, Site

if TYPE_CHECKING:
    from pathlib import Path

    from python_workflow.wsp.client import Session
    from python_workflow.wsp.values import ServerEnvironment


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A locked project without an environment."""
    return Site.at(tmp_path, "pdm")


def names(session: Session, one: ServerEnvironment) -> set[str]:
    """What an environment holds."""
    return {package.name for package in session.get(one.id).installed_packages or ()}


def remembered(site: Site) -> str:
    """The interpreter that pdm was told to use."""
    return (site.root / ".pdm-python").read_text()


def test_default_environment_is_made_filled_and_selected(site: Site) -> None:
    """It holds the project, its dependencies and its groups, and is what pdm itself would run."""
    with site.serving() as session:
        made = session.create("default")
        assert made.prefix == str(site.root / ".venv")
        assert names(session, made) == {"demo-project", "iniconfig", "packaging"}
        assert made.default
    assert remembered(site) == made.interpreter_path
    told = site.run("info", "--python").strip()
    assert told == made.interpreter_path
    answer = wsp(site.machine, "env", "default", "--json", cwd=site.root).document
    assert answer["environment"]["prefix"] == made.prefix


def test_named_environment_is_kept_elsewhere_and_not_selected(site: Site) -> None:
    """It is where pdm keeps those, is listed by pdm, and the one in the project stays selected."""
    with site.serving() as session:
        first = session.create("default")
        made = session.create("docs", python=PATHS["pythons"][1])
        assert made.prefix is not None
        assert made.prefix.startswith(str(site.machine.home))
        assert not made.default
        assert "iniconfig" in names(session, made)
        listed = {one.prefix for one in session.environments()}
    assert remembered(site) == first.interpreter_path
    assert made.prefix in site.run("venv", "list")
    assert listed == {first.prefix, made.prefix}


def test_deleting_what_is_selected_forgets_it(site: Site) -> None:
    """With the environment goes what remembers it, so that pdm takes no other one in its place."""
    with site.serving() as session:
        made = session.create("default")
        session.delete(made.id)
        assert session.environments() == ()
    assert not (site.root / ".pdm-python").exists()


def test_stale_lock_is_known_by_its_digest(site: Site) -> None:
    """What pdm itself calls stale is called so without asking it, and a frozen sync then changes nothing."""
    with site.serving() as session:
        made = session.create("default")
        assert session.check(made.id).in_sync
        site.run("lock", "--check")
        site.make_stale()
        before = tree_of(site.root)
        site.take("pdm")
        assert "pdm.lock does not match" in session.check(made.id).message
        with pytest.raises(LockOutdated) as caught:
            session.sync(made.id, frozen=True)
        assert "pdm lock" in (caught.value.hint or "")
        assert tree_of(site.root) == before
        site.give("pdm")
        done = session.sync(made.id)
        assert [one.name for one in done.installed] == ["colorama"]
        assert session.check(made.id).in_sync
    site.run("lock", "--check")


def test_extra_that_is_not_locked_is_locked(site: Site) -> None:
    """A sync with an extra locks the project with it; a frozen one refuses."""
    with site.serving() as session:
        made = session.create("default")
        with pytest.raises(LockOutdated):
            session.sync(made.id, extras=["more"], frozen=True)
        done = session.sync(made.id, extras=["more"])
        assert [one.name for one in done.installed] == ["pluggy"]
        assert session.check(made.id, extras=["more"]).in_sync
        told = session.check(made.id)
        assert (told.in_sync, told.message) == (False, "pluggy 1.7.0 is not in pdm.lock") or (
            "pluggy" in told.message
        )
        with pytest.raises(InvalidParams, match="no group or extra 'nonsense'"):
            session.sync(made.id, groups=["nonsense"])


def test_what_somebody_else_changed_is_told(site: Site) -> None:
    """A check names what is missing, of another version, or not locked."""
    with site.serving() as session:
        made = session.create("default")
        session.uninstall(made.id, ["iniconfig"])
        session.install(made.id, ["colorama", "packaging<25"])
        message = session.check(made.id).message
        assert "iniconfig" in message
        assert "is not installed" in message
        assert "colorama" in message
        session.sync(made.id)
        assert session.check(made.id).in_sync


def test_tasks_are_read_and_run_by_pdm(site: Site) -> None:
    """Scripts are tasks, told with or without trust and without pdm; one runs as pdm runs it."""
    path = site.root / "pyproject.toml"
    path.write_text(
        path.read_text() + '_.env = {A = "1"}\nshelly = {shell = "echo hi", help = "Says hi"}\n'
        'both = {composite = ["hello", "shelly"]}\n'
    )
    before = tree_of(site.root)
    with site.serving(trusted=False) as session:
        told = {one.name: one.description for one in session.tasks()}
    assert told == {"hello": "python -V", "shelly": "Says hi", "both": "hello shelly"}
    assert tree_of(site.root) == before
    with site.serving() as session:
        command = session.task_command("hello", ["more"])
        assert command.argv[1:] == ("run", "hello", "more")
        with pytest.raises(InvalidParams):
            session.task_command("nothing")


def test_nothing_runs_before_trust(site: Site) -> None:
    """A plug-in of the project, which every pdm command loads, is not loaded by anything that is merely asked."""
    with site.serving() as session:
        made = session.create("default")
    trace = site.machine.home / "was-run"
    plugins = site.root / ".pdm-plugins" / "lib" / "site-packages"
    write(plugins / "evil.pth", f"import pathlib; pathlib.Path({str(trace)!r}).touch()\n")
    with site.serving(trusted=False) as session:
        session.environments()
        session.check(made.id)
        session.tasks()
        session.command(made.id, ["python"])
        with pytest.raises(Protected, match="not trusted"):
            session.sync(made.id)
    assert not trace.exists()


def test_activated_environment_of_another_project_is_left_alone(site: Site) -> None:
    """What a shell activated does not become the project's."""
    other = site.machine.home / "other"
    site.machine.environ.update(VIRTUAL_ENV=str(other), PDM_PROJECT=str(other))
    with site.serving() as session:
        assert session.create("default").prefix == str(site.root / ".venv")
    assert not other.exists()


def test_errors_say_what_to_do(site: Site) -> None:
    """Without pdm, without a project, and over what exists already."""
    with site.serving() as session:
        write(site.root / ".venv" / "mine.txt", "mine")
        with pytest.raises(NameConflict):
            session.create("default")
        assert os.listdir(site.root / ".venv") == ["mine.txt"]
        site.take("pdm")
        with pytest.raises(ToolNotInstalled) as caught:
            session.create("other")
        assert "pipx install" in (caught.value.hint or "")
        (site.root / "pyproject.toml").unlink()
        with pytest.raises(Protected, match="no project of pdm's"):
            session.create("other")


def test_document_of_the_command_line(site: Site) -> None:
    """Created, checked and synced through the command line, with pdm chosen by its lock."""
    made = wsp(site.machine, "env", "create", "--json", cwd=site.root)
    assert made.exit_code == 0, made.document
    assert (
        wsp(site.machine, "workflow", "show", "--json", cwd=site.root).document["workflow"]["name"]
        == "pdm"
    )
    checked = wsp(site.machine, "env", "check", "--json", cwd=site.root)
    assert checked.exit_code == 0, json.dumps(checked.document)
    synced = wsp(site.machine, "env", "sync", "--frozen", "--json", cwd=site.root).document
    assert synced["changed"] is False
