"""Machines on which tools are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.tooling import Tooling

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["uv", "pip"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Tooling:
    """A machine with uv on PATH, and one without."""
    return Tooling.of(tmp_path, request.param)


@pytest.fixture
def quick(tmp_path: Path) -> Tooling:
    """A machine with uv, where it does not matter who installs."""
    return Tooling.of(tmp_path, "uv")
