from __future__ import annotations

from typing import TYPE_CHECKING

from python_workflow import remembered
from python_workflow.discovery.disk import Disk
from python_workflow.model import Environment, Workflow

if TYPE_CHECKING:
    from support.machine import Machine


def test_what_a_server_said_counts_for_the_trust_that_it_was_told_of(machine: Machine) -> None:
    """What it said of a trusted project is not the answer for one that is not."""
    workflow = Workflow("serve.py", "W3", None, {"script": "/serve.py"}, trusted=True)
    root, host = str(machine.workspace), machine.host
    said = (Environment("a", "a", "venv", "/a", "/a/bin/python", None, "workflow", default=True),)
    remembered.keep(workflow, root, said, host, Disk(), trusted=True)
    assert remembered.recall(workflow, root, host, Disk(), trusted=True) == said
    assert remembered.recall(workflow, root, host, Disk(), trusted=False) is None
