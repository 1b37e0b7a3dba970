"""Poetry: ``.venv`` in the project, or environments named after it in one folder of the user's.

Checked against Poetry 2.5. Outside the project, ``envs.toml`` records the selected one. Without a record, Poetry uses
the version of the ``python`` on PATH, also behind pyenv's shim; if there is no environment of that version, the newest
is used here.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import (
    at,
    holds_only,
    is_plain,
    named,
    number,
    real_root,
    subfolders,
    table_at,
    text_at,
    toml_of,
)
from workflow_helper.discovery.tools.naming import normalized, replaced, sha256_mark
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.discovery.tools.contract import Folder
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: The name of a project that is no package, hence needs no name.
NAMELESS = "non-package-mode"
#: The keys of ``[tool.poetry]`` that only a build reads, where ``[project]`` says all the rest.
BUILDING = frozenset(("build", "exclude", "include", "packages", "version"))
#: The environment in a project.
IN_PROJECT = ".venv"


def base_name(project: str, root: str) -> str:
    """Return the common beginning of the names of the environments of the project ``project`` at the real path ``root``."""
    short = replaced(normalized(project), ' $`!*@"\\\r\n\t', "_")[:42]
    return f"{short}-{sha256_mark(os.path.normcase(root))}"


class Central(NamedTuple):
    """The folder of the environments outside their projects, and the common beginning of one project's."""

    path: str
    mark: str
    host: Host

    @property
    def record(self) -> str:
        """The file that records the selected environment of each project, in a table named after the project's mark."""
        return join(self.host, self.path, "envs.toml")

    def place(self, minor: str) -> str:
        """Return the place of the environment for the Python ``minor`` (``X.Y``)."""
        return join(self.host, self.path, f"{self.mark}-py{minor}")


def central(folder: Folder) -> Central | None:
    """Return the folder of this project's environments outside of it; ``None`` if that is unknown."""
    path, mark = shared_folder(folder), base_name(_project_name(folder), real_root(folder))
    return None if path is None or not is_plain(mark) else Central(path, mark, folder.host)


def keeps_in_project(folder: Folder) -> bool:
    """Return whether Poetry makes the environment in the project."""
    value = _setting(folder, "virtualenvs", "in-project")
    if value is None:
        return folder.disk.is_folder(join(folder.host, folder.root, IN_PROJECT))
    return value is True


def makes_environments(folder: Folder) -> bool:
    """Return whether Poetry creates environments, and is not configured to use the Python that it runs in."""
    return _setting(folder, "virtualenvs", "create") is not False


def _places(folder: Folder) -> tuple[Place, ...]:
    inside = join(folder.host, folder.root, IN_PROJECT)
    in_project = _setting(folder, "virtualenvs", "in-project")
    if in_project is not False and folder.disk.is_folder(inside):
        default: str | None = inside
    else:
        default = None
    names = {inside: IN_PROJECT} if default else {}
    outside = central(folder)
    if outside is not None:
        begin = f"{outside.mark}-py"
        # Newest Python first, so that it stands in where none is selected.
        existing = sorted(
            (name for name in subfolders(folder, outside.path) if name.startswith(begin)),
            key=lambda name: _numbers(name[len(begin) :]),
            reverse=True,
        )
        for name in existing:
            names[join(folder.host, outside.path, name)] = name
        if default is None and existing and makes_environments(folder):
            selected = _selected(folder, outside, existing)
            default = join(folder.host, outside.path, selected)
    if default is None and in_project is True:
        default = inside
        names = {inside: IN_PROJECT, **names}
    # Whatever the folder of the others is, the mark in their names is the project's own.
    return tuple(Place(name, prefix, default=prefix == default) for prefix, name in names.items())


def _selected(folder: Folder, outside: Central, existing: list[str]) -> str:
    """Return the one of the ``existing`` environments, at least one, that Poetry uses."""
    minor = text_at(toml_of(folder, outside.record), outside.mark, "minor")
    if minor is None and len(existing) > 1:
        from workflow_helper.discovery.interpreters.describe import describe
        from workflow_helper.discovery.interpreters.path import active_python

        path = active_python(folder.host, folder.disk, folder.root)
        python = describe(path, "path", folder.host, folder.disk) if path else None
        minor = ".".join((python.version or "").split(".")[:2]) if python else None
    name = f"{outside.mark}-py{(minor or '').strip()}"
    return name if name in existing else existing[0]


def _project_name(folder: Folder) -> str:
    for keys in (("project",), ("tool", "poetry")):
        name = text_at(folder.table(*keys), "name")
        if name is not None:
            return name
    return NAMELESS


def shared_folder(folder: Folder) -> str | None:
    """Return the folder of the environments that are not in their projects."""
    path = _setting(folder, "virtualenvs", "path")
    if not isinstance(path, str) or not path:
        path = "{cache-dir}/virtualenvs"
    if "{cache-dir}" in path:
        cache = _setting(folder, "cache-dir")
        if not isinstance(cache, str) or not cache:
            cache = user_dirs.cache(folder.host, "pypoetry")
        path = path.replace("{cache-dir}", cache)
    path = user_dirs.expand(folder.host, path)
    # Any part of it may be the project's own word.
    return (
        named(folder, path) if _project_settings(folder) else join(folder.host, folder.root, path)
    )


def _setting(folder: Folder, *keys: str) -> object:
    """Return a setting as Poetry ranks them: the environment, the project's ``poetry.toml``, the user's ``config.toml``."""
    variable = "POETRY_" + "_".join(key.upper().replace("-", "_") for key in keys)
    value = folder.host.environ.get(variable)
    if value is not None:
        return value.lower() in ("true", "1") if keys[-1] in ("in-project", "create") else value
    found = at(_project_settings(folder), *keys)
    return at(_user_settings(folder), *keys) if found is None else found


def _project_settings(folder: Folder) -> dict[str, object]:
    return toml_of(folder, join(folder.host, folder.root, "poetry.toml"))


def _user_settings(folder: Folder) -> dict[str, object]:
    value = folder.host.environ.get("POETRY_CONFIG_DIR")
    settings = value or user_dirs.config(folder.host, "pypoetry", roaming=True)
    return table_at(toml_of(folder, join(folder.host, folder.root, settings, "config.toml")))


def _numbers(version: str) -> tuple[int, ...]:
    numbers = map(number, version.split("."))
    return tuple(-1 if one is None else one for one in numbers)


def _makes_it_govern(folder: Folder, shown: str) -> bool:
    """Return whether the evidence makes the tool govern: a table does not if another backend builds the project, or only Poetry's reads it."""
    if not shown.startswith("["):
        return True
    system = folder.table("build-system") or {}
    if (backend := text_at(system, "build-backend")) is None:
        return True
    requires = at(system, "requires")
    names = (backend, *(requires if isinstance(requires, list) else ()))
    if not any(isinstance(name, str) and name.lower().startswith("poetry") for name in names):
        return False
    return not holds_only(folder.table("tool", "poetry") or {}, BUILDING)


def _keeps_elsewhere(folder: Folder) -> bool:
    return _setting(folder, "virtualenvs", "in-project") is False


TOOL = Tool(
    name="poetry",
    locks=("poetry.lock",),
    files=("poetry.toml",),
    tables=(("tool", "poetry"),),
    places=_places,
    makes_it_govern=_makes_it_govern,
    keeps_elsewhere=_keeps_elsewhere,
)
