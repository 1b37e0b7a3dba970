"""Hatch: the environments that ``pyproject.toml`` or ``hatch.toml`` declares, each with dependencies and scripts of its own.

Checked against hatch 1.18. Hatch records a hash of what an environment was last synced with, and does nothing while the
hash is the same. So this module removes that record if files show that something is missing. Syncing an environment
with a lock uninstalls the project itself, so this module installs it again.
"""

from __future__ import annotations

import contextlib
import os

from workflow_server.errors import invalid_param
from workflow_server.values import Command, InSync, Task

from workflow_helper.backends import fill, python_fit
from workflow_helper.backends.base import Backend
from workflow_helper.backends.hatch_environments import (
    VARIABLES,
    HatchConfiguration,
    NeedsHatchError,
)
from workflow_helper.backends.python_fit import PythonRequest
from workflow_helper.backends.test_commands import of_script, of_words
from workflow_helper.backends.test_runs import TestRun, exists_in
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.discovery.tools import hatch as places
from workflow_helper.discovery.tools.files import text_at, texts_at
from workflow_helper.errors import (
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    UsageError,
)
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install import pylock
from workflow_helper.install.failures import ErrorPattern
from workflow_helper.install.installed_state import InstalledPackages, in_sync, sentence_of
from workflow_helper.install.installer import NOT_FOR_UV

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import NamedTuple

    from workflow_server.params import CommandParams, CreateParams, SyncParams, TaskCommandParams

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.backends.fill import Target
    from workflow_helper.backends.hatch_environments import HatchDependencies, Workplace
    from workflow_helper.backends.hatch_environments import HatchEnvironment as Declared
    from workflow_helper.discovery.tools import Folder
    from workflow_helper.model import Environment, Interpreter
else:
    from workflow_server.namedtuple import NamedTuple

_DEFAULT = "default"
#: A command of every shell that does nothing: before it runs one, hatch brings the environment in sync.
_NO_OP = ("exit", "0")


class _State(NamedTuple):
    """The differences between an environment and its declared contents."""

    #: Packages that are not there as declared.
    unmet: tuple[str, ...]
    #: Packages that are not there as locked.
    unlocked: tuple[str, ...] = ()
    #: Requirements that the lock does not have as declared.
    stale: tuple[str, ...] = ()
    #: Packages that could not be compared.
    unknown: tuple[str, ...] = ()


class _Script(NamedTuple):
    """A named command of the project."""

    #: The environment, or all of a matrix, in which it runs.
    key: str
    name: str
    text: str


def _create(context: BackendContext, params: CreateParams) -> str:
    configuration = HatchConfiguration(context)
    _reject_groups_and_extras(params)
    name = _DEFAULT if params.name == "." else params.name
    prefix, declared = _target(context, configuration, name)
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"hatch can only create this environment in {prefix}")
    _lock_inside(context, configuration, declared)
    changes = _python(context, configuration, params, declared)
    with context.creating(prefix) as creation:
        _hatch(creation, f"creating {prefix}", ["env", "create", name], changes)
        if not os.path.isdir(prefix):
            raise ExecutionFailed(f"hatch created {name}, but not at {prefix}")
        creation_now = creation._replace(disk=Disk())
        environment = creation_now.project.at(prefix, name)
        if configuration.lock(declared) is not None:
            _put_back(creation_now, configuration, environment, declared)
        if params.packages:
            fill.install(creation_now, fill.target(creation_now, environment), params.packages)
    return prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    _reject_groups_and_extras(params)
    configuration = HatchConfiguration(context)
    name = _name(context, environment)
    declared = configuration.environment(name)
    lock = configuration.lock(declared)
    writes = lock is None or not params.frozen
    if writes:
        _lock_inside(context, configuration, declared)
    state = _state(context, configuration, environment, declared)
    what = f"syncing {environment.prefix}"
    if writes:
        if state.stale or (lock is None and state.unmet):
            _forget(configuration.folder, name, configuration.type(declared))
        _hatch(context, what, ["env", "run", "--env", name, "--", *_NO_OP])
        context = context._replace(disk=Disk())
        state = _state(context, configuration, environment, declared)
    if lock is None:
        _complete(context, configuration, environment, declared, state)
        return
    if params.frozen and state.stale:
        raise LockOutdated(f"{lock} is out of date: {sentence_of(state.stale)}", _lock_advice(name))
    if state.unlocked:
        _hatch(context, what, ["--env", name, "dep", "sync"])
    _put_back(context._replace(disk=Disk()), configuration, environment, declared)


