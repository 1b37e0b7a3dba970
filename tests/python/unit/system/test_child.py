from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from support.processes import runs, see_it_end
from support.servers import GUARD, until
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
#: Ends at once, and leaves a child that holds its streams.
LEAVES_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
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


def test_what_was_seen_to_be_over_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where whoever looks at a child reaps it, as on Windows, what it left and what reads of it end with it, too."""
    monkeypatch.delattr(os, "waitid", raising=False)
    before = set(threading.enumerate())
    argv = [sys.executable, "-I", "-S", "-c", LEAVES_A_CHILD]
    child = Child(argv, cwd=str(tmp_path), environ={"PATH": "/usr/bin:/bin"}, threaded=True)
    left = int(child.read(GUARD) or b"")
    until(child.ended)
    assert child.end(0.0) == 0
    see_it_end(left)
    until(lambda: set(threading.enumerate()) == before)
