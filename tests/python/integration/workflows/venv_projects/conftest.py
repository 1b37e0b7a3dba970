"""A machine with the packages that a project needs, with uv and without."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.launching import put_uv_on_path, wheel
from support.machine import Machine
from support.needs import need
from support.venv_project import (
    THIS,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages: ``alpha`` needs ``omega``."""
    folder = tmp_path_factory.mktemp("wheels")
    wheel(folder, "1.0", name="alpha", text="", needs=["omega"])
    wheel(folder, "2.0", name="alpha", text="", needs=["omega"])
    for name in ("beta", "gamma", "delta", "omega"):
        wheel(folder, "1.0", name=name, text="")
    return folder


@pytest.fixture
def bare(tmp_path: Path, wheels: Path) -> Machine:
    """Return a machine without uv, whose packages come from a folder."""
    need("POSIX")  # its Python is a link
    made = Machine.at(tmp_path)
    folder = made.home / "bin"
    folder.mkdir()
    (folder / f"python{THIS}").symlink_to(os.path.realpath(sys.executable))
    made.environ["PATH"] = f"{folder}:{made.environ['PATH']}"
    made.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheels), UV_FIND_LINKS=str(wheels))
    write(made.home / ".config" / "uv" / "uv.toml", "no-index = true\n")
    return made


@pytest.fixture
def quick(bare: Machine) -> Machine:
    """The same with uv, where it does not matter who installs."""
    put_uv_on_path(bare)
    return bare


@pytest.fixture(params=["uv", "pip"])
def machine(request: pytest.FixtureRequest, bare: Machine) -> Machine:
    """The same, and one that has uv."""
    if request.param == "uv":
        put_uv_on_path(bare)
    return bare
