"""Run an action, with the imports that it needs."""

from __future__ import annotations

from workflow_helper.system.host import this_host

from python_launcher.actions import ExtensionOrFile, Help, Listing, Start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.model import Host

    from python_launcher.actions import Action, BuiltIn


def run(action: Action) -> int:
    """Run ``action``, and return the exit status, unless another program replaces this process.

    Raises:
        WorkflowError: the action fails.
    """
    host = this_host()
    if isinstance(action, Start):
        from python_launcher.exec import start

        return start(action, host)
    if isinstance(action, ExtensionOrFile):
        from python_launcher.extensions import call

        return call(action, host)
    if isinstance(action, Listing):
        from python_launcher.list import show

        return show(action, host)
    if isinstance(action, Help):
        from python_launcher.help import show_help

        return show_help(action, host)
    return _built_in(action, host)


def _built_in(action: BuiltIn, host: Host) -> int:
    group = action.command.partition(" ")[0]
    if group in ("run", "script"):
        from python_launcher.scripts import run_file

        return run_file(action, host)
    if action.command in ("x", "tool run"):
        from python_launcher.tools import run_once

        return run_once(action, host)
    if group == "extension":
        from python_launcher.extensions import COMMANDS
    else:
        from python_launcher.tools import COMMANDS
    return COMMANDS[action.command](action, host)
