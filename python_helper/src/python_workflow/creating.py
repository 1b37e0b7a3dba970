"""Creating an environment, where the workflow that governs the folder leaves that to us."""

from __future__ import annotations

from python_workflow.errors import Refused, UsageError, WorkflowError
from python_workflow.resolve import look, project_trusted, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import NamedTuple, Protocol

    from python_workflow.discovery.disk import Disk
    from python_workflow.launch.provision import Work
    from python_workflow.model import Environment, Host, Question, Resolution, Workflow
    from python_workflow.workflows.known import Redirect
    from python_workflow.wsp.client import Session

    class Server(Protocol):
        """Gives workflows' servers."""

        def __call__(
            self, workflow: Workflow, root: str, *, trusted: bool
        ) -> AbstractContextManager[Session]:
            """The server of ``workflow`` for the root it governs, for a while."""
else:
    from python_workflow.light import NamedTuple

#: What a server is asked to make when no name was given; the base profile's default has this name.
SERVER_NAME = "default"
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
    server: Server,
    work: Work,
) -> Environment:
    """Make the environment ``wanted`` in the root of ``question.folder``, or have its workflow's server make it.

    ``server`` gives a workflow's server. The errors of :func:`python_workflow.workflows.venv.create` are raised. Raises :class:`Refused` where a workflow
    that is not trusted governs, and :class:`WorkflowError` where one does whose environments cannot be made yet.
    """
    from python_workflow.workflows import venv

    resolution = resolve(question, host, disk, whole=True)
    root, workflow = resolution.root, resolution.workflow
    if workflow is None:
        raise UsageError(f"no workflow governs {root}, and the fallback is turned off", _INSTEAD)
    if not _may_run(workflow, question):
        declared = f", declared in {workflow.declared_in}," if workflow.declared_in else ""
        reason = f"the workflow {workflow.name}{declared} governs {root} and is not trusted"
        raise Refused(reason, f"'wsp workflow trust' allows it. {_INSTEAD}")
    if "bundled" not in (workflow.launch or {}):
        trusted = project_trusted(workflow, resolution.governed or root, question)
        return _by_server(wanted, resolution, host, disk, server, work, trusted=trusted)
    # A tool that is merely recognised uses a .venv that it finds; one that was chosen in words makes its own.
    if workflow.rule not in ("W6", "W7") and workflow.name not in PLAIN:
        reason = f"the workflow {workflow.name} governs {root} and makes its environments itself"
        raise WorkflowError(reason, _INSTEAD)
    prefix = venv.create(
        root,
        wanted.name if wanted.name is not None else venv.DEFAULT_NAME,
        venv.choose_python(wanted.python, root, host, disk),
        host,
        disk,
        report=work.report,
        cancelled=work.cancelled,
        redirect=wanted.redirect,
        outside=work.outside,
    )
    return look(prefix, question, host, disk)


def _may_run(workflow: Workflow, question: Question) -> bool:
    """In an editor nothing is started in a folder that is not trusted, whoever chose it."""
    started = "bundled" not in (workflow.launch or {})
    return workflow.trusted and not (started and question.editor and not question.trusted)


def _by_server(
    wanted: Wanted,
    resolution: Resolution,
    host: Host,
    disk: Disk,
    server: Server,
    work: Work,
    *,
    trusted: bool,
) -> Environment:
    from python_workflow.asking import environment_of
    from python_workflow.workflows.venv import choose_python

    workflow, root = resolution.workflow, resolution.governed
    if workflow is None or root is None:
        raise UsageError(f"no workflow governs {resolution.root}")
    python = choose_python(wanted.python, root, host, disk)
    version = ".".join((python.version or "").split(".")[:2])
    name = wanted.name if wanted.name is not None else SERVER_NAME
    with server(workflow, root, trusted=trusted) as session:
        work.report(f"{workflow.name} is making {name} with Python {version}")
        made = session.create(name, version, cancelled=work.cancelled)
    return environment_of(made, disk, is_default=False)
