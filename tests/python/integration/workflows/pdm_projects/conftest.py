"""A project of pdm's, locked once for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.pdm_project import PROJECT, project_at
from support.recipes import Site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def locked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The text of the project's lock file, and a cache that holds what it names."""
    site = Site.at(tmp_path_factory.mktemp("locked"), "pdm", lock=False)
    write(site.root / "pyproject.toml", PROJECT)
    site.run("lock")
    return (site.root / "pdm.lock").read_text(), str(site.machine.home / ".cache" / "pdm")


@pytest.fixture
def site(tmp_path: Path, locked: tuple[str, str]) -> Site:
    """A locked project without an environment."""
    return project_at(tmp_path, locked)


@pytest.fixture
def made(site: Site) -> Site:
    """A project that pdm itself brought in step."""
    site.run("sync")
    return site
