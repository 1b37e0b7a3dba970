"""Which environment, Python and lock poetry is made to act on, against the real poetry."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of
from support.making import local
from support.pythons import other_python
from support.recipes import Site
from workflow_helper.errors import ExecutionFailed, Protected

if TYPE_CHECKING:
    from workflow_server.values import ServerEnvironment

THIS = os.path.realpath(sys.executable)


@pytest.fixture
def other() -> str:
    """Return a Python of another version."""
    return other_python()


@pytest.fixture
def site(tmp_path: Path, other: str) -> Site:
    """Return a locked project without an environment, where there are two Pythons."""
    return Site.at(tmp_path, "poetry", pythons=[THIS, other])


def selected(one: ServerEnvironment) -> str:
    """What poetry noted as selected, where the environment is."""
    assert one.prefix is not None
    return (Path(one.prefix).parent / "envs.toml").read_text()


def replace(path: Path, before: str, after: str) -> None:
    """Put other text into a file."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


@pytest.mark.slow
@pytest.mark.needs(pythons=2)
def test_one_that_is_not_selected_is_synced(site: Site, other: str) -> None:
    """The environment that is meant is brought into step, and the one that is selected stays as it is, and selected."""
    session = local(site)
    first, second = session.create("default", python=THIS), session.create("default", python=other)
    for one in (first, second):
        session.uninstall(one.id, ["iniconfig"])
    noted = selected(second)
    assert [one.name for one in session.sync(first.id).installed] == ["iniconfig"]
    assert session.check(first.id).in_sync
    assert not session.check(second.id).in_sync
    assert selected(second) == noted


@pytest.mark.slow
@pytest.mark.needs(pythons=2)
def test_failed_making_selects_what_was(site: Site, other: str) -> None:
    """Where an environment cannot be filled it is taken away, and poetry goes on with the one that it used."""
    session = local(site)
    first = session.create("default", python=THIS)
    noted = selected(first)
    replace(site.root / "pyproject.toml", '["iniconfig"]', '["no-package-has-this-name-1f3a"]')
    with pytest.raises(ExecutionFailed):
        session.create("default", python=other)
    assert [one.prefix for one in session.environments()] == [first.prefix]
    assert selected(first) == noted
    assert site.run("env", "info", "--path").strip() == first.prefix


@pytest.mark.slow
def test_python_in_poetrys_words(site: Site, other: str) -> None:
    """A project that says which Pythons it takes in poetry's own way gets one of those."""
    version = os.path.basename(other).removeprefix("python")
    path = site.root / "pyproject.toml"
    source = path.read_text().partition("[[tool.poetry.source]]")[2]
    path.write_text(
        '[tool.poetry]\nname = "demo"\nversion = "1"\npackage-mode = false\n'
        f'[tool.poetry.dependencies]\npython = "~{version}"\niniconfig = "*"\n\n[[tool.poetry.source]]{source}'
    )
    session = local(site)
    made = session.create("default")
    assert made.python_version.startswith(f"{version}.")
    assert session.check(made.id).in_sync


@pytest.mark.slow
def test_older_lock_is_left_to_poetry(tmp_path: Path) -> None:
    """A lock that does not say what is for which group is judged by poetry itself, which changes nothing; not before trust."""
    site = Site.at(tmp_path, "poetry")
    session = local(site)
    made = session.create("default")
    path = site.root / "poetry.lock"
    lines = path.read_text().replace('lock-version = "2.1"', 'lock-version = "2.0"').splitlines()
    path.write_text(
        "\n".join(one for one in lines if not one.startswith(("groups =", "markers =")))
    )
    before = tree_of(site.root)
    assert session.check(made.id).in_sync
    session.uninstall(made.id, ["iniconfig"])
    assert "Installing iniconfig" in session.check(made.id).message
    with pytest.raises(Protected, match="not trusted"):
        local(site, trusted=False).check(made.id)
    assert tree_of(site.root) == before
