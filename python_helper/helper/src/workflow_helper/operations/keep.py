"""Keeping an environment in sync with its project, through the workflow that governs the folder; and deleting it."""

from __future__ import annotations

import os

from workflow_helper.errors import (
    EnvironmentNotFound,
    NothingGoverns,
    OutsideProject,
    Protected,
    Refused,
    UnusableFile,
)
from workflow_helper.filesystem.paths import quoted
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.operations.create import CreateRequest, create, telling
from workflow_helper.operations.governance import place
from workflow_helper.operations.session import open_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_server.values import Changes, Plan

    from workflow_helper.backends.project import Project
    from workflow_helper.install.provision import Work
    from workflow_helper.model import Environment, Host, Question
    from workflow_helper.operations.session import FolderSession, ServerSource
else:
    from workflow_server.namedtuple import NamedTuple


#: What is said of a Python's own folder, which uv and Poetry can be told to use as a project's environment.
_OF_THE_MACHINE = "it is a Python of the machine, whose packages are neither compared nor changed"


class Wishes(NamedTuple):
    """What of a project an environment is to hold, beside what the workflow takes by default."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


class CheckResult(NamedTuple):
    """Whether an environment is in sync."""

    #: ``None`` where that cannot be told.
    in_sync: bool | None
    #: What is out of date, or why it cannot be told, as a sentence; else empty.
    message: str = ""
    #: What a sync would do; ``None`` where that cannot be told.
    plan: Plan | None = None


def check(
    environment: Environment,
    wishes: Wishes,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
    plan: bool = False,
) -> CheckResult:
    """Whether ``environment``, which works, is in sync with its lock, or else with its project.

    ``plan`` asks for what a sync would do, though it take a while. Changes nothing. A workflow that is not trusted is not asked, and a bundled one reads files alone in a project that is
    not. Raises what asking raises.
    """
    if environment.kind == "system":
        return CheckResult(None, _OF_THE_MACHINE)
    if question.static:
        return CheckResult(None, "with --static no workflow is asked")
    try:
        with open_session(question, host, disk, server=server, work=work, changing=False) as who:
            if "environment.sync" not in who.calls.capabilities:
                return CheckResult(None, f"the workflow {who.workflow.name} does not tell")
            told = who.calls.check(
                who.entry(environment).id,
                groups=wishes.groups or None,
                extras=wishes.extras or None,
                plan=plan or None,
                cancelled=work.cancelled,
            )
            return CheckResult(told.in_sync, "" if told.in_sync else told.message, told.plan)
    except (Refused, EnvironmentNotFound, NothingGoverns, Protected) as error:
        return CheckResult(
            None, error.message if error.hint is None else f"{error.message}. {error.hint}"
        )


def sync(
    environment: Environment,
    wishes: Wishes,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
    frozen: bool = False,
) -> Changes:
    """Make ``environment``, which works, hold what its lock or its project says.

    Raises what :func:`open_session` raises, and the workflow's own errors.
    """
    _see_that_it_is_no_machine_s(environment)
    with open_session(question, host, disk, server=server, work=work, changing=True) as who:
        who.require("environment.sync", "keep environments in sync with a project")
        return who.calls.sync(
            who.entry(environment).id,
            groups=wishes.groups or None,
            extras=wishes.extras or None,
            frozen=frozen or None,
            cancelled=work.cancelled,
            progress=telling(work),
        )


def change_packages(
    environment: Environment,
    packages: Sequence[str],
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
    install: bool,
) -> Changes:
    """Install the requirements ``packages`` into ``environment``, which works, or take what they name out of it.

    Of the environment alone: what the project declares stays as it is. Raises what :func:`open_session` raises, and the
    workflow's own errors.
    """
    _see_that_it_is_no_machine_s(environment)
    with open_session(question, host, disk, server=server, work=work, changing=True) as who:
        who.require("environment.packages", "change single packages")
        change = who.calls.install if install else who.calls.uninstall
        known = who.entry(environment).id
        return change(known, packages, cancelled=work.cancelled, progress=telling(work))


def _see_that_it_is_no_machine_s(environment: Environment) -> None:
    if environment.kind == "system":
        raise Protected(f"{environment.prefix} stays as it is: {_OF_THE_MACHINE}")


def recreate(
    environment: Environment,
    wishes: Wishes,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
) -> Environment:
    """Delete ``environment``, which may be broken, and recreate it under its name.

    Raises as the two do, :class:`Protected` for one that lies where only ``delete`` with ``outside`` would.
    """
    with open_session(question, host, disk, server=server, work=work, changing=True) as who:
        name = _name(environment, who, host, disk)
        if disk.is_present(environment.prefix):
            _delete(environment, who, host, disk, work, outside=False)
    wanted = CreateRequest(name, groups=wishes.groups, extras=wishes.extras)
    return create(wanted, question, host, Disk(), server=server, work=work)


def delete(
    environment: Environment,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
    outside: bool = False,
) -> bool:
    """Delete ``environment``, and what is noted about it; whether it was selected, which is forgotten with it.

    ``outside`` allows what lies neither in the project nor where its workflow keeps the project's environments: what a
    redirect or a list leads to. One that is gone already is forgotten where it was selected. Raises
    :class:`EnvironmentNotFound` where it is gone and something else names it; :class:`Protected` without ``outside``, and
    for what is no environment, conda's base, or a Python of the machine; and what :func:`open_session` raises.
    """
    with open_session(question, host, disk, server=server, work=work, changing=True) as who:
        was_gone = not _delete(environment, who, host, disk, work, outside=outside)
    forgotten = _forget_selection(environment, question, host, disk)
    if was_gone and not forgotten:
        from workflow_helper.install.delete import see_that_it_is_there

        see_that_it_is_there(environment.prefix, _what_names(environment))
    return forgotten


def _delete(
    environment: Environment,
    who: FolderSession,
    host: Host,
    disk: Disk,
    work: Work,
    *,
    outside: bool,
) -> bool:
    """Delete ``environment``; whether there was anything to delete."""
    from workflow_helper.backends.announce import forget_deleted
    from workflow_helper.install.delete import delete as take_away
    from workflow_helper.install.guard import see_that_it_may_be

    if environment.kind == "system":
        raise Protected(f"{environment.interpreter_path} is a Python of the machine, which stays")
    prefix = os.path.normpath(environment.prefix)
    known = _known(environment, who, host, disk)
    if (known is None or who.default_name is not None) and not os.path.lexists(prefix):
        return False  # a server alone may know more of it than its folder
    if who.default_name is None or known is None:
        # Before anybody is asked to, or a way is shown: a server deletes what it is told to.
        see_that_it_may_be(prefix, who.root, host, disk)
    if known is not None:
        who.calls.delete(known)
        return True
    if not outside and not _is_inside(prefix, who.root):
        raise OutsideProject(
            f"{real_path(prefix)} is neither inside {who.root} nor kept by {who.workflow.name}",
            f"'wsp env delete --outside {quoted(environment.id)}' deletes it anyway.",
        )
    take_away(prefix, who.root, host, disk, work.report, allowed=(prefix,) if outside else ())
    forget_deleted(who.root, prefix, host, disk, work.report)
    return True


def _what_names(environment: Environment) -> str | None:
    message = environment.status.message
    return f"Remove what names it: {message}." if message else None


def _known(environment: Environment, who: FolderSession, host: Host, disk: Disk) -> str | None:
    """What the workflow calls ``environment``, where it is the workflow's to delete."""
    if who.default_name is None:
        try:
            return who.entry(environment).id
        except EnvironmentNotFound:
            return None
    # Looked for among all, while the workflow lists none whose version cannot be read: many a broken one.
    prefix = real_path(environment.prefix)
    _, project = _project(who, host, disk)
    kept = project.kept()
    for one in project.environments():
        if real_path(one.prefix) == prefix:
            own = _is_inside(one.prefix, who.root) or os.path.normpath(one.prefix) in kept
            return one.id if own else None
    return None


