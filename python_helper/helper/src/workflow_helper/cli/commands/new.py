"""``wsp new``: create a project with the tool that governs the folder."""

from __future__ import annotations

import os

from workflow_helper.cli.context import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.cli.context import Invocation


def _new(invocation: Invocation) -> Result:
    from workflow_helper.cli.commands.env_write import working
    from workflow_helper.operations.new_project import new_project

    folder = os.path.normpath(os.path.join(invocation.cwd, invocation.action.operand or ""))
    invocation = invocation._replace(question=invocation.question._replace(folder=folder))
    with working(invocation) as work:
        project = new_project(invocation.session_with(work))
    document = {"folder": project.folder, "workflow": project.workflow}
    return Result(document, f"created {project.folder} with {project.workflow}")


COMMANDS = {"new": _new}
