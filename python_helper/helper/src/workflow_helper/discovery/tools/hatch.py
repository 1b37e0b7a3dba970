"""hatch: environments declared in ``pyproject.toml`` or ``hatch.toml``, in one folder of the user.

Checked against hatch 1.18. Environments of another type than ``virtual``, those that a collector of the project's
own adds, and an ``overrides`` table that moves one, are known only to hatch itself.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import (
    holds_only,
    is_plain,
    named,
    real_root,
    table_at,
    text_at,
    toml_of,
)
from workflow_helper.discovery.tools.naming import normalized, sha256_mark
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import expand, join, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, NamedTuple

    from workflow_helper.discovery.tools.contract import Folder
else:
    from workflow_server.namedtuple import NamedTuple

#: The type of the environments whose place hatch's own rules tell.
VIRTUAL = "virtual"
#: The keys of ``hatch.toml`` that only a build reads.
BUILDING = frozenset(("build", "metadata", "version"))
#: The beginning of the names of environments that hatch keeps for itself.
INTERNAL = "hatch-"
#: Of these, those of ``hatch test``.
TEST = "hatch-test"
#: The number of environments of one matrix that are listed.
MOST_OF_A_MATRIX = 256
#: The number of environments of one project that are listed.
MOST_ENVIRONMENTS = 2000
#: The depth to which templates of templates are followed.
MOST_TEMPLATES = 32


def project_id(root: str, *, any_case: bool) -> str:
    """Return an identifier that differs between projects of the same name; ``any_case``: on Windows and macOS spellings of one path are alike."""
    return sha256_mark(root.casefold() if any_case else root)


class HatchDeclaration(NamedTuple):
    """An environment as the project declares it."""

    name: str
    #: The name of the table that declares it; those of a matrix have it in common.
    key: str
    table: dict[str, Any]
    #: Its part of the matrix.
    variables: Mapping[str, str] = {}


class Storage(NamedTuple):
    """The places where hatch keeps a project's environments and other data."""

    #: The folder of the project's environments of the type ``virtual``.
    environments: str
    #: The place of the one called ``default``, in it.
    project: str
    #: The folder of what it noted about them, by their type.
    notes: str


def _places(folder: Folder) -> tuple[Place, ...]:
    from itertools import islice

    folder = project(folder)
    environments = table_at(settings(folder), "envs")
    stored = storage(folder)
    if stored is None:
        return ()
    current = folder.host.environ.get("HATCH_ENV") or "default"
    found = []
    for declared in islice(expanded(environments), MOST_ENVIRONMENTS):
        name = declared.name
        if (
            name.startswith(INTERNAL)
            or not is_plain(name)
            or _inherited(environments, declared.table, "type") != VIRTUAL
        ):
            continue
        path = _inherited(environments, declared.table, "path")
        prefix = place(folder, stored, name, path)
        if prefix is not None:
            found.append(Place(name, prefix, default=name == current, pointed=bool(path)))
    return tuple(found)


def place(folder: Folder, storage: Storage, name: str, path: str) -> str | None:
    """Return the folder of an environment of the type ``virtual`` with this option ``path``, empty for none."""
    override = folder.host.environ.get("HATCH_ENV_TYPE_VIRTUAL_PATH")
    if override:
        return real_path(join(folder.host, folder.root, override))
    if path:
        return named(folder, path)
    return join(folder.host, storage.environments, storage.project if name == "default" else name)


def project(folder: Folder) -> Folder:
    """Return hatch's project folder: the nearest one, from here upwards, with a ``pyproject.toml`` or a ``setup.py``."""
    for root in (folder.root, *folder.enclosing):
        candidate = folder._replace(root=root)
        if candidate.has("pyproject.toml") or candidate.has("setup.py"):
            return candidate
    return folder


def settings(folder: Folder) -> dict[str, Any]:
    """Return ``[tool.hatch]``, in which the tables of ``hatch.toml`` replace those of the same name."""
    own = (
        toml_of(folder, join(folder.host, folder.root, "hatch.toml"))
        if folder.has("hatch.toml")
        else {}
    )
    return {**(folder.table("tool", "hatch") or {}), **own}


