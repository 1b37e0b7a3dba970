"""Stand-ins for the tools that cannot be installed where the tests run: ``test-fixtures/tools``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_helper.backends.registry import WORKFLOWS
from workflow_helper.backends.server import server
from workflow_server.in_process import Local

from support.files import write

if TYPE_CHECKING:
    from support.machine import Machine

TOOLS = Path(__file__).parents[3] / "test-fixtures" / "tools"


def put_on_path(machine: Machine, tool: str) -> Path:
    """Give the machine the stand-in for ``tool``."""
    script = TOOLS / f"{tool}.py"
    text = f'#!/bin/sh\nexec "{sys.executable}" -I -S "{script}" "$@"\n'
    made = write(machine.home / "programs" / tool, text, executable=True)
    machine.environ["PATH"] = f"{made.parent}:{machine.environ['PATH']}"
    return made


def local(machine: Machine, tool: str, *, trusted: bool = True) -> Local:
    """The workflow of ``tool`` for the workspace, in this process."""
    return Local(server(WORKFLOWS[tool], machine.host), str(machine.workspace), trusted=trusted)
