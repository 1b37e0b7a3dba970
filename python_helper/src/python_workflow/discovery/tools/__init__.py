"""The workflow tools that are recognised by their files: a module a tool, one contract.

Each module holds a ``TOOL``. Nothing here starts a tool: where its environments are is computed the way the tool
computes it.
"""

from __future__ import annotations

from python_workflow.discovery.tools import (
    conda,
    hatch,
    nox,
    pdm,
    pipenv,
    pixi,
    poetry,
    tox,
    uv,
    venv,
)
from python_workflow.discovery.tools.contract import Folder, Place, Tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host

__all__ = [
    "BUNDLED",
    "GOVERNING",
    "MARKERS",
    "TOOLS",
    "Folder",
    "Place",
    "Tool",
    "is_marked",
    "present",
    "recognise",
]

#: The tools that can govern by recognition (W6), in the order in which their tables and files count.
GOVERNING: tuple[Tool, ...] = (
    uv.TOOL,
    pdm.TOOL,
    poetry.TOOL,
    pipenv.TOOL,
    pixi.TOOL,
    hatch.TOOL,
    conda.TOOL,
)

#: Every recognised tool.
TOOLS: tuple[Tool, ...] = (*GOVERNING, tox.TOOL, nox.TOOL)

#: Every bundled workflow by its name; ``venv`` is the fallback, which no file marks.
BUNDLED: dict[str, Tool] = {tool.name: tool for tool in (*TOOLS, venv.TOOL)}

#: The names of files whose presence makes a folder a project root.
MARKERS: tuple[str, ...] = tuple(name for tool in TOOLS for name in (*tool.locks, *tool.files))


def recognise(folder: Folder) -> tuple[Tool, str] | None:
    """The tool that governs by recognition (W6), and what shows it, in words: ``"uv.lock"``.

    A lock file says more than a table: someone has worked with the tool.
    """
    for tool in GOVERNING:
        for name in tool.locks:
            if folder.has(name):
                return tool, name
    for tool in GOVERNING:
        if (shown := _evidence(folder, tool)) is not None:
            return tool, shown
    return None


def present(folder: Folder) -> tuple[Tool, ...]:
    """Every tool of which the folder holds evidence, for lists: tox and nox too."""
    return tuple(
        tool
        for tool in TOOLS
        if any(map(folder.has, tool.locks)) or _evidence(folder, tool) is not None
    )


def is_marked(path: str, host: Host, disk: Disk) -> str | None:
    """The name of the file in the folder at ``path`` whose contents mark a tool, where its name alone does not."""
    folder = Folder(path, (), host, disk)
    for tool in TOOLS:
        if tool.other_evidence is not None and (shown := tool.other_evidence(folder)) is not None:
            return shown.rpartition(" in ")[2]
    return None


def _evidence(folder: Folder, tool: Tool) -> str | None:
    """What besides a lock file shows the tool."""
    for keys in tool.tables:
        if folder.table(*keys) is not None:
            return f"[{'.'.join(keys)}] in pyproject.toml"
    for name in tool.files:
        if folder.has(name):
            return name
    return None if tool.other_evidence is None else tool.other_evidence(folder)
