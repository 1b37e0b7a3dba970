"""What a workflow tells of an environment, in the form that every side of the product speaks."""

from __future__ import annotations

import os

from python_workflow.discovery import validity
from python_workflow.discovery.paths import is_remote
from python_workflow.model import Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.disk import Disk
    from python_workflow.wsp.values import ServerEnvironment


def environment_of(told: ServerEnvironment, disk: Disk, *, is_default: bool) -> Environment:
    """What a server tells of an environment, in the form that every side speaks."""
    python = told.interpreter_path
    return Environment(
        told.id,
        told.name,
        told.kind or "unknown",
        told.prefix or _prefix_of(python, disk),
        python,
        told.python_version,
        "workflow",
        is_default,
        told.status,
    )


def _prefix_of(python: str | None, disk: Disk) -> str:
    """The folder of the environment that an interpreter stands for; a base server does not tell it."""
    if not python:
        return ""
    folder = os.path.dirname(python)
    if is_remote(python):
        return os.path.dirname(
            folder
        )  # a guess: to look there is to tell the other machine who asks
    # conda on Windows keeps python.exe in the prefix itself.
    return folder if validity.is_environment(folder, disk) else os.path.dirname(folder)
