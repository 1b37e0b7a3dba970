"""The documentation of the keys in the files that declare workflows, one paragraph for each, and the tables that they belong to.

``docs/spec/pyworkflow.schema.json`` has the same texts for editors without this server.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflow_helper.lsp.toml_places import Path

#: The bundled workflows, in a line each.
BUNDLED: Mapping[str, str] = MappingProxyType(
    {
        "conda": "Environments of conda, from environment.yml.",
        "hatch": "Hatch's environments, its matrix and its scripts.",
        "nox": "The sessions of a noxfile.",
        "pdm": "PDM: one environment and a lock file (pdm.lock).",
        "pipenv": "Pipenv: one environment, a Pipfile and its lock file.",
        "pixi": "pixi's environments and tasks, with a lock file (pixi.lock).",
        "poetry": "Poetry: one environment and a lock file (poetry.lock).",
        "tox": "The environments of tox, each with its commands.",
        "uv": "uv: one environment and a lock file (uv.lock).",
        "venv": "Plain virtual environments, without a lock file.",
    }
)

#: The keys of a table that says how to start a workflow's server.
FORMS: Mapping[str, str] = MappingProxyType(
    {
        "script": "A Python script that is the workflow's server, with its requirements as inline metadata, a folder with a "
        "`__main__.py`, or a `.pyz` file. A project's script runs from a private copy of exactly what was trusted.",
        "cmd": "A program that is the workflow's server, and its arguments, as a list of strings. It is started without a shell, "
        "from a path relative to this file or from `PATH`.",
        "module": "A Python module that is the workflow's server, run with `-m`. `requires` says what to install to have it.",
        "config": "A TOML or JSON file that maps each method of the protocol to a command line, for a tool that has no "
        "server of its own.",
        "requires": "One requirement, or a list of them, to install into an environment of their own before the server starts. "
        "For `cmd` and `module` only.",
        "files": "Additional files and folders that the server needs. What is trusted covers them too, and a "
        "script's private copy holds them. For `script`, `cmd` and `config` only.",
    }
)

_TABLE = "The workflow of this project: which tool creates and manages its environments."
_WSP = (
    "The workflow: the name of a bundled one such as `uv`, or a table with exactly one of `script`, `cmd`, `module` and "
    "`config` that says how to start a server. A server starts only after its project was trusted."
)

#: By where it stands, with ``[]`` for any item of a list.
PYPROJECT: Mapping[str, str] = MappingProxyType({"workflow": _TABLE, "workflow.wsp": _WSP})
PYWORKFLOW: Mapping[str, str] = MappingProxyType(
    {
        **PYPROJECT,
        "workflow.folder": "Maps a folder of this project to the environment that is its default.",
        "workflow.folder[].path": "The folder, relative to this file and inside its folder.",
        "workflow.folder[].environment": "The environment's folder, relative to this file and inside its folder.",
    }
)
USER: Mapping[str, str] = MappingProxyType(
    {
        "workflow": "The workflow that you prefer in every folder.",
        "workflow.wsp": _WSP,
        "workflow.policy": "Whether your workflow comes before what a project declares (`override`, as without the key) or "
        "counts only in projects that declare no workflow (`default`).",
        "workflow.fallback": "Whether the built-in workflow `venv` is used where nothing else says which one. `true` without "
        "the key.",
        "folder": "A rule for the folders that a pattern matches. Of several, the one with the longest part before its first "
        "wildcard counts.",
        "folder[].path": "A folder and all that is in it, or a pattern with `*`, `?`, `[...]` and `**`. It is absolute or begins "
        "with `~`.",
        "folder[].workflow": '`"project"`: follow here what the project itself declares.',
        "folder[].wsp": _WSP,
        "environments": "Where environments are looked for, besides the usual places.",
        "environments.folders": "Folders in which environments are looked for. Each is absolute or begins with `~`.",
    }
)

#: The values of a key, beyond the names of workflows and paths.
VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "workflow.policy": {
            "override": "Your workflow is used in every folder, also where a project declares another.",
            "default": "Your workflow is used only in projects that declare no workflow.",
        },
        "folder[].workflow": {"project": "Follow what the project itself declares."},
    }
)


def pattern(path: Path) -> str:
    """Return a path in the form of the tables here: ``folder[].path``."""
    spelled = ""
    for part in path:
        if isinstance(part, int):
            spelled += "[]"
        else:
            spelled += f".{part}" if spelled else part
    return spelled


def form_of(spelled: str) -> str | None:
    """Return the key of a server's table that a pattern stands for; ``""`` for the table itself, ``None`` for anything else."""
    for table in ("workflow.wsp", "folder[].wsp"):
        if spelled == table:
            return ""
        if spelled.startswith(f"{table}."):
            return spelled[len(table) + 1 :].removesuffix("[]")
    return None


def paragraph(spelled: str, keys: Mapping[str, str]) -> str | None:
    """Return the documentation of the key that a pattern stands for, if it is one of ``keys`` or of a server's table."""
    form = form_of(spelled)
    if form:
        return FORMS.get(form)
    return keys.get(spelled.removesuffix("[]"))
