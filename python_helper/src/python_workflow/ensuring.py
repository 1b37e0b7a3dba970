"""An environment that is as asked for, through the workflow that governs the folder: found, or made and filled."""

from __future__ import annotations

from contextlib import suppress

from python_workflow.creating import Wanted, by_server, telling
from python_workflow.errors import (
    EnvironmentNotFound,
    InvalidParams,
    PythonUnavailable,
    UsageError,
)
from python_workflow.governed import governed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.disk import Disk
    from python_workflow.governed import Governed, Server
    from python_workflow.launch.provision import Work
    from python_workflow.model import Environment, Host, Question
    from python_workflow.workflows.ensuring import Means
    from python_workflow.wsp.params import EnsureParams
    from python_workflow.wsp.values import ServerEnvironment


def ensure(
    wanted: EnsureParams,
    default: Environment | None,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: Server,
    work: Work,
) -> Environment:
    """Have the workflow of ``question.folder`` find or make what ``wanted`` asks for.

    ``default`` is the folder's default environment: it is the one that is meant where ``wanted`` names none, if the workflow
    keeps it. A Python that is not there is installed. A server that does not offer ``environment/ensure`` is asked for
    its parts. Raises what :func:`governed` raises, and the workflow's own errors.
    """
    from python_workflow.told import environment_of

    with governed(question, host, disk, server=server, work=work, changing=True) as who:
        if wanted.name is None and wanted.path is None and default is not None:
            with suppress(EnvironmentNotFound):
                wanted = wanted._replace(name=who.entry(default).id)
        try:
            told = _ensured(wanted, who, host, disk, work)
        except InvalidParams as error:  # of these parameters every one is the user's own word
            raise UsageError(error.message, error.hint) from None
    return environment_of(told, disk, is_default=False)


def _ensured(
    wanted: EnsureParams, who: Governed, host: Host, disk: Disk, work: Work
) -> ServerEnvironment:
    try:
        return _asked(wanted, who, host, disk, work)
    except PythonUnavailable:
        spec = wanted.python
        if spec is None or who.brings_python or not spec.replace(".", "").isdigit():
            raise
        from python_workflow.pythons.installing import install

        with suppress(PythonUnavailable, UsageError):
            python = install(spec, host, work).interpreter
            return _asked(wanted._replace(python=python.path), who, host, disk, work)
        raise


def _asked(
    wanted: EnsureParams, who: Governed, host: Host, disk: Disk, work: Work
) -> ServerEnvironment:
    if "environment.ensure" in who.calls.capabilities:
        return who.calls.ensure(
            **wanted._asdict(), cancelled=work.cancelled, progress=telling(work)
        )
    from python_workflow.workflows import ensuring

    def make(wanted: EnsureParams, _means: Means) -> ServerEnvironment:
        for name in ("package", "path"):
            if getattr(wanted, name) is not None:
                raise UsageError(f"the workflow {who.workflow.name} is not asked for a {name}")
        groups, extras = wanted.groups or (), wanted.extras or ()
        new = Wanted(wanted.name, wanted.python, groups=groups, extras=extras)
        return by_server(new, who, host, disk, work)

    means = ensuring.Means(who.calls, host, make, cancelled=work.cancelled, progress=telling(work))
    return ensuring.ensure(wanted, means)
