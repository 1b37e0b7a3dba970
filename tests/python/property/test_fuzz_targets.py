from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TARGETS = sorted((Path(__file__).parents[2] / "fuzz").glob("fuzz_*.py"))
#: Inputs of each; a folder is made on the disk, looked at in many ways, and taken away, and a state is worked with by commands.
INPUTS = {"fuzz_folders": 60, "fuzz_state": 20}
#: They make links, pipes and names that are no text.
OF_POSIX = ("fuzz_folders", "fuzz_state")


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(
            target, id=target.stem, marks=[pytest.mark.needs("POSIX")] * (target.stem in OF_POSIX)
        )
        for target in TARGETS
    ],
)
def test_a_fuzz_target_finds_nothing_in_its_first_inputs(target: Path) -> None:
    """Hundreds of damaged inputs break no rule."""
    inputs = str(INPUTS.get(target.stem, 500))
    argv = [sys.executable, str(target), "--iterations", inputs, "--seconds", "3600"]
    finished = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=600)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.startswith(f"{inputs} ")
    assert finished.stdout.endswith(" none broke a rule\n")
