"""Ensure an environment, through the workflow that governs the folder: find it, or create it, and install what it lacks."""

from __future__ import annotations

from contextlib import suppress

from workflow_helper.errors import EnvironmentNotFound, InvalidParams, PythonUnavailable, UsageError
from workflow_helper.operations.create import CreateRequest, by_server, progress_reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.params import EnsureParams
    from workflow_server.values import ServerEnvironment

    from workflow_helper.backends.ensure import EnsureContext
    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession, OpenWorkflow


def ensure(
    session: FolderSession,
    request: EnsureParams,
    default: Environment | None,
) -> Environment:
    """Find or create the environment that ``request`` describes, through the workflow of the folder.

    ``default`` is the folder's default environment: a request without a name or a path is for it, if the workflow
    manages it. A missing Python is installed. For a server that does not offer ``environment/ensure`` its other methods
    are called.

    Raises:
        UsageError: the workflow cannot fulfill the request.
        WorkflowError: the session cannot be opened, or the workflow fails.
    """
    from workflow_helper.servers.convert import environment_of

    with session.open(changing=True) as opened:
        if request.name is None and request.path is None and default is not None:
            with suppress(EnvironmentNotFound):
                request = request._replace(name=opened.entry(default).id)
        try:
            environment = _ensure_with_python(request, opened)
        except InvalidParams as error:  # the user gave each of these parameters
            raise UsageError(error.message, error.hint) from None
    return environment_of(environment, session.disk, is_default=False)


def _ensure_with_python(request: EnsureParams, opened: OpenWorkflow) -> ServerEnvironment:
    """Ensure the environment; if the requested version of Python is missing, install it."""
    try:
        return _ensure(request, opened)
    except PythonUnavailable:
        spec = request.python
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
            return _ensure(request._replace(python=python.path), opened)
        raise


def _ensure(request: EnsureParams, opened: OpenWorkflow) -> ServerEnvironment:
    if "environment.ensure" in opened.calls.capabilities:
        return opened.calls.ensure(
            **request._asdict(),
            cancelled=opened.session.work.cancelled,
            progress=progress_reporter(opened.session.work),
        )
    from workflow_helper.backends import ensure as backends_ensure

    def create(request: EnsureParams, _context: EnsureContext) -> ServerEnvironment:
        for name in ("package", "path"):
            if getattr(request, name) is not None:
                raise UsageError(f"the workflow {opened.workflow.name} does not support '{name}'")
        groups, extras = request.groups or (), request.extras or ()
        new = CreateRequest(request.name, request.python, groups=groups, extras=extras)
        return by_server(new, opened)

    context = backends_ensure.EnsureContext(
        opened.calls,
        opened.session.host,
        create,
        cancelled=opened.session.work.cancelled,
        progress=progress_reporter(opened.session.work),
    )
    return backends_ensure.ensure(request, context)
