"""hatch: environments declared in ``pyproject.toml`` or ``hatch.toml``, kept in one folder of the user's.

Checked against hatch 1.18. Environments of another type than ``virtual``, those that a collector of the project's
own adds, and an ``overrides`` table that moves one, are known only to hatch itself.
"""

from __future__ import annotations

import os

from python_workflow.discovery.tools import folders
from python_workflow.discovery.tools.contract import Place, Tool
from python_workflow.discovery.tools.files import (
    is_plain,
    named,
    real_root,
    table_at,
    text_at,
    toml_of,
)
from python_workflow.discovery.tools.folders import expand, join, name_of
from python_workflow.discovery.tools.naming import normalized, sha256_mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.discovery.tools.contract import Folder

#: How many environments of one matrix are listed.
MOST_OF_A_MATRIX = 256
#: How many environments of one project are listed.
MOST_ENVIRONMENTS = 2000
#: How deep templates of templates are followed.
MOST_TEMPLATES = 32


def project_id(root: str, *, any_case: bool) -> str:
    """What tells projects of one name apart; ``any_case``: on Windows and macOS spellings of one path are alike."""
    return sha256_mark(root.casefold() if any_case else root)


def _places(folder: Folder) -> tuple[Place, ...]:
    from itertools import islice

    folder = _project(folder)
    environments = table_at(_settings(folder), "envs")
    storage = _storage(folder)
    if storage is None:
        return ()
    top, project = storage
    asked = folder.host.environ.get("HATCH_ENV") or "default"
    found = []
    for name, declared in islice(_expanded({"default": {}, **environments}), MOST_ENVIRONMENTS):
        if (
            name.startswith("hatch-")
            or not is_plain(name)
            or _inherited(environments, declared, "type") != "virtual"
        ):
            continue
        prefix = join(folder.host, top, project if name == "default" else name)
        path = folder.host.environ.get("HATCH_ENV_TYPE_VIRTUAL_PATH")
        if path:
            prefix = os.path.realpath(join(folder.host, folder.root, path))
        elif path := _inherited(environments, declared, "path"):
            inside = named(folder, path)
            if inside is None:
                continue
            prefix = inside
        found.append(Place(name, prefix, default=name == asked))
    return tuple(found)


def _project(folder: Folder) -> Folder:
    """The project as hatch finds it: the nearest folder upwards with a ``pyproject.toml`` or a ``setup.py``."""
    for root in (folder.root, *folder.enclosing):
        candidate = folder._replace(root=root)
        if candidate.has("pyproject.toml") or candidate.has("setup.py"):
            return candidate
    return folder


def _settings(folder: Folder) -> dict[str, object]:
    """``[tool.hatch]``, in which the tables of ``hatch.toml`` replace those of the same name."""
    own = (
        toml_of(folder, join(folder.host, folder.root, "hatch.toml"))
        if folder.has("hatch.toml")
        else {}
    )
    return {**(folder.table("tool", "hatch") or {}), **own}


def _storage(folder: Folder) -> tuple[str, str] | None:
    """The folder of the project's environments, and the project's name in it."""
    host = folder.host
    root = real_root(folder)
    project = name_of(host, root)
    if (table := folder.table("project")) is not None:
        project = text_at(table, "name") or ""
    project = normalized(project)
    if not is_plain(project):
        return None
    config = host.environ.get("HATCH_CONFIG") or join(
        host, folders.config(host, "hatch"), "config.toml"
    )
    directories = table_at(toml_of(folder, join(host, root, config)), "dirs")
    told = text_at(directories, "env", "virtual")
    if told:
        top = join(host, root, expand(host, told, variables=True))
    else:
        data = (
            host.environ.get("HATCH_DATA_DIR")
            or text_at(directories, "data")
            or folders.data(host, "hatch")
        )
        top = join(host, root, expand(host, data, variables=True), "env", "virtual")
    # Environments that are kept for one project alone, or where virtualenvwrapper keeps its own, lie side by side.
    flat = top == join(host, host.home, ".virtualenvs") or _is_inside(os.path.realpath(top), root)
    if flat:
        return top, project
    mark = project_id(root, any_case=host.platform in ("win32", "darwin"))
    return join(host, top, project, mark), project


def _is_inside(path: str, root: str) -> bool:
    return path.startswith(root.rstrip(os.sep) + os.sep)


def _inherited(environments: dict[str, object], declared: dict[str, object], key: str) -> str:
    """An option of an environment, else of its template, which is ``default`` when it names none."""
    for _ in range(MOST_TEMPLATES):
        value = text_at(declared, key)
        if value is not None:
            return value
        template = table_at(environments, text_at(declared, "template") or "default")
        if template is declared or not template:
            break
        declared = template
    return "virtual" if key == "type" else ""


def _expanded(environments: dict[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    """Each environment; for one with a matrix, each combination of its variables in its place."""
    for name, declared in environments.items():
        if not isinstance(declared, dict):
            continue
        matrix = declared.get("matrix")
        if not isinstance(matrix, list):
            yield name, declared
            continue
        form = text_at(declared, "matrix-name-format") or "{value}"
        for combination in _combinations(matrix, form):
            yield combination if name == "default" else f"{name}.{combination}", declared


def _combinations(matrix: list[object], form: str) -> Iterator[str]:
    from itertools import islice, product

    for entry in matrix:
        if not isinstance(entry, dict):
            continue
        variables = {
            variable: [value for value in values if isinstance(value, str)]
            for variable, values in entry.items()
            if isinstance(values, list)
        }
        # A Python comes first, whatever the order in the file.
        python = next((name for name in ("py", "python") if name in variables), None)
        if python:
            variables = {python: variables.pop(python), **variables}
        for values in islice(product(*variables.values()), MOST_OF_A_MATRIX):
            yield "-".join(
                _part(variable, value, python, form)
                for variable, value in zip(variables, values, strict=True)
            )


def _part(variable: str, value: str, python: str | None, form: str) -> str:
    if variable == python:
        return value if value.startswith("py") else f"py{value}"
    # Not str.format: the text comes from a file of the folder.
    return form.replace("{variable}", variable).replace("{value}", value)


TOOL = Tool(
    name="hatch",
    locks=(),
    files=("hatch.toml",),
    tables=(("tool", "hatch", "envs"),),
    places=_places,
)
