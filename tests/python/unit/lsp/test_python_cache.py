from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.machine import Machine
from workflow_helper.lsp.python_cache import Pythons

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("POSIX")


def test_pythons_are_remembered_until_they_change(tmp_path: Path) -> None:
    """The same Pythons are given while nothing changed, and others once one came or went."""
    folder = tmp_path / "bin"
    folder.mkdir()
    pythons = Pythons(Machine.at(tmp_path, path=str(folder)).host)
    before = pythons.all()
    assert pythons.all() is before
    python = folder / "python3.12"
    python.write_bytes(b"\x7fELF")
    python.chmod(0o755)
    assert str(python) in [found.path for found in pythons.all()]
    python.unlink()
    assert pythons.all() == before
    pythons.forget()
    assert pythons.all() == before
