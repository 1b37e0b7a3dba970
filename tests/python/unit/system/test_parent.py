from __future__ import annotations

import subprocess
import sys
import threading

from workflow_helper.system.parent import when_gone

GUARD = 60.0


def test_the_end_of_a_process_is_noticed() -> None:
    """What is to be done when a process is gone is done once it ends, and not before."""
    script = "import sys; sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-I", "-c", script], stdin=subprocess.PIPE)
    gone = threading.Event()
    assert when_gone(process.pid, gone.set)
    assert not gone.is_set()
    process.communicate()
    assert gone.wait(GUARD)


def test_a_number_without_a_process_is_not_watched() -> None:
    """A process id that means nothing on this machine, as in a container, ends nothing."""
    process = subprocess.Popen([sys.executable, "-I", "-c", ""])
    process.wait()
    for pid in (process.pid, 0, -1):
        assert not when_gone(pid, lambda: None)