def _lock_inside(
    context: BackendContext, configuration: HatchConfiguration, declared: Declared
) -> None:
    """Raise :class:`Protected` if hatch would write the lock outside the project."""
    lock = configuration.lock(declared)
    context.write_inside(*(() if lock is None else (lock,)))


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    _reject_groups_and_extras(params)
    configuration = HatchConfiguration(context)
    name = _name(context, environment)
    try:
        declared = configuration.environment(name)
    except Protected as error:
        return InSync(in_sync=False, message=error.message)
    state = _state(context, configuration, environment, declared)
    if state.stale:
        reason = f"{configuration.lock(declared)} is out of date: {sentence_of(state.stale)}"
        return InSync(in_sync=False, message=f"{reason} ('wsp env sync' brings it up to date)")
    return in_sync(dict.fromkeys((*state.unlocked, *state.unmet)), state.unknown)


def _install(context: BackendContext, environment: Environment, packages: tuple[str, ...]) -> None:
    """Install packages without adding them to the project's files."""
    fill.install(context, fill.target(context, environment), packages)


def _uninstall(
    context: BackendContext, environment: Environment, packages: tuple[str, ...]
) -> None:
    fill.uninstall(context, fill.target(context, environment), packages)


def _tasks(context: BackendContext) -> Iterator[Task]:
    for name, script in sorted(_scripts(HatchConfiguration(context)).items()):
        yield Task(name, script.text)


def _task_command(context: BackendContext, params: TaskCommandParams) -> Command:
    configuration = HatchConfiguration(context)
    script = _scripts(configuration).get(params.name)
    if script is None:
        raise invalid_param("name", f"{configuration.source} declares no script {params.name}")
    for environment in context.project.environments():
        # Hatch would take whatever Python comes next.
        if not environment.ok and f"{environment.name}.".startswith(f"{script.key}."):
            reason = environment.status.message or f"{environment.prefix} is broken"
            raise ExecutionFailed(reason, "Delete it, then create it again.")
    words = ("env", "run", "--env", script.key, "--", script.name, *params.argv)
    unset = tuple(name for name, value in VARIABLES.items() if value is None)
    return Command((context.program(), *words), context.root, unset)


def _test_runs(context: BackendContext) -> Iterator[TestRun]:
    configuration = HatchConfiguration(context)
    yield from _runs_of_scripts(context, configuration)
    for one in configuration.of_tests():
        exists = exists_in(context, configuration.root)
        words = [
            "pytest",
            *texts_at(one.options, "extra-args"),
            *(texts_at(one.options, "default-args") or ["tests"]),
        ]
        yield TestRun(
            id=one.name,
            environment=one.name,
            prefix=configuration.place_of(one.name),
            command=of_words(words, exists),
            env=configuration.variables(one),
            source=configuration.source,
        )


def _runs_of_scripts(
    context: BackendContext, configuration: HatchConfiguration
) -> Iterator[TestRun]:
    """Yield the scripts that run tests, each with its environments; scripts that differ only in name are yielded once."""
    exists = exists_in(context, configuration.root)
    prefixes = {one.name: one.prefix for one in context.project.places()}
    seen: set[tuple[object, ...]] = set()
    names: set[str] = set()
    for script in _scripts(configuration).values():
        command = of_script(script.text, exists)
        if command is None:
            continue
        mark = (script.key, command.framework, command.argv, command.paths)
        if mark in seen:
            continue
        seen.add(mark)
        for name in configuration.of_table(script.key):
            yield TestRun(
                id=name if name not in names else f"{name}:{script.name}",
                environment=name,
                prefix=prefixes.get(name),
                command=command,
                default=name == _DEFAULT and name not in names,
                source=configuration.source,
            )
            names.add(name)


