"""Check and sync an environment against its lock, or else its project, through the workflow that governs the folder."""

from __future__ import annotations

from workflow_helper.errors import EnvironmentNotFound, NothingGoverns, Protected, Refused
from workflow_helper.operations.create import progress_reporter
from workflow_helper.operations.session import OF_THE_MACHINE, refuse_machine_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_server.values import Changes, Plan

    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession, OpenWorkflow
else:
    from workflow_server.namedtuple import NamedTuple


class Wishes(NamedTuple):
    """The requested groups and extras of a project, in addition to the workflow's defaults."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


class CheckResult(NamedTuple):
    """The result of a check: whether an environment is in sync."""

    #: ``None`` where that cannot be told.
    in_sync: bool | None
    #: The differences, or the reason why they are not known, as a sentence; else empty.
    message: str = ""
    #: The changes of a sync; ``None`` where they are not known.
    plan: Plan | None = None
    #: Whether the Python of the environment is not one that the project allows, so that it is to be recreated.
    recreate: bool = False


def check(
    session: FolderSession,
    environment: Environment,
    wishes: Wishes,
    *,
    plan: bool = False,
) -> CheckResult:
    """Return whether ``environment``, which works, is in sync with its lock, or else with its project.

    ``plan`` requests what a sync would do, even if that takes longer. Changes nothing. An untrusted workflow is not
    queried, and in an untrusted project a bundled one only reads files.

    Raises:
        RequestFailed: the workflow fails.
        ServerFailed: a declared workflow's server could not be started, or failed.
    """
    if environment.kind == "system":
        return CheckResult(None, OF_THE_MACHINE)
    if session.question.static:
        return CheckResult(None, "with --static, no workflow is queried")
    try:
        with session.open(changing=False) as opened:
            if "environment.sync" not in opened.calls.capabilities:
                return CheckResult(None, f"the workflow {opened.workflow.name} cannot check this")
            result = opened.calls.check(
                opened.entry(environment).id,
                groups=wishes.groups or None,
                extras=wishes.extras or None,
                plan=plan or None,
                cancelled=session.work.cancelled,
            )
            message = "" if result.in_sync else result.message
            recreate = result.in_sync is False and _is_of_another_python(opened, environment)
            return CheckResult(result.in_sync, message, result.plan, recreate)
    except (Refused, EnvironmentNotFound, NothingGoverns, Protected) as error:
        return CheckResult(
            None, error.message if error.hint is None else f"{error.message}. {error.hint}"
        )


def sync(
    session: FolderSession,
    environment: Environment,
    wishes: Wishes,
    *,
    frozen: bool = False,
) -> Changes:
    """Sync ``environment``, which works, with its lock, or else with its project.

    Raises:
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        Protected: ``environment`` is a Python of the machine.
        MethodNotFound: the workflow cannot sync environments.
        RequestFailed: the workflow fails.
        ServerFailed: a declared workflow's server could not be started, or failed.
    """
    refuse_machine_python(environment)
    with session.open(changing=True) as opened:
        opened.require("environment.sync", "sync environments with a project")
        return opened.calls.sync(
            opened.entry(environment).id,
            groups=wishes.groups or None,
            extras=wishes.extras or None,
            frozen=frozen or None,
            cancelled=session.work.cancelled,
            progress=progress_reporter(session.work),
        )


def _is_of_another_python(opened: OpenWorkflow, environment: Environment) -> bool:
    """Return whether a bundled workflow finds that the project does not allow the Python of ``environment``."""
    from workflow_helper.backends.server import fit_of

    context = opened.context
    if context is None or opened.backend is None or opened.backend.brings_python:
        return False
    return bool(fit_of(context, opened.backend, environment).mismatches)
