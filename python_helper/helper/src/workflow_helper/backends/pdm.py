"""PDM: the environment that ``.pdm-python`` names, and others by name; kept in sync with ``pdm.lock`` by ``pdm sync``.

Checked against pdm 2.29. Every command gets its environment in ``PDM_PYTHON``. Otherwise pdm switches to another
environment, and forgets the first, if the one it remembers is gone or has a Python that the project does not allow.
``pdm sync`` accepts an outdated lock, so the lock is checked first.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param
from workflow_server.values import InSync, Task

from workflow_helper.backends import fill, pdm_project, python_fit
from workflow_helper.backends.base import Backend
from workflow_helper.backends.pdm_project import DEFAULT, PdmDeclaration
from workflow_helper.backends.project import Project
from workflow_helper.backends.test_runs import script_runs
from workflow_helper.discovery import requires_python
from workflow_helper.discovery.interpreters.choose import allowed
from workflow_helper.discovery.tools import pdm as places
from workflow_helper.discovery.tools.files import table_at, text_at, text_of
from workflow_helper.errors import (
    ExecutionFailed,
    LockOutdated,
    Protected,
    PythonUnavailable,
    WorkflowError,
)
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install.declared import DependencyGroups
from workflow_helper.install.failures import ErrorPattern
from workflow_helper.install.installed_state import InstalledPackages, PackageDifference, in_sync
from workflow_helper.system.output import decode_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from workflow_server.params import CreateParams, SyncParams, TaskCommandParams
    from workflow_server.values import Command

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.backends.pdm_project import PdmLock
    from workflow_helper.backends.python_fit import PythonRequest
    from workflow_helper.backends.test_runs import TestRun
    from workflow_helper.discovery.tools import Folder
    from workflow_helper.model import Environment, Interpreter
    from workflow_helper.system.process import Finished

#: The file in which pdm remembers the interpreter of the selected environment.
_SELECTED_FILE = ".pdm-python"
#: pdm's own name for the environment in the project.
_IN_PROJECT = "in-project"
#: Variables by which pdm would take another project, lock, environment or Python than its arguments name.
_OVERRIDES = (
    "PDM_PROJECT",
    "PDM_LOCKFILE",
    "PDM_IN_VENV",
    "PDM_IGNORE_SAVED_PYTHON",
    "PDM_PYTHON",
    "PDM_PYTHON_VERSION",
)
#: Arguments for queries: pdm does not run the scripts that the project hooks into its commands.
_QUIETLY = ("--skip", ":all")
#: The marks that a dry run puts before names.
_ADDED, _UPDATED, _REMOVED = "Packages to add:", "Packages to update:", "Packages to remove:"


def _create(context: BackendContext, params: CreateParams) -> str:
    """Create an environment. As in pdm, the default one is selected if none is, and a named one is not selected."""
    context = _at_top(context)
    _check_request(context, params)
    python = _python(context, params)
    is_default = params.name in (BACKEND.default_name, _IN_PROJECT, DEFAULT, ".")
    name, prefix = _place(context, params, python, is_default=is_default)
    before = places.selected(context.project.folder)
    in_project = name == BACKEND.default_name
    words = ["venv", "create", *([] if in_project else ["--name", name]), python.path]
    with context.creating(prefix) as creation:
        variables = {"PDM_VENV_IN_PROJECT": str(in_project).lower()}
        _pdm(creation, f"creating {prefix}", words, variables)
        interpreter = context.check_created(params, prefix)
        fresh = _at_top(creation)
        environment = fresh.project.at(prefix, name)
        _lock_and_sync(fresh, environment, params.groups, params.extras, frozen=False)
        if params.packages:
            fill.install_into(fresh, environment, params.packages)
        if is_default and before is None:
            _select(context, interpreter)
    return prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    context = _at_top(context)
    _lock_and_sync(context, environment, params.groups, params.extras, frozen=params.frozen)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    context = _at_top(context)
    declaration = _check_request(context, params)
    lock = pdm_project.read(context.project.folder)
    chosen = pdm_project.choose_groups(declaration, lock, params.groups, params.extras)
    stale = _stale(context, declaration, lock, chosen, environment)
    if stale is not None or lock is None:
        return InSync(in_sync=False, message=f"{stale} ('wsp env sync' brings it up to date)")
    target = fill.target(context, environment)
    installed = InstalledPackages(target.prefix, target.variables, context.host, context.disk)
    try:
        differences = lock.differences(declaration, chosen, installed, target.variables)
        if differences is None:
            differences = list(_dry_run(context, declaration, chosen, environment))
    except PythonUnavailable as error:
        return InSync(in_sync=False, message=error.message)
    if not differences and DEFAULT in chosen:
        differences = list(declaration.own_project_differences(installed))
    return in_sync(differences, installed.unknown)


def _tasks(context: BackendContext) -> Iterator[Task]:
    """Yield the tasks, read from the file of the project or workspace member: pdm would create an environment to list them."""
    for name, script in _scripts(context).items():
        if not name.startswith("_"):
            yield Task(name, _describe(script))


def _test_runs(context: BackendContext) -> Iterator[TestRun]:
    return script_runs(context, _scripts(context), "pyproject.toml")


def _task_command(context: BackendContext, params: TaskCommandParams) -> Command:
    if params.name.startswith("_") or params.name not in _scripts(context):
        raise invalid_param("name", f"[tool.pdm.scripts] has no {params.name!r}")
    for environment in context.project.environments():
        # pdm would take another environment, and remember that one from then on.
        if environment.default and not environment.ok:
            reason = environment.status.message or f"{environment.prefix} is broken"
            raise ExecutionFailed(reason, "Delete it, then create it again.")
    return context.start(["run", params.name, *params.argv], unset=("PDM_PROJECT",))


def _after_delete(context: BackendContext, environment: Environment) -> None:
    """Make pdm forget the environment."""
    folder = _at_top(context).project.folder
    path = os.path.join(folder.root, _SELECTED_FILE)
    interpreter = (text_of(folder, path) or "").strip()
    parent = os.path.dirname(os.path.join(folder.root, interpreter))  # conda's prefix on Windows
    prefixes = {real_path(one) for one in (parent, os.path.dirname(parent))}
    if interpreter and real_path(environment.prefix) in prefixes:
        try:
            os.unlink(path)
        except OSError as error:  # the environment is deleted nevertheless
            context.report(f"{path} could not be removed ({error.strerror or error})")


# -- running pdm ------------------------------------------------------------------------------------


def _new(context: BackendContext) -> None:
    # pdm creates the environment as well.
    words, variables = ["init", "--non-interactive"], {"PDM_CHECK_UPDATE": "false"}
    _pdm(context, f"creating a project in {context.root}", words, variables)


def _pdm(
    context: BackendContext,
    what: str,
    words: Sequence[str],
    variables: Mapping[str, str | None] | None = None,
) -> None:
    context.run(
        what,
        words,
        environ={**dict.fromkeys(_OVERRIDES), **(variables or {})},
        on_line=_without_tracebacks(context.report),
    )


def _query(
    context: BackendContext,
    what: str,
    words: Sequence[str],
    environment: Environment,
    accepted: Sequence[int],
) -> Finished:
    if not context.trusted:
        # pdm starts the environment's interpreter, and loads the plug-ins that the project declares.
        raise context.untrusted_error()
    # Without uv, which would be used otherwise.
    variables = {**_acting_on(environment), "PDM_USE_UV": "false"}
    return context.run_for_output(what, [*words, *_QUIETLY], environ=variables, accepted=accepted)


def _acting_on(environment: Environment) -> dict[str, str | None]:
    """Return the variables that make pdm use this environment, and no ``__pypackages__``."""
    variables = {"PDM_PYTHON": environment.interpreter_path, "PDM_USE_VENV": "true"}
    return {**dict.fromkeys(_OVERRIDES), **variables}


def _without_tracebacks(report: Callable[[str], None]) -> Callable[[str], None]:
    """Return a reporter of pdm's progress that leaves out tracebacks, which only the error shows."""
    failing = False

    def on_line(line: str) -> None:
        nonlocal failing
        failing = failing or line.strip() == "ERRORS:"
        if not failing and line.strip():
            report(line.strip())

    return on_line


