"""Create an environment, through the workflow that governs the folder."""

from __future__ import annotations

from workflow_helper.errors import InvalidParams, PythonUnavailable, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_server.api import Reporter
    from workflow_server.values import ProgressReport, ServerEnvironment

    from workflow_helper.backends.context import Redirect
    from workflow_helper.install.work import Work
    from workflow_helper.model import Environment, Interpreter
    from workflow_helper.operations.session import FolderSession, OpenWorkflow
else:
    from workflow_server.namedtuple import NamedTuple

#: The name that a server is given when the user gave none; the base profile's default has this name.
SERVER_NAME = "default"


class CreateRequest(NamedTuple):
    """The environment to create."""

    #: ``None``: what the workflow calls its default.
    name: str | None = None
    #: A version, a constraint, or an absolute path; ``None``: what the project asks for.
    python: str | None = None
    #: How an environment that is not ``.venv`` is made known, by the workflow that makes such.
    redirect: Redirect = "file"
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


def create(
    session: FolderSession,
    request: CreateRequest,
) -> Environment:
    """Create the environment of ``request`` through the workflow of the folder.

    Raises:
        UsageError: the workflow does not support the request.
        WorkflowError: the session cannot be opened, or the workflow fails.
    """
    from workflow_helper.servers.convert import environment_of

    with session.open(changing=True, redirect=request.redirect) as opened:
        make = by_server if opened.default_name is None else _create_bundled
        try:
            created = make(request, opened)
        except InvalidParams as error:  # of these parameters every one is the user's own word
            raise UsageError(error.message, error.hint) from None
    return environment_of(created, session.disk, is_default=False)


def _create_bundled(request: CreateRequest, opened: OpenWorkflow) -> ServerEnvironment:
    python, version = None, None
    if opened.brings_python and request.python is not None:
        version = _version(request.python, opened)
    elif request.python is not None:
        python = _python(request.python, opened).path
    name = request.name if request.name is not None else opened.default_name
    return opened.calls.create(
        name or SERVER_NAME,
        version,
        python=python,
        groups=request.groups or None,
        extras=request.extras or None,
        cancelled=opened.session.work.cancelled,
        progress=progress_reporter(opened.session.work),
    )


def by_server(request: CreateRequest, opened: OpenWorkflow) -> ServerEnvironment:
    """Create the environment of ``request`` through the server of a declared workflow.

    Raises:
        UsageError: the server does not support the request.
        WorkflowError: no Python fits, or the server fails.
    """
    from workflow_helper.discovery.interpreters.choose import choose_python

    if (
        request.groups or request.extras
    ) and "environment.details" not in opened.calls.capabilities:
        raise UsageError(
            f"the workflow {opened.workflow.name} takes neither groups nor extras",
            "Leave out --group and --extra.",
        )
    if opened.workflow.host is not None:
        return _create_remote(request, opened)
    python = choose_python(request.python, opened.root, opened.session.host, opened.session.disk)
    version = ".".join((python.version or "").split(".")[:2])
    name = request.name if request.name is not None else SERVER_NAME
    opened.session.work.report(f"{opened.workflow.name} is creating {name} with Python {version}")
    return opened.calls.create(
        name,
        version,
        groups=request.groups or None,
        extras=request.extras or None,
        cancelled=opened.session.work.cancelled,
        progress=progress_reporter(opened.session.work),
    )


def _create_remote(request: CreateRequest, opened: OpenWorkflow) -> ServerEnvironment:
    """Create it on another machine, with a Python of that machine."""
    spec, capabilities = request.python, opened.calls.capabilities
    version, python = (spec, None) if _is_version(spec) else (None, spec)
    if "environment.details" not in capabilities:
        if version is None and spec is None and "python" in capabilities:
            version = next((one.version for one in opened.calls.pythons() if one.version), None)
        if version is None:
            reason = (
                f"the workflow {opened.workflow.name} needs to know which version of Python to use"
            )
            raise UsageError(reason, "Name one, such as --python 3.13.")
        python = None
    name = request.name if request.name is not None else SERVER_NAME
    work = opened.session.work
    work.report(f"{opened.workflow.name} is creating {name}")
    return opened.calls.create(
        name,
        version,
        python=python,
        groups=request.groups or None,
        extras=request.extras or None,
        cancelled=work.cancelled,
        progress=progress_reporter(work),
    )


def _is_version(spec: str | None) -> bool:
    parts = (spec or "").split(".")
    return len(parts) in (2, 3) and all(part.isdecimal() for part in parts)


def _version(spec: str, opened: OpenWorkflow) -> str:
    """Return the version that ``spec`` names.

    Raises:
        UsageError: ``spec`` is anything else.
    """
    if not _is_version(spec):
        raise UsageError(
            f"{opened.workflow.name} installs its own Python, so {spec!r} cannot be used",
            "Name a version, such as --python 3.13.",
        )
    return spec


def _python(spec: str, opened: OpenWorkflow) -> Interpreter:
    """Return the interpreter for ``spec``; a missing version is installed by the workflow, else by the machine's tools.

    Raises:
        PythonUnavailable: neither can install it.
        NotFound: no Python is at the path ``spec``.
    """
    from workflow_helper.discovery.interpreters.choose import choose_python

    try:
        return choose_python(spec, opened.root, opened.session.host, opened.session.disk)
    except PythonUnavailable as error:
        if not spec.replace(".", "").isdigit():
            raise
        from workflow_helper.install.python import install

        try:
            return opened.calls.install_python(
                spec, progress=progress_reporter(opened.session.work)
            )
        except PythonUnavailable:
            try:
                return install(spec, opened.session.host, opened.session.work).interpreter
            except PythonUnavailable:
                raise error from None


def progress_reporter(work: Work) -> Reporter:
    """Return a reporter that turns a workflow's progress into sentences for ``work``."""
    last = ""

    def report(progress: ProgressReport) -> None:
        nonlocal last
        text = progress.message or progress.title
        if progress.percentage is not None and work.advance is not None:
            last = text or last
            work.advance(last, progress.percentage)
        elif text:
            last = text
            work.report(text)

    return report
