"""The files of a project that each bundled tool executes even for a query: audited tool by tool, 29 November 2026.

A noxfile is a program. tox loads ``toxfile.py``; hatch the collectors, hooks and version sources that its tables name;
pdm the plug-ins in ``.pdm-plugins``; Poetry those in ``.poetry``; all of them may build the project and its local
dependencies to get its metadata. Files that decide which of these run are included, and so are files that name an
interpreter in the project. uv, conda and pixi execute only such an interpreter and a build. Packages installed in an
environment are not included.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import holds, is_inside, is_remote
from workflow_helper.trust import local_dependencies
from workflow_helper.trust.modules import Modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.filesystem.walk import Trees

#: Files and folders that a tool executes, or reads to know what to execute, by the tool's name.
FILES: dict[str, tuple[str, ...]] = {
    "nox": ("noxfile.py",),
    "tox": ("toxfile.py", "tox.ini", "tox.toml", "setup.cfg"),
    "hatch": ("hatch.toml", "hatch_plugins.py", "hatch_build.py"),
    "pdm": ("pdm.toml", ".pdm-plugins", "pdm_build.py"),
    "poetry": ("poetry.toml", ".poetry", "build.py"),
    # It starts with the variables of ``.env``, which may name programs.
    "pipenv": ("Pipfile", ".env"),
    "uv": ("uv.toml",),
    "conda": ("environment.yml", "environment.yaml"),
    "pixi": ("pixi.toml",),
    "venv": (),
}
#: Files a line of which may be the path of the interpreter that a tool runs.
_INTERPRETER_FILES = {
    "uv": (".python-version", ".python-versions"),
    "pdm": (".pdm-python", ".python-version"),
}
#: What building a project runs, whichever tool asks for it.
_BUILDING = ("setup.py", "setup.cfg")
#: Other files that building a dependency runs, whatever its backend.
_BUILDING_OF_ALL = (*_BUILDING, "pyproject.toml", "hatch_build.py", "pdm_build.py", "build.py")
#: The tables of ``pyproject.toml`` that say what runs, beside the tool's own.
_TABLES = ("build-system",)
#: The most that is read of a file that names an interpreter.
_NAMES_LIMIT = 4096


def paths(name: str, root: str, trees: Trees) -> Iterator[str]:
    """Yield the files and folders of ``root`` that the tool ``name`` may execute, with adjacent Python files and their imports."""
    known = [*FILES.get(name, ()), *_BUILDING, *_named_in_tables(name, root, trees.disk)]
    yield from _executed(known, root, trees)
    yield from interpreters(name, root, trees.disk)
    for folder in local_dependencies.paths(name, root, _tables(name, root, trees.disk), trees):
        if trees.disk.is_folder(folder):
            yield from _executed(
                [*_BUILDING_OF_ALL, *_named_in_tables("", folder, trees.disk)], folder, trees
            )
        else:
            yield folder


def interpreters(name: str, root: str, disk: Disk) -> Iterator[str]:
    """Yield the files that make the tool ``name`` run an interpreter in ``root``, and that interpreter.

    The tool always runs the interpreter of ``.venv``.
    """
    usual = os.path.join(root, ".venv")
    for file in _INTERPRETER_FILES.get(name, ()):
        path = os.path.join(root, file)
        for line in disk.head(path, _NAMES_LIMIT).splitlines():
            text = os.fsdecode(line.strip())
            place = os.path.normpath(os.path.join(root, text))
            is_path = text and "\0" not in text and not is_remote(place)
            if not is_path or place == root or holds(usual, place) or not _is_of(place, root):
                continue
            if os.sep in text or disk.is_present(place):
                yield path
                yield from filter(disk.is_file, _of_interpreter(place))


def _of_interpreter(place: str) -> Iterator[str]:
    """Yield the files of ``place``, an interpreter or an environment's folder, and the configuration of its environment."""
    yield place
    for prefix in (os.path.dirname(os.path.dirname(place)), place):
        yield os.path.join(prefix, "pyvenv.cfg")
    yield os.path.join(place, "bin", "python")
    yield os.path.join(place, "Scripts", "python.exe")


def _is_of(path: str, root: str) -> bool:
    return holds(root, path) or is_inside(path, root)


def _executed(names: Iterable[str], root: str, trees: Trees) -> Iterator[str]:
    """Yield the existing files of ``names`` in ``root``, with the imports of Python files among them."""
    programs = []
    for word in dict.fromkeys(names):
        path = os.path.normpath(os.path.join(root, word))
        if trees.disk.exists(path):
            yield path
            if path.endswith(".py"):
                programs.append(path)
    yield from Modules((root, os.path.join(root, "src")), trees).imported_by(programs)


def tables_text(name: str, root: str, disk: Disk) -> str:
    """Return the tables of ``pyproject.toml`` that decide what the tool ``name`` executes, as one text."""
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
    """Yield the strings in these tables that name files in the project."""
    tables = _tables(name, root, disk), local_dependencies.own_document(name, root, disk)
    for value, _ in local_dependencies.texts(tables):
        # `hatch_plugins.py`, a folder of a `backend-path`, `build:main`.
        for word in (value, value.partition(":")[0].replace(".", "/") + ".py"):
            if _is_executed(word, root):
                yield word


def _is_executed(word: str, root: str) -> bool:
    """Return whether ``word`` names a file in the project, or a Python module beside it."""
    path = os.path.normpath(os.path.join(root, word))
    if "\0" in word or path == root or is_remote(path):
        return False
    return (
        os.path.exists(path) if holds(root, path) else path.endswith(".py") and os.path.isfile(path)
    )
