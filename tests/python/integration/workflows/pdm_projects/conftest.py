"""A locked project of pdm's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.pdm_project import PROJECT
from support.recipes import Site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a locked project without an environment."""
    return Site.at(tmp_path, "pdm", files={"pyproject.toml": PROJECT})


@pytest.fixture
def made(site: Site) -> Site:
    """A project that pdm itself brought in sync."""
    site.run("sync")
    return site
