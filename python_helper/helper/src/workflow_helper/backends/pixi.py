"""pixi: the environments that its manifest declares, each in ``.pixi/envs``.

Written from pixi's documentation and reports of its users, up to version 0.81; it cannot be installed where this
product is tested. ``pixi lock --check`` writes the lock file that it checks, so ``pixi list --locked`` is run instead.
"""

from __future__ import annotations

import json
import os

from workflow_server.errors import invalid_param
from workflow_server.values import Command, InSync, Task

from workflow_helper.backends import activation
from workflow_helper.backends.base import Backend
from workflow_helper.discovery.environments import distributions as installed_packages
from workflow_helper.discovery.tools.files import at, table_at, text_at
from workflow_helper.discovery.tools.naming import normalized
from workflow_helper.errors import InvalidParams, LockOutdated, Protected, ToolNotInstalled
from workflow_helper.install.failures import ErrorPattern, failure
from workflow_helper.install.installed_state import sentence_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, NamedTuple

    from workflow_server.params import CommandParams, CreateParams, SyncParams, TaskCommandParams

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.model import Environment, Host
else:
    from workflow_server.namedtuple import NamedTuple

_DEFAULT = "default"
#: Variables of a shell in another environment of pixi's, and those that contradict the options that are given.
_VARIABLES: Mapping[str, str | None] = {
    "PIXI_PROJECT_MANIFEST": None,
    "PIXI_ENVIRONMENT_NAME": None,
    "PIXI_IN_SHELL": None,
    "PIXI_FROZEN": None,
    "PIXI_LOCKED": None,
    "PIXI_NO_PROGRESS": "true",
}
_STALE = ("not up-to-date with the workspace", "not up-to-date with the project")
_OUTDATED = "'pixi lock' brings it up to date, and so does 'wsp env sync'."


class _Manifest(NamedTuple):
    """A manifest of pixi: the file, and its tables."""

    path: str
    table: dict[str, Any]


class _Found(NamedTuple):
    """A task, and the environment to run it in."""

    environment: str
    description: str


def _create(context: BackendContext, params: CreateParams) -> str:
    manifest = _manifest(context)
    wishes = {"groups": params.groups, "extras": params.extras, "packages": params.packages}
    for name, wish in wishes.items():
        if wish:
            raise invalid_param(name, f"{manifest.path} determines what an environment contains")
    if params.python is not None or params.python_version is not None:
        parameter = "python" if params.python is not None else "python_version"
        raise invalid_param(
            parameter, f"{manifest.path} determines which Python an environment has"
        )
    name = _DEFAULT if params.name == "." else params.name
    place = next((one for one in context.project.places() if one.name == name), None)
    if place is None:
        raise invalid_param("name", f"{manifest.path} declares no environment {name}")
    if params.path is not None and os.path.normpath(params.path) != place.prefix:
        raise invalid_param("path", f"pixi can only create this environment in {place.prefix}")
    with context.creating(place.prefix) as creation:
        what = f"creating {place.prefix}"
        creation.run(what, _words("install", manifest, name), environ=_VARIABLES)
    return place.prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    _reject_groups_and_extras(params)
    arguments = _words("install", _manifest(context), environment.name)
    if params.frozen:
        arguments.append("--locked")
    context.run(f"syncing {environment.prefix}", arguments, environ=_VARIABLES)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    _reject_groups_and_extras(params)
    if not context.trusted:
        raise context.untrusted_error()
    what = f"checking {environment.prefix}"
    words = _words("list", _manifest(context), environment.name)
    done = context.run_for_output(
        what,
        [*words, "--json", "--locked", "--no-install"],
        environ={**_VARIABLES, "PIXI_OFFLINE": "true"},
        accepted=(0, 1),
    )
    if done.exit_code:
        if any(words in done.text for words in _STALE):
            reason = "pixi.lock does not match what the project declares"
            return InSync(in_sync=False, message=f"{reason} ('wsp env sync' brings it up to date)")
        raise failure(what, "pixi", done, BACKEND.error_patterns)
    try:
        locked = json.loads(done.stdout)
    except (ValueError, RecursionError):
        locked = None
    if not isinstance(locked, list):
        raise failure(what, "pixi", done, BACKEND.error_patterns)
    differences = list(_differences(context, environment.prefix, locked))
    return InSync(in_sync=not differences, message=sentence_of(differences))


def _tasks(context: BackendContext) -> list[Task]:
    manifest = _declared(context)
    found = {} if manifest is None else _all_tasks(manifest.table, context.host)
    return [Task(name, one.description) for name, one in sorted(found.items()) if name[0] != "_"]


def _task_command(context: BackendContext, params: TaskCommandParams) -> Command:
    manifest = _declared(context)
    found = manifest and _all_tasks(manifest.table, context.host).get(params.name)
    if manifest is None or found is None:
        raise invalid_param("name", f"the project declares no task {params.name}")
    words = _words("run", manifest, found.environment)
    unset = tuple(name for name, value in _VARIABLES.items() if value is None)
    return Command((context.program(), *words, params.name, *params.argv), context.root, unset)


