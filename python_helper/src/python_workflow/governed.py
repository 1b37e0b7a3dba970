"""Whoever governs a folder, at hand: its bundled workflow in this process, or its server.

Here stands what may be asked of whom. A declared workflow needs the user's consent, for every act. A bundled one is the
machine's own: on the command line a change that the user types is the user's word for it, and a question runs nothing of
a project without consent. In an editor its trust decides.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from python_workflow.errors import (
    EnvironmentNotFound,
    MethodNotFound,
    NothingGoverns,
    Refused,
    UnusableFile,
)
from python_workflow.resolve import project_trusted, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import NamedTuple, Protocol

    from python_workflow.discovery.disk import Disk
    from python_workflow.discovery.wsp_table import Declaration
    from python_workflow.launch.provision import Work
    from python_workflow.model import Environment, Host, Question, Resolution, Workflow
    from python_workflow.workflows.known import Redirect
    from python_workflow.wsp.calls import Calls
    from python_workflow.wsp.client import Session
    from python_workflow.wsp.values import ServerEnvironment

    class Server(Protocol):
        """Gives workflows' servers."""

        def __call__(
            self, workflow: Workflow, root: str, *, trusted: bool
        ) -> AbstractContextManager[Session]:
            """The server of ``workflow`` for the root it governs, for a while."""
else:
    from python_workflow.light import NamedTuple

INSTEAD = "To make a plain .venv all the same, add '--workflow venv'."


class Governed(NamedTuple):
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

    def entry(self, environment: Environment) -> ServerEnvironment:
        """The workflow's own word for ``environment``. Raises :class:`EnvironmentNotFound` where it has none."""
        prefix = os.path.realpath(environment.prefix)
        for told in self.environments():
            place = told.prefix or os.path.dirname(os.path.dirname(told.interpreter_path or ""))
            if place and os.path.realpath(place) == prefix:
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
def governed(
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
    changing: bool,
    redirect: Redirect = "file",
) -> Iterator[Governed]:
    """The workflow of ``question.folder``, for a while.

    ``changing``: something is to be made, changed or run. ``server`` gives a declared workflow's server. ``redirect`` is
    as for :func:`python_workflow.workflows.bundled.server`. Raises :class:`NothingGoverns`,
    :class:`Refused` where the user's trust is missing, and what starting a server raises.
    """
    resolution = resolve(question, host, disk, whole=True)
    workflow = resolution.workflow
    if workflow is None:
        reason = f"no workflow governs {resolution.root}, and the fallback is turned off"
        raise NothingGoverns(reason, INSTEAD)
    root = resolution.governed or resolution.root
    if not workflow.trusted:
        declared = f", declared in {workflow.declared_in}," if workflow.declared_in else ""
        reason = f"the workflow {workflow.name}{declared} governs {root} and is not trusted"
        raise Refused(reason, f"'wsp workflow trust' allows it. {INSTEAD}")
    if question.editor and not question.trusted:
        reason = f"{resolution.root} is not trusted, so nothing is made, changed or run there"
        raise Refused(reason, "Trust the folder first.")
    at = place(resolution, host, disk)
    if at is None:
        trusted = project_trusted(workflow, root, question)
        with server(workflow, root, trusted=trusted) as session:
            yield Governed(root, workflow, session, resolution, None, trusted)
        return
    from python_workflow.workflows.bundled import server as bundled
    from python_workflow.workflows.registry import WORKFLOWS
    from python_workflow.wsp.local import Local

    own = WORKFLOWS[at.name]
    trusted = (changing and not question.editor) or _may_be_asked(at, question, host, disk)
    local = Local(bundled(own, host, work.outside, redirect), at.root, trusted=trusted)
    yield Governed(at.root, workflow, local, resolution, own.default_name, trusted)


class Place(NamedTuple):
    """A bundled workflow, and the project that it acts in."""

    #: Its name among the bundled ones.
    name: str
    root: str

    @property
    def declaration(self) -> Declaration:
        """What the user consents to who lets it be asked here: consent to it covers the whole project."""
        from python_workflow.discovery.wsp_table import Declaration

        return Declaration(self.name, {"bundled": self.name}, None)


def place(resolution: Resolution, host: Host, disk: Disk) -> Place | None:
    """The bundled workflow that governs, and where; ``None`` where another one does, or none."""
    name = ((resolution.workflow and resolution.workflow.launch) or {}).get("bundled")
    if name is None:
        return None
    nearest, governing = resolution.root, resolution.governed or resolution.root
    return Place(str(name), _acting_root(str(name), nearest, governing, host, disk))


def _may_be_asked(at: Place, question: Question, host: Host, disk: Disk) -> bool:
    """Whether a bundled workflow may run what the project holds, merely to answer.

    That the project itself names the workflow is no consent: many a tool runs the project's files when asked.
    """
    from python_workflow import consent

    if question.trusted or question.editor:
        return question.trusted
    try:
        return consent.is_given(at.declaration, at.root, host, disk)
    except UnusableFile:  # nobody can say that it was given
        return False


def _acting_root(name: str, nearest: str, governing: str, host: Host, disk: Disk) -> str:
    """The project to act in: the nearest where it shares the environment of the one that governs, as in a workspace."""
    from python_workflow.workflows.project import Project

    if nearest == governing:
        return nearest
    here, there = (
        next(
            (place.prefix for place in Project(name, root, host, disk).places() if place.default),
            None,
        )
        for root in (nearest, governing)
    )
    return nearest if here is not None and here == there else governing
