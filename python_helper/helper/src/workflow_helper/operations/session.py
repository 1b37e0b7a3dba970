"""Whoever governs a folder, at hand: its bundled workflow in this process, or its server."""

from __future__ import annotations

import os
from contextlib import contextmanager

from workflow_helper.errors import EnvironmentNotFound, MethodNotFound, Refused
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


class FolderSession(NamedTuple):
    """A folder's workflow, ready to be asked."""

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
        """The workflow's own word for ``environment``. Raises :class:`EnvironmentNotFound` where it has none."""
        prefix = real_path(environment.prefix)
        for told in self.environments():
            place = told.prefix or os.path.dirname(os.path.dirname(told.interpreter_path or ""))
            if is_possible(place) and real_path(place) == prefix:
                return told
        raise EnvironmentNotFound(
            f"the workflow {self.workflow.name} does not keep {environment.prefix}",
            "'wsp workflow show' tells which workflow governs; name another with --workflow.",
        )

    def environments(self) -> tuple[ServerEnvironment, ...]:
        """What the workflow keeps."""
        return self.calls.environments()

    def require(self, capability: str, what: str) -> None:
        """Raise :class:`MethodNotFound` where the workflow does not offer ``capability``; ``what`` says to do what."""
        if capability not in self.calls.capabilities:
            raise MethodNotFound(f"the workflow {self.workflow.name} does not {what}")


@contextmanager
def open_session(
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
    changing: bool,
    redirect: Redirect = "file",
) -> Iterator[FolderSession]:
    """The workflow of ``question.folder``, for a while.

    ``changing``: something is to be made, changed or run. ``server`` gives a declared workflow's server. ``redirect`` is
    as for :func:`workflow_helper.backends.server.server`. Raises what :func:`governing` raises, and what starting a server
    raises.
    """
    resolution, workflow = governing(question, host, disk)
    root = resolution.governed or resolution.root
    at = place(resolution, host, disk)
    what = subject_of(resolution, workflow, host, disk)
    decision = policy.decide("change" if changing else "query", what, question, host, disk)
    trusted = decision.allowed
    if at is None:
        with server(workflow, root, trusted=trusted) as session:
            yield FolderSession(root, workflow, session, resolution, None, trusted)
        return
    if changing and not trusted:
        reason = f"nothing is changed or run there, because {decision.reason}"
        raise Refused(reason, decision.hint)
    from workflow_server.in_process import Local

    from workflow_helper.backends.load import load_backend
    from workflow_helper.backends.server import server as bundled

    own = load_backend(at.name)
    local = Local(bundled(own, host, work.outside, redirect), at.root, trusted=trusted)
    yield FolderSession(
        at.root, workflow, local, resolution, own.default_name, trusted, own.brings_python
    )