def _command(context: BackendContext, environment: Environment, params: CommandParams) -> Command:
    plain = activation.command(context, environment, params)
    manifest = _declared(context)
    if manifest is None or not (
        activation.has_scripts(environment.prefix, context.host, context.disk)
        or _activates(manifest.table)
    ):
        return plain
    try:
        pixi = context.program()
    except ToolNotInstalled:
        return plain
    words = _words("run", manifest, environment.name)
    return plain._replace(
        argv=(pixi, *words, "--frozen", "--no-install", "--executable", *plain.argv)
    )


def _words(verb: str, manifest: _Manifest, environment: str) -> list[str]:
    # The file is named: pixi would look in the folders above, and in a shell of its own for another project's.
    return [verb, "--manifest-path", manifest.path, "--environment", environment]


def _reject_groups_and_extras(params: SyncParams) -> None:
    for name, wish in {"groups": params.groups, "extras": params.extras}.items():
        if wish:
            raise invalid_param(name, "pixi takes features from the manifest alone")


def _differences(context: BackendContext, prefix: str, locked: Sequence[Any]) -> Iterator[str]:
    """Yield a difference for each package that is locked but not installed, or installed by conda but not locked."""
    records = activation.records(prefix, context.disk)
    have = {name: version for name, version, _ in records}
    wheels = {
        normalized(one.name): one.version
        for one in installed_packages.installed(prefix, context.host, context.disk)
    }
    names = set()
    for one in locked:
        name, version = text_at(one, "name"), text_at(one, "version")
        if name is None:
            continue
        names.add(name)
        if text_at(one, "kind") == "pypi":
            has = wheels.get(normalized(name))
            right = has is not None and version in (None, has)
        else:
            has = have.get(name)
            right = (name, version, text_at(one, "build") or "") in records
        if has is None:
            yield f"{name} {version or ''}".strip() + " is not installed"
        elif not right:
            what = f"{name} {version}" if has != version else f"another build of {name} {version}"
            yield f"{what} is locked" + (f", but {has} is installed" if has != version else "")
    for name in sorted({*have} - names):
        yield f"{name} {have[name]} is not in pixi.lock"


# -- the manifest -----------------------------------------------------------------------------------------------


def _manifest(context: BackendContext) -> _Manifest:
    """Return the manifest, which is required.

    Raises:
        Protected: there is no manifest.
        UnusableFile: it cannot be read.
    """
    found = _declared(context)
    if found is None:
        raise Protected(
            f"{context.root} is not a pixi project: it has no pixi.toml, and no [tool.pixi] in pyproject.toml",
            "Run 'pixi init' to make it one.",
        )
    return found


def _declared(context: BackendContext) -> _Manifest | None:
    """Return the manifest in the project's folder, if there is one."""
    for name, keys in (("pixi.toml", ()), ("pyproject.toml", ("tool", "pixi"))):
        path = os.path.join(context.root, name)
        document = context.disk.toml(path)
        table = None if document is None else at(document, *keys)
        if isinstance(table, dict):
            return _Manifest(path, table)
    return None


def _all_tasks(table: dict[str, Any], host: Host) -> dict[str, _Found]:
    """Return every task by its name, with the environment that pixi itself would use, or else the first that has the task."""
    environments = {_DEFAULT: None, **table_at(table, "environments")}
    found: dict[str, _Found] = {}
    for environment, declared in environments.items():
        for feature in _features(declared):
            inner = table if feature == _DEFAULT else table_at(table, "feature", feature)
            for name, task in _tasks_of(inner, host):
                owner = text_at(task, "default-environment") or environment
                found.setdefault(name, _Found(owner, text_at(task, "description") or ""))
    return found


def _features(declared: object) -> list[str]:
    """Return the features of an environment, as the manifest declares them."""
    listed = at(declared, "features") if isinstance(declared, dict) else declared
    names = [name for name in (listed if isinstance(listed, list) else ()) if isinstance(name, str)]
    return names if at(declared, "no-default-feature") is True else [*names, _DEFAULT]


def _tasks_of(inner: dict[str, Any], host: Host) -> Iterator[tuple[str, object]]:
    systems = {"win32": ("win",), "darwin": ("unix", "osx")}.get(host.platform, ("unix", "linux"))
    for target, table in table_at(inner, "target").items():
        if target in systems or target.partition("-")[0] in systems:
            yield from table_at(table, "tasks").items()
    yield from ((name, task) for name, task in table_at(inner, "tasks").items() if name)


def _activates(table: dict[str, Any]) -> bool:
    """Return whether the manifest itself has scripts or variables for activation."""
    inner = [table, *table_at(table, "feature").values()]
    inner += [one for each in inner for one in table_at(each, "target").values()]
    return any(at(one, "activation") is not None for one in inner)


BACKEND = Backend(
    name="pixi",
    program="pixi",
    advice="Install it from https://pixi.sh.",
    default_name=_DEFAULT,
    create=_create,
    sync=_sync,
    check=_check,
    tasks=_tasks,
    task_command=_task_command,
    command=_command,
    writes=("pixi.lock",),
    error_patterns=(
        ErrorPattern(
            _STALE,
            LockOutdated,
            "pixi.lock is missing, or does not match what the project declares",
            _OUTDATED,
        ),
        ErrorPattern(
            ("unknown environment",),
            InvalidParams,
            "the manifest declares no such environment",
            "They are declared in its table of environments.",
        ),
    ),
)
