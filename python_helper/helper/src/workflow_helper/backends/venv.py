"""The built-in workflow: ``.venv`` beside the project, by uv where it is found, else by Python's own ``venv`` and a pip.

It installs what the project declares (:mod:`workflow_helper.backends.fill`). Other packages are installed without
changing a file of the project.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param
from workflow_server.values import InSync

from workflow_helper.backends import fill as backends_fill
from workflow_helper.backends import python_fit
from workflow_helper.backends.base import Backend
from workflow_helper.backends.fill import Target
from workflow_helper.backends.test_runs import plain_runs
from workflow_helper.discovery.environments import health as environments_health
from workflow_helper.errors import (
    CreateFailed,
    ExecutionFailed,
    Protected,
    PythonUnavailable,
    RequestFailed,
    ToolNotInstalled,
    UsageError,
)
from workflow_helper.install.failures import ErrorPattern
from workflow_helper.install.installed_state import in_sync, marker_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workflow_server.params import CreateParams, SyncParams

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.backends.python_fit import PythonRequest
    from workflow_helper.discovery.tools import Folder
    from workflow_helper.install.declared import DependencyGroups
    from workflow_helper.model import Environment, Interpreter

DEFAULT_NAME = ".venv"
#: Seconds that creating an environment may take: it takes one second at most, on a disk that is not very slow.
TIMEOUT = 300.0
NAME_LIMIT = 128

#: Device names of Windows, which no file may have there, whatever its ending.
_DEVICES = frozenset(
    (
        *("con", "prn", "aux", "nul", "conin$", "conout$"),
        *(
            f"{port}{number}"
            for port in ("com", "lpt")
            for number in "0123456789\u00b9\u00b2\u00b3"
        ),
    )
)
#: Names that mean something else in a project.
_RESERVED = frozenset(
    (".git", ".python-envs", ".python-version", "pyproject.toml", "pyworkflow.toml")
)


def create(
    context: BackendContext,
    name: str,
    python: Interpreter,
    fill: Callable[[str, int], None] | None = None,
) -> str:
    """Create the environment ``name`` of the context's project with ``python``, and return its folder.

    An environment that is not ``.venv`` is recorded (PEP 832) as the context's ``redirect`` says: ``"file"`` by a line
    in ``.python-envs`` where that file is, else by a ``.venv`` redirect file where there is no ``.venv``;
    ``"python-envs"`` by that line only, in a new file if need be; ``"none"`` not at all. ``fill`` installs the
    environment's contents.

    It receives the interpreter, and the descriptor of the lock that marks the environment as unfinished, which the
    processes that it starts inherit. Nothing is overwritten, only ``fill`` runs code of the project, and an unfinished
    environment is removed.

    Raises:
        UsageError: the name cannot be a folder's.
        AlreadyExists: there is something of that name.
        CreateFailed: it could not be made.
        Cancelled: the request was cancelled.
    """
    from workflow_helper.backends.announce import announce
    from workflow_helper.install.claim import claimed

    check_name(name)
    host = context.host
    prefix = os.path.join(context.root, name)
    with claimed(prefix, host, filled=fill is not None) as lock:
        version = python.version or "(unknown version)"
        context.report(f"Creating {name} with Python {version}, {python.path}")
        tool = _run(context, python.path, prefix, lock)
        health = environments_health.written(prefix, host, context.disk)
        if health.status.state != "ok" or health.interpreter_path is None:
            raise CreateFailed(f"{tool} created no usable environment: {health.status.message}")
        _ignore(prefix)
        if fill is not None:
            fill(health.interpreter_path, lock)
    if name != DEFAULT_NAME:
        announce(context, name)
    return prefix


def check_name(name: str) -> None:
    """Raise :class:`UsageError` unless ``name`` can be the name of a folder on every system, and means nothing else."""
    reason = _why_bad(name)
    if reason is not None:
        raise UsageError(
            f"{name!r} cannot be an environment's name: {reason}",
            "Use a plain name, such as .venv.",
        )


def _run(context: BackendContext, python: str, prefix: str, lock: int) -> str:
    """Create the environment, and return the name of the tool that did."""
    import sys

    from workflow_helper.install.installer import Installer
    from workflow_helper.install.runner import run_tool
    from workflow_helper.system.environ import for_tool

    host = context.host
    call = Installer.of(host, (context.root, *context.outside)).venv(python, prefix)
    try:
        run_tool(
            f"creating {prefix}",
            call.argv,
            cwd=host.state,  # not the project's: tools read configuration, and import modules, from there
            environ=for_tool(host.environ, call.environ),
            timeout=TIMEOUT,
            cancelled=context.cancelled,
            inherited=() if sys.platform == "win32" else (lock,),
        )
    except RequestFailed as error:
        raise CreateFailed.of(error) from None
    return os.path.basename(call.argv[0])


def _ignore(prefix: str) -> None:
    """Make version control ignore the environment, as uv does, and venv since Python 3.13."""
    import contextlib

    with (
        contextlib.suppress(FileExistsError),
        open(os.path.join(prefix, ".gitignore"), "x", encoding="utf-8") as file,
    ):
        file.write("*\n")


def _why_bad(name: str) -> str | None:
    if not name or name != name.strip():
        return "it is empty, or begins or ends with a space"
    if name.startswith("-"):
        return "it begins with '-', which tools take for an option"
    if ".." in name or name == "." or name.endswith("."):
        return "it contains '..', or ends with a dot"
    if any(letter in '/\\:<>"|?*' or not letter.isprintable() for letter in name):
        return "it contains a character that a file name cannot have on every system"
    if len(name) > NAME_LIMIT:
        return f"it has more than {NAME_LIMIT} characters"
    if name.partition(".")[0].rstrip().lower() in _DEVICES:
        return "Windows reserves that name for a device"
    if name.lower() in _RESERVED:
        return "that name has another meaning in a project"
    return None


def _create(context: BackendContext, params: CreateParams) -> str:
    name = DEFAULT_NAME if params.name in ("default", ".") else params.name
    prefix = os.path.join(context.root, name)
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param(
            "path", f"the workflow venv can only create this environment in {prefix}"
        )
    try:
        check_name(name)
    except UsageError as error:
        raise invalid_param("name", error.message) from None
    python = context.python(params)
    _check_allowed(python, context)
    variables = marker_variables(python.version, python.implementation)
    # Worked out before anything is made: a wish that cannot be granted leaves no trace.
    target = Target(prefix, python.path, variables)
    what = backends_fill.plan(context, target, params.groups, params.extras, new=True)
    if what.stale:
        context.report(backends_fill.outdated(what))

    def fill(interpreter: str, lock: int) -> None:
        backends_fill.carry_out(
            context._replace(locks=(*context.locks, lock)),
            target._replace(python=interpreter),
            what,
            params.packages or (),
        )

    return create(context, name, python, fill)


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    target = backends_fill.target(context, environment)
    what = backends_fill.plan(context, target, params.groups, params.extras)
    if params.frozen:
        backends_fill.check_locked(context, what)
    _check_not_system(context, environment)
    if what.stale:
        context.report(backends_fill.outdated(what))
    backends_fill.carry_out(context, target, what)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    target = backends_fill.target(context, environment)
    what = backends_fill.plan(context, target, params.groups, params.extras)
    if what.stale and what.lock is not None:
        return InSync(in_sync=False, message=f"{backends_fill.outdated(what)}; {what.lock.advice}")
    result = in_sync(what.differences, what.unknown)
    needs_plan = params.plan and context.trusted and result.in_sync is False
    if not needs_plan or result.plan is not None or what.lock is not None:
        return result
    from workflow_helper.backends.plan import planned

    return result._replace(plan=planned(context, target, what))


def _python_requests(context: BackendContext, _environment: Environment) -> Iterator[PythonRequest]:
    yield from python_fit.requires_python(context)
    yield from python_fit.pinned(context)


def _new_python(context: BackendContext, environment: Environment) -> Interpreter:
    from workflow_server.params import CreateParams

    return context.python(CreateParams(environment.name))


def _install(context: BackendContext, environment: Environment, packages: tuple[str, ...]) -> None:
    _check_not_system(context, environment)
    backends_fill.install(context, backends_fill.target(context, environment), packages)


def _uninstall(
    context: BackendContext, environment: Environment, packages: tuple[str, ...]
) -> None:
    _check_not_system(context, environment)
    backends_fill.uninstall(context, backends_fill.target(context, environment), packages)


def _check_allowed(python: Interpreter, context: BackendContext) -> None:
    """Raise :class:`PythonUnavailable` if the project does not allow the requested Python."""
    from workflow_helper.discovery import requires_python
    from workflow_helper.discovery.interpreters.choose import allowed

    if not allowed((python,), context.root, context.disk):
        requirement = requires_python.requires_python(context.root, context.disk)
        raise PythonUnavailable(
            f"{python.path} is Python {python.version}, and the project has requires-python = {requirement!r}",
            "'wsp python list' lists the available Pythons. Name another with --python.",
        )


def _check_not_system(context: BackendContext, environment: Environment) -> None:
    """Raise :class:`Protected` if only the system's package manager may install packages there (PEP 668)."""
    prefix = environment.prefix
    if context.disk.is_file(os.path.join(prefix, "pyvenv.cfg")):
        return
    below = (
        [os.path.join(prefix, "Lib")]
        if context.host.windows
        else [
            os.path.join(prefix, "lib", name)
            for name in context.disk.names(os.path.join(prefix, "lib"))
            if name.startswith(("python", "pypy"))
        ]
    )
    for folder in below:
        marker = os.path.join(folder, "EXTERNALLY-MANAGED")
        if context.disk.is_file(marker):
            raise Protected(
                f"{prefix} is managed by the system ({marker}), so nothing is installed there",
                "Create an environment for the project: wsp env create.",
            )


