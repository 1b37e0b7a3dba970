"""uv: ``uv sync`` makes and keeps the one environment of a project, or of a workspace.

Checked against uv 0.13. Where ``.venv`` is a redirect file, which uv refuses, it is told the environment that the file
names.
"""

from __future__ import annotations

import os

from python_workflow.discovery import pep832
from python_workflow.errors import AlreadyExists, LockOutdated, PythonUnavailable
from python_workflow.workflows.contract import Sign, Workflow
from python_workflow.workflows.job import invalid
from python_workflow.wsp.values import InSync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from python_workflow.discovery.tools import Place
    from python_workflow.model import Environment, Interpreter
    from python_workflow.workflows.job import Job
    from python_workflow.wsp.params import CreateParams, SyncParams

_CHANGING = ("--color", "never", "--no-progress")
_READING = (*_CHANGING, "--offline", "--no-python-downloads")


def _create(job: Job, params: CreateParams) -> str:
    job.only_default(params.name)
    place = _place(job)
    if params.path is not None and os.path.normpath(params.path) != place.prefix:
        raise invalid("path", f"uv would make {place.prefix}")
    if pep832.dot_venv(os.path.dirname(place.prefix), job.disk) is not None and os.path.isfile(
        place.prefix
    ):
        raise AlreadyExists(f"{place.prefix} exists already, and redirects to another environment")
    arguments = ["sync", *_CHANGING, *_wishes(params.groups, params.extras)]
    if params.python is not None or params.python_version is not None:
        arguments += ["--python", _python(job, params)]
    with job.making(place.prefix) as making:
        making.run(f"making {place.prefix}", arguments)
        if params.packages:
            _pip(making, place.prefix, "install", params.packages)
    return place.prefix


def _sync(job: Job, environment: Environment, params: SyncParams) -> None:
    arguments = ["sync", *_CHANGING, *_wishes(params.groups, params.extras)]
    if params.frozen:
        arguments.append("--locked")
    job.run(f"syncing {environment.prefix}", arguments, environ=_told(job, environment))


def _check(job: Job, environment: Environment, params: SyncParams) -> InSync:
    if not job.trusted:
        # Asked for more, uv may run the build backend of the project and of its dependencies.
        return InSync(in_sync=False, message="the project is not trusted, so uv was not asked")
    fresh = job.ask("checking uv.lock", ["lock", "--check", *_READING], accepted=(0, 1))
    if fresh.exit_code:
        why = "there is no uv.lock" if not _has_lock(job) else "uv.lock is out of date"
        return InSync(in_sync=False, message=f"{why}; 'wsp env sync' brings it up to date")
    wishes = _wishes(params.groups, params.extras)
    done = job.ask(
        f"checking {environment.prefix}",
        ["sync", "--check", "--frozen", "--output-format", "json", *_READING, *wishes],
        environ=_told(job, environment),
        accepted=(0, 1),
    )
    if done.exit_code == 0:
        return InSync(in_sync=True, message="")
    return InSync(in_sync=False, message="uv.lock says otherwise than what is installed")


def _install(job: Job, environment: Environment, packages: tuple[str, ...]) -> None:
    _pip(job, environment.prefix, "install", packages)


def _uninstall(job: Job, environment: Environment, packages: tuple[str, ...]) -> None:
    _pip(job, environment.prefix, "uninstall", packages)


def _install_python(job: Job, version: str) -> Interpreter:
    from python_workflow.discovery import interpreters
    from python_workflow.discovery.disk import Disk

    job.run(f"installing Python {version}", ["python", "install", *_CHANGING, "--", version])
    fitting = interpreters.matching(version, interpreters.installed(job.host, Disk()))
    if not fitting:
        raise PythonUnavailable(f"uv installed Python {version}, which is not found now")
    return fitting[0]


def _pip(job: Job, prefix: str, verb: str, packages: Iterable[str]) -> None:
    arguments = ["pip", verb, *_CHANGING, "--python", prefix, "--", *packages]
    job.run(f"changing the packages of {prefix}", arguments)


def _place(job: Job) -> Place:
    return job.project.places()[0]


def _has_lock(job: Job) -> bool:
    return job.disk.is_file(os.path.join(os.path.dirname(_place(job).prefix), "uv.lock"))


def _told(job: Job, environment: Environment) -> Mapping[str, str | None]:
    """The environment, where uv would not find it by itself."""
    return (
        {}
        if environment.prefix == _place(job).prefix
        else {"UV_PROJECT_ENVIRONMENT": environment.prefix}
    )


def _python(job: Job, params: CreateParams) -> str:
    """The interpreter asked for, if it is there; else its version, which uv may be set up to download."""
    try:
        return job.python(params).path
    except PythonUnavailable:
        if params.python_version is None:
            raise
        return params.python_version


def _wishes(groups: tuple[str, ...] | None, extras: tuple[str, ...] | None) -> list[str]:
    said = [word for group in groups or () for word in ("--group", group)]
    return said + [word for extra in extras or () for word in ("--extra", extra)]


WORKFLOW = Workflow(
    name="uv",
    program="uv",
    advice="Get it with 'pipx install uv', or from https://docs.astral.sh/uv.",
    default_name=".venv",
    create=_create,
    sync=_sync,
    check=_check,
    install=_install,
    uninstall=_uninstall,
    install_python=_install_python,
    signs=(
        Sign(
            ("needs to be updated, but `--locked`", "unable to find lockfile"),
            LockOutdated,
            "uv.lock does not match what the project declares",
            "'uv lock' brings it up to date.",
        ),
    ),
)