def _scripts(configuration: HatchConfiguration) -> dict[str, _Script]:
    """Return every script by its task's name; a script that an environment shares with ``default`` is listed only there."""
    found: dict[str, _Script] = {}
    common = configuration.scripts(_DEFAULT)
    for key in configuration.tables():
        for name, text in configuration.scripts(key).items():
            if name.startswith("_") or (key != _DEFAULT and common.get(name) == text):
                continue
            found.setdefault(name if key == _DEFAULT else f"{key}:{name}", _Script(key, name, text))
    return found


def _command(context: BackendContext, environment: Environment, params: CommandParams) -> Command:
    plain = context.project.command(environment, params.argv, params.cwd)
    configuration = HatchConfiguration(context)
    try:
        declared = configuration.environment(_name(context, environment))
    except (InvalidParams, Protected, ToolNotInstalled):
        return plain  # its variables are the one thing that would be missing
    hidden = tuple(name for name in configuration.hidden(declared) if name != "PATH")
    return plain._replace(
        unset=(*plain.unset, *hidden), set={**configuration.variables(declared), **plain.set}
    )


def _after_delete(context: BackendContext, environment: Environment) -> None:
    """Remove hatch's record of the environment, and the folders that hatch created for it alone."""
    folder = places.project(context.project.folder)
    _forget(folder, _name(context, environment))
    storage = places.storage(folder)
    if storage is not None and os.path.dirname(environment.prefix) == storage.environments:
        with contextlib.suppress(OSError):
            os.rmdir(storage.environments)


def _install_python(context: BackendContext, version: str) -> Interpreter:
    _hatch(
        context, f"installing Python {version}", ["python", "install", "--private", "--", version]
    )
    fitting = interpreters.matching(version, interpreters.installed(context.host, Disk()))
    if not fitting:
        raise PythonUnavailable(
            f"hatch installed Python {version}, but it was not found afterwards"
        )
    return fitting[0]


def _list_environments(context: BackendContext) -> Iterable[tuple[str, str]]:
    configuration = HatchConfiguration(context)
    found = [*_test_environments(context, configuration)]
    if not configuration.is_static:
        # The environments in files are still available.
        with contextlib.suppress(ToolNotInstalled, Protected):
            found += configuration.shown_places()
    return found


def _test_environments(
    context: BackendContext, configuration: HatchConfiguration
) -> Iterator[tuple[str, str]]:
    """Yield the existing environments of ``hatch test``."""
    storage = places.storage(configuration.folder)
    if storage is None:
        return
    for name in context.disk.names(storage.environments):
        if name.partition(".")[0] == places.TEST:
            yield name, os.path.join(storage.environments, name)


# -- having hatch do something ----------------------------------------------------------------------------------


def _new(context: BackendContext) -> None:
    name = os.path.basename(context.root)
    _hatch(context, f"creating a project in {context.root}", ["new", name, "."])


def _hatch(
    context: BackendContext,
    what: str,
    arguments: list[str],
    changes: Mapping[str, str | None] | None = None,
) -> None:
    HatchConfiguration(context).check_acts_here()
    environ = {**VARIABLES, **dict.fromkeys(NOT_FOR_UV), **(changes or {})}
    context.run(what, arguments, environ=environ)


def _target(
    context: BackendContext, configuration: HatchConfiguration, name: str
) -> tuple[str, Declared]:
    """Return the folder in which to create the environment ``name``, and its options."""
    if name.partition(".")[0] == places.TEST:
        return configuration.find(name), configuration.environment(name)
    try:
        declared = configuration.by_files(name)
    except NeedsHatchError:
        declared = configuration.environment(name)
        return configuration.find(name), declared
    place = next((one.prefix for one in context.project.places() if one.name == name), None)
    if place is None:
        raise configuration.no_such(name)
    return place, declared


