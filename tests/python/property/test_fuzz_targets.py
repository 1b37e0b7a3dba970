from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TARGETS = sorted((Path(__file__).parents[2] / "fuzz").glob("fuzz_*.py"))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: str(target.stem))
def test_a_fuzz_target_finds_nothing_in_its_first_inputs(target: Path) -> None:
    """Five hundred damaged inputs break no rule."""
    argv = [sys.executable, str(target), "--iterations", "500", "--seconds", "120"]
    finished = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=240)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.startswith("500 ")
    assert finished.stdout.endswith(" none broke a rule\n")
