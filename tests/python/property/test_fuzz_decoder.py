from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).parents[2] / "fuzz" / "fuzz_decoder.py"


def test_the_fuzz_target_finds_nothing_in_its_first_streams() -> None:
    """Two thousand damaged streams break no rule of the decoder."""
    argv = [sys.executable, str(TARGET), "--iterations", "2000", "--seconds", "120"]
    finished = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=240)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout == "2000 streams, none broke a rule\n"
