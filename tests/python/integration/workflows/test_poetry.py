"""The workflow poetry, against the real Poetry."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.pythons import other_python
from support.recipes import Site
from workflow_helper.errors import InvalidParams, Protected

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_server.client import Session
    from workflow_server.values import ServerEnvironment


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A locked project without an environment."""
    return Site.at(tmp_path, "poetry")


def names(session: Session, one: ServerEnvironment) -> set[str]:
    """What an environment holds."""
    return {package.name for package in session.get(one.id).installed_packages or ()} - {"pip"}


@pytest.mark.needs(pythons=2)
def test_one_environment_a_python(site: Site) -> None:
    """Made with another Python it is another one, which is selected then; deleting that leaves the first."""
    with site.serving() as session:
        first = session.create("default", python=os.path.realpath(sys.executable))
        second = session.create("default", python=other_python())
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


def test_a_pyproject_toml_with_a_mistake_is_told_as_such(site: Site) -> None:
    """It is a project of Poetry's all the same, which Poetry cannot read either."""
    write(site.root / "pyproject.toml", '[tool.poetry]\nname = "demo\n')
    with site.serving() as session, pytest.raises(Protected, match=r"not valid TOML.*line 2"):
        session.create("default")


def test_extras_and_groups(site: Site) -> None:
    """Groups are installed into what Poetry itself would use, an extra on request, and a sync without it takes it out."""
    with site.serving() as session:
        made = session.create("default")
        assert (made.prefix or "").startswith(str(site.machine.home))
        assert site.run("env", "info", "-p").strip() == made.prefix
        assert names(session, made) == {"iniconfig", "packaging"}
        done = session.sync(made.id, extras=["more"])
        assert [one.name for one in done.installed] == ["pluggy"]
        assert session.check(made.id, extras=["more"]).in_sync
        assert "pluggy" in session.check(made.id).message
        assert [one.name for one in session.sync(made.id).removed] == ["pluggy"]
        with pytest.raises(InvalidParams, match="nonsense"):
            session.sync(made.id, extras=["nonsense"])
        with pytest.raises(InvalidParams, match="nonsense"):
            session.sync(made.id, groups=["nonsense"])


def test_setting_that_forbids_environments(site: Site) -> None:
    """Where Poetry may make no environments, the error says how to change that."""
    write(site.root / "poetry.toml", "[virtualenvs]\ncreate = false\n")
    with site.serving() as session:
        with pytest.raises(Protected) as refused:
            session.create("default")
        assert "virtualenvs.create" in (refused.value.hint or "")
