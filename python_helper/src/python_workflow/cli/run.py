"""Runs an :class:`Action`: finds its command, and gives it the question that the action's options ask."""

from __future__ import annotations

from python_workflow.cli.asked import Asked, LazyServers, question_of
from python_workflow.discovery.disk import Disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from python_workflow.cli.arguments import Action
    from python_workflow.cli.asked import Result
    from python_workflow.console.progress import Progress
    from python_workflow.model import Host


#: The commands that start programs beside a workflow's server.
_STARTING = (
    "call",
    "check",
    "env check",
    "env create",
    "env delete",
    "env ensure",
    "env sync",
    "script lock",
    "task list",
    "task run",
    "tool install",
    "tool uninstall",
    "tool upgrade",
)


def run(action: Action, host: Host, cwd: str, report: Progress) -> Result:
    """Do what ``action`` asks for, telling ``report`` what takes time. Raises :class:`WorkflowError`."""
    if action.command in _STARTING:
        from python_workflow.system.ending import end_in_order

        end_in_order()
    disk = Disk()
    question = question_of(action, host, cwd, disk)
    with LazyServers(host, disk, report, by_consent=not question.editor) as servers:
        asked = Asked(action, question, host, disk, cwd, report, servers)
        return _commands(action.command)[action.command](asked)


def _commands(name: str) -> Mapping[str, Callable[[Asked], Result]]:
    """Commands, that of this name among them; only their module is imported."""
    group = name.partition(" ")[0]
    if name in ("env create", "env ensure", "env sync", "env delete"):
        from python_workflow.cli.changing import COMMANDS
    elif name == "env run" or group == "task":
        from python_workflow.cli.handing import COMMANDS
    elif group == "env":
        from python_workflow.cli.env import COMMANDS
    elif name == "workflow new":
        from python_workflow.cli.template import COMMANDS
    elif group in ("workflow", "explain"):
        from python_workflow.cli.workflow import COMMANDS
    elif group == "script":
        from python_workflow.cli.script import COMMANDS
    elif group == "tool":
        from python_workflow.cli.tool import COMMANDS
    elif group == "check":
        from python_workflow.cli.checking import COMMANDS
    elif group == "python":
        from python_workflow.cli.python import COMMANDS
    else:
        from python_workflow.cli.other import COMMANDS
    return COMMANDS
