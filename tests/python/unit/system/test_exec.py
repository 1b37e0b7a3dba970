from __future__ import annotations

import json
import os
import subprocess
import sys

#: Hands over to the command that it is given.
HANDING_OVER = """
import json, os, sys
from workflow_helper.system.exec import hand_over
raise SystemExit(hand_over(json.loads(sys.argv[1]), os.getcwd(), dict(os.environ)))
"""
#: Says so, and holds standard output open.
WAITING = "import time; print('started', flush=True); time.sleep(600)"


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