def _python(
    context: BackendContext,
    configuration: HatchConfiguration,
    params: CreateParams,
    declared: Declared,
) -> dict[str, str | None]:
    """Return the variables that make hatch use the requested Python."""
    path = context.host.environ.get("PATH", os.defpath)
    own_python = text_at(declared.options, "python")
    if params.python is None and params.python_version is None:
        # Hatch would download a Python before it finds one that is not on PATH.
        with contextlib.suppress(PythonUnavailable, InvalidParams):
            found = context.python(params._replace(python_version=own_python))
            return {"PATH": os.pathsep.join((path, os.path.dirname(found.path)))}
        return {}
    found = context.python(params)
    if own_python is None:
        return {"HATCH_PYTHON": found.path}
    fits = False
    with contextlib.suppress(UsageError):
        fits = bool(interpreters.matching(own_python, (found,)))
    if not fits:
        parameter = "python" if params.python is not None else "python_version"
        raise invalid_param(
            parameter,
            f"{configuration.source} declares that {declared.name} has Python {own_python}",
        )
    return {"PATH": os.pathsep.join((os.path.dirname(found.path), path))}


def _python_requests(context: BackendContext, environment: Environment) -> Iterator[PythonRequest]:
    """Yield the environment's own option ``python`` if it is set, else ``requires-python``."""
    own_python = _own_python(context, environment)
    if own_python is None:
        yield from python_fit.requires_python(context)
    else:
        yield PythonRequest(_name(context, environment), (own_python,))


def _own_python(context: BackendContext, environment: Environment) -> str | None:
    configuration = HatchConfiguration(context)
    try:
        declared = configuration.by_files(_name(context, environment))
    except (NeedsHatchError, Protected, InvalidParams):
        return None
    return text_at(declared.options, "python")


def _new_python(context: BackendContext, environment: Environment) -> Interpreter:
    from workflow_server.params import CreateParams

    own_python = _own_python(context, environment)
    return context.python(CreateParams(_name(context, environment), own_python))


def _name(context: BackendContext, environment: Environment) -> str:
    """Return the name that hatch has for the environment."""
    real = real_path(environment.prefix)
    for place in context.project.places():
        if real_path(place.prefix) == real:
            return place.name
    return environment.name


def _reject_groups_and_extras(params: CreateParams | SyncParams) -> None:
    for name, value in {"groups": params.groups, "extras": params.extras}.items():
        if value:
            reason = "hatch takes features and groups from the project's configuration alone"
            raise invalid_param(name, reason)


def _lock_advice(name: str) -> str:
    return f"'hatch env lock {name}' brings it up to date, and so does 'wsp env sync'."


def _forget(folder: Folder, name: str, kind: str = places.VIRTUAL) -> None:
    """Remove hatch's record of what an environment was last synced with."""
    storage = places.storage(folder)
    if storage is not None:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(storage.notes, kind, f"{name}.json"))


def _put_back(
    context: BackendContext,
    configuration: HatchConfiguration,
    environment: Environment,
    declared: Declared,
) -> None:
    """Install the project itself if hatch uninstalled it because the lock does not name it."""
    target = fill.target(context, environment)
    words = _workplaces(configuration.dependencies(declared), _installed(context, target))
    if words:
        fill.install_words(context, target, ("--no-deps", *words))


def _complete(
    context: BackendContext,
    configuration: HatchConfiguration,
    environment: Environment,
    declared: Declared,
    state: _State,
) -> None:
    """Install missing packages that hatch overlooks: it checks the declared dependencies, but not theirs."""
    if not state.unmet or configuration.has_sources(declared):
        return
    dependencies = configuration.dependencies(declared)
    target = fill.target(context, environment)
    installed = _installed(context, target)
    requirements = [str(one) for one in dependencies.requirements if installed.applies(one)]
    words = [
        *_workplaces(dependencies, installed),
        *(["--", *requirements] if requirements else []),
    ]
    if words:
        fill.install_words(context, target, words)


