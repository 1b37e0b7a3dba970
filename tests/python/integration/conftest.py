"""The machine of the integration tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.machine import Machine
from support.pythons import this_python

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine of the test's own, with a Python on PATH: that of the system, or on Windows, which brings none, this one."""
    made = Machine.at(tmp_path)
    if os.name == "nt":
        made.environ["PATH"] += os.pathsep + os.path.dirname(this_python())
    return made
