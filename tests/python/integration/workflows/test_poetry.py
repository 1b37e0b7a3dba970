"""The workflow poetry, against the real Poetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from python_workflow.errors import InvalidParams, LockOutdated, Protected, ToolNotInstalled
from support.files import tree_of, write
from support.recipes import PATHS, Site

if TYPE_CHECKING:
    from pathlib import Path

    from python_workflow.wsp.client import Session
    from python_workflow.wsp.values import ServerEnvironment


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A locked project without an environment."""
    return Site.at(tmp_path, "poetry")


def names(session: Session, one: ServerEnvironment) -> set[str]:
    """What an environment holds."""
    return {package.name for package in session.get(one.id).installed_packages or ()} - {"pip"}


def test_environment_is_made_filled_and_selected(site: Site) -> None:
    """It is where Poetry keeps it, holds the dependencies and groups, and is what Poetry itself would use."""
    with site.serving() as session:
        made = session.create("default")
        assert made.prefix is not None
        assert made.prefix.startswith(str(site.machine.home))
        assert names(session, made) == {"iniconfig", "packaging"}
        assert [one.prefix for one in session.environments() if one.default] == [made.prefix]
    assert site.run("env", "info", "-p").strip() == made.prefix


def test_one_environment_a_python(site: Site) -> None:
    """Made with another Python it is another one, which is selected then; deleting that leaves the first."""
    with site.serving() as session:
        first = session.create("default", python=PATHS["pythons"][0])
        second = session.create("default", python=PATHS["pythons"][1])
        assert first.prefix != second.prefix
        listed = {one.prefix: one.default for one in session.environments()}
        assert listed == {first.prefix: False, second.prefix: True}
        session.delete(second.id)
        assert [one.prefix for one in session.environments()] == [first.prefix]
    assert "minor" not in (site.machine.home / ".cache/pypoetry/virtualenvs/envs.toml").read_text()


def test_environment_in_the_project(site: Site) -> None:
    """Where Poetry is set up to keep it in the project it is made there."""
    write(site.root / "poetry.toml", "[virtualenvs]\nin-project = true\n")
    with site.serving() as session:
        assert session.create("default").prefix == str(site.root / ".venv")
    assert site.run("env", "info", "-p").strip() == str(site.root / ".venv")


def test_stale_lock_is_known_by_its_digest(site: Site) -> None:
    """What Poetry itself calls stale is called so without asking it, and a frozen sync then changes nothing."""
    with site.serving() as session:
        made = session.create("default")
        assert session.check(made.id).in_sync
        site.run("check", "--lock")
        site.make_stale()
        before = tree_of(site.root)
        site.take("poetry")
        assert "poetry.lock does not match" in session.check(made.id).message
        with pytest.raises(LockOutdated) as caught:
            session.sync(made.id, frozen=True)
        assert "poetry lock" in (caught.value.hint or "")
        assert tree_of(site.root) == before
        site.give("poetry")
        assert [one.name for one in session.sync(made.id).installed] == ["colorama"]
        assert session.check(made.id).in_sync
    site.run("check", "--lock")


def test_extras_and_groups(site: Site) -> None:
    """An extra is installed on request, a sync without it takes it out, and one that is not there is refused."""
    with site.serving() as session:
        made = session.create("default")
        done = session.sync(made.id, extras=["more"])
        assert [one.name for one in done.installed] == ["pluggy"]
        assert session.check(made.id, extras=["more"]).in_sync
        assert "pluggy" in session.check(made.id).message
        assert [one.name for one in session.sync(made.id).removed] == ["pluggy"]
        with pytest.raises(InvalidParams, match="nonsense"):
            session.sync(made.id, extras=["nonsense"])
        with pytest.raises(InvalidParams, match="nonsense"):
            session.sync(made.id, groups=["nonsense"])


def test_what_somebody_else_changed_is_told(site: Site) -> None:
    """A check names what is missing and what is not locked, and a sync mends it."""
    with site.serving() as session:
        made = session.create("default")
        session.uninstall(made.id, ["iniconfig"])
        session.install(made.id, ["colorama"])
        message = session.check(made.id).message
        assert "iniconfig" in message
        assert "colorama" in message
        session.sync(made.id)
        assert session.check(made.id).in_sync


def test_nothing_is_asked_of_poetry_before_trust(site: Site) -> None:
    """In a project that is not trusted files alone are read, and nothing is changed."""
    with site.serving() as session:
        made = session.create("default")
    site.take("poetry")
    before = tree_of(site.root)
    with site.serving(trusted=False) as session:
        assert session.environments()[0].prefix == made.prefix
        assert session.check(made.id).in_sync
        with pytest.raises(Protected, match="not trusted"):
            session.sync(made.id)
    assert tree_of(site.root) == before


def test_errors_say_what_to_do(site: Site) -> None:
    """Where Poetry may make none, without Poetry, and without a project."""
    write(site.root / "poetry.toml", "[virtualenvs]\ncreate = false\n")
    with site.serving() as session:
        with pytest.raises(Protected) as refused:
            session.create("default")
        assert "virtualenvs.create" in (refused.value.hint or "")
        (site.root / "poetry.toml").unlink()
        site.take("poetry")
        with pytest.raises(ToolNotInstalled) as absent:
            session.create("default")
        assert "pipx install poetry" in (absent.value.hint or "")
        (site.root / "pyproject.toml").write_text("")
        with pytest.raises(Protected, match="no project of Poetry's"):
            session.create("default")
