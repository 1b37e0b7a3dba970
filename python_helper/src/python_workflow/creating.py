"""Creating an environment, where the workflow that governs the folder leaves that to us."""

from __future__ import annotations

from python_workflow.errors import Refused, UsageError, WorkflowError
from python_workflow.resolve import look, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Environment, Host, Question, Workflow
    from python_workflow.workflows.venv import Redirect
else:
    from python_workflow.light import NamedTuple

#: The workflows whose environments are plain virtual environments in the root.
PLAIN = ("venv", "uv")
_INSTEAD = "To make a plain .venv all the same, add '--workflow venv'."


class Wanted(NamedTuple):
    """The environment to make."""

    #: ``None``: ``.venv``.
    name: str | None = None
    #: A version, a constraint, or an absolute path; ``None``: what the project asks for.
    python: str | None = None
    #: How an environment that is not ``.venv`` is made known.
    redirect: Redirect = "file"


def create(
    wanted: Wanted,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    report: Callable[[str], None] = lambda _: None,
    cancelled: threading.Event | None = None,
    outside: Sequence[str] = (),
) -> Environment:
    """Make the environment ``wanted`` in the root of ``question.folder``.

    ``report``, ``cancelled`` and ``outside`` are those of :func:`python_workflow.workflows.venv.create`, whose errors
    are raised too. Raises :class:`Refused` where a workflow that is not trusted governs, and
    :class:`WorkflowError` where one does that makes its environments itself.
    """
    from python_workflow.workflows import venv

    resolution = resolve(question, host, disk, whole=True)
    _check(resolution.root, resolution.workflow)
    chosen = venv.choose_python(wanted.python, resolution.root, host, disk)
    prefix = venv.create(
        resolution.root,
        wanted.name if wanted.name is not None else venv.DEFAULT_NAME,
        chosen,
        host,
        disk,
        report=report,
        cancelled=cancelled,
        redirect=wanted.redirect,
        outside=outside,
    )
    return look(prefix, question, host, disk)


def _check(root: str, workflow: Workflow | None) -> None:
    if workflow is None:
        raise UsageError(f"no workflow governs {root}, and the fallback is turned off", _INSTEAD)
    if not workflow.trusted:
        declared = f", declared in {workflow.declared_in}," if workflow.declared_in else ""
        reason = f"the workflow {workflow.name}{declared} governs {root} and is not trusted"
        raise Refused(reason, _INSTEAD)
    # A tool that is merely recognised uses a .venv that it finds; one that was chosen in words makes its own.
    if workflow.rule not in ("W6", "W7") and workflow.name not in PLAIN:
        reason = f"the workflow {workflow.name} governs {root} and makes its environments itself"
        raise WorkflowError(reason, _INSTEAD)
