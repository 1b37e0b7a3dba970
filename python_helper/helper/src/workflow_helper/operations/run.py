"""Commands in an environment, and a project's tasks, as plain child processes."""

from __future__ import annotations

import os

from workflow_server.display import printable

from workflow_helper.discovery import roots
from workflow_helper.errors import EnvironmentNotFound, ExecutionFailed
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.operations import env_file
from workflow_helper.operations.governance import governing, place
from workflow_helper.resolver.resolve import resolve
from workflow_helper.resolver.workflow_rules import FALLBACK
from workflow_helper.servers.convert import task_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_server.api import Calls
    from workflow_server.values import Command, Task

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host, Question, Resolution
    from workflow_helper.operations.session import FolderSession, OpenWorkflow
    from workflow_helper.scripts.state import Script

#: Says for which root an environment was activated, so that it does not count for another one (rule E2).
ROOT = "PYTHON_WORKFLOW_ROOT"


def needs_workflow(resolution: Resolution, host: Host, disk: Disk) -> bool:
    """Return whether the workflow that governs may change a command beyond the environment's own variables."""
    at = place(resolution, host, disk)
    if at is None:
        return True
    if at.name == FALLBACK:  # it has not; and how it makes environments is not imported for that
        return False
    from workflow_helper.backends.load import load_backend

    return load_backend(at.name).command is not None


def command(
    session: FolderSession,
    environment: Environment,
    argv: Sequence[str],
    cwd: str,
) -> Command:
    """Return how to start ``argv`` in ``environment``, in the folder ``cwd``, which is absolute.

    Raises:
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        ExecutionFailed: the program is not there.
    """
    question, host, disk = session.resolve_arguments
    if question.single_file:  # it is all that is trusted: no workflow is asked how
        return _plain_command(session, environment, argv, cwd, roots.of(question, host, disk).root)
    resolution, _ = governing(question, host, disk)
    if needs_workflow(resolution, host, disk):
        with session.open(changing=True) as opened:
            if environment.kind == "remote":
                return _remote_command(environment, argv, cwd, opened)
            how = _workflow_command(environment, argv, cwd, opened)
        if how is not None:
            return _with_root(how, resolution.root, session)
    return _plain_command(session, environment, argv, cwd, resolution.root)


def _plain_command(
    session: FolderSession, environment: Environment, argv: Sequence[str], cwd: str, root: str
) -> Command:
    """Return how to start ``argv`` with only the environment's own variables."""
    from workflow_helper.backends.project import Project

    project = Project("venv", root, session.host, session.disk)
    # A script's own counts as activated for no project.
    whose = session.question.folder if environment.source == "script" else root
    return _with_root(project.command(environment, argv, cwd), whose, session)


def command_of_script(
    script: Script,
    environment: Environment,
    argv: Sequence[str],
    cwd: str,
    session: FolderSession,
) -> Command:
    """Return how to start ``argv`` in a script's own environment, which no workflow manages."""
    from workflow_helper.backends.project import Project

    project = Project("venv", script.folder, session.host, session.disk)
    return _with_root(project.command(environment, argv, cwd), script.path, session)


def tasks(
    session: FolderSession,
) -> tuple[str, tuple[Task, ...]]:
    """Return the name of the workflow, and the project's named commands; none if the workflow has no tasks.

    For a static question, return the tasks that files show.

    Raises:
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        ServerFailed: a declared workflow's server could not be started, or failed.
    """
    if session.question.static:
        workflow = resolve(*session.resolve_arguments, whole=True).workflow
        return "" if workflow is None else workflow.name, tasks_in_files(*session.resolve_arguments)
    with session.open(changing=False) as opened:
        offered = "task" in opened.calls.capabilities
        found = opened.calls.tasks() if offered else ()
        return opened.workflow.name, tuple(map(task_of, found))


def tasks_in_files(question: Question, host: Host, disk: Disk) -> tuple[Task, ...]:
    """Return those tasks that a bundled workflow finds by reading files alone. No process is started.

    Raises:
        WorkflowError: a file cannot be read.
    """
    from workflow_server.in_process import Local

    from workflow_helper.backends.load import load_backend
    from workflow_helper.backends.server import server

    at = place(resolve(question, host, disk, whole=True), host, disk)
    if at is None or load_backend(at.name).tasks is None:
        return ()
    return tuple(
        map(task_of, Local(server(load_backend(at.name), host), at.root, trusted=False).tasks())
    )


