"""The workflow pipenv, against the real pipenv."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of
from support.making import local
from support.pythons import other_python
from support.recipes import Site
from workflow_helper.errors import InvalidParams, UnusableFile

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_server.client import Session
    from workflow_server.values import ServerEnvironment


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A locked project without an environment."""
    return Site.at(tmp_path, "pipenv")


def names(session: Session, one: ServerEnvironment) -> set[str]:
    """What an environment holds."""
    return {package.name for package in session.get(one.id).installed_packages or ()} - {"pip"}


@pytest.mark.slow
def test_categories_are_groups(site: Site) -> None:
    """Packages for development come with their group into what pipenv itself would use, and an unknown group is refused."""
    with site.serving() as session:
        made = session.create("default", groups=["dev"])
        assert site.run("--venv").strip() == made.prefix
        assert names(session, made) == {"iniconfig", "packaging"}
        assert session.check(made.id, groups=["dev"]).in_sync
        with pytest.raises(InvalidParams, match="nonsense"):
            session.sync(made.id, groups=["nonsense"])
        with pytest.raises(InvalidParams, match="extras"):
            session.sync(made.id, extras=["more"])


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


@pytest.mark.slow
@pytest.mark.needs("POSIX")
def test_python_that_the_pipfile_requires(tmp_path: Path) -> None:
    """The environment has the Python of the Pipfile, also where the project is reached through a link; a big lock is read."""
    this, other = os.path.realpath(sys.executable), other_python()
    site = Site.at(tmp_path, "pipenv", pythons=[this, other], lock=False)
    version = os.path.basename(other).removeprefix("python")
    path = site.root / "Pipfile"
    path.write_text(path.read_text() + f'\n[requires]\npython_version = "{version}"\n')
    link = site.machine.home / "link"
    link.symlink_to(site.root)
    session = local(site._replace(machine=site.machine._replace(workspace=link)))
    made = session.create("default")
    assert made.python_version.startswith(f"{version}.")
    assert site.run("--venv").strip() == made.prefix
    lock = site.root / "Pipfile.lock"
    content = json.loads(lock.read_text())
    content["default"]["iniconfig"]["hashes"] += [f"sha256:{n:064x}" for n in range(15_000)]
    lock.write_text(json.dumps(content))
    assert session.check(made.id).in_sync
    lock.write_text("{")
    with pytest.raises(UnusableFile, match="not valid JSON"):
        session.sync(made.id)
    assert lock.read_text() == "{"