def _lock_and_sync(
    context: BackendContext,
    environment: Environment,
    groups: tuple[str, ...] | None,
    extras: tuple[str, ...] | None,
    *,
    frozen: bool,
) -> None:
    declaration = PdmDeclaration(context.project.folder)
    declaration.check_groups_and_extras(groups, extras)
    lock = pdm_project.read(context.project.folder)
    chosen = pdm_project.choose_groups(declaration, lock, groups, extras)
    stale = _stale(context, declaration, lock, chosen, environment)
    if stale is not None:
        words = _to_lock(declaration, lock, chosen)
        if frozen or _never_locks(context):
            command = f"pdm {' '.join(words)}"
            raise LockOutdated(
                stale, f"'{command}' brings it up to date, and so does 'wsp env sync'."
            )
        _pdm(context, f"locking {context.root}", words, _acting_on(environment))
    words = ["sync", "--only-keep", *declaration.group_arguments(chosen)]
    _pdm(context, f"syncing {environment.prefix}", words, _acting_on(environment))


def _to_lock(
    declaration: PdmDeclaration, lock: PdmLock | None, chosen: Collection[str]
) -> list[str]:
    """Return arguments that make pdm lock the same groups in the same versions, and the requested groups."""
    covered = None if lock is None else lock.groups
    groups = covered & declaration.all_groups if covered else declaration.groups | {DEFAULT}
    return ["lock", "--update-reuse", *declaration.group_arguments(groups | {*chosen})]


