"""``wsp tool``: programs written in Python, each in an environment of its own."""

from __future__ import annotations

from workflow_helper.apps.run import ready
from workflow_helper.cli.context import FOUND, NOTHING, Result
from workflow_helper.cli.fast_path import python_of, run_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from workflow_helper.apps.install import Done
    from workflow_helper.apps.request import ToolRequest
    from workflow_helper.cli.context import Invocation
    from workflow_helper.install.work import Work

    T = TypeVar("T")


def _run(asked: Invocation) -> Result:
    from workflow_server.values import Command

    from workflow_helper.apps.run import provide
    from workflow_helper.system.shutdown import end_in_order
    from workflow_helper.terminal.output import tell

    action = asked.action
    run = run_of(action, asked.host, asked.cwd)
    # Unless it came to be in the meantime.
    found = ready(run, asked.host, asked.disk)
    if found is None:
        end_in_order()
        found = _with_python(asked, lambda work: provide(run, asked.host, asked.disk, work))
        asked.report.clear()
        if found.note:
            tell(found.note)
    return Result({}, "", command=Command((found.program, *action.rest), asked.cwd))


def _install(asked: Invocation) -> Result:
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import install

    wanted = _wanted(asked)
    done = _with_python(asked, lambda work: install(wanted, asked.host, work))
    asked.report.clear()
    document = {
        "tool": done.tool.to_wire(),
        "changed": done.changed,
        "before": done.before,
        **_path(asked),
    }
    return Result(document, messages.installed(done), FOUND, _beware(done, asked))


def _upgrade(asked: Invocation) -> Result:
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import upgrade, upgrade_all
    from workflow_helper.cli.commands.env_write import working
    from workflow_helper.errors import WorkflowError

    name, python = asked.action.operand, python_of(asked.action, asked.host, asked.cwd)
    with working(asked) as work:
        if name is None:
            done, failed = upgrade_all(asked.host, work, python=python)
        else:
            done, failed = (upgrade(name, asked.host, work, python=python),), ()
    asked.report.clear()
    text = (*(messages.upgraded(one) for one in done),)
    if failed:
        if text:
            from workflow_helper.terminal.output import lines_of, tell

            tell(lines_of(text))
        told = "\n".join(f"{one.name}: {one.error.message}" for one in failed)
        raise WorkflowError(f"some tools were left as they were\n{told}", failed[0].error.hint)
    document = {
        "tools": [
            {"tool": one.tool.to_wire(), "changed": one.changed, "before": one.before}
            for one in done
        ]
    }
    return Result(document, text, FOUND, "" if done else "no tool is installed")


def _uninstall(asked: Invocation) -> Result:
    from workflow_helper.apps import messages
    from workflow_helper.apps.install import uninstall
    from workflow_helper.apps.request import name_of
    from workflow_helper.cli.commands.env_write import working

    name = name_of(asked.action.operand or "")
    with working(asked) as work:
        gone = uninstall(name, asked.host, work)
    return Result({"uninstalled": name, "removed": list(gone)}, messages.uninstalled(name, gone))


def _list(asked: Invocation) -> Result:
    from workflow_helper.apps import layout, messages
    from workflow_helper.apps.list import installed
    from workflow_helper.apps.path import is_on_path

    tools = installed(asked.host, asked.disk)
    document = {
        "tools": [tool.to_wire() for tool in tools],
        "bin": layout.programs(asked.host),
        "on_path": is_on_path(asked.host),
    }
    if not tools:
        document["summary"] = "no tool is installed"
        return Result(
            document, "", NOTHING, "no tool is installed ('wsp tool install TOOL' installs one)"
        )
    return Result(document, messages.listed(tools))


def _wanted(asked: Invocation) -> ToolRequest:
    from workflow_helper.apps import request as wanted

    action = asked.action
    return wanted.of(
        action.operand or "",
        asked.host,
        asked.disk,
        base=asked.cwd,
        source=action.get("--from"),
        beside=action.all("--with"),
        python=python_of(action, asked.host, asked.cwd),
    )


def _with_python(asked: Invocation, act: Callable[[Work], T]) -> T:
    from workflow_helper.apps.python_prompt import with_python
    from workflow_helper.cli.commands.env_write import asker, working

    spec = python_of(asked.action, asked.host, asked.cwd)
    return with_python(spec, act, asked.host, working=lambda: working(asked), ask=asker(asked))


def _path(asked: Invocation) -> dict[str, object]:
    """Offer to put the programs on PATH, where somebody can answer, and return the state of that."""
    from workflow_helper.apps import layout
    from workflow_helper.apps.path import is_on_path, put_on_path
    from workflow_helper.cli.commands.env_write import asker
    from workflow_helper.terminal.output import tell

    if not asked.action.flag("--json"):
        put_on_path(asked.host, ask=asker(asked), tell=tell)
    return {"bin": layout.programs(asked.host), "on_path": is_on_path(asked.host)}


def _beware(done: Done, asked: Invocation) -> tuple[str, ...]:
    from workflow_helper.apps.messages import shadowed

    return shadowed(done.tool, asked.host)


COMMANDS = {
    "tool run": _run,
    "tool install": _install,
    "tool upgrade": _upgrade,
    "tool uninstall": _uninstall,
    "tool list": _list,
}
