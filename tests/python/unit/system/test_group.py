from __future__ import annotations

import subprocess
import sys

from workflow_helper.system.group import Group, creation_flags

#: Starts a grandchild that holds standard output open, says so, and waits.
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(600)"])
print("started", flush=True)
time.sleep(600)
"""


def test_a_group_ends_with_all_that_its_leader_started() -> None:
    """A grandchild is ended too, so that nobody holds the leader's output open."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", PARENT],
        stdout=subprocess.PIPE,
        start_new_session=sys.platform != "win32",
        creationflags=creation_flags(),
    )
    with process:
        group = Group(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"started"
        assert not group.ended()
        group.signal(hard=True)
        assert process.stdout.read() == b""
        process.wait()
        assert group.ended()
        group.signal(hard=True)  # nobody is left, which is no failure
        group.close()
