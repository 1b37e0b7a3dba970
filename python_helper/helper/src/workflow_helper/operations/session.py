"""Open a session with the workflow of a folder: in process for a bundled backend, over JSON-RPC otherwise."""

from __future__ import annotations

import os
from contextlib import contextmanager

from workflow_server.display import printable

from workflow_helper.errors import (
    EnvironmentNotFound,
    MethodNotFound,
    Protected,
    PythonUnavailable,
    Refused,
)
from workflow_helper.filesystem.paths import is_possible
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.operations.governance import governing, place, subject_of
from workflow_helper.trust import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import NamedTuple, Protocol

    from workflow_server.api import Calls
    from workflow_server.client import Session
    from workflow_server.values import ServerEnvironment

    from workflow_helper.backends.base import Backend
    from workflow_helper.backends.context import BackendContext, Redirect
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.work import Work
    from workflow_helper.model import Environment, Host, Question, Resolution, Workflow

    class ServerSource(Protocol):
        """Starts workflow servers."""

        def __call__(
            self, workflow: Workflow, root: str, *, trusted: bool
        ) -> AbstractContextManager[Session]:
            """Yield a session with the server of ``workflow`` for ``root``."""
else:
    from workflow_server.namedtuple import NamedTuple


#: The reason to leave a Python's own folder alone.
OF_THE_MACHINE = "it is a Python of the machine, whose packages are neither compared nor changed"


class OpenWorkflow(NamedTuple):
    """An open session with the workflow of a folder."""

    #: The folder session that opened it.
    session: FolderSession
    #: The root that the workflow is queried for.
    root: str
    workflow: Workflow
    calls: Calls
    resolution: Resolution
    #: The name of its default environment, where it is a bundled workflow.
    default_name: str | None
    #: Whether the workflow may run what the project holds.
    trusted: bool
    #: True if it accepts only a Python version, not the path of an interpreter.
    brings_python: bool = False
    #: The bundled workflow, where it is one.
    backend: Backend | None = None

    def entry(self, environment: Environment) -> ServerEnvironment:
        """Return the workflow's own entry for ``environment``.

        Raises:
            EnvironmentNotFound: The workflow does not manage it.
        """
        if environment.kind == "remote":
            return self._entry_elsewhere(environment)
        prefix = real_path(environment.prefix)
        for entry in self.environments():
            place = entry.prefix or os.path.dirname(os.path.dirname(entry.interpreter_path or ""))
            if is_possible(place) and real_path(place) == prefix:
                return entry
        raise EnvironmentNotFound(
            f"the workflow {self.workflow.name} does not manage {environment.prefix}",
            "'wsp workflow show' shows which workflow governs. Name another with --workflow.",
        )

    def _entry_elsewhere(self, environment: Environment) -> ServerEnvironment:
        """Return the entry for an environment on another machine, whose prefix is not a local path."""
        for entry in self.environments():
            if entry.kind == "remote" and printable(entry.id) == environment.id:
                return entry
        raise EnvironmentNotFound(
            f"the workflow {self.workflow.name} does not manage {environment.prefix or environment.id}",
            "'wsp env list' lists the environments.",
        )

    @property
    def context(self) -> BackendContext | None:
        """The context of the bundled workflow; ``None`` for a declared one."""
        from workflow_helper.backends.context import BackendContext
        from workflow_helper.backends.project import Project
        from workflow_helper.filesystem.reader import Disk

        if self.backend is None:
            return None
        host, disk = self.session.host, Disk()
        project = Project(self.backend.name, self.root, host, disk)
        outside = self.session.work.outside
        return BackendContext(
            self.backend, project, host, disk, trusted=self.trusted, outside=outside
        )

    def environments(self) -> tuple[ServerEnvironment, ...]:
        """Return the environments that the workflow manages."""
        return self.calls.environments()

    def require(self, capability: str, what: str) -> None:
        """Require ``capability``; ``what`` completes "the workflow does not ...".

        Raises:
            MethodNotFound: The workflow does not offer it.
        """
        if capability not in self.calls.capabilities:
            raise MethodNotFound(f"the workflow {self.workflow.name} does not {what}")


class FolderSession(NamedTuple):
    """The inputs of every operation on a folder, built once by the command line, the language server or MCP."""

    question: Question
    host: Host
    disk: Disk
    #: Starts the server of a declared workflow.
    server: ServerSource
    #: Reports progress, and cancels long work.
    work: Work

    @property
    def resolve_arguments(self) -> tuple[Question, Host, Disk]:
        """Return the arguments that resolving needs: question, host and disk."""
        return self.question, self.host, self.disk

    @contextmanager
    def open(self, *, changing: bool, redirect: Redirect = "file") -> Iterator[OpenWorkflow]:
        """Open a session with the workflow of the folder, and close it when the block ends.

        With ``changing``, the caller creates, changes or runs something, so trust is required. ``redirect`` is as for
        :func:`workflow_helper.backends.server.server`.

        Raises:
            NothingGoverns: No workflow governs.
            Refused: The user's trust is missing.
            ServerFailed: A declared workflow's server could not be started.
        """
        with self._open(changing=changing, redirect=redirect) as opened:
            try:
                yield opened
            except PythonUnavailable as error:
                from workflow_helper.discovery.interpreters.choose import name_release

                name_release(error, opened.root, self.host, self.disk)
                raise

    @contextmanager
    def _open(self, *, changing: bool, redirect: Redirect) -> Iterator[OpenWorkflow]:
        resolution, workflow = governing(*self.resolve_arguments)
        root = resolution.governed or resolution.root
        backend_place = place(resolution, self.host, self.disk)
        subject = subject_of(resolution, workflow, self.host, self.disk)
        decision = policy.decide(
            "change" if changing else "query", subject, *self.resolve_arguments
        )
        trusted = decision.allowed
        if backend_place is None:
            with self.server(workflow, root, trusted=trusted) as calls:
                yield OpenWorkflow(
                    session=self,
                    root=root,
                    workflow=workflow,
                    calls=calls,
                    resolution=resolution,
                    default_name=None,
                    trusted=trusted,
                )
            return
        if changing and not trusted:
            reason = f"nothing is changed or run there, because {decision.reason}"
            raise Refused(reason, decision.hint)
        from workflow_server.in_process import Local

        from workflow_helper.backends.load import load_backend
        from workflow_helper.backends.server import server as bundled

        backend = load_backend(backend_place.name)
        server = bundled(backend, self.host, self.work.outside, redirect)
        yield OpenWorkflow(
            session=self,
            root=backend_place.root,
            workflow=workflow,
            calls=Local(server, backend_place.root, trusted=trusted),
            resolution=resolution,
            default_name=backend.default_name,
            trusted=trusted,
            brings_python=backend.brings_python,
            backend=backend,
        )


def refuse_machine_python(environment: Environment) -> None:
    """Refuse to change a system interpreter, which uv and Poetry can be configured to use as a project's environment.

    Raises:
        Protected: ``environment`` is one.
    """
    if environment.kind == "system":
        raise Protected(f"{environment.prefix} is not changed: {OF_THE_MACHINE}")
