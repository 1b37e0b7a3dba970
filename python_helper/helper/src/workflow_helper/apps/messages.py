"""Messages about tools, for a person."""

from __future__ import annotations

import os

from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workflow_helper.apps.install import Done
    from workflow_helper.apps.list import ListedTool
    from workflow_helper.model import Host


def installed(done: Done) -> str:
    """Return the message that a tool was installed."""
    tool = done.tool
    names = ", ".join(os.path.basename(path) for path in tool.programs)
    what = f"{tool.name} {tool.version}"
    if not done.changed:
        return f"{what} was installed already: {names}"
    was = f", instead of {done.before}" if done.before not in (None, tool.version) else ""
    return f"{what} is installed{was}: {names}"


def upgraded(done: Done) -> str:
    """Return the message that a tool was upgraded."""
    tool = done.tool
    if not done.changed:
        return f"{tool.name} {tool.version} is the newest version that fits ({tool.requirement})"
    if done.before in (None, tool.version):
        return f"{tool.name} {tool.version} was brought up to date"
    return f"{tool.name} {tool.version} is installed, instead of {done.before}"


def uninstalled(name: str, gone: Sequence[str]) -> tuple[str, ...]:
    """Return the message that a tool was uninstalled."""
    return (*(f"- {path}" for path in gone), f"{name} is uninstalled")


def listed(tools: Iterable[ListedTool]) -> tuple[str, ...]:
    """Return the list of tools, each with its programs below it."""
    return (*(line for tool in tools for line in _lines(tool)),)


def shadowed(tool: ListedTool, host: Host) -> tuple[str, ...]:
    """Return a warning that programs of the same name come first on PATH, if some do, a line each."""
    from workflow_helper.system.which import find_program

    found = {path: find_program(os.path.basename(path), host) for path in tool.programs}
    first = [
        f"{other} comes before {path} on PATH"
        for path, other in found.items()
        if other is not None and real_path(other) != real_path(path)
    ]
    return (*first,)


def _lines(tool: ListedTool) -> list[str]:
    python = f"Python {tool.python_version}" if tool.python_version else "no Python"
    by = "" if tool.by == "wsp" else f", installed by {tool.by}"
    more = "".join(f" + {one}" for one in tool.beside)
    requirement = f" ({tool.requirement}{more})" if tool.requirement != tool.name or more else ""
    head = f"{tool.name} {tool.version or '?'}{requirement}, {python}{by}"
    broken = [] if tool.status.state == "ok" else [f"  ! {tool.status.message}"]
    return [head, *broken, *(f"  {path}" for path in tool.programs)]
