"""Run an :class:`Action`: find its command, and call it with the :class:`Question` of its options."""

from __future__ import annotations

from workflow_helper.cli.context import Invocation, LazyServers, question_of
from workflow_helper.filesystem.reader import Disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workflow_helper.cli.arguments import Action
    from workflow_helper.cli.context import Result
    from workflow_helper.model import Host
    from workflow_helper.terminal.progress import ProgressLine


#: The commands that start programs beside a workflow's server.
_STARTING = (
    "call",
    "check",
    "env check",
    "env create",
    "env delete",
    "env ensure",
    "env sync",
    "new",
    "script lock",
    "task list",
    "task run",
    "test list",
    "test run",
    "tool install",
    "tool uninstall",
    "tool upgrade",
)


def run(action: Action, host: Host, cwd: str, report: ProgressLine) -> Result:
    """Run ``action``, and report the progress of long work to ``report``.

    Raises:
        WorkflowError: the action fails.
    """
    if action.command in _STARTING:
        from workflow_helper.system.shutdown import end_in_order

        end_in_order()
    disk = Disk()
    question = question_of(action, host, cwd, disk)
    with LazyServers(host, disk, report, by_consent=not question.editor) as servers:
        invocation = Invocation(action, question, host, disk, cwd, report, servers)
        return _commands(action.command)[action.command](invocation)


def _commands(name: str) -> Mapping[str, Callable[[Invocation], Result]]:
    """Return the commands of one module, among them that of this name; no other module is imported."""
    group = name.partition(" ")[0]
    if name in ("env create", "env ensure", "env sync", "env delete"):
        from workflow_helper.cli.commands.env_write import COMMANDS
    elif name == "env run" or group == "task":
        from workflow_helper.cli.commands.exec import COMMANDS
    elif group == "test":
        from workflow_helper.cli.commands.test import COMMANDS
    elif group == "env":
        from workflow_helper.cli.commands.env import COMMANDS
    elif name == "new":
        from workflow_helper.cli.commands.new import COMMANDS
    elif name == "workflow new":
        from workflow_helper.cli.commands.workflow_new import COMMANDS
    elif group in ("workflow", "explain"):
        from workflow_helper.cli.commands.workflow import COMMANDS
    elif group == "script":
        from workflow_helper.cli.commands.script import COMMANDS
    elif group == "tool":
        from workflow_helper.cli.commands.tool import COMMANDS
    elif group == "check":
        from workflow_helper.cli.commands.check import COMMANDS
    elif group == "python":
        from workflow_helper.cli.commands.python import COMMANDS
    else:
        from workflow_helper.cli.commands.protocol import COMMANDS
    return COMMANDS