def configuration(folder: Folder) -> str:
    """Return the path of the user's configuration of hatch, existing or not."""
    host = folder.host
    configured = host.environ.get("HATCH_CONFIG")
    return join(
        host,
        real_root(folder),
        configured or join(host, user_dirs.config(host, "hatch"), "config.toml"),
    )


def storage(folder: Folder) -> Storage | None:
    """Return the places of the project's data; ``None`` if the project's name cannot be the name of a folder."""
    host = folder.host
    root = real_root(folder)
    name = name_of(host, root)
    if (table := folder.table("project")) is not None:
        name = text_at(table, "name") or ""
    name = normalized(name)
    if not is_plain(name):
        return None
    directories = table_at(toml_of(folder, configuration(folder)), "dirs")
    data = (
        host.environ.get("HATCH_DATA_DIR")
        or text_at(directories, "data")
        or user_dirs.data(host, "hatch")
    )
    data = join(host, root, expand(host, data, variables=True))
    configured = text_at(directories, "env", VIRTUAL)
    if configured:
        top = join(host, root, expand(host, configured, variables=True))
    else:
        top = join(host, data, "env", VIRTUAL)
    mark = project_id(root, any_case=host.platform in ("win32", "darwin"))
    notes = join(host, data, "env", ".metadata", mark)
    # Environments that are kept for one project alone, or where virtualenvwrapper keeps its own, lie side by side.
    flat = top == join(host, host.home, ".virtualenvs") or _is_inside(real_path(top), root)
    return Storage(top if flat else join(host, top, name, mark), name, notes)


def _is_inside(path: str, root: str) -> bool:
    return path.startswith(root.rstrip(os.sep) + os.sep)


def _inherited(environments: dict[str, Any], declared: dict[str, Any], key: str) -> str:
    """Return an option of an environment, else of its template, which is ``default`` when it names none."""
    for _ in range(MOST_TEMPLATES):
        value = text_at(declared, key)
        if value is not None:
            return value
        if declared.get("detached") is True:
            break
        template = table_at(environments, text_at(declared, "template") or "default")
        if template is declared or not template:
            break
        declared = template
    return VIRTUAL if key == "type" else ""


def expanded(environments: dict[str, Any]) -> Iterator[HatchDeclaration]:
    """Yield each environment; a matrix yields one for each combination of its variables."""
    for name, table in {"default": {}, **environments}.items():
        if not isinstance(table, dict):
            continue
        matrix = table.get("matrix")
        if not isinstance(matrix, list):
            yield HatchDeclaration(name, name, table)
            continue
        form = _inherited(environments, table, "matrix-name-format") or "{value}"
        for combination, variables in _combinations(matrix, form):
            whole = combination if name == "default" else f"{name}.{combination}"
            yield HatchDeclaration(whole, name, table, variables)


def _combinations(matrix: list[object], form: str) -> Iterator[tuple[str, dict[str, str]]]:
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
            chosen = dict(zip(variables, values, strict=True))
            name = "-".join(_part(each, value, python, form) for each, value in chosen.items())
            if python:
                chosen["python"] = chosen.pop(python)
            yield name, chosen


def _part(variable: str, value: str, python: str | None, form: str) -> str:
    if variable == python:
        return value if value.startswith("py") else f"py{value}"
    # Not str.format: the text comes from a file of the folder.
    return form.replace("{variable}", variable).replace("{value}", value)


def _makes_it_govern(folder: Folder, shown: str) -> bool:
    """Return whether the evidence makes the tool govern: a ``hatch.toml`` that only hatchling reads does not."""
    path = join(folder.host, folder.root, "hatch.toml")
    return shown != "hatch.toml" or not holds_only(toml_of(folder, path), BUILDING)


TOOL = Tool(
    name="hatch",
    locks=(),
    files=("hatch.toml",),
    tables=(("tool", "hatch", "envs"),),
    places=_places,
    makes_it_govern=_makes_it_govern,
)
