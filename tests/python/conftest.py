from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from support.machine import Machine

if TYPE_CHECKING:
    from pathlib import Path

# Machines differ in speed, and examples that failed once become tests instead of files.
settings.register_profile("tree", deadline=None, database=None, max_examples=100, print_blob=True)
settings.load_profile("tree")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine of the test's own."""
    return Machine.at(tmp_path)
