"""``wsp tool``: programs written in Python, each in an environment of its own."""

from __future__ import annotations

from python_workflow.cli.asked import FOUND, NOTHING, Result
from python_workflow.cli.starting import python_of, run_of
from python_workflow.tools.running import ready

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from python_workflow.cli.asked import Asked
    from python_workflow.launch.provision import Work
    from python_workflow.tools.changing import Done
    from python_workflow.tools.wanted import Wanted

    T = TypeVar("T")


def _run(asked: Asked) -> Result:
    from python_workflow.console.output import tell
    from python_workflow.system.ending import end_in_order
    from python_workflow.tools.running import made
    from python_workflow.wsp.values import Command

    action = asked.action
    run = run_of(action, asked.host, asked.cwd)
    # Unless it came to be in the meantime.
    found = ready(run, asked.host, asked.disk)
    if found is None:
        end_in_order()
        found = _with_python(asked, lambda work: made(run, asked.host, asked.disk, work))
        asked.report.clear()
        if found.note:
            tell(found.note)
    return Result({}, "", command=Command((found.program, *action.rest), asked.cwd))


def _install(asked: Asked) -> Result:
    from python_workflow.tools import telling
    from python_workflow.tools.changing import install

    wanted = _wanted(asked)
    done = _with_python(asked, lambda work: install(wanted, asked.host, work))
    asked.report.clear()
    document = {
        "tool": done.tool.to_wire(),
        "changed": done.changed,
        "before": done.before,
        **_path(asked),
    }
    return Result(document, telling.installed(done), FOUND, _beware(done, asked))


def _upgrade(asked: Asked) -> Result:
    from python_workflow.cli.changing import working
    from python_workflow.errors import WorkflowError
    from python_workflow.tools import telling
    from python_workflow.tools.changing import upgrade, upgrade_all

    name, python = asked.action.operand, python_of(asked.action, asked.host, asked.cwd)
    with working(asked) as work:
        if name is None:
            done, failed = upgrade_all(asked.host, work, python=python)
        else:
            done, failed = (upgrade(name, asked.host, work, python=python),), ()
    asked.report.clear()
    text = "\n".join(telling.upgraded(one) for one in done)
    if failed:
        if text:
            from python_workflow.console.output import tell

            tell(text)
        told = "\n".join(f"{one.name}: {one.error.message}" for one in failed)
        raise WorkflowError(f"some tools were left as they were\n{told}", failed[0].error.hint)
    document = {
        "tools": [
            {"tool": one.tool.to_wire(), "changed": one.changed, "before": one.before}
            for one in done
        ]
    }
    return Result(document, text, FOUND, "" if done else "no tool is installed")


def _uninstall(asked: Asked) -> Result:
    from python_workflow.cli.changing import working
    from python_workflow.tools import telling
    from python_workflow.tools.changing import uninstall
    from python_workflow.tools.wanted import name_of

    name = name_of(asked.action.operand or "")
    with working(asked) as work:
        gone = uninstall(name, asked.host, work)
    return Result({"uninstalled": name, "removed": list(gone)}, telling.uninstalled(name, gone))


def _list(asked: Asked) -> Result:
    from python_workflow.tools import places, telling
    from python_workflow.tools.listing import installed
    from python_workflow.tools.path import is_on_path

    tools = installed(asked.host, asked.disk)
    document = {
        "tools": [tool.to_wire() for tool in tools],
        "bin": places.programs(asked.host),
        "on_path": is_on_path(asked.host),
    }
    if not tools:
        document["summary"] = "no tool is installed"
        return Result(
            document, "", NOTHING, "no tool is installed; 'wsp tool install TOOL' does it"
        )
    return Result(document, telling.listed(tools))


def _wanted(asked: Asked) -> Wanted:
    from python_workflow.tools import wanted

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


def _with_python(asked: Asked, act: Callable[[Work], T]) -> T:
    from python_workflow.cli.changing import asker, working
    from python_workflow.tools.offering import with_python

    spec = python_of(asked.action, asked.host, asked.cwd)
    return with_python(spec, act, asked.host, working=lambda: working(asked), ask=asker(asked))


def _path(asked: Asked) -> dict[str, object]:
    """Offer to have the programs found, where there is somebody to be asked; what is to be known of that."""
    from python_workflow.cli.changing import asker
    from python_workflow.console.output import tell
    from python_workflow.tools import places
    from python_workflow.tools.path import is_on_path, see_to_it

    if not asked.action.flag("--json"):
        see_to_it(asked.host, ask=asker(asked), tell=tell)
    return {"bin": places.programs(asked.host), "on_path": is_on_path(asked.host)}


def _beware(done: Done, asked: Asked) -> str:
    from python_workflow.tools.telling import shadowed

    return shadowed(done.tool, asked.host)


COMMANDS = {
    "tool run": _run,
    "tool install": _install,
    "tool upgrade": _upgrade,
    "tool uninstall": _uninstall,
    "tool list": _list,
}
