"""An environment that is as asked for, through the workflow that governs the folder: found, or made and filled."""

from __future__ import annotations

from contextlib import suppress

from workflow_helper.errors import EnvironmentNotFound, InvalidParams, PythonUnavailable, UsageError
from workflow_helper.operations.create import CreateRequest, by_server, telling
from workflow_helper.operations.session import open_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.params import EnsureParams
    from workflow_server.values import ServerEnvironment

    from workflow_helper.backends.ensure import Means
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.provision import Work
    from workflow_helper.model import Environment, Host, Question
    from workflow_helper.operations.session import FolderSession, ServerSource


def ensure(
    wanted: EnsureParams,
    default: Environment | None,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
) -> Environment:
    """Have the workflow of ``question.folder`` find or make what ``wanted`` asks for.

    ``default`` is the folder's default environment: it is the one that is meant where ``wanted`` names none, if the workflow
    keeps it. A Python that is not there is installed. A server that does not offer ``environment/ensure`` is asked for
    its parts. Raises what :func:`open_session` raises, and the workflow's own errors.
    """
    from workflow_helper.servers.convert import environment_of

    with open_session(question, host, disk, server=server, work=work, changing=True) as who:
        if wanted.name is None and wanted.path is None and default is not None:
            with suppress(EnvironmentNotFound):
                wanted = wanted._replace(name=who.entry(default).id)
        try:
            told = _ensured(wanted, who, host, disk, work)
        except InvalidParams as error:  # of these parameters every one is the user's own word
            raise UsageError(error.message, error.hint) from None
    return environment_of(told, disk, is_default=False)


def _ensured(
    wanted: EnsureParams, who: FolderSession, host: Host, disk: Disk, work: Work
) -> ServerEnvironment:
    try:
        return _asked(wanted, who, host, disk, work)
    except PythonUnavailable:
        spec = wanted.python
        if spec is None or who.brings_python or not spec.replace(".", "").isdigit():
            raise
        from workflow_helper.install.python import install

        with suppress(PythonUnavailable, UsageError):
            python = install(spec, host, work).interpreter
            return _asked(wanted._replace(python=python.path), who, host, disk, work)
        raise


def _asked(
    wanted: EnsureParams, who: FolderSession, host: Host, disk: Disk, work: Work
) -> ServerEnvironment:
    if "environment.ensure" in who.calls.capabilities:
        return who.calls.ensure(
            **wanted._asdict(), cancelled=work.cancelled, progress=telling(work)
        )
    from workflow_helper.backends import ensure as backends_ensure

    def make(wanted: EnsureParams, _means: Means) -> ServerEnvironment:
        for name in ("package", "path"):
            if getattr(wanted, name) is not None:
                raise UsageError(f"the workflow {who.workflow.name} is not asked for a {name}")
        groups, extras = wanted.groups or (), wanted.extras or ()
        new = CreateRequest(wanted.name, wanted.python, groups=groups, extras=extras)
        return by_server(new, who, host, disk, work)

    means = backends_ensure.Means(
        who.calls, host, make, cancelled=work.cancelled, progress=telling(work)
    )
    return backends_ensure.ensure(wanted, means)
