"""Stand-ins for the tools that cannot be installed where the tests run: ``test-fixtures/tools``."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_helper.backends.registry import WORKFLOWS
from workflow_helper.backends.server import server
from workflow_server.in_process import Local

from support.files import write
from support.launching import serving
from support.needs import need
from support.servers import GUARD

if TYPE_CHECKING:
    from workflow_server.values import ProgressReport

    from support.machine import Machine

TOOLS = Path(__file__).parents[3] / "test-fixtures" / "tools"


def put_on_path(machine: Machine, tool: str) -> Path:
    """Give the machine the stand-in for ``tool``, which is a script of POSIX."""
    need("POSIX")
    script = TOOLS / f"{tool}.py"
    text = f'#!/bin/sh\nexec "{sys.executable}" -I -S "{script}" "$@"\n'
    made = write(machine.home / "programs" / tool, text, executable=True)
    machine.environ["PATH"] = f"{made.parent}:{machine.environ['PATH']}"
    return made


def local(machine: Machine, tool: str, *, trusted: bool = True) -> Local:
    """The workflow of ``tool`` for the workspace, in this process."""
    return Local(server(WORKFLOWS[tool], machine.host), str(machine.workspace), trusted=trusted)


def created_by_two(site: Machine, name: str) -> list[str | None]:
    """The folders that two servers of the stand-in ``name`` give that create at once: one holds, the other waits for it."""
    hold = write(site.workspace / "hold")
    received: list[str | None] = []
    waits = threading.Event()

    def hear(progress: ProgressReport) -> None:
        if (progress.message or progress.title).startswith("Waiting for"):
            waits.set()

    def make() -> None:
        with serving(site, name) as session:
            received.append(session.create("default", progress=hear).prefix)

    makers = [threading.Thread(target=make) for _ in range(2)]
    for maker in makers:
        maker.start()
    # Not before both are at it: one that came late would find what the other has made.
    assert waits.wait(GUARD)
    hold.unlink()
    for maker in makers:
        maker.join()
    return received
