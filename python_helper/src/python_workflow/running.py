"""How to run something in an environment, and a project's tasks, as plain child processes."""

from __future__ import annotations

import os

from python_workflow.errors import EnvironmentNotFound
from python_workflow.governed import governed, place
from python_workflow.resolve import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from python_workflow.discovery.disk import Disk
    from python_workflow.governed import Governed, Server
    from python_workflow.launch.provision import Work
    from python_workflow.model import Environment, Host, Question
    from python_workflow.wsp.values import Command, Task

#: Says for which root an environment was activated, so that it does not count for another one (rule E2).
ROOT = "PYTHON_WORKFLOW_ROOT"


def command(
    environment: Environment,
    argv: Sequence[str],
    cwd: str,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
) -> Command:
    """How to start ``argv`` in ``environment``, in the folder ``cwd``, which is absolute.

    Raises what :func:`governed` raises, and :class:`ExecutionFailed` for a program that is not there.
    """
    from python_workflow.workflows.project import Project

    with governed(question, host, disk, server=server, work=work, changing=True) as who:
        how = _told(environment, argv, cwd, who)
        if how is None:
            project = Project("venv", who.root, host, disk)
            how = project.command(environment, argv, cwd)
        return _marked(how, who)


def tasks(
    question: Question, host: Host, disk: Disk, *, server: Server, work: Work
) -> tuple[str, tuple[Task, ...]]:
    """The name of the workflow, and the project's named commands; none where the workflow has no such notion.

    With a question that is static, those that files tell. Raises what :func:`governed` raises.
    """
    if question.static:
        workflow = resolve(question, host, disk, whole=True).workflow
        return "" if workflow is None else workflow.name, tasks_in_files(question, host, disk)
    with governed(question, host, disk, server=server, work=work, changing=False) as who:
        offered = "task" in who.calls.capabilities
        return who.workflow.name, who.calls.tasks() if offered else ()


def tasks_in_files(question: Question, host: Host, disk: Disk) -> tuple[Task, ...]:
    """Those tasks that a bundled workflow tells by reading files alone. Starts nothing. Raises :class:`WorkflowError`."""
    from python_workflow.workflows.bundled import server
    from python_workflow.workflows.registry import WORKFLOWS
    from python_workflow.wsp.local import Local

    at = place(resolve(question, host, disk, whole=True), host, disk)
    if at is None or WORKFLOWS[at.name].tasks is None:
        return ()
    return Local(server(WORKFLOWS[at.name], host), at.root, trusted=False).tasks()


def task_command(
    name: str,
    argv: Sequence[str],
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
) -> Command:
    """How to start the task ``name`` with ``argv`` added. Raises as :func:`tasks` does, and for a name that is none."""
    with governed(question, host, disk, server=server, work=work, changing=True) as who:
        who.require("task", "have tasks")
        return _marked(who.calls.task_command(name, argv), who)


def _told(environment: Environment, argv: Sequence[str], cwd: str, who: Governed) -> Command | None:
    """What the workflow says; ``None`` where it does not say, or does not know the environment."""
    if "command" not in who.calls.capabilities:
        return None
    try:
        known = who.entry(environment)
    except EnvironmentNotFound:
        return None
    here, root = os.path.realpath(cwd), os.path.realpath(who.root)
    # The protocol's are relative to the project; what is elsewhere can only be told as it is.
    inside = here == root or here.startswith(root.rstrip(os.sep) + os.sep)
    return who.calls.command(known.id, argv, cwd=os.path.relpath(here, root) if inside else cwd)


def _marked(how: Command, who: Governed) -> Command:
    # The root that was asked about: the one that governs may enclose others, each with an answer of its own.
    return how._replace(set={**how.set, ROOT: who.resolution.root})
