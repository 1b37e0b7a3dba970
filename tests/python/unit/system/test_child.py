from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from support.processes import runs
from support.servers import until
from workflow_helper.system.child import Child

if TYPE_CHECKING:
    from pathlib import Path

#: Goes on at the end of its input, and tidies up when it is asked to end.
TIDIES_UP = """
import pathlib, signal, sys, time
def tidy(number, frame):
    time.sleep(0.05)
    pathlib.Path("tidied").touch()
    sys.exit(3)
signal.signal(signal.SIGTERM, tidy)
pathlib.Path("ready").touch()
time.sleep(600)
"""
#: Goes on, whatever it is asked.
DEAF = """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("ready").touch()
time.sleep(600)
"""


def started(folder: Path, program: str) -> Child:
    """A child that runs ``program`` in ``folder``, and is ready for what comes."""
    argv = [sys.executable, "-I", "-S", "-c", program]
    child = Child(argv, cwd=str(folder), environ={"PATH": "/usr/bin:/bin"})
    until((folder / "ready").exists)
    return child


@pytest.mark.needs("POSIX")
def test_what_is_asked_to_end_has_the_time_to_tidy_up(tmp_path: Path) -> None:
    """A child that goes on when its input ends is asked to end, and not killed while it tidies up."""
    child = started(tmp_path, TIDIES_UP)
    assert child.end(0.0) is None
    assert (tmp_path / "tidied").exists()


def test_what_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    """A child that is deaf to every request is over when its end returns."""
    child = started(tmp_path, DEAF)
    assert child.end(0.0) is None
    assert not runs(child.pid)
