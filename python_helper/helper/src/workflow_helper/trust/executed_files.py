"""What each bundled tool executes of a project when it is merely asked: audited tool by tool, 29 November 2026.

A noxfile is a program. tox loads ``toxfile.py``; hatch the collectors, hooks and version sources that its tables name; pdm the
plug-ins in ``.pdm-plugins``; Poetry those in ``.poetry``; all of them may build the project to learn its metadata. What decides
which of these run counts with them. uv, conda and pixi execute nothing but a build.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import holds, is_remote
from workflow_helper.trust.modules import Modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.filesystem.walk import Trees

#: Files and folders that a tool executes, or reads to know what to execute, by the tool's name.
FILES: dict[str, tuple[str, ...]] = {
    "nox": ("noxfile.py",),
    "tox": ("toxfile.py", "tox.ini", "tox.toml", "setup.cfg"),
    "hatch": ("hatch.toml", "hatch_plugins.py", "hatch_build.py"),
    "pdm": ("pdm.toml", ".pdm-plugins", "pdm_build.py"),
    "poetry": ("poetry.toml", ".poetry", "build.py"),
    "pipenv": ("Pipfile",),
    "uv": ("uv.toml",),
    "conda": ("environment.yml", "environment.yaml"),
    "pixi": ("pixi.toml",),
    "venv": (),
}
#: What building the project runs, whichever tool asks for it.
_BUILDING = ("setup.py", "setup.cfg")
#: The tables of ``pyproject.toml`` that say what runs, beside the tool's own.
_TABLES = ("build-system",)


def paths(name: str, root: str, trees: Trees) -> Iterator[str]:
    """The files and folders of ``root`` that the tool ``name`` may execute, with the Python files beside and what these import."""
    known = [*FILES.get(name, ()), *_BUILDING, *_named_in_tables(name, root, trees.disk)]
    programs = []
    for word in dict.fromkeys(known):
        path = os.path.normpath(os.path.join(root, word))
        if trees.disk.exists(path):
            yield path
            if path.endswith(".py"):
                programs.append(path)
    yield from Modules((root, os.path.join(root, "src")), trees).imported_by(programs)


def told(name: str, root: str, disk: Disk) -> str:
    """The tables of ``pyproject.toml`` that say what the tool ``name`` executes, as one text."""
    import json

    return json.dumps(_tables(name, root, disk), sort_keys=True, default=str)


def _tables(name: str, root: str, disk: Disk) -> dict[str, object]:
    try:
        document = disk.toml(os.path.join(root, "pyproject.toml")) or {}
    except UnusableFile:
        return {}
    tools = document.get("tool")
    own = tools.get(name) if isinstance(tools, dict) else None
    return {name: own, **{table: document.get(table) for table in _TABLES}}


def _named_in_tables(name: str, root: str, disk: Disk) -> Iterator[str]:
    """The texts in these tables that are names of what lies in the project."""
    from contextlib import suppress  # which loads what an installed tool starts without

    waiting: list[object] = [_tables(name, root, disk)]
    if name == "hatch":
        with suppress(UnusableFile):
            waiting.append(disk.toml(os.path.join(root, "hatch.toml")))
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            # `hatch_plugins.py`, a folder of a `backend-path`, `build:main`.
            for word in (value, value.partition(":")[0].replace(".", "/") + ".py"):
                if _is_executed(word, root):
                    yield word


def _is_executed(word: str, root: str) -> bool:
    """Whether ``word`` names something in the project, or a file of Python's beside it."""
    path = os.path.normpath(os.path.join(root, word))
    if "\0" in word or path == root or is_remote(path):
        return False
    return (
        os.path.exists(path) if holds(root, path) else path.endswith(".py") and os.path.isfile(path)
    )
