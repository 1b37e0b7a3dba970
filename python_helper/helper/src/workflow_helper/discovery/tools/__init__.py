"""The workflow tools that are recognized by their files: one module for each tool, with one interface.

Each module has a ``TOOL``. No tool is started: the places of its environments are computed as the tool does.
"""

from __future__ import annotations

from workflow_helper.discovery.tools import (
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
from workflow_helper.discovery.tools.contract import Folder, Place, Tool
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

__all__ = [
    "BUNDLED",
    "GOVERNING",
    "MARKERS",
    "TOOLS",
    "Folder",
    "Place",
    "Tool",
    "beside_dot_venv",
    "is_marked",
    "present",
    "recognize",
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

#: Every recognized tool.
TOOLS: tuple[Tool, ...] = (*GOVERNING, tox.TOOL, nox.TOOL)

#: Every bundled workflow by its name; ``venv`` is the fallback, which no file marks.
BUNDLED: dict[str, Tool] = {tool.name: tool for tool in (*TOOLS, venv.TOOL)}

#: The names of files whose presence makes a folder a project root.
MARKERS: tuple[str, ...] = tuple(name for tool in TOOLS for name in (*tool.locks, *tool.files))


def recognize(folder: Folder) -> tuple[Tool, str] | None:
    """Return the tool that governs by recognition (W6), and the evidence for it, such as ``"uv.lock"``.

    A lock file is stronger evidence than a table, because it shows that someone has used the tool. A table with
    settings for the build backend only is weaker, because contributors may not use the tool.
    """
    for evidence in (_locks, _evidence):
        for tool in GOVERNING:
            for shown in evidence(folder, tool):
                if tool.makes_it_govern is None or tool.makes_it_govern(folder, shown):
                    return tool, shown
    return None


def beside_dot_venv(folder: Folder) -> tuple[Tool, Place] | None:
    """Return the tool that governs by recognition and is configured not to use ``.venv``, and the environment that it uses.

    ``None`` if it has none yet. The cheapest checks come first, because this is called for every ``.venv``.
    """
    for tool in GOVERNING:
        if tool.keeps_elsewhere is None or not tool.keeps_elsewhere(folder):
            continue
        governing = recognize(folder)
        if governing is None or governing[0] is not tool:
            continue
        place = next((place for place in tool.places(folder) if place.default), None)
        dot_venv = join(folder.host, folder.root, ".venv")
        if place is not None and place.prefix != dot_venv and folder.disk.exists(place.prefix):
            return tool, place
    return None


def present(folder: Folder) -> tuple[Tool, ...]:
    """Return every tool that the folder has evidence of, for lists: also tox and nox, and tools that do not govern."""
    return tuple(
        tool
        for tool in TOOLS
        if any(True for evidence in (_locks, _evidence) for _ in evidence(folder, tool))
    )


def is_marked(path: str, host: Host, disk: Disk) -> str | None:
    """Return the name of the file in the folder ``path`` whose contents, and not its name alone, mark a tool."""
    folder = Folder(path, (), host, disk)
    for tool in TOOLS:
        if tool.other_evidence is not None and (shown := tool.other_evidence(folder)) is not None:
            return shown.rpartition(" in ")[2]
    return None


def _locks(folder: Folder, tool: Tool) -> Iterator[str]:
    """Yield the lock files of the tool."""
    return filter(folder.has, tool.locks)


def _evidence(folder: Folder, tool: Tool) -> Iterator[str]:
    """Yield evidence of the tool other than lock files."""
    for keys in tool.tables:
        if folder.table(*keys) is not None:
            yield f"[{'.'.join(keys)}] in pyproject.toml"
    yield from filter(folder.has, tool.files)
    if tool.other_evidence is not None and (shown := tool.other_evidence(folder)) is not None:
        yield shown