def task_command(
    session: FolderSession,
    name: str,
    argv: Sequence[str],
) -> Command:
    """Return how to start the task ``name`` with ``argv`` added.

    Raises:
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        RequestFailed: the workflow has no such task.
        ServerFailed: a declared workflow's server could not be started, or failed.
    """
    with session.open(changing=True) as opened:
        opened.require("task", "have tasks")
        how = opened.calls.task_command(_own_task_name(name, opened.calls), argv)
        if how.host is not None:
            return how
        return _with_root(_with_program(how, opened), opened.resolution.root, session)


def _own_task_name(name: str, calls: Calls) -> str:
    """Return the workflow's own name of a task, whose unprintable characters were shown as escapes."""
    if "\\" not in name:
        return name
    return next((one.name for one in calls.tasks() if task_of(one).name == name), name)


def _workflow_command(
    environment: Environment,
    argv: Sequence[str],
    cwd: str,
    opened: OpenWorkflow,
) -> Command | None:
    """Return the workflow's command; ``None`` if it has none, or does not know the environment."""
    if "command" not in opened.calls.capabilities:
        return None
    try:
        known = opened.entry(environment)
    except EnvironmentNotFound:
        return None
    here, root = real_path(cwd), real_path(opened.root)
    # Paths of the protocol are relative to the project; other paths have to be absolute.
    inside = here == root or here.startswith(root.rstrip(os.sep) + os.sep)
    server_cwd = os.path.relpath(here, root) if inside else cwd
    # A path is given by the user, relative to the current folder; a server may return it unchanged.
    program = os.path.normpath(os.path.join(cwd, argv[0])) if os.path.dirname(argv[0]) else argv[0]
    how = opened.calls.command(known.id, (program, *argv[1:]), cwd=server_cwd)
    return _with_program(how, opened)


def _remote_command(
    environment: Environment, argv: Sequence[str], cwd: str, opened: OpenWorkflow
) -> Command:
    """Return how to start ``argv`` on the machine of ``environment``, in the folder there that corresponds to ``cwd``."""
    here, root = real_path(cwd), real_path(opened.root)
    inside = here == root or here.startswith(root.rstrip(os.sep) + os.sep)
    # Outside of the project no folder of this machine has one that answers to it.
    server_cwd = os.path.relpath(here, root).replace(os.sep, "/") if inside else "."
    return opened.calls.command(opened.entry(environment).id, argv, cwd=server_cwd)


def _with_program(how: Command, opened: OpenWorkflow) -> Command:
    """Return ``how`` with the absolute path of its program, found on the command's own PATH, and never in the project.

    A relative program could be found in the current folder.

    Raises:
        ExecutionFailed: the program does not exist, or its path is relative.
    """
    from workflow_helper.system.which import find_program, is_absolute

    word, name = how.argv[0], opened.workflow.name
    if is_absolute(word, opened.session.host):
        return how
    if os.path.basename(word) != word:
        reason = f"the workflow {name} starts {printable(word)}, which is not an absolute path: it could be any folder's"
        raise ExecutionFailed(reason)
    # What the workflow puts before PATH is its word for where the environment's programs are; the project's own folder,
    # or the one to run in, is not.
    here = {real_path(folder) for folder in (opened.root, how.cwd)}
    bins = [path for path in how.prepend_path if real_path(path) not in here]
    inside = opened.session.host._replace(
        environ={**opened.session.host.environ, "PATH": os.pathsep.join(bins)}
    )
    around = opened.session.host._replace(environ=how.applied(opened.session.host.environ))
    found = find_program(word, inside) or find_program(
        word, around, outside=(opened.root, how.cwd, *opened.session.work.outside)
    )
    if found is None:
        reason = f"the program {printable(word)}, which the workflow {name} starts, is neither in the environment nor on PATH"
        raise ExecutionFailed(reason)
    return how._replace(argv=(found, *how.argv[1:]))


def _with_root(how: Command, root: str, session: FolderSession) -> Command:
    """Return ``how`` with the variables of the project's own file, and a variable with the root.

    This is the root of the question: the governing one may enclose others, each with its own answer.
    """
    own = env_file.variables(session.question, root, session.host, session.disk)
    return how._replace(set={**how.set, **own, ROOT: root})
