"""Ensure an environment, through the workflow that governs the folder: find it, or create and fill it."""

from __future__ import annotations

from contextlib import suppress

from workflow_helper.errors import EnvironmentNotFound, InvalidParams, PythonUnavailable, UsageError
from workflow_helper.operations.create import CreateRequest, by_server, telling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.params import EnsureParams
    from workflow_server.values import ServerEnvironment

    from workflow_helper.backends.ensure import Means
    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession, OpenWorkflow


def ensure(
    session: FolderSession,
    wanted: EnsureParams,
    default: Environment | None,
) -> Environment:
    """Find or create what ``wanted`` asks for, through the workflow of the folder.

    ``default`` is the folder's default environment: it is the one that is meant where ``wanted`` names none, if the workflow
    keeps it. A Python that is not there is installed. A server that does not offer ``environment/ensure`` is asked for
    its parts.

    Raises:
        UsageError: the workflow does not take what is wanted.
        WorkflowError: the session cannot be opened, or the workflow fails.
    """
    from workflow_helper.servers.convert import environment_of

    with session.open(changing=True) as opened:
        if wanted.name is None and wanted.path is None and default is not None:
            with suppress(EnvironmentNotFound):
                wanted = wanted._replace(name=opened.entry(default).id)
        try:
            told = _ensured(wanted, opened)
        except InvalidParams as error:  # of these parameters every one is the user's own word
            raise UsageError(error.message, error.hint) from None
    return environment_of(told, session.disk, is_default=False)


def _ensured(wanted: EnsureParams, opened: OpenWorkflow) -> ServerEnvironment:
    try:
        return _asked(wanted, opened)
    except PythonUnavailable:
        spec = wanted.python
        if (
            spec is None
            or opened.brings_python
            or opened.workflow.host is not None
            or not spec.replace(".", "").isdigit()
        ):
            raise
        from workflow_helper.install.python import install

        with suppress(PythonUnavailable, UsageError):
            python = install(spec, opened.session.host, opened.session.work).interpreter
            return _asked(wanted._replace(python=python.path), opened)
        raise


def _asked(wanted: EnsureParams, opened: OpenWorkflow) -> ServerEnvironment:
    if "environment.ensure" in opened.calls.capabilities:
        return opened.calls.ensure(
            **wanted._asdict(),
            cancelled=opened.session.work.cancelled,
            progress=telling(opened.session.work),
        )
    from workflow_helper.backends import ensure as backends_ensure

    def make(wanted: EnsureParams, _means: Means) -> ServerEnvironment:
        for name in ("package", "path"):
            if getattr(wanted, name) is not None:
                raise UsageError(f"the workflow {opened.workflow.name} is not asked for a {name}")
        groups, extras = wanted.groups or (), wanted.extras or ()
        new = CreateRequest(wanted.name, wanted.python, groups=groups, extras=extras)
        return by_server(new, opened)

    means = backends_ensure.Means(
        opened.calls,
        opened.session.host,
        make,
        cancelled=opened.session.work.cancelled,
        progress=telling(opened.session.work),
    )
    return backends_ensure.ensure(wanted, means)
