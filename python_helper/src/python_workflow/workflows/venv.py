"""The built-in workflow: environments made by uv where it is found, else by Python's own ``venv``, without pip."""

from __future__ import annotations

import os

from python_workflow.discovery import validity
from python_workflow.errors import (
    CreateFailed,
    NotFound,
    ProgramFailed,
    UsageError,
    WorkflowError,
)
from python_workflow.workflows.contract import Workflow
from python_workflow.workflows.job import invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host, Interpreter
    from python_workflow.workflows.job import Job
    from python_workflow.workflows.known import Redirect
    from python_workflow.wsp.params import CreateParams

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
) -> str:
    """Make the environment ``name`` in ``root`` and give its folder.

    ``python`` is the interpreter to make it with; ``None`` takes that of :func:`choose_python`. ``report`` receives a
    sentence for each step. ``redirect`` says how an environment that is not ``.venv`` is made known (PEP 832):
    ``"file"`` by a line in ``.python-envs`` where that file is, else by a ``.venv`` redirect file where there is no
    ``.venv``; ``"python-envs"`` by that line only, in a new file if need be; ``"none"`` not at all. ``outside`` are
    folders, beside ``root``, from which no program is taken.

    Nothing that exists is overwritten, nothing of ``root`` is run, and what is not finished is taken away. Raises
    :class:`UsageError` for a name, :class:`AlreadyExists`, :class:`NotFound` without a Python, :class:`CreateFailed`,
    and :class:`Cancelled`.
    """
    from python_workflow.workflows.claim import claimed
    from python_workflow.workflows.known import make_known

    check_name(name)
    if python is None:
        python = choose_python(None, root, host, disk)
    prefix = os.path.join(root, name)
    with claimed(prefix, host) as lock:
        argv = _command(python.path, prefix, host, (root, *outside))
        report(f"Making {name} with Python {python.version or '(unknown version)'}, {python.path}")
        _run(argv, prefix, lock, host, cancelled)
        health = validity.written(prefix, host, disk)
        if health.status.state != "ok":
            raise CreateFailed(
                f"{os.path.basename(argv[0])} made no usable environment: {health.status.message}"
            )
    if name != DEFAULT_NAME and redirect != "none":
        try:
            report(make_known(root, name, redirect, host, disk))
        except WorkflowError as error:  # the environment is there, and known by its name
            report(f"{error.message}; {name} is not the default")
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

    ``spec`` is an absolute path, or what :func:`interpreters.matching` takes. Without one, the root's
    ``.python-version`` decides, else the best that ``requires-python`` allows. Raises :class:`NotFound` when the
    machine has none that fits, :class:`UsageError` for a ``spec`` that says nothing.
    """
    from python_workflow.discovery import interpreters, requires

    if spec is not None and os.path.isabs(spec):
        found = interpreters.inspect(spec, host, disk)
        if found is None:
            raise NotFound(f"{spec} is no Python interpreter")
        return found
    installed = interpreters.outside(interpreters.installed(host, disk), (root,), host)
    source = ""
    fitting: Sequence[Interpreter] | None = None
    if spec is not None:
        fitting, source = interpreters.matching(spec, installed), spec
    elif (pinned := requires.pinned_python(root, disk)) is not None:
        try:
            fitting, source = (
                interpreters.matching(pinned, installed),
                f"{pinned} (.python-version)",
            )
        except UsageError:  # the name of a virtual environment of pyenv's, say
            fitting = None
    if fitting is None:
        fitting = requires.allowed(installed, root, disk)
        source = f"requires-python = {requires.requires_python(root, disk)!r}"
    if not fitting:
        raise NotFound(
            f"no Python on this machine fits {source}"
            if installed
            else "this machine has no Python",
            "Install one, or name another: 'wsp python list' shows what there is.",
        )
    return fitting[0]


def _command(python: str, prefix: str, host: Host, outside: Sequence[str]) -> list[str]:
    from python_workflow.system.programs import find_program

    uv = find_program("uv", host, outside=outside)
    if uv is None:
        # Without pip: Debian's Python cannot install it, and an environment needs none of its own.
        return [python, "-I", "-m", "venv", "--without-pip", prefix]
    # --allow-existing: the folder is claimed already, and holds the claim's mark and nothing else.
    flags = ["--no-project", "--no-config", "--no-python-downloads", "--allow-existing"]
    return [uv, "venv", *flags, "--python", python, prefix]


def _run(
    argv: list[str], prefix: str, lock: int, host: Host, cancelled: threading.Event | None
) -> None:
    import sys

    from python_workflow.system.environ import scrubbed
    from python_workflow.system.process import run

    # uv reads each of its flags from the environment too: what is asked for here is all that counts.
    environ = {
        name: value
        for name, value in scrubbed(host.environ).items()
        if not name.upper().startswith("UV_") or name.upper() == "UV_CACHE_DIR"
    }
    tool = os.path.basename(argv[0])
    try:
        finished = run(
            argv,
            cwd=host.state,  # not the project's: tools read configuration, and import modules, from there
            environ=environ,
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
    wishes = {"groups": params.groups, "extras": params.extras, "packages": params.packages}
    for name, wish in wishes.items():
        if wish:
            raise invalid(name, "the workflow venv makes environments without packages")
    expected = os.path.join(job.root, params.name)
    if params.path is not None and os.path.normpath(params.path) != expected:
        raise invalid("path", f"the workflow venv would make {expected}")
    try:
        check_name(params.name)
    except UsageError as error:
        raise invalid("name", error.message) from None
    return create(
        job.root,
        params.name,
        job.python(params),
        job.host,
        job.disk,
        report=job.report,
        cancelled=job.cancelled,
        redirect=job.redirect,
        outside=job.outside,
    )


WORKFLOW = Workflow(name="venv", program=None, advice="", default_name=DEFAULT_NAME, create=_create)
