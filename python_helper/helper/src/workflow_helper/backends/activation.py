"""Activate an environment of conda's kind, which needs more than its folders on PATH.

Packages may bring scripts for a shell to run when the environment is entered (``etc/conda/activate.d``), and the user
may give the environment variables of its own (``conda-meta/state``). Source: conda's documentation of its
environments; pixi keeps to it.
"""

from __future__ import annotations

import json
import os

from workflow_helper.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.params import CommandParams
    from workflow_server.values import Command

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host

#: The value that conda writes for a variable that the user took back.
_UNSET = "***unset***"


def has_scripts(prefix: str, host: Host, disk: Disk) -> bool:
    """Return whether a shell that enters the environment at ``prefix`` runs scripts of its packages."""
    endings = (".bat", ".ps1") if host.windows else (".sh",)
    names = disk.names(os.path.join(prefix, "etc", "conda", "activate.d"))
    return any(name.endswith(endings) for name in names)


def command(context: BackendContext, environment: Environment, params: CommandParams) -> Command:
    """Return how to start a program in ``environment`` without a shell: the folders on PATH, and the user's variables."""
    execution = context.project.command(environment, params.argv, params.cwd)
    return execution._replace(set={**execution.set, **variables(environment.prefix, context.disk)})


def variables(prefix: str, disk: Disk) -> dict[str, str]:
    """Return the variables that the user gave the environment at ``prefix``."""
    try:
        state = json.loads(disk.text(os.path.join(prefix, "conda-meta", "state")) or "{}")
    except (UnusableFile, ValueError, RecursionError):
        return {}
    found = state.get("env_vars") if isinstance(state, dict) else None
    return {
        name: value
        for name, value in (found if isinstance(found, dict) else {}).items()
        if isinstance(value, str) and value != _UNSET
    }


def records(prefix: str, disk: Disk) -> set[tuple[str, str, str]]:
    """Return name, version and build of the conda packages in the environment at ``prefix``."""
    found = set()
    for name in disk.names(os.path.join(prefix, "conda-meta")):
        stem, _, ending = name.rpartition(".")
        if ending == "json" and stem.count("-") > 1:
            package, version, build = stem.rsplit("-", 2)
            found.add((package, version, build))
    return found
