"""The workflow pipenv, against the real pipenv."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from python_workflow.errors import InvalidParams, LockOutdated, Protected, ToolNotInstalled
from support.files import tree_of
from support.recipes import Site

if TYPE_CHECKING:
    from pathlib import Path

    from python_workflow.wsp.client import Session
    from python_workflow.wsp.values import ServerEnvironment


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A locked project without an environment."""
    return Site.at(tmp_path, "pipenv")


def names(session: Session, one: ServerEnvironment) -> set[str]:
    """What an environment holds."""
    return {package.name for package in session.get(one.id).installed_packages or ()} - {"pip"}


def test_environment_is_made_and_filled(site: Site) -> None:
    """It is where pipenv keeps it, holds what is locked, and is what pipenv itself would use."""
    with site.serving() as session:
        made = session.create("default")
        assert names(session, made) == {"iniconfig"}
        assert made.default
    assert site.run("--venv").strip() == made.prefix


def test_categories_are_groups(site: Site) -> None:
    """The packages for development come with their group, and a group that is not there is refused."""
    with site.serving() as session:
        made = session.create("default", groups=["dev"])
        assert names(session, made) == {"iniconfig", "packaging"}
        assert session.check(made.id, groups=["dev"]).in_sync
        with pytest.raises(InvalidParams, match="nonsense"):
            session.sync(made.id, groups=["nonsense"])
        with pytest.raises(InvalidParams, match="extras"):
            session.sync(made.id, extras=["more"])


def test_stale_lock_is_known_by_its_digest(site: Site) -> None:
    """What pipenv itself calls stale is called so without asking it, and a frozen sync then changes nothing."""
    with site.serving() as session:
        made = session.create("default")
        assert session.check(made.id).in_sync
        site.run("verify")
        site.make_stale()
        before = tree_of(site.root)
        site.take("pipenv")
        assert "Pipfile.lock does not match" in session.check(made.id).message
        with pytest.raises(LockOutdated) as caught:
            session.sync(made.id, frozen=True)
        assert "pipenv lock" in (caught.value.hint or "")
        assert tree_of(site.root) == before
        site.give("pipenv")
        assert [one.name for one in session.sync(made.id).installed] == ["colorama"]
        assert session.check(made.id).in_sync
    site.run("verify")


def test_tasks_are_read_and_run_by_pipenv(site: Site) -> None:
    """Scripts are tasks, told with or without trust and without pipenv."""
    before = tree_of(site.root)
    with site.serving(trusted=False) as session:
        assert {one.name: one.description for one in session.tasks()} == {"hello": "python -V"}
    assert tree_of(site.root) == before
    with site.serving() as session:
        assert session.task_command("hello", ["x"]).argv[1:] == ("run", "hello", "x")
        with pytest.raises(InvalidParams):
            session.task_command("nothing")


def test_deleted_environment_is_made_again(site: Site) -> None:
    """Deleting needs no pipenv, and what is made afterwards is in the same place."""
    with site.serving() as session:
        made = session.create("default")
        site.take("pipenv")
        session.delete(made.id)
        assert session.environments() == ()
        site.give("pipenv")
        assert session.create("default").prefix == made.prefix


def test_errors_say_what_to_do(site: Site) -> None:
    """Without pipenv, and without a Pipfile, of which pipenv would write one."""
    with site.serving() as session:
        site.take("pipenv")
        with pytest.raises(ToolNotInstalled) as caught:
            session.create("default")
        assert "pipx install pipenv" in (caught.value.hint or "")
        site.give("pipenv")
        for name in ("Pipfile", "Pipfile.lock"):
            (site.root / name).unlink()
        with pytest.raises(Protected, match="no Pipfile"):
            session.create("default")
    assert os.listdir(site.root) == [".git"]
