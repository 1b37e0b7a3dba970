"""Whoever governs a folder, at hand: its bundled workflow in this process, or its server."""

from __future__ import annotations

import os
from contextlib import contextmanager

from workflow_server.display import printable

from workflow_helper.errors import EnvironmentNotFound, MethodNotFound, Protected, Refused
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

    from workflow_helper.backends.announce import Redirect
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.provision import Work
    from workflow_helper.model import Environment, Host, Question, Resolution, Workflow

    class ServerSource(Protocol):
        """Gives workflows' servers."""

        def __call__(
            self, workflow: Workflow, root: str, *, trusted: bool
        ) -> AbstractContextManager[Session]:
            """The server of ``workflow`` for the root it governs, for a while."""
else:
    from workflow_server.namedtuple import NamedTuple


#: What is said of a Python's own folder.
OF_THE_MACHINE = "it is a Python of the machine, whose packages are neither compared nor changed"


class OpenWorkflow(NamedTuple):
    """The workflow that governs a folder, ready to be asked: a bundled one in this process, or its server."""

    #: Through which it was opened.
    session: FolderSession

    #: The root that the workflow is asked about.
    root: str
    workflow: Workflow
    calls: Calls
    resolution: Resolution
    #: What its default environment is called, where it is a bundled workflow.
    default_name: str | None
    #: Whether the workflow may run what the project holds.
    trusted: bool
    #: Whether it takes a version of Python alone, and no interpreter of the machine.
    brings_python: bool = False

    def entry(self, environment: Environment) -> ServerEnvironment:
        """Return ``environment`` as the workflow tells of it.

        Raises:
            EnvironmentNotFound: The workflow does not keep it.
        """
        if environment.kind == "remote":
            return self._entry_elsewhere(environment)
        prefix = real_path(environment.prefix)
        for told in self.environments():
            place = told.prefix or os.path.dirname(os.path.dirname(told.interpreter_path or ""))
            if is_possible(place) and real_path(place) == prefix:
                return told
        raise EnvironmentNotFound(
            f"the workflow {self.workflow.name} does not keep {environment.prefix}",
            "'wsp workflow show' tells which workflow governs; name another with --workflow.",
        )

    def _entry_elsewhere(self, environment: Environment) -> ServerEnvironment:
        """The same for one on another machine: its place is no path to look at."""
        for told in self.environments():
            if told.kind == "remote" and printable(told.id) == environment.id:
                return told
        raise EnvironmentNotFound(
            f"the workflow {self.workflow.name} does not keep {environment.prefix or environment.id}",
            "'wsp env list' shows what there is.",
        )

    def environments(self) -> tuple[ServerEnvironment, ...]:
        """What the workflow keeps."""
        return self.calls.environments()

    def require(self, capability: str, what: str) -> None:
        """Raise :class:`MethodNotFound` where the workflow does not offer ``capability``; ``what`` says to do what."""
        if capability not in self.calls.capabilities:
            raise MethodNotFound(f"the workflow {self.workflow.name} does not {what}")


class FolderSession(NamedTuple):
    """All that asking about a folder, or changing it, takes: built once by a front end."""

    question: Question
    host: Host
    disk: Disk
    #: Gives a declared workflow's server.
    server: ServerSource
    #: How what takes time tells what it does, and is stopped.
    work: Work

    @property
    def ground(self) -> tuple[Question, Host, Disk]:
        """What an answer from files alone takes."""
        return self.question, self.host, self.disk

    @contextmanager
    def open(self, *, changing: bool, redirect: Redirect = "file") -> Iterator[OpenWorkflow]:
        """Give the workflow that governs the folder, for a while.

        ``changing``: something is to be made, changed or run. ``redirect`` is as for
        :func:`workflow_helper.backends.server.server`.

        Raises:
            NothingGoverns: No workflow governs.
            Refused: The user's trust is missing.
            ServerFailed: A declared workflow's server could not be started.
        """
        resolution, workflow = governing(*self.ground)
        root = resolution.governed or resolution.root
        at = place(resolution, self.host, self.disk)
        what = subject_of(resolution, workflow, self.host, self.disk)
        decision = policy.decide("change" if changing else "query", what, *self.ground)
        trusted = decision.allowed
        if at is None:
            with self.server(workflow, root, trusted=trusted) as calls:
                yield OpenWorkflow(self, root, workflow, calls, resolution, None, trusted)
            return
        if changing and not trusted:
            reason = f"nothing is changed or run there, because {decision.reason}"
            raise Refused(reason, decision.hint)
        from workflow_server.in_process import Local

        from workflow_helper.backends.load import load_backend
        from workflow_helper.backends.server import server as bundled

        own = load_backend(at.name)
        local = Local(
            bundled(own, self.host, self.work.outside, redirect), at.root, trusted=trusted
        )
        yield OpenWorkflow(
            *(self, at.root, workflow, local, resolution),
            *(own.default_name, trusted, own.brings_python),
        )


def see_that_it_is_no_machine_python(environment: Environment) -> None:
    """Refuse to change a Python of the machine, which uv and Poetry can be told to use as a project's environment.

    Raises:
        Protected: ``environment`` is one.
    """
    if environment.kind == "system":
        raise Protected(f"{environment.prefix} stays as it is: {OF_THE_MACHINE}")
