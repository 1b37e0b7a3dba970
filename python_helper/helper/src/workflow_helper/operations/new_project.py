"""Create a project in a new folder, through the workflow that governs there."""

from __future__ import annotations

import os
import re
import shutil

from workflow_helper.discovery.interpreters.choose import choose_python
from workflow_helper.errors import AlreadyExists, PythonUnavailable, Refused, UsageError
from workflow_helper.filesystem.atomic import write_whole
from workflow_helper.filesystem.reader import Disk
from workflow_helper.operations.governance import place
from workflow_helper.resolver.resolve import resolve
from workflow_helper.resolver.workflow_rules import FALLBACK
from workflow_helper.scripts.new import program, requires
from workflow_helper.trust import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.backends.base import Backend
    from workflow_helper.operations.session import FolderSession
else:
    from workflow_server.namedtuple import NamedTuple

#: What a distribution may be called, which a project is after its folder (PyPA, "Names and normalization").
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


class NewProject(NamedTuple):
    """A new project."""

    #: Absolute.
    folder: str
    #: The bundled workflow whose tool began it, or the fallback where none did.
    workflow: str


def new_project(session: FolderSession) -> NewProject:
    """Create a project in the folder of the session's question, which is missing or empty.

    The tool of the workflow that governs there creates it from its own template. If that workflow cannot create
    projects, a plain ``pyproject.toml`` and a program are written.

    Raises:
        UsageError: The folder's name cannot be a project's name, or the named workflow cannot create projects.
        AlreadyExists: The folder is not empty.
        Refused: The user's trust is missing.
        ToolNotInstalled: The tool is not installed.
    """
    question, host, disk = session.resolve_arguments
    folder = os.path.normpath(question.folder)
    name = os.path.basename(folder)
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f"{name!r} cannot be the name of a project",
            "Use letters, digits, '.', '_' and '-', with a letter or digit at both ends.",
        )
    if os.path.lexists(folder) and not (disk.is_folder(folder) and not disk.names(folder)):
        raise AlreadyExists(
            f"{folder} exists and is not empty", "Name a folder that does not exist yet."
        )
    at = place(resolve(question, host, disk, whole=True), host, disk)
    workflow = _workflow(at.name if at else FALLBACK, named=question.workflow)
    declaration = at.declaration if at else None
    decision = policy.decide("change", policy.Subject(folder, declaration), question, host, disk)
    if not decision.allowed:
        raise Refused(
            f"no project is created in {folder}, because {decision.reason}", decision.hint
        )
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    was_there = os.path.isdir(folder)
    if not was_there:
        os.mkdir(folder)
    try:
        _begin(workflow, folder, session)
    except BaseException:
        # The folder was empty: whatever is in it now was left unfinished.
        for entry in os.scandir(folder):
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)
        if not was_there:
            os.rmdir(folder)
        raise
    return NewProject(folder, FALLBACK if workflow is None else workflow.name)


def _workflow(name: str, *, named: str | None) -> Backend | None:
    """Return the workflow ``name``, if it can create projects."""
    from workflow_helper.backends.load import load_backend

    backend = load_backend(name)
    if backend.new is not None:
        return backend
    if named is not None and name != FALLBACK:
        raise UsageError(f"{name} cannot create projects", "Name another workflow.")
    return None


def _begin(workflow: Backend | None, folder: str, session: FolderSession) -> None:
    host, disk = session.host, Disk()
    if workflow is not None and workflow.new is not None:
        from workflow_helper.backends.context import BackendContext
        from workflow_helper.backends.project import Project

        context = BackendContext(
            workflow,
            Project(workflow.name, folder, host, disk),
            host,
            disk,
            trusted=True,
            report=session.work.report,
            cancelled=session.work.cancelled,
            outside=session.work.outside,
        )
        return workflow.new(context)
    try:
        version = choose_python(None, folder, host, disk).version
    except PythonUnavailable:
        version = None
    name = os.path.basename(folder)
    declared = (
        f'[project]\nname = "{name}"\nversion = "0.1.0"\n{requires(version)}dependencies = []\n'
    )
    for file, text in {"pyproject.toml": declared, "main.py": program(name)}.items():
        write_whole(os.path.join(folder, file), text.encode(), replace=False)
    return None
