from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest
from support.processes import runs
from support.servers import until
from workflow_helper.system.child import Child
from workflow_helper.system.process import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("POSIX")

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
    os.execve("/bin/sleep", ["sleep", "600"], {} if sys.argv[2] == "cleared" else os.environ)
leave(int(sys.argv[1]))
sys.stdin.read()
"""


@pytest.mark.parametrize("variables", ["kept", "cleared"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("grace", [0.0, 2.0])
def test_what_left_for_a_session_of_its_own_ends_too(
    tmp_path: Path, times: int, grace: float, variables: str
) -> None:
    """After one fork or two, with its variables or none, whether the child ends by itself or has to be ended."""
    argv = [sys.executable, "-I", "-S", "-c", LEAVES, str(times), variables]
    child = Child(argv, cwd=str(tmp_path), environ={"PATH": "/usr/bin:/bin"})
    number = tmp_path / "number"
    until(number.exists)
    left = int(number.read_text())
    assert runs(left)
    child.end(grace)
    assert not runs(left)


def test_another_s_descendants_are_left_alone(tmp_path: Path) -> None:
    """Of two servers' daemons without variables, one goes with its own server alone."""
    numbers = []
    children = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        argv = [sys.executable, "-I", "-S", "-c", LEAVES, "2", "cleared"]
        children.append(Child(argv, cwd=str(folder), environ={"PATH": "/usr/bin:/bin"}))
        until((folder / "number").exists)
        numbers.append(int((folder / "number").read_text()))
    children[0].end(0.0)
    assert [runs(number) for number in numbers] == [False, True]
    children[1].end(0.0)
    assert not runs(numbers[1])


def test_what_is_started_at_the_same_time_bears_no_mark_of_another(tmp_path: Path) -> None:
    """A program that runs to its end has the limit that this process has, whatever servers are started meanwhile."""
    import resource

    limit = "import resource; print(resource.getrlimit(10))"
    argv = [sys.executable, "-I", "-S", "-c", limit]
    servers: list[Child] = []

    def start() -> None:
        for _ in range(20):
            servers.append(Child(["/bin/cat"], cwd=str(tmp_path), environ={}))  # noqa: PERF401

    starter = threading.Thread(target=start)
    starter.start()
    shown = {run(argv, cwd=str(tmp_path), environ={}, timeout=60).stdout for _ in range(6)}
    starter.join()
    for server in servers:
        server.end(0.0)
    assert shown == {f"{resource.getrlimit(10)}\n".encode()}