def _parts(folder: Folder) -> DependencyGroups:
    from workflow_helper.install.declared import parts_with_files

    return parts_with_files(folder)


BACKEND = Backend(
    name="venv",
    program=None,
    advice="",
    default_name=DEFAULT_NAME,
    create=_create,
    sync=_sync,
    check=_check,
    python_requests=_python_requests,
    new_python=_new_python,
    install=_install,
    uninstall=_uninstall,
    test_runs=plain_runs,
    parts=_parts,
    any_name=True,
    error_patterns=(
        ErrorPattern(
            ("no module named pip",),
            ToolNotInstalled,
            "there is no pip to install with",
            "Install uv (https://docs.astral.sh/uv), which needs no pip.",
        ),
        ErrorPattern(
            ("invalid requirement: 'lock-version", "could not parse pylock"),
            ToolNotInstalled,
            "this pip is too old for pylock.toml",
            "Install uv (https://docs.astral.sh/uv), or pip 26.1 or newer.",
        ),
        ErrorPattern(
            ("requires a different python", "does not satisfy python"),
            PythonUnavailable,
            "the project or a package does not support the environment's Python",
            "'wsp python list' lists the available Pythons. Recreate the environment with another.",
        ),
        ErrorPattern(
            ("do not match the hashes", "hash mismatch"),
            ExecutionFailed,
            "a package does not match the hash in the lock file",
            "Find out why before you use it. If the package was republished, lock the project again.",
        ),
    ),
)