def _workplaces(dependencies: HatchDependencies, installed: InstalledPackages) -> list[str]:
    """Return the arguments that install the missing workplaces."""
    words = []
    for one in dependencies.workplaces:
        if not _is_there(one, installed):
            place = f"{one.folder}[{','.join(one.extras)}]" if one.extras else one.folder
            words += ["-e", place] if one.editable else [place]
    return words


# -- comparing --------------------------------------------------------------------------------------------------


def _installed(context: BackendContext, target: Target) -> InstalledPackages:
    return InstalledPackages(target.prefix, target.variables, context.host, context.disk)


def _state(
    context: BackendContext,
    configuration: HatchConfiguration,
    environment: Environment,
    declared: Declared,
) -> _State:
    target = fill.target(context, environment)
    installed, dependencies = _installed(context, target), configuration.dependencies(declared)
    unmet = (
        *_absent(dependencies, installed),
        *installed.unmet(dependencies.requirements, dependencies.source),
    )
    file = configuration.lock(declared)
    if file is None:
        return _State(unmet, unknown=tuple(installed.unknown))
    lock = pylock.read(configuration.root, context.disk, file)
    if lock is None:
        # Without requirements, hatch writes none.
        none = (f"there is no {file}",) if dependencies.requirements else ()
        return _State(unmet, (), none, tuple(installed.unknown))
    selected = lock.selected(target.variables, None, None)
    own = {one.name or installed.editable_from(one.folder) or "" for one in dependencies.workplaces}
    from_index = [one for one in dependencies.requirements if normalized(one.name) not in own]
    stale = tuple(pylock.stale(selected, from_index, installed, dependencies.source))
    unlocked = lock.compare(selected, installed, own).differences
    return _State(unmet, unlocked, stale, tuple(installed.unknown))


def _absent(dependencies: HatchDependencies, installed: InstalledPackages) -> Iterator[str]:
    for one in dependencies.workplaces:
        if not _is_there(one, installed):
            is_own_project = one.folder == dependencies.root
            what = (
                "the project itself" if is_own_project else f"the workspace's member {one.folder}"
            )
            yield f"{what} is not installed{' as editable' if one.editable else ''}"


def _is_there(one: Workplace, installed: InstalledPackages) -> bool:
    name = one.name or installed.editable_from(one.folder)
    return name is not None and installed.folder(name) == (real_path(one.folder), one.editable)


BACKEND = Backend(
    name="hatch",
    program="hatch",
    advice="Install it with 'pipx install hatch' or 'uv tool install hatch'.",
    default_name=_DEFAULT,
    create=_create,
    sync=_sync,
    check=_check,
    python_requests=_python_requests,
    new_python=_new_python,
    install=_install,
    uninstall=_uninstall,
    tasks=_tasks,
    task_command=_task_command,
    test_runs=_test_runs,
    command=_command,
    after_delete=_after_delete,
    new=_new,
    install_python=_install_python,
    list_environments=_list_environments,
    writes=("pylock.toml",),
    error_patterns=(
        ErrorPattern(
            (
                "cannot locate python",
                "no compatible python distribution",
                "unknown distributions:",
                "incompatible distributions:",
            ),
            PythonUnavailable,
            "no Python on this machine fits, and hatch could not install one",
            "'wsp python list' lists the available Pythons. Name another with --python.",
        ),
        ErrorPattern(
            ("is not defined by project config",),
            InvalidParams,
            "the project declares no such environment",
            "They are declared in [tool.hatch.envs] of pyproject.toml, or in hatch.toml.",
        ),
        ErrorPattern(
            ("notadirectoryerror", "fileexistserror"),
            Protected,
            "a file exists where hatch needs a folder",
            "Remove it, or configure hatch to keep its environments in another folder.",
        ),
        ErrorPattern(
            ("with the pip locker is not yet supported",),
            ExecutionFailed,
            "it uses a lock file only with uv",
            'Set installer = "uv" for the environment.',
        ),
    ),
)
