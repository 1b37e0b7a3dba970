"""Determine the workflow that governs a folder, the folder in which it acts, and the projects whose files it may run."""

from __future__ import annotations

import os

from workflow_helper.discovery.workflow_table import of_bundled
from workflow_helper.errors import NothingGoverns, Refused
from workflow_helper.filesystem.paths import is_inside
from workflow_helper.model import Trouble
from workflow_helper.resolver.resolve import resolve
from workflow_helper.trust import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Declaration, Host, Question, Resolution, Workflow
else:
    from workflow_server.namedtuple import NamedTuple


class BackendPlace(NamedTuple):
    """A bundled workflow, and the project that it acts in."""

    #: Its name among the bundled ones.
    name: str
    root: str

    @property
    def declaration(self) -> Declaration:
        """The declaration to consent to; consent covers the whole project."""
        return of_bundled(self.name)


def place(resolution: Resolution, host: Host, disk: Disk) -> BackendPlace | None:
    """Return the bundled workflow that governs, and its folder; ``None`` if a declared one or none governs."""
    name = resolution.workflow and resolution.workflow.declaration.bundled
    if name is None:
        return None
    nearest, governing = resolution.root, resolution.governed or resolution.root
    return BackendPlace(name, _acting_root(name, nearest, governing, host, disk))


def governing(question: Question, host: Host, disk: Disk) -> tuple[Resolution, Workflow]:
    """Return the workflow of ``question.folder``, which may be queried.

    Raises:
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
    """
    resolution = resolve(question, host, disk, whole=True)
    workflow = resolution.workflow
    if workflow is None:
        reason = f"no workflow governs {resolution.root}, and the fallback is turned off"
        raise NothingGoverns(reason)
    root = resolution.governed or resolution.root
    decision = policy.decide("start", policy.subject(workflow, root), question, host, disk)
    if not decision.allowed:
        declared = f", declared in {workflow.declared_in}," if workflow.declared_in else ""
        reason = f"the workflow {workflow.name}{declared} governs {root}, but {decision.reason}"
        raise Refused(reason, decision.hint)
    return resolution, workflow


def trouble_of(resolution: Resolution) -> Trouble | None:
    """Return why the workflow that governs could not list its environments, if it could not."""
    workflow = resolution.workflow
    if resolution.trouble is not None or workflow is None or workflow.trusted:
        return resolution.trouble
    reason = f"The workflow {workflow.name}, declared in {workflow.declared_in}, is not trusted, so it was not queried."
    return Trouble(workflow.name, f"{reason} 'wsp workflow trust' allows it.", code=Refused.code)


def acting(at: BackendPlace, governing: str, host: Host, disk: Disk) -> policy.Subject:
    """Return the bundled workflow ``at``, with the projects whose files it may run there.

    These are the project that governs, and the one with the environment, which a tool may find in a parent folder.
    """
    from workflow_helper.backends.project import Project

    project = Project(at.name, at.root, host, disk)
    around = (at.root, *project.folder.enclosing)
    # By the folder that holds it: the environment itself may be a link to anywhere.
    folders = [os.path.dirname(place.prefix) for place in project.places() if place.default]
    keepers = {root for root in (_nearest(folder, around) for folder in folders) if root}
    return policy.Subject(at.root, at.declaration, tuple(sorted({governing, *keepers})))


def subject_of(
    resolution: Resolution, workflow: Workflow, host: Host, disk: Disk
) -> policy.Subject:
    """Return the subject of a decision about ``workflow``, which governs ``resolution``: its root, and the enclosing projects."""
    root = resolution.governed or resolution.root
    at = place(resolution, host, disk)
    return policy.subject(workflow, root) if at is None else acting(at, root, host, disk)


def _nearest(folder: str, around: Sequence[str]) -> str | None:
    """Return the innermost of the projects ``around`` that contains ``folder``, or ``None``."""
    return next((root for root in around if is_inside(folder, root)), None)


def _acting_root(name: str, nearest: str, governing: str, host: Host, disk: Disk) -> str:
    """Return the project to act in: the nearest one, if it shares the environment of the governing one, as in a workspace."""
    from workflow_helper.backends.project import Project

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
