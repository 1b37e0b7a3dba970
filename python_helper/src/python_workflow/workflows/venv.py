"""The built-in workflow: ``.venv`` beside the project, by uv where it is found, else by Python's own ``venv`` and a pip.

What it holds is what the project declares (:mod:`python_workflow.workflows.filling`). Packages are installed into the
environment alone: no file of the project is changed for them.
"""

from __future__ import annotations

import os

from python_workflow.discovery import validity
from python_workflow.errors import (
    CreateFailed,
    ExecutionFailed,
    NotFound,
    ProgramFailed,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    UsageError,
)
from python_workflow.workflows import filling
from python_workflow.workflows.contract import Sign, Workflow
from python_workflow.workflows.filling import Target
from python_workflow.workflows.holding import in_step, markers
from python_workflow.workflows.job import invalid
from python_workflow.wsp.values import InSync

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from python_workflow.discovery.disk import Disk
    from python_workflow.discovery.tools import Folder
    from python_workflow.model import Environment, Host, Interpreter
    from python_workflow.workflows.contract import Parts
    from python_workflow.workflows.job import Job
    from python_workflow.workflows.known import Redirect
    from python_workflow.wsp.params import CreateParams, SyncParams

DEFAULT_NAME = ".venv"
#: Seconds that making an environment may take: it takes one at most, on a disk that is not very slow.
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
_TAKEN = frozenset((".git", ".python-envs", ".python-version", "pyproject.toml", "pyworkflow.toml"))


def create(  # noqa: PLR0913 - the first four are what every operation of a workflow takes
    root: str,
    name: str,
    python: Interpreter | None,
    host: Host,
    disk: Disk,
    *,
    report: Callable[[str], None] = lambda _: None,
    cancelled: threading.Event | None = None,
    redirect: Redirect = "file",
    outside: Sequence[str] = (),
    fill: Callable[[str, int], None] | None = None,
) -> str:
    """Make the environment ``name`` in ``root`` and give its folder.

    ``python`` is the interpreter to make it with; ``None`` takes that of :func:`choose_python`. ``report`` receives a
    sentence for each step. ``redirect`` says how an environment that is not ``.venv`` is made known (PEP 832):
    ``"file"`` by a line in ``.python-envs`` where that file is, else by a ``.venv`` redirect file where there is no
    ``.venv``; ``"python-envs"`` by that line only, in a new file if need be; ``"none"`` not at all. ``outside`` are
    folders, beside ``root``, from which no program is taken. ``fill`` installs what the environment is to hold: it is
    given its interpreter, and the descriptor of the lock that says that the environment is unfinished, for what it starts
    to inherit.

    Nothing that exists is overwritten, nothing of ``root`` is run but by ``fill``, and what is not finished is taken away. Raises
    :class:`UsageError` for a name, :class:`AlreadyExists`, :class:`PythonUnavailable` without a Python, :class:`CreateFailed`,
    and :class:`Cancelled`.
    """
    from python_workflow.install.claim import claimed
    from python_workflow.workflows.known import announce

    check_name(name)
    if python is None:
        python = choose_python(None, root, host, disk)
    prefix = os.path.join(root, name)
    with claimed(prefix, host, filled=fill is not None) as lock:
        report(f"Making {name} with Python {python.version or '(unknown version)'}, {python.path}")
        tool = _run(python.path, prefix, lock, host, (root, *outside), cancelled)
        health = validity.written(prefix, host, disk)
        if health.status.state != "ok" or health.interpreter_path is None:
            raise CreateFailed(f"{tool} made no usable environment: {health.status.message}")
        _ignore(prefix)
        if fill is not None:
            fill(health.interpreter_path, lock)
    if name != DEFAULT_NAME:
        announce(root, name, redirect, host, disk, report)
    return prefix


def check_name(name: str) -> None:
    """Raise :class:`UsageError` unless ``name`` can be a folder's on every system, and nothing but a folder's."""
    reason = _why_bad(name)
    if reason is not None:
        raise UsageError(
            f"{name!r} cannot be an environment's name: {reason}",
            "Use a plain name, such as .venv.",
        )


