"""Asking workflow servers: started when they are first needed, shared while they are in use, ended at the end."""

from __future__ import annotations

import os
from contextlib import contextmanager

from python_workflow.discovery import covered, validity
from python_workflow.discovery.wsp_table import Declaration
from python_workflow.launch.command import command
from python_workflow.launch.provision import Work
from python_workflow.model import Environment
from python_workflow.system.child import Child
from python_workflow.wsp.client import Session, default_of
from python_workflow.wsp.pool import Pool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host, Workflow
    from python_workflow.wsp.values import ServerEnvironment

#: Seconds that a server has for an answer that a person waits for; the slowest real tools take five.
ASK_TIMEOUT = 15.0


class Servers:
    """The servers that one process has started. Any thread may ask; leaving it as a context ends them all."""

    def __init__(
        self,
        host: Host,
        disk: Callable[[], Disk],
        work: Work | None = None,
        on_changed: Callable[[], None] | None = None,
    ) -> None:
        """``disk`` gives a disk to a thread of its own; ``on_changed`` hears a server say that environments changed."""
        self._host = host
        self._disk = disk
        self._work = Work() if work is None else work
        self._on_changed = on_changed
        self._pool = Pool()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def session(self, workflow: Workflow, root: str, *, trusted: bool) -> Iterator[Session]:
        """The server of ``workflow`` for ``root``, for a while. ``trusted`` is told to it, of the folder.

        Raises what starting it can raise: see :func:`launch.command.command` and :class:`wsp.client.Session`.
        """
        disk = self._disk()

        def start() -> Session:
            how = command(workflow, root, self._host, disk, self._work)
            child = Child(how.argv, cwd=how.cwd, environ=how.environ)
            session = Session(
                child, workflow.name, root=root, trusted=trusted, on_changed=self._changed
            )
            session.__enter__()
            return session

        key = (root, repr(workflow.launch), trusted, self._version(workflow, root, disk))
        with self._pool.session(key, start) as session:
            yield session

    def environments(
        self, workflow: Workflow, root: str, *, trusted: bool
    ) -> tuple[Environment, ...]:
        """What the server tells of its environments, the default marked. Raises :class:`WorkflowError`."""
        with self.session(workflow, root, trusted=trusted) as session:
            told = session.environments(timeout=ASK_TIMEOUT, cancelled=self._work.cancelled)
            default = default_of(told, session.capabilities)
        disk = self._disk()
        return tuple(environment_of(one, disk, is_default=one is default) for one in told)

    def close(self) -> None:
        """End all of them."""
        self._pool.close()

    def _changed(self, _ids: tuple[str, ...]) -> None:
        if self._on_changed is not None:
            self._on_changed()

    def _version(self, workflow: Workflow, root: str, disk: Disk) -> tuple[object, ...]:
        """What changes when the server's own files do: a script that was edited is started anew."""
        declaration = Declaration(workflow.name, workflow.launch or {}, workflow.declared_in)
        base = os.path.dirname(workflow.declared_in) if workflow.declared_in else root
        return covered.stamps(declaration, base, self._host, disk)


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
    # conda on Windows keeps python.exe in the prefix itself.
    return folder if validity.is_environment(folder, disk) else os.path.dirname(folder)
