from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from python_workflow.system.child import Child
from support.processes import runs
from support.servers import until

if TYPE_CHECKING:
    from pathlib import Path

#: Starts one that leaves the group and the session, once or by way of another, and tells its number.
LEAVES = """
import os, sys, time
def leave(times):
    if os.fork():
        return
    os.setsid()
    if times > 1:
        leave(times - 1)
        os._exit(0)
    with open("number.new", "w") as file:
        file.write(str(os.getpid()))
    os.rename("number.new", "number")
    os.execv("/bin/sleep", ["sleep", "600"])
leave(int(sys.argv[1]))
sys.stdin.read()
"""


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("grace", [0.0, 2.0])
def test_what_left_for_a_session_of_its_own_ends_too(
    tmp_path: Path, times: int, grace: float
) -> None:
    """After one fork or two, whether the child ends by itself or has to be ended."""
    argv = [sys.executable, "-I", "-S", "-c", LEAVES, str(times)]
    child = Child(argv, cwd=str(tmp_path), environ={"PATH": "/usr/bin:/bin"})
    number = tmp_path / "number"
    until(number.exists)
    left = int(number.read_text())
    assert runs(left)
    child.end(grace)
    assert not runs(left)
