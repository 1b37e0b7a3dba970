"""Delete or recreate an environment, through the workflow that governs the folder."""

from __future__ import annotations

import os

from workflow_helper.errors import (
    EnvironmentNotFound,
    OutsideProject,
    Protected,
    UnusableFile,
)
from workflow_helper.filesystem.paths import quoted
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.operations.create import CreateRequest, create
from workflow_helper.operations.governance import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.backends.project import Project
    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession, OpenWorkflow
    from workflow_helper.operations.sync import Wishes
else:
    pass


_OF_THE_MACHINE = "it is a Python of the machine, whose packages are neither compared nor changed"


def recreate(
    session: FolderSession,
    environment: Environment,
    wishes: Wishes,
) -> Environment:
    """Delete ``environment``, which may be broken, and recreate it under its name.

    Raises:
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        Protected: only ``delete`` with ``outside`` may delete it, or it must never be deleted.
        PythonUnavailable: it works, and is kept, because there is no Python to recreate it with.
        UsageError: the workflow does not support the request.
        WorkflowError: the workflow fails.
    """
    with session.open(changing=True) as opened:
        name = _name(environment, opened)
        if environment.ok:
            _check_recreatable(environment, opened)
        if environment.kind == "remote" or session.disk.is_present(environment.prefix):
            _delete(environment, opened, outside=False)
    request = CreateRequest(name, groups=wishes.groups, extras=wishes.extras)
    return create(session._replace(disk=Disk()), request)


def _check_recreatable(environment: Environment, opened: OpenWorkflow) -> None:
    from workflow_helper.backends.server import check_recreatable

    if opened.backend is not None and (context := opened.context) is not None:
        reason = f"{environment.id} was not deleted"
        check_recreatable(context, opened.backend, environment, reason)


def delete(
    session: FolderSession,
    environment: Environment,
    *,
    outside: bool = False,
) -> bool:
    """Delete ``environment`` and its records, and return whether it was selected; the selection is forgotten.

    ``outside`` also allows an environment that a redirect or a list names, outside the project and the folder in which
    its workflow keeps environments. A selection of an environment that no longer exists is forgotten too.

    Raises:
        EnvironmentNotFound: it no longer exists, and something else names it.
        Protected: it is outside, without ``outside``, or is not an environment, or is conda's base or a Python of the
        machine.
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        ServerFailed: a declared workflow's server could not be started.
    """
    with session.open(changing=True) as opened:
        was_gone = not _delete(environment, opened, outside=outside)
    forgotten = _forget_selection(environment, session)
    if was_gone and not forgotten:
        from workflow_helper.install.delete import check_exists

        check_exists(environment.prefix, _what_names(environment))
    return forgotten


def _delete(
    environment: Environment,
    opened: OpenWorkflow,
    *,
    outside: bool,
) -> bool:
    """Delete ``environment``, and return whether there was anything to delete."""
    from workflow_helper.backends.announce import forget_deleted
    from workflow_helper.install.delete import delete as take_away
    from workflow_helper.install.guard import check_deletable

    if environment.kind == "remote":
        # What is there, and what may be deleted, the workflow on the other machine says.
        opened.calls.delete(opened.entry(environment).id)
        return True
    if environment.kind == "system":
        raise Protected(
            f"{environment.interpreter_path} is a Python of the machine, which is never deleted"
        )
    _, host, disk = opened.session.resolve_arguments
    prefix = os.path.normpath(environment.prefix)
    known = _server_id(environment, opened)
    if (known is None or opened.default_name is not None) and not os.path.lexists(prefix):
        return False  # a server alone may know more of it than its folder
    if opened.default_name is None or known is None:
        # Check before any hint or prompt, because a server deletes whatever it is told to.
        check_deletable(prefix, opened.root, host, disk)
    if known is not None:
        opened.calls.delete(known)
        return True
    if not outside and not _is_inside(prefix, opened.root):
        raise OutsideProject(
            f"{real_path(prefix)} is neither inside {opened.root} nor managed by {opened.workflow.name}",
            f"'wsp env delete --outside {quoted(environment.id)}' deletes it anyway.",
        )
    report = opened.session.work.report
    take_away(prefix, opened.root, host, disk, report, allowed=(prefix,) if outside else ())
    forget_deleted(opened.root, prefix, host, disk, report)
    return True


def _what_names(environment: Environment) -> str | None:
    message = environment.status.message
    return f"Remove what names it: {message}." if message else None


def _server_id(environment: Environment, opened: OpenWorkflow) -> str | None:
    """Return the workflow's id of ``environment``, where the workflow may delete it."""
    if opened.default_name is None:
        try:
            return opened.entry(environment).id
        except EnvironmentNotFound:
            return None
    # Looked for among all, while the workflow lists none whose version cannot be read: many a broken one.
    prefix = real_path(environment.prefix)
    _, project = _project(opened)
    own_places = project.own_places()
    for one in project.environments():
        if real_path(one.prefix) == prefix:
            own = _is_inside(one.prefix, opened.root) or os.path.normpath(one.prefix) in own_places
            return one.id if own else None
    return None


def _name(environment: Environment, opened: OpenWorkflow) -> str | None:
    """Return the name under which to recreate ``environment``; ``None`` for the workflow's default.

    Raises:
        Protected: the workflow would create another one instead.
    """
    if opened.default_name is None:
        # Without a name of the workflow, use the folder's: the environment's prompt cannot be used to create it.
        own = environment.source == "workflow"
        return environment.name if own else os.path.basename(environment.prefix)
    prefix = os.path.normpath(environment.prefix)
    name, project = _project(opened)
    for known in project.places():
        if known.prefix == prefix:
            return None if known.default else known.name
    # The fallback alone makes an environment of any name, in the project's folder.
    if name == "venv" and os.path.dirname(prefix) == opened.root:
        return os.path.basename(prefix)
    raise Protected(
        f"{prefix} cannot be recreated: the workflow {name} would create another one",
        f"'wsp env delete {environment.id}' deletes it, and 'wsp env create' creates one.",
    )


def _project(opened: OpenWorkflow) -> tuple[str, Project]:
    """Return the name of the bundled workflow that governs, and its :class:`Project`."""
    from workflow_helper.backends.project import Project

    _, host, disk = opened.session.resolve_arguments
    at = place(opened.resolution, host, disk)
    name = opened.workflow.name if at is None else at.name
    return name, Project(name, opened.root, host, disk)


def _forget_selection(environment: Environment, session: FolderSession) -> bool:
    """Forget that the deleted environment was selected; otherwise it would be reported as broken."""
    from workflow_helper.discovery import roots
    from workflow_helper.state import choices, selections

    forgotten = False
    for root in roots.of(*session.resolve_arguments).all:
        try:
            selected = choices.selection_of(root, session.host, session.disk)
        except UnusableFile:
            continue
        if selected is not None and selected.environment is not None:
            path = os.path.normpath(selected.environment)
            if path in (environment.prefix, environment.interpreter_path):
                forgotten = selections.forget(root, session.host) or forgotten
    return forgotten


def _is_inside(path: str, root: str) -> bool:
    return real_path(path).startswith(real_path(root).rstrip(os.sep) + os.sep)
