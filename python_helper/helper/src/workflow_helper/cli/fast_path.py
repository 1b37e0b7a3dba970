"""The fast path of ``wsp script run`` and ``wsp tool run``: start an existing environment's program without further imports."""

from __future__ import annotations

import os

from workflow_helper.filesystem.reader import Disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.values import Command

    from workflow_helper.apps.request import ToolArguments
    from workflow_helper.cli.arguments import Action
    from workflow_helper.model import Host


def quickly(action: Action, host: Host, cwd: str) -> Command | None:
    """Return how to start the script or the tool; ``None`` if its environment has to be created or checked first.

    Raises:
        WorkflowError: the script cannot be read, or the tool lacks the program.
    """
    return (_script if action.command == "script run" else _tool)(action, host, cwd)


def tool_arguments(action: Action, host: Host, cwd: str) -> ToolArguments:
    """Return the arguments that name the tool to run or to install."""
    from workflow_helper.apps.request import ToolArguments

    source, beside = action.get("--from"), action.all("--with")
    return ToolArguments(action.operand or "", cwd, source, beside, python_of(action, host, cwd))


def python_of(action: Action, host: Host, cwd: str) -> str | None:
    """Return the requested Python; a relative path is resolved from the current folder."""
    spec = action.get("--python")
    if spec is None or not (os.sep in spec or "/" in spec):
        return spec
    from workflow_helper.discovery.declarations import expand_home

    return os.path.normpath(os.path.join(cwd, expand_home(spec, host)))


def _tool(action: Action, host: Host, cwd: str) -> Command | None:
    from workflow_server.values import Command

    from workflow_helper.apps.run import ready

    found = ready(tool_arguments(action, host, cwd), host, Disk())
    return None if found is None else Command((found.program, *action.rest), cwd)


def _script(action: Action, host: Host, cwd: str) -> Command | None:
    from workflow_helper.scripts import state
    from workflow_helper.scripts.start import command

    if state.is_elsewhere(action.operand or ""):
        return None
    disk = Disk()
    script = state.look(script_path(action, cwd), disk)
    prefix = None if script is None else state.prefix_of(script, host, disk)
    if script is None or prefix is None:
        return None
    return command(script, prefix, words(action), cwd, host)


def script_path(action: Action, cwd: str) -> str:
    """Return the absolute path of the action's script."""
    return os.path.normpath(os.path.join(cwd, action.operand or ""))


def words(action: Action) -> tuple[str, ...]:
    """Return the script, as it was written, and its arguments."""
    from workflow_helper.scripts.start import words_of

    return words_of(action.operand or "", action.rest)
