from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.declaring import declaration
from support.files import write
from workflow_helper.errors import NotFound
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.model import Workflow
from workflow_helper.servers.launch import command

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.mark.parametrize("marker", ["pyproject.toml", "member/pyproject.toml"])
def test_no_project_around_the_root_brings_its_workflow_s_program(
    machine: Machine, marker: str
) -> None:
    """A folder on PATH that lies in the root, or in one that encloses it, is passed over."""
    write(machine.workspace / marker)
    write(machine.workspace / "member" / "Pipfile")
    where = (machine.workspace / marker).parent / "tools"
    write(where / "serve-it", "#!/bin/sh\n", executable=True)
    host = machine.host._replace(environ={**machine.environ, "PATH": str(where)})
    root = str(machine.workspace / "member")
    workflow = Workflow(declaration({"cmd": ["serve-it"]}, f"{root}/pyproject.toml"), "W4")
    with pytest.raises(NotFound, match="serve-it was not found"):
        command(workflow, root, host, Disk(), Work())