def _never_locks(context: BackendContext) -> bool:
    """Return whether the user has configured pdm never to write locks."""
    environ = context.host.environ
    value = environ.get("PDM_FROZEN_LOCKFILE", environ.get("PDM_NO_LOCK", ""))
    return value.lower() in ("1", "true")


def _select(context: BackendContext, interpreter: str) -> None:
    """Make pdm use this interpreter from now on, without ``pdm use``, which would run the project's scripts."""
    from workflow_helper.filesystem.atomic import write_whole

    path = os.path.join(context.root, _SELECTED_FILE)
    try:
        write_whole(path, interpreter.replace(os.sep, "/").encode(), replace=True)
    except WorkflowError as error:
        raise Protected(error.message, "Make the project's folder writable.") from None


# -- comparing --------------------------------------------------------------------------------------------------


def _stale(
    context: BackendContext,
    declaration: PdmDeclaration,
    lock: PdmLock | None,
    chosen: Collection[str],
    environment: Environment,
) -> str | None:
    """Return why the lock is outdated; ``None`` if it is up to date."""
    if lock is None:
        return f"there is no {places.lock_file(context.project.folder)}"
    missing = sorted({*chosen} - (lock.groups or {*chosen}))
    if missing:
        return f"{lock.name} does not cover {', '.join(missing)}"
    fresh = lock.is_fresh(declaration)
    if fresh is None:
        done = _query(context, f"checking {lock.name}", ["lock", "--check"], environment, (0, 1))
        fresh = done.exit_code == 0
    return None if fresh else f"{lock.name} does not match what the project declares"


def _dry_run(
    context: BackendContext,
    declaration: PdmDeclaration,
    chosen: Collection[str],
    environment: Environment,
) -> Iterator[str]:
    """Yield the changes of a dry run, without the project itself, which pdm may build to answer."""
    words = ["sync", "--dry-run", "--no-self", "--only-keep", *declaration.group_arguments(chosen)]
    done = _query(context, f"checking {environment.prefix}", words, environment, (0,))
    own_project = None if declaration.own_project is None else declaration.own_project.name
    yield from parse_dry_run(decode_output(done.stdout), own_project)


def parse_dry_run(text: str, own_project: str | None) -> Iterator[str]:
    """Yield the differences that ``pdm sync --dry-run`` prints, without those of ``own_project``."""
    heading = ""
    for line in text.splitlines():
        if not line.startswith("  - "):
            heading = line.strip()
            continue
        change = line[4:].strip()
        before, _, now = change.partition(" -> ")
        name, _, version = before.partition(" ")
        if name == own_project:
            continue
        if heading == _ADDED:
            yield PackageDifference.of(f"{change} is not installed", name, version, None)
        elif heading == _UPDATED and version != now:  # a folder is always installed again
            yield PackageDifference.of(
                f"{name} {now} is locked, but {version} is installed", name, now, version
            )
        elif heading == _REMOVED:
            yield PackageDifference.of(
                f"{change} is installed but not requested", name, None, version
            )


