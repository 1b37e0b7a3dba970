"""Keeping an environment in step with its project, through the workflow that governs the folder; and deleting it."""

from __future__ import annotations

import os

from python_workflow.creating import Wanted, create, telling
from python_workflow.errors import EnvironmentNotFound, Protected, Refused
from python_workflow.governed import governed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.governed import Governed, Server
    from python_workflow.launch.provision import Work
    from python_workflow.model import Environment, Host, Question
    from python_workflow.wsp.values import Changes, InSync
else:
    from python_workflow.light import NamedTuple


class Wishes(NamedTuple):
    """What of a project an environment is to hold, beside what the workflow takes by default."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


def check(
    environment: Environment,
    wishes: Wishes,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
) -> InSync | None:
    """Whether ``environment``, which works, is in step; ``None`` where nobody can tell.

    Changes nothing. A workflow that is not trusted is not asked. Raises what asking raises.
    """
    try:
        with governed(question, host, disk, server=server, work=work, changing=False) as who:
            if "environment.sync" not in who.calls.capabilities:
                return None
            return who.calls.check(
                who.entry(environment).id,
                groups=wishes.groups or None,
                extras=wishes.extras or None,
                cancelled=work.cancelled,
            )
    except (Refused, EnvironmentNotFound):
        return None


def sync(
    environment: Environment,
    wishes: Wishes,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
    frozen: bool = False,
) -> Changes:
    """Make ``environment``, which works, hold what its lock or its project says.

    Raises what :func:`governed` raises, and the workflow's own errors.
    """
    with governed(question, host, disk, server=server, work=work, changing=True) as who:
        who.require("environment.sync", "keep environments in step with a project")
        return who.calls.sync(
            who.entry(environment).id,
            groups=wishes.groups or None,
            extras=wishes.extras or None,
            frozen=frozen or None,
            cancelled=work.cancelled,
            progress=telling(work),
        )


def recreate(
    environment: Environment,
    wishes: Wishes,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
) -> Environment:
    """Delete ``environment``, which is broken, and make it anew under its name. Raises as the two do."""
    delete(environment, question, host, disk, server=server, work=work)
    name = None if environment.default else environment.name
    wanted = Wanted(name, groups=wishes.groups, extras=wishes.extras)
    return create(wanted, question, host, disk, server=server, work=work)


def delete(
    environment: Environment,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
    outside: bool = False,
) -> None:
    """Delete ``environment``, and what the workflow noted about it.

    ``outside`` allows what lies neither in the project nor where its workflow keeps the project's environments: what a
    redirect or a list leads to. Raises :class:`Protected` without it, and for what is no environment, conda's base, or
    a Python of the machine; and what :func:`governed` raises.
    """
    from python_workflow.workflows.deleting import delete as take_away

    with governed(question, host, disk, server=server, work=work, changing=True) as who:
        try:
            known = who.entry(environment)
        except EnvironmentNotFound:
            known = None
        if known is not None and (
            who.default_name is None or _is_kept(environment, who, host, disk)
        ):
            who.calls.delete(known.id)
            return
        prefix = os.path.normpath(environment.prefix)
        if not outside and not _is_inside(prefix, who.root):
            raise Protected(
                f"{os.path.realpath(prefix)} is neither inside {who.root} nor kept by {who.workflow.name}",
                "Add --outside to delete it all the same.",
            )
        take_away(prefix, who.root, host, disk, work.report, allowed=(prefix,) if outside else ())


def _is_kept(environment: Environment, who: Governed, host: Host, disk: Disk) -> bool:
    """Whether it lies in the project, or where the bundled workflow keeps the project's environments."""
    from python_workflow.workflows.project import Project

    prefix = os.path.normpath(environment.prefix)
    places = Project(who.workflow.name, who.root, host, disk).places()
    return _is_inside(prefix, who.root) or prefix in {place.prefix for place in places}


def _is_inside(path: str, root: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(root).rstrip(os.sep) + os.sep)
