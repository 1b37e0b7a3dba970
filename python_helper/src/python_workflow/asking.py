"""Asking workflow servers: started when they are first needed, shared while they are in use, ended at the end."""

from __future__ import annotations

import os

from python_workflow.discovery import validity
from python_workflow.launch.command import command
from python_workflow.launch.provision import Work
from python_workflow.model import Environment
from python_workflow.system.child import Child
from python_workflow.wsp.client import Session, default_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host, Workflow
    from python_workflow.wsp.values import ServerEnvironment


class Servers:
    """The servers that one process has started. Leaving it as a context ends them all."""

    def __init__(self, host: Host, disk: Disk, work: Work | None = None) -> None:
        self._host = host
        self._disk = disk
        self._work = Work() if work is None else work
        self._sessions: dict[tuple[str, str, bool], Session] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def session(self, workflow: Workflow, root: str, trusted: bool) -> Session:  # noqa: FBT001
        """The server of ``workflow`` for ``root``, initialized. ``trusted`` is told to it, of the folder.

        Raises what starting it can raise: see :func:`launch.command.command` and :class:`wsp.client.Session`.
        """
        key = (root, repr((workflow.declared_in, workflow.launch)), trusted)
        known = self._sessions.get(key)
        if known is not None and known.usable:
            return known
        start = command(workflow, root, self._host, self._disk, self._work)
        child = Child(start.argv, cwd=start.cwd, environ=start.environ)
        session = Session(child, workflow.name, root=root, trusted=trusted)
        self._sessions[key] = session
        session.__enter__()
        return session

    def environments(self, workflow: Workflow, root: str, trusted: bool) -> tuple[Environment, ...]:  # noqa: FBT001
        """What the server tells, the default marked: an :data:`resolve.Ask`. Raises :class:`WorkflowError`."""
        session = self.session(workflow, root, trusted)
        told = session.environments(cancelled=self._work.cancelled)
        default = default_of(told, session.capabilities)
        return tuple(self._environment(one, is_default=one is default) for one in told)

    def close(self) -> None:
        """End all of them."""
        while self._sessions:
            self._sessions.popitem()[1].close()

    def _environment(self, told: ServerEnvironment, *, is_default: bool) -> Environment:
        python = told.interpreter_path
        prefix = told.prefix or _prefix_of(python, self._disk)
        kind = told.kind or "unknown"
        return Environment(
            told.id,
            told.name,
            kind,
            prefix,
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
    above = os.path.dirname(folder)
    # conda on Windows keeps python.exe in the prefix itself.
    return folder if validity.is_environment(folder, disk) else above