def choose_python(spec: str | None, root: str, host: Host, disk: Disk) -> Interpreter:
    """The interpreter to make an environment of ``root`` with.

    ``spec`` is an absolute path, or what :func:`interpreters.matching` takes. Without one, ``UV_PYTHON``
    decides, else the nearest ``.python-version``, else the best that ``requires-python`` allows. Raises :class:`PythonUnavailable` when
    the machine has none that fits, :class:`NotFound` for a path of none, :class:`UsageError` for a ``spec`` that says nothing.
    """
    from python_workflow.discovery import interpreters, pinned, requires

    if spec is not None and os.path.isabs(spec):
        found = interpreters.inspect(spec, host, disk)
        if found is None:
            raise NotFound(f"{spec} is no Python interpreter")
        return found
    installed = interpreters.outside(interpreters.installed(host, disk), (root,), host)
    fitting: Sequence[Interpreter]
    if spec is not None:
        fitting = interpreters.matching(spec, installed)
        unfit = f"no Python on this machine fits {spec}"
    elif (pin := pinned.asked(root, host, disk)) is not None:
        fitting, unfit = pinned.meant(pin, installed, root, host, disk), pin.unfit
    else:
        fitting = requires.allowed(installed, root, disk)
        wanted = requires.requires_python(root, disk)
        unfit = f"no Python on this machine fits requires-python = {wanted!r}"
    if not fitting:
        if spec is None:
            release = requires.release_for(root, host, disk)
        else:
            release = spec if requires.is_release(spec) else None
        raise PythonUnavailable(
            unfit if installed else "this machine has no Python",
            f"'wsp python install {release or 'X.Y'}' installs one; 'wsp python list' shows what there is.",
        )
    return fitting[0]


def _run(
    python: str,
    prefix: str,
    lock: int,
    host: Host,
    outside: Sequence[str],
    cancelled: threading.Event | None,
) -> str:
    """Make the environment, and give the name of what made it."""
    import sys

    from python_workflow.installing import Installer
    from python_workflow.system.environ import for_tool
    from python_workflow.system.process import run

    call = Installer.of(host, outside).venv(python, prefix)
    tool = os.path.basename(call.argv[0])
    try:
        finished = run(
            call.argv,
            cwd=host.state,  # not the project's: tools read configuration, and import modules, from there
            environ=for_tool(host.environ, call.environ),
            timeout=TIMEOUT,
            cancelled=cancelled,
            inherited=() if sys.platform == "win32" else (lock,),
        )
    except ProgramFailed as error:
        raise CreateFailed(f"{prefix} could not be made: {error.message}", error.hint) from None
    if finished.exit_code != 0:
        said = finished.text.splitlines()[-5:]
        reason = "; ".join(line.strip() for line in said if line.strip()) or "it said nothing"
        raise CreateFailed(
            f"{prefix} could not be made: {tool} failed ({finished.exit_code}): {reason}"
        )
    return tool


def _ignore(prefix: str) -> None:
    """Keep version control from looking into the environment, as uv does, and venv since Python 3.13."""
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
        return "it holds '..', or ends with a dot"
    if any(letter in '/\\:<>"|?*' or not letter.isprintable() for letter in name):
        return "it holds a separator or another character that a file name cannot have everywhere"
    if len(name) > NAME_LIMIT:
        return f"it has more than {NAME_LIMIT} characters"
    if name.partition(".")[0].rstrip().lower() in _DEVICES:
        return "Windows keeps that name for a device"
    if name.lower() in _TAKEN:
        return "that name means something else in a project"
    return None


def _create(job: Job, params: CreateParams) -> str:
    name = DEFAULT_NAME if params.name in ("default", ".") else params.name
    prefix = os.path.join(job.root, name)
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid("path", f"the workflow venv would make {prefix}")
    try:
        check_name(name)
    except UsageError as error:
        raise invalid("name", error.message) from None
    python = job.python(params)
    _see_that_it_is_allowed(python, job)
    variables = markers(python.version, python.implementation)
    # Worked out before anything is made: a wish that cannot be granted leaves no trace.
    target = Target(prefix, python.path, variables)
    what = filling.plan(job, target, params.groups, params.extras, new=True)
    if what.stale:
        job.report(filling.outdated(what))

    def fill(interpreter: str, lock: int) -> None:
        filling.carry_out(
            job._replace(held=(*job.held, lock)),
            target._replace(python=interpreter),
            what,
            params.packages or (),
        )

    return create(
        job.root,
        name,
        python,
        job.host,
        job.disk,
        report=job.report,
        cancelled=job.cancelled,
        redirect=job.redirect,
        outside=job.outside,
        fill=fill,
    )