# -- the project ------------------------------------------------------------------------------------------------


def _at_top(context: BackendContext) -> BackendContext:
    """Return the context of the workspace's top folder, in which pdm acts; its files are read again."""
    disk = Disk()
    root = places.project(context.project.folder).root
    return context._replace(project=Project(BACKEND.name, root, context.host, disk), disk=disk)


def _check_request(context: BackendContext, params: CreateParams | SyncParams) -> PdmDeclaration:
    """Return the project's declaration, after a check that it has the requested groups and extras."""
    declaration = PdmDeclaration(context.project.folder)
    declaration.check_groups_and_extras(params.groups, params.extras)
    return declaration


def _python(context: BackendContext, params: CreateParams) -> Interpreter:
    """Return an interpreter that pdm accepts; with another one, pdm would install into another environment."""
    python = context.python(params)
    if not allowed((python,), context.root, context.disk):
        required = requires_python.requires_python(context.root, context.disk)
        raise PythonUnavailable(
            f"the project requires Python {required}, but {python.path} is {python.version}",
            "'wsp python list' lists the available Pythons. Name another with --python.",
        )
    return python


def _python_requests(context: BackendContext, _environment: Environment) -> Iterator[PythonRequest]:
    return python_fit.requires_python(_at_top(context))


def _new_python(context: BackendContext, environment: Environment) -> Interpreter:
    from workflow_server.params import CreateParams

    return _python(_at_top(context), CreateParams(environment.name))


def _place(
    context: BackendContext, params: CreateParams, python: Interpreter, *, is_default: bool
) -> tuple[str, str]:
    """Return the name of the environment to create, and its folder."""
    folder, name = context.project.folder, params.name
    if is_default:
        version = ".".join((python.version or "").split(".")[:2])
        name = BACKEND.default_name if places.keeps_in_project(folder) else version
    prefix = places.place_of(folder, name)
    if prefix is None:
        raise invalid_param("name", f"pdm cannot create an environment named {params.name!r}")
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"pdm can only create this environment in {prefix}")
    return name, prefix


def _scripts(context: BackendContext) -> dict[str, object]:
    document = context.disk.toml(os.path.join(context.root, "pyproject.toml"))
    return table_at(document, "tool", "pdm", "scripts")


def _describe(script: object) -> str:
    if not isinstance(script, dict):
        return _spelled(script)
    kinds = (script.get(kind) for kind in ("cmd", "shell", "call", "composite"))
    what = next((one for one in kinds if one is not None), "")
    return text_at(script, "help") or _spelled(what)


def _spelled(words: object) -> str:
    return " ".join(map(str, words)) if isinstance(words, list) else str(words)


def _parts(folder: Folder) -> DependencyGroups:
    declaration = PdmDeclaration(folder)
    return DependencyGroups((*sorted(declaration.groups),), (*sorted(declaration.extras),))


BACKEND = Backend(
    name="pdm",
    program="pdm",
    advice="Install it with 'pipx install \"pdm[locked]\"' or 'uv tool install \"pdm[locked]\"'.",
    default_name=".venv",
    create=_create,
    sync=_sync,
    check=_check,
    python_requests=_python_requests,
    new_python=_new_python,
    install=fill.install_into,
    uninstall=fill.take_out_of,
    tasks=_tasks,
    task_command=_task_command,
    new=_new,
    after_delete=_after_delete,
    test_runs=_test_runs,
    parts=_parts,
    any_name=True,
    writes=("pdm.lock", "pylock.toml", _SELECTED_FILE),
    error_patterns=(
        ErrorPattern(
            ("can't resolve python interpreter", "no python interpreter matching"),
            PythonUnavailable,
            "no Python on this machine fits",
            "'wsp python list' lists the available Pythons. Name another with --python.",
        ),
        ErrorPattern(
            ("no compatible lock target found",),
            PythonUnavailable,
            "the lock file does not cover this Python",
            "Name another with --python, or lock for this one as well: 'pdm lock --append --python ...'.",
        ),
        ErrorPattern(
            ("unable to find a resolution",),
            ExecutionFailed,
            "the project's dependencies conflict with each other",
            "Relax a constraint, or narrow its requires-python.",
        ),
    ),
)
