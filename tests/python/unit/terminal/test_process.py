"""A program that a person starts ends quickly, and loses nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.imports import SYS_PATH

PROGRAM = """
import sys
sys.path[:0] = {source!r}
import threading, time
{more}
from workflow_helper.terminal.process import be

def late():
    time.sleep(0.2)
    print("late")

def main():
    threading.Thread(target=late).start()
    print("answer")
    return 3

be(main, briefly={briefly})
"""


@pytest.mark.parametrize("briefly", [True, False])
def test_threads_are_waited_for_at_the_end(briefly: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """What a thread still writes is written, and the exit status is that of the program."""
    program = PROGRAM.format(source=SYS_PATH, briefly=briefly, more="")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "answer\nlate\n", "")


def test_things_to_be_done_at_the_end_are_done() -> None:
    """What was registered for the end of the process is called, behind the last thread."""
    more = "import atexit; atexit.register(print, 'end')"
    program = PROGRAM.format(source=SYS_PATH, briefly=True, more=more)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "answer\nlate\nend\n")