def _name(environment: Environment, who: FolderSession, host: Host, disk: Disk) -> str | None:
    """The name under which to make ``environment`` anew; ``None`` for the workflow's default.

    Raises :class:`Protected` where the workflow would make another one instead.
    """
    if who.default_name is None:
        # What the workflow did not name goes by its folder: its own prompt is nobody's name to make it by.
        own = environment.source == "workflow"
        return environment.name if own else os.path.basename(environment.prefix)
    prefix = os.path.normpath(environment.prefix)
    name, project = _project(who, host, disk)
    for known in project.places():
        if known.prefix == prefix:
            return None if known.default else known.name
    # The fallback alone makes an environment of any name, in the project's folder.
    if name == "venv" and os.path.dirname(prefix) == who.root:
        return os.path.basename(prefix)
    raise Protected(
        f"{prefix} cannot be recreated: the workflow {name} would make another one",
        f"'wsp env delete {environment.id}' deletes it, and 'wsp env create' makes one.",
    )


def _project(who: FolderSession, host: Host, disk: Disk) -> tuple[str, Project]:
    """The name of the bundled workflow that governs, and the project as it knows it."""
    from workflow_helper.backends.project import Project

    at = place(who.resolution, host, disk)
    name = who.workflow.name if at is None else at.name
    return name, Project(name, who.root, host, disk)


def _forget_selection(environment: Environment, question: Question, host: Host, disk: Disk) -> bool:
    """Forget that the environment, which is gone, was selected: it would be told as broken from now on."""
    from workflow_helper.discovery import roots
    from workflow_helper.state import choices, selections

    forgotten = False
    for root in roots.of(question, host, disk).all:
        try:
            selected = choices.selection_of(root, host, disk)
        except UnusableFile:
            continue
        if selected is not None and selected.environment is not None:
            path = os.path.normpath(selected.environment)
            if path in (environment.prefix, environment.interpreter_path):
                forgotten = selections.forget(root, host) or forgotten
    return forgotten


def _is_inside(path: str, root: str) -> bool:
    return real_path(path).startswith(real_path(root).rstrip(os.sep) + os.sep)
