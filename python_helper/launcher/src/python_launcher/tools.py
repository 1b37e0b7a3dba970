"""``py tool``, ``py x`` and ``pyx``: programs written in Python, installed permanently or run once."""

from __future__ import annotations

import os

from workflow_helper.apps import run
from workflow_helper.errors import WorkflowError
from workflow_helper.filesystem.paths import current_folder
from workflow_helper.filesystem.reader import Disk
from workflow_helper.terminal.output import lines_of
from workflow_helper.terminal.process import out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.apps.install import Done, FailedUpgrade
    from workflow_helper.apps.request import ToolArguments, ToolRequest
    from workflow_helper.model import Host

    from python_launcher.actions import BuiltIn
    from python_launcher.task import Working

#: The exit status of a list that is empty.
_NOTHING = 3


def run_once(action: BuiltIn, host: Host) -> int:
    """Become the tool: an installed one, or one from the cache, which is created if needed."""
    from python_launcher.exec import become

    cwd, disk = current_folder(), Disk()
    arguments = _arguments(action, host, cwd)
    found = run.ready(arguments, host, disk)
    if found is None:
        from python_launcher.task import Working

        working = Working(action, host, cwd)
        found = working.do(lambda work: run.provide(arguments, host, disk, work), arguments.python)
        if found.note:
            working.tell(found.note)
    return become((found.program, *action.rest), cwd, host.environ)


def install_as(tool: ToolRequest, action: BuiltIn, host: Host, cwd: str) -> Done:
    """Install ``tool`` and report it; offer to put its programs on PATH."""
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import install
    from workflow_helper.apps.path import put_on_path

    from python_launcher.task import Working

    working = Working(action, host, cwd)
    done = working.do(lambda work: install(tool, host, work), tool.python)
    if "--json" in action.options:
        _json({"tool": done.tool.to_wire(), "changed": done.changed, "before": done.before})
        return done
    put_on_path(host, ask=working.ask, tell=working.tell)
    out(lines_of(messages.installed(done)))
    if shadowed := messages.shadowed(done.tool, host):
        working.tell(lines_of(shadowed))
    return done


def uninstall_named(name: str, action: BuiltIn, host: Host) -> int:
    """Uninstall the tool ``name`` (normalized), and report what was removed."""
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import uninstall

    gone = _working(action, host).do(lambda work: uninstall(name, host, work))
    if "--json" in action.options:
        _json({"uninstalled": name, "removed": list(gone)})
    else:
        out(lines_of(messages.uninstalled(name, gone)))
    return 0


def python_of(action: BuiltIn, host: Host, cwd: str) -> str | None:
    """Return the requested Python; a relative path is resolved from the current folder."""
    spec = action.get("--python")
    if spec is None or not (os.sep in spec or "/" in spec):
        return spec
    from workflow_helper.discovery.declarations import expand_home

    return os.path.normpath(os.path.join(cwd, expand_home(spec, host)))


def _arguments(action: BuiltIn, host: Host, cwd: str) -> ToolArguments:
    from workflow_helper.apps.request import ToolArguments

    return ToolArguments(
        action.operand,
        cwd,
        action.get("--from"),
        action.options.get("--with", ()),
        python_of(action, host, cwd),
    )


def _install(action: BuiltIn, host: Host) -> int:
    from workflow_helper.apps import request

    cwd = current_folder()
    tool = request.of(_arguments(action, host, cwd), host, Disk())
    install_as(tool, action, host, cwd)
    return 0


def _upgrade(action: BuiltIn, host: Host) -> int:
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import upgrade, upgrade_all

    python = python_of(action, host, current_folder())
    working = _working(action, host)
    done: tuple[Done, ...]
    failed: tuple[FailedUpgrade, ...] = ()
    if action.operand:
        name = action.operand
        done = (working.do(lambda work: upgrade(name, host, work, python=python), python),)
    else:
        done, failed = working.do(lambda work: upgrade_all(host, work, python=python))
    if "--json" not in action.options:
        if done:
            out(lines_of((*(messages.upgraded(one) for one in done),)))
        elif not failed:
            working.tell("no tool is installed")
    if failed:
        failures = "\n".join(f"{one.name}: {one.error.message}" for one in failed)
        raise WorkflowError(f"some tools were not changed\n{failures}", failed[0].error.hint)
    if "--json" in action.options:
        _json(
            {
                "tools": [
                    {"tool": one.tool.to_wire(), "changed": one.changed, "before": one.before}
                    for one in done
                ]
            }
        )
    return 0


def _uninstall(action: BuiltIn, host: Host) -> int:
    from workflow_helper.apps.request import name_of

    return uninstall_named(name_of(action.operand), action, host)


def _list(action: BuiltIn, host: Host) -> int:
    from workflow_helper.apps import messages
    from workflow_helper.apps.list import installed

    tools = installed(host, Disk())
    if "--json" in action.options:
        _json({"tools": [tool.to_wire() for tool in tools]})
    elif tools:
        out(lines_of(messages.listed(tools)))
    else:
        _working(action, host).tell("no tool is installed ('py tool install TOOL' installs one)")
    return 0 if tools else _NOTHING


def _working(action: BuiltIn, host: Host) -> Working:
    from python_launcher.task import Working

    return Working(action, host, current_folder())


def _json(document: object) -> None:
    from workflow_helper.terminal.json_encoder import to_json

    out(to_json(document))


COMMANDS = {
    "tool install": _install,
    "tool upgrade": _upgrade,
    "tool uninstall": _uninstall,
    "tool list": _list,
}
