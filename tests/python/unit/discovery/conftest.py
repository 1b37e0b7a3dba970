from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.ground import Ground

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A machine of the test's own."""
    return Ground(tmp_path)