def _sync(job: Job, environment: Environment, params: SyncParams) -> None:
    target = filling.target(job, environment)
    what = filling.plan(job, target, params.groups, params.extras)
    if params.frozen:
        filling.see_that_it_is_locked(job, what)
    _see_that_it_is_not_the_systems(job, environment)
    if what.stale:
        job.report(filling.outdated(what))
    filling.carry_out(job, target, what)


def _check(job: Job, environment: Environment, params: SyncParams) -> InSync:
    target = filling.target(job, environment)
    what = filling.plan(job, target, params.groups, params.extras)
    if what.stale and what.lock is not None:
        return InSync(in_sync=False, message=f"{filling.outdated(what)}; {what.lock.mended}")
    told = in_step(what.reasons, what.untold)
    asked = params.plan and job.trusted and told.in_sync is False
    if not asked or told.plan is not None or what.lock is not None:
        return told
    from python_workflow.workflows.planning import planned

    return told._replace(plan=planned(job, target, what))


def _install(job: Job, environment: Environment, packages: tuple[str, ...]) -> None:
    _see_that_it_is_not_the_systems(job, environment)
    filling.install(job, filling.target(job, environment), packages)


def _uninstall(job: Job, environment: Environment, packages: tuple[str, ...]) -> None:
    _see_that_it_is_not_the_systems(job, environment)
    filling.uninstall(job, filling.target(job, environment), packages)


def _see_that_it_is_allowed(python: Interpreter, job: Job) -> None:
    """Raise :class:`PythonUnavailable` for a Python that was named, and that the project does not allow."""
    from python_workflow.discovery import requires

    if not requires.allowed((python,), job.root, job.disk):
        wanted = requires.requires_python(job.root, job.disk)
        raise PythonUnavailable(
            f"{python.path} is Python {python.version}, and the project has requires-python = {wanted!r}",
            "'wsp python list' shows what there is; name another with --python.",
        )


def _see_that_it_is_not_the_systems(job: Job, environment: Environment) -> None:
    """Raise :class:`Protected` where the system's own package manager alone is to install (PEP 668)."""
    prefix = environment.prefix
    if job.disk.is_file(os.path.join(prefix, "pyvenv.cfg")):
        return
    below = (
        [os.path.join(prefix, "Lib")]
        if job.host.windows
        else [
            os.path.join(prefix, "lib", name)
            for name in job.disk.names(os.path.join(prefix, "lib"))
            if name.startswith(("python", "pypy"))
        ]
    )
    for folder in below:
        marker = os.path.join(folder, "EXTERNALLY-MANAGED")
        if job.disk.is_file(marker):
            raise Protected(
                f"{prefix} is managed by the system ({marker}), so nothing is installed there",
                "Make an environment of the project: wsp env create.",
            )


def _parts(folder: Folder) -> Parts:
    from python_workflow.workflows.dependencies import parts_with_files

    return parts_with_files(folder)


WORKFLOW = Workflow(
    name="venv",
    program=None,
    advice="",
    default_name=DEFAULT_NAME,
    create=_create,
    sync=_sync,
    check=_check,
    install=_install,
    uninstall=_uninstall,
    parts=_parts,
    any_name=True,
    signs=(
        Sign(
            ("no module named pip",),
            ToolNotInstalled,
            "there is no pip to install with",
            "Install uv (https://docs.astral.sh/uv), which needs no pip.",
        ),
        Sign(
            ("invalid requirement: 'lock-version", "could not parse pylock"),
            ToolNotInstalled,
            "this pip is too old for pylock.toml",
            "Install uv (https://docs.astral.sh/uv), or pip 26.1 or newer.",
        ),
        Sign(
            ("requires a different python", "does not satisfy python"),
            PythonUnavailable,
            "the environment's Python is not one that is asked for",
            "'wsp python list' shows what there is; make the environment anew with another.",
        ),
        Sign(
            ("do not match the hashes", "hash mismatch"),
            ExecutionFailed,
            "a package is not the one that was locked",
            "Do not use it before you know why; if the package was published anew, lock the project anew.",
        ),
    ),
)
