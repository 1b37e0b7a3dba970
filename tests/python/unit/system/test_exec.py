from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: Hands over to the command that it is given.
HANDING_OVER = """
import json, os, sys
from workflow_helper.system.exec import hand_over
raise SystemExit(hand_over(json.loads(sys.argv[1]), os.getcwd(), dict(os.environ)))
"""
#: Says so, and holds standard output open.
WAITING = "import time; print('started', flush=True); time.sleep(600)"
#: Hands over and waits, and gets what a terminal sends to it and to its command, once the command runs.
INTERRUPTED = """
import os, signal, sys, threading, time
from workflow_helper.system.exec import hand_over

def interrupt():
    while not os.path.exists("started"):
        time.sleep(0.01)
    signal.raise_signal(getattr(signal, "SIGBREAK", signal.SIGINT))
    open("interrupted", "w").close()

threading.Thread(target=interrupt, daemon=True).start()
argv = [sys.executable, "-I", "-c", sys.argv[1]]
raise SystemExit(hand_over(argv, os.getcwd(), dict(os.environ), waiting=True))
"""
#: Ends once the one that waits for it was interrupted.
GOING_ON = """
import os, time
open("started", "w").close()
while not os.path.exists("interrupted"):
    time.sleep(0.01)
raise SystemExit(5)
"""


def handed_over(code: str) -> subprocess.Popen[bytes]:
    """A process that hands over to Python with ``code``."""
    command = json.dumps([sys.executable, "-I", "-c", code])
    return subprocess.Popen(
        [sys.executable, "-I", "-c", HANDING_OVER, command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    )


def test_a_command_ends_with_the_process_that_handed_over_to_it() -> None:
    """Whoever ends that process ends the command, whether or not it could take its place."""
    with handed_over(WAITING) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"started"
        process.kill()
        assert process.stdout.read() == b""


def test_the_exit_status_of_a_command_is_that_of_the_process_that_handed_over_to_it() -> None:
    """It is that of the command, to the number."""
    with handed_over("import sys; sys.exit(77)") as process:
        process.communicate()
        assert process.returncode == 77


def test_an_interruption_is_the_commands_own_affair(tmp_path: Path) -> None:
    """Where it must be waited for, a Ctrl-Break of the console that it goes on after does not end it."""
    argv = [sys.executable, "-I", "-c", INTERRUPTED, GOING_ON]
    assert subprocess.run(argv, cwd=tmp_path, check=False).returncode == 5
