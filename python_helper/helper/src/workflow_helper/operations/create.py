"""Creating an environment, through the workflow that governs the folder."""

from __future__ import annotations

from workflow_helper.errors import InvalidParams, PythonUnavailable, UsageError
from workflow_helper.operations.session import open_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_server.api import Reporter
    from workflow_server.values import ProgressReport, ServerEnvironment

    from workflow_helper.backends.announce import Redirect
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.provision import Work
    from workflow_helper.model import Environment, Host, Interpreter, Question
    from workflow_helper.operations.session import FolderSession, ServerSource
else:
    from workflow_server.namedtuple import NamedTuple

#: What a server is asked to make when no name was given; the base profile's default has this name.
SERVER_NAME = "default"


class CreateRequest(NamedTuple):
    """The environment to make."""

    #: ``None``: what the workflow calls its default.
    name: str | None = None
    #: A version, a constraint, or an absolute path; ``None``: what the project asks for.
    python: str | None = None
    #: How an environment that is not ``.venv`` is made known, by the workflow that makes such.
    redirect: Redirect = "file"
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


def create(
    wanted: CreateRequest,
    question: Question,
    host: Host,
    disk: Disk,
    *,
    server: ServerSource,
    work: Work,
) -> Environment:
    """Have the workflow of ``question.folder`` make the environment ``wanted``.

    ``server`` gives a declared workflow's server. Raises what :func:`open_session` raises, and the workflow's own errors.
    """
    from workflow_helper.servers.convert import environment_of

    with open_session(
        question, host, disk, server=server, work=work, changing=True, redirect=wanted.redirect
    ) as who:
        make = by_server if who.default_name is None else _bundled
        try:
            made = make(wanted, who, host, disk, work)
        except InvalidParams as error:  # of these parameters every one is the user's own word
            raise UsageError(error.message, error.hint) from None
    return environment_of(made, disk, is_default=False)


def _bundled(
    wanted: CreateRequest, who: FolderSession, host: Host, disk: Disk, work: Work
) -> ServerEnvironment:
    python, version = None, None
    if who.brings_python and wanted.python is not None:
        version = _version(wanted.python, who)
    elif wanted.python is not None:
        python = _python(wanted.python, who, host, disk, work).path
    name = wanted.name if wanted.name is not None else who.default_name
    return who.calls.create(
        name or SERVER_NAME,
        version,
        python=python,
        groups=wanted.groups or None,
        extras=wanted.extras or None,
        cancelled=work.cancelled,
        progress=telling(work),
    )


def by_server(
    wanted: CreateRequest, who: FolderSession, host: Host, disk: Disk, work: Work
) -> ServerEnvironment:
    """Have the server of a declared workflow make the environment ``wanted``."""
    from workflow_helper.discovery.interpreters.choose import choose_python

    if (wanted.groups or wanted.extras) and "environment.details" not in who.calls.capabilities:
        raise UsageError(
            f"the workflow {who.workflow.name} takes neither groups nor extras",
            "Leave out --group and --extra.",
        )
    python = choose_python(wanted.python, who.root, host, disk)
    version = ".".join((python.version or "").split(".")[:2])
    name = wanted.name if wanted.name is not None else SERVER_NAME
    work.report(f"{who.workflow.name} is making {name} with Python {version}")
    return who.calls.create(
        name,
        version,
        groups=wanted.groups or None,
        extras=wanted.extras or None,
        cancelled=work.cancelled,
        progress=telling(work),
    )


def _version(spec: str, who: FolderSession) -> str:
    """Return the version that ``spec`` names. Raises :class:`UsageError` for anything else."""
    parts = spec.split(".")
    if len(parts) not in (2, 3) or not all(map(str.isdecimal, parts)):
        raise UsageError(
            f"{who.workflow.name} brings a Python of its own, so {spec!r} cannot be used",
            "Name a version, such as --python 3.13.",
        )
    return spec


def _python(spec: str, who: FolderSession, host: Host, disk: Disk, work: Work) -> Interpreter:
    """The interpreter that ``spec`` names; a version that is not there is installed: by the workflow, else by what the machine has for that.

    Raises :class:`PythonUnavailable` where neither can, and :class:`NotFound` for a path of none.
    """
    from workflow_helper.discovery.interpreters.choose import choose_python

    try:
        return choose_python(spec, who.root, host, disk)
    except PythonUnavailable as error:
        if not spec.replace(".", "").isdigit():
            raise
        from workflow_helper.install.python import install

        try:
            return who.calls.install_python(spec, progress=telling(work))
        except PythonUnavailable:
            try:
                return install(spec, host, work).interpreter
            except PythonUnavailable:
                raise error from None


def telling(work: Work) -> Reporter:
    """What a workflow reports, as sentences for ``work``."""
    last = ""

    def tell(progress: ProgressReport) -> None:
        nonlocal last
        said = progress.message or progress.title
        if progress.percentage is not None and work.advance is not None:
            last = said or last
            work.advance(last, progress.percentage)
        elif said:
            last = said
            work.report(said)

    return tell
