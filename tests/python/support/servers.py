"""Workflow servers of the fixtures, started for real, and what they must not leave behind."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_helper.system.child import Child
from workflow_server.client import Limits, Session

from support.pythons import this_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVERS = Path(__file__).parents[3] / "test-fixtures" / "servers"
#: Seconds after which a test gives up on what it waits for.
GUARD = 60.0
#: Bounds that are out of reach.
PATIENT = Limits(start=GUARD, request=GUARD)


def started(path: str, *, threaded: bool = False) -> Child:
    """The process of a server, by its path among the fixtures: ``"good/base_lines"``."""
    # On Windows an environment's own program starts another, and holds its streams for as long as that runs.
    python = sys.executable if os.name == "posix" else this_python()
    return Child(
        [python, "-I", "-S", str(SERVERS / f"{path}.py")],
        cwd=str(SERVERS),
        environ={"PYTHON_WORKFLOW_TEST": str(os.getpid())},
        threaded=threaded,
    )


def session(
    path: str,
    bounds: Limits = PATIENT,
    *,
    threaded: bool = False,
    on_changed: Callable[[tuple[str, ...]], None] | None = None,
) -> Session:
    """A session with a server of the fixtures, not initialized yet."""
    child = started(path, threaded=threaded)
    return Session(child, os.path.basename(path), bounds=bounds, on_changed=on_changed)


@contextlib.contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Fails when a process, a thread or a file is there afterwards that was not there before."""
    processes, threads, files = _children(), set(threading.enumerate()), _open_files()
    yield
    assert _children() - processes == set()
    # One that reads what nobody writes any more ends in a moment.
    until(lambda: set(threading.enumerate()) - threads == set())
    assert _open_files() - files == set()


def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition()`` holds."""
    deadline = time.monotonic() + GUARD
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.005)


def _children() -> set[int]:
    """Living processes of the fixtures that this process started, and theirs, whoever their parent is by now."""
    found = set()
    for entry in _listed("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                marks = Path("/proc", entry, "environ").read_bytes().split(b"\0")
                # The state follows the name, which is in parentheses and may hold anything.
                state = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z" and b"PYTHON_WORKFLOW_TEST=%d" % os.getpid() in marks:
                    found.add(int(entry))
    return found


def _open_files() -> set[tuple[int, str]]:
    found = set()
    for name in _listed("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found.add((int(name), os.readlink(f"/proc/self/fd/{name}")))
    return found


def _listed(folder: str) -> list[str]:
    """What is in a folder of Linux's; elsewhere nothing is to be seen."""
    return os.listdir(folder) if os.path.isdir(folder) else []
