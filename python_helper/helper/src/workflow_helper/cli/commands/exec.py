"""``wsp env run`` and ``wsp task``: start a command that replaces this process."""

from __future__ import annotations

from workflow_helper.cli.context import FOUND, NOTHING, Result
from workflow_helper.cli.render import columns
from workflow_helper.errors import NotFound, NothingGoverns, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_helper.cli.context import Invocation


def _run(invocation: Invocation) -> Result:
    from workflow_helper.cli.commands.env import broken, picked
    from workflow_helper.operations.run import command, needs_workflow

    if not invocation.action.rest:
        raise UsageError("name the command after --: wsp env run [ID] -- CMD...")
    resolution, environment = picked(invocation, whole=True)
    if environment is None:
        if resolution.workflow is not None and not resolution.workflow.trusted:
            from workflow_helper.operations.governance import governing

            governing(
                invocation.question, invocation.host, invocation.disk
            )  # which says what is to be trusted
        hint = "'wsp env create' creates one. 'wsp explain' shows why there is none."
        raise NotFound(f"no environment to run in: {resolution.summary}", hint)
    if not environment.ok:
        raise broken(environment)
    if needs_workflow(resolution, invocation.host, invocation.disk):
        from workflow_helper.system.shutdown import end_in_order

        end_in_order()
    how = command(
        invocation.session,
        environment,
        invocation.action.rest,
        invocation.cwd,
    )
    return Result({}, "", command=how)


def _list(invocation: Invocation) -> Result:
    from workflow_helper.operations.run import tasks

    root = invocation.whole.root
    document: dict[str, Any] = {"root": root, "workflow": None, "tasks": []}
    try:
        workflow, found = tasks(
            invocation.session,
        )
    except (Refused, NothingGoverns) as error:
        document["summary"] = error.message
        return Result(document, "", NOTHING, f"{error.message}. {error.hint or ''}".rstrip())
    document |= {"workflow": workflow, "tasks": [one.to_wire() for one in found]}
    width = max((len(one.name) for one in found), default=0)
    text = (*(columns((one.name, width), (one.description, 0)) for one in found),)
    return Result(document, text, FOUND, "" if found else f"{workflow} knows of no task in {root}")


def _run_task(invocation: Invocation) -> Result:
    from workflow_helper.operations.run import task_command

    how = task_command(
        invocation.session,
        invocation.action.operand or "",
        invocation.action.rest,
    )
    return Result({}, "", command=how)


COMMANDS = {"env run": _run, "task list": _list, "task run": _run_task}
