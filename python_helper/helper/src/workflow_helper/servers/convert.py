"""Convert a server's environment into the model of this product."""

from __future__ import annotations

import os

from workflow_server.display import printable
from workflow_server.shapes import is_passable
from workflow_server.values import Task

from workflow_helper.discovery.environments import health
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.model import Environment, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.values import ServerEnvironment

    from workflow_helper.filesystem.reader import Disk


def environment_of(entry: ServerEnvironment, disk: Disk, *, is_default: bool) -> Environment:
    """Return a server's environment as an :class:`Environment` of this product."""
    python, prefix = _place(entry.interpreter_path), _place(entry.prefix)
    odd = [
        path for path in (entry.prefix, entry.interpreter_path) if path and not is_passable(path)
    ]
    reason = odd and f"the workflow names {printable(odd[0])}, a path that no file system can hold"
    return Environment(
        printable(entry.id),
        printable(entry.name),
        printable(entry.kind or "unknown"),
        prefix or _prefix_of(python, disk),
        python,
        printable(entry.python_version),
        "workflow",
        is_default,
        Status("broken", reason) if reason else entry.status,
    )


def task_of(task: Task) -> Task:
    """Return a server's task with a printable name."""
    return Task(printable(task.name), printable(task.description))


def _place(path: str | None) -> str | None:
    """Return ``path``, or ``None`` if no file system can have such a path."""
    return path if path and is_passable(path) else None


def _prefix_of(python: str | None, disk: Disk) -> str:
    """Return the folder of an interpreter's environment, which base servers do not report."""
    if not python:
        return ""
    folder = os.path.dirname(python)
    if is_remote(python):
        return os.path.dirname(
            folder
        )  # a guess: to look there is to tell the other machine who asks
    # conda on Windows keeps python.exe in the prefix itself.
    return folder if health.is_environment(folder, disk) else os.path.dirname(folder)
