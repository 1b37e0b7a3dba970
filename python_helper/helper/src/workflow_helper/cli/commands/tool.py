"""``wsp tool``: programs written in Python, each in an environment of its own."""

from __future__ import annotations

from workflow_helper.apps.run import ready
from workflow_helper.cli.context import FOUND, NOTHING, Result
from workflow_helper.cli.fast_path import python_of, tool_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from workflow_helper.apps.install import Done
    from workflow_helper.apps.request import ToolRequest
    from workflow_helper.cli.context import Invocation
    from workflow_helper.install.work import Work

    T = TypeVar("T")


def _run(invocation: Invocation) -> Result:
    from workflow_server.values import Command

    from workflow_helper.apps.run import provide
    from workflow_helper.system.shutdown import end_in_order
    from workflow_helper.terminal.output import tell

    action = invocation.action
    arguments = tool_arguments(action, invocation.host, invocation.cwd)
    # Unless it came to be in the meantime.
    found = ready(arguments, invocation.host, invocation.disk)
    if found is None:
        end_in_order()
        found = _with_python(
            invocation, lambda work: provide(arguments, invocation.host, invocation.disk, work)
        )
        invocation.report.clear()
        if found.note:
            tell(found.note)
    return Result({}, "", command=Command((found.program, *action.rest), invocation.cwd))


def _install(invocation: Invocation) -> Result:
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import install

    tool = _request(invocation)
    done = _with_python(invocation, lambda work: install(tool, invocation.host, work))
    invocation.report.clear()
    document = {
        "tool": done.tool.to_wire(),
        "changed": done.changed,
        "before": done.before,
        **_path(invocation),
    }
    return Result(document, messages.installed(done), FOUND, _beware(done, invocation))


def _upgrade(invocation: Invocation) -> Result:
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import upgrade, upgrade_all
    from workflow_helper.cli.commands.env_write import working
    from workflow_helper.errors import WorkflowError

    name, python = (
        invocation.action.operand,
        python_of(invocation.action, invocation.host, invocation.cwd),
    )
    with working(invocation) as work:
        if name is None:
            done, failed = upgrade_all(invocation.host, work, python=python)
        else:
            done, failed = (upgrade(name, invocation.host, work, python=python),), ()
    invocation.report.clear()
    text = (*(messages.upgraded(one) for one in done),)
    if failed:
        if text:
            from workflow_helper.terminal.output import lines_of, tell

            tell(lines_of(text))
        failures = "\n".join(f"{one.name}: {one.error.message}" for one in failed)
        raise WorkflowError(f"some tools were not changed\n{failures}", failed[0].error.hint)
    document = {
        "tools": [
            {"tool": one.tool.to_wire(), "changed": one.changed, "before": one.before}
            for one in done
        ]
    }
    return Result(document, text, FOUND, "" if done else "no tool is installed")


def _uninstall(invocation: Invocation) -> Result:
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import uninstall
    from workflow_helper.apps.request import name_of
    from workflow_helper.cli.commands.env_write import working

    name = name_of(invocation.action.operand or "")
    with working(invocation) as work:
        gone = uninstall(name, invocation.host, work)
    return Result({"uninstalled": name, "removed": list(gone)}, messages.uninstalled(name, gone))


def _list(invocation: Invocation) -> Result:
    from workflow_helper.apps import layout, messages
    from workflow_helper.apps.list import installed
    from workflow_helper.apps.path import is_on_path

    tools = installed(invocation.host, invocation.disk)
    document = {
        "tools": [tool.to_wire() for tool in tools],
        "bin": layout.programs(invocation.host),
        "on_path": is_on_path(invocation.host),
    }
    if not tools:
        document["summary"] = "no tool is installed"
        return Result(
            document, "", NOTHING, "no tool is installed ('wsp tool install TOOL' installs one)"
        )
    return Result(document, messages.listed(tools))


def _request(invocation: Invocation) -> ToolRequest:
    from workflow_helper.apps import request

    arguments = tool_arguments(invocation.action, invocation.host, invocation.cwd)
    return request.of(arguments, invocation.host, invocation.disk)


def _with_python(invocation: Invocation, act: Callable[[Work], T]) -> T:
    from workflow_helper.apps.python_prompt import with_python
    from workflow_helper.cli.commands.env_write import asker, working

    spec = python_of(invocation.action, invocation.host, invocation.cwd)
    return with_python(
        spec, act, invocation.host, working=lambda: working(invocation), ask=asker(invocation)
    )


def _path(invocation: Invocation) -> dict[str, object]:
    """Offer on a terminal to put the programs on PATH, and return whether they are on it."""
    from workflow_helper.apps import layout
    from workflow_helper.apps.path import is_on_path, put_on_path
    from workflow_helper.cli.commands.env_write import asker
    from workflow_helper.terminal.output import tell

    if not invocation.action.flag("--json"):
        put_on_path(invocation.host, ask=asker(invocation), tell=tell)
    return {"bin": layout.programs(invocation.host), "on_path": is_on_path(invocation.host)}


def _beware(done: Done, invocation: Invocation) -> tuple[str, ...]:
    from workflow_helper.apps.messages import shadowed

    return shadowed(done.tool, invocation.host)


COMMANDS = {
    "tool run": _run,
    "tool install": _install,
    "tool upgrade": _upgrade,
    "tool uninstall": _uninstall,
    "tool list": _list,
}
