"""A locked project of pdm's."""

from __future__ import annotations

import os
import shutil
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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A project that pdm itself brought in sync, once for all."""
    site = Site.at(tmp_path_factory.mktemp("pdm"), "pdm", files={"pyproject.toml": PROJECT})
    site.run("sync")
    return site


@pytest.fixture
def synced(site: Site, template: Site) -> Site:
    """A project that pdm itself brought in sync: a copy in which each path is its own."""
    shutil.copytree(template.root, site.root, symlinks=True, dirs_exist_ok=True)
    there, here = os.fsencode(template.root), os.fsencode(site.root)
    for path in site.root.rglob("*"):
        if path.is_file() and not path.is_symlink() and there in (found := path.read_bytes()):
            path.write_bytes(found.replace(there, here))
    return site
