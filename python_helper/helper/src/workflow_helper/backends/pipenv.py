"""Pipenv: the one environment of a ``Pipfile``, kept in sync with ``Pipfile.lock`` by ``pipenv sync``.

Checked against pipenv 2026.10. ``pipenv sync`` silently accepts an outdated lock file, and ``pipenv run`` writes a
Pipfile if there is none, so both files are checked first.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param
from workflow_server.values import InSync, Task

from workflow_helper.backends import fill, python_fit
from workflow_helper.backends.base import Backend
from workflow_helper.backends.python_fit import PythonRequest
from workflow_helper.backends.test_runs import script_runs
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.tools.files import table_at, text_at, toml_of
from workflow_helper.errors import InvalidParams, LockOutdated, Protected, UnusableFile
from workflow_helper.filesystem.reader import LOCK_LIMIT
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import join
from workflow_helper.install.declared import DependencyGroups
from workflow_helper.install.failures import ErrorPattern
from workflow_helper.install.installed_state import (
    InstalledPackages,
    LockedPackage,
    in_sync,
    marker_applies,
    out_of_sync,
)
from workflow_helper.install.origins import REPOSITORIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from workflow_server.params import CreateParams, SyncParams, TaskCommandParams
    from workflow_server.values import Command

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.backends.test_runs import TestRun
    from workflow_helper.discovery.tools import Folder
    from workflow_helper.model import Environment, Interpreter

LOCK = "Pipfile.lock"
_OUTDATED = "'pipenv lock' brings it up to date, and so does 'wsp env sync'."
#: Tables of a Pipfile that hold no packages.
_NO_CATEGORIES = ("source", "requires", "scripts", "pipenv", "pipfile")
#: The lock's names of the two categories that every Pipfile has.
_LOCKED_AS = {"packages": "default", "dev-packages": "develop"}


def _create(context: BackendContext, params: CreateParams) -> str:
    context.check_default_name(params.name)
    context.check_not_given(
        "a Pipfile has no extras, and its categories are groups", extras=params.extras
    )
    categories = _categories(context, params.groups)
    prefix = _place(context)
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"pipenv can only create this environment in {prefix}")
    python = _python(context, params)
    with context.creating(prefix) as creation:
        _pipenv(creation, f"creating {prefix}", ["--python", python.path])
        environment = creation.check_created(params, prefix)
        _bring_into_step(creation, categories, frozen=False)
        if params.packages:
            fill.install(creation, fill.Target(prefix, environment, {}), params.packages)
    return prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    context.check_not_given(
        "a Pipfile has no extras, and its categories are groups", extras=params.extras
    )
    categories = _categories(context, params.groups)
    if environment.prefix != _place(context):
        raise Protected(f"pipenv now uses {_place(context)}", "Delete this one.")
    _bring_into_step(context, categories, frozen=params.frozen)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    categories = _categories(context, params.groups)
    stale = _stale(context)
    if stale is not None:
        return InSync(in_sync=False, message=f"{stale} ('wsp env sync' brings it up to date)")
    target = fill.target(context, environment)
    installed = InstalledPackages(target.prefix, target.variables, context.host, context.disk)
    locked = [
        _locked_package(context.root, normalized(name), about)
        for category in categories
        for name, about in table_at(_lock(context), _LOCKED_AS.get(category, category)).items()
        if isinstance(about, dict) and marker_applies(text_at(about, "markers"), target.variables)
    ]
    # 'pipenv sync' adds, and takes nothing out.
    return in_sync(out_of_sync(locked, installed, LOCK, installed.found), installed.unknown)


def _locked_package(root: str, name: str, about: dict[str, Any]) -> LockedPackage:
    """Return one package of the lock."""
    version = (text_at(about, "version") or "").removeprefix("==") or None
    editable = about.get("editable") is True
    for kind in REPOSITORIES:
        if (url := text_at(about, kind)) is not None:
            commit = text_at(about, "ref")
            return LockedPackage(name).of_repository(f"{kind}+{url}", commit, editable=editable)
    place = text_at(about, "path") or text_at(about, "file")
    one = LockedPackage(name, version)
    listed = about.get("hashes")
    files = [{"hash": digest} for digest in listed] if isinstance(listed, list) else None
    return one if place is None else one.at(place, root, editable=editable, files=files)


def _tasks(context: BackendContext) -> list[Task]:
    return [
        Task(name, _describe(script))
        for name, script in table_at(_pipfile(context), "scripts").items()
    ]


def _test_runs(context: BackendContext) -> Iterator[TestRun]:
    return script_runs(context, table_at(_pipfile(context), "scripts"), "Pipfile")


def _task_command(context: BackendContext, params: TaskCommandParams) -> Command:
    if params.name not in table_at(_pipfile(context), "scripts"):
        raise invalid_param("name", f"[scripts] of the Pipfile has no {params.name!r}")
    return context.start(["run", params.name, *params.argv])


# -- acting -----------------------------------------------------------------------------------------------------


def _bring_into_step(context: BackendContext, categories: tuple[str, ...], *, frozen: bool) -> None:
    prefix = _place(context)
    stale = _stale(context)
    if stale is not None:
        if frozen:
            raise LockOutdated(stale, _OUTDATED)
        # Without it pipenv does not report an unreachable index, but a missing package.
        _pipenv(context, "locking", ["lock", "--verbose"])
    _pipenv(context, f"syncing {prefix}", ["sync", "--categories", " ".join(categories)])


def _pipenv(context: BackendContext, what: str, words: Sequence[str]) -> None:
    # Without links, since the environment is named after this path.
    pipfile = os.path.join(real_path(context.root), "Pipfile")
    changes = {
        "PIPENV_PIPFILE": pipfile,
        "PIPENV_NOSPIN": "1",
        "PIPENV_ACTIVE": None,
        "COLUMNS": "500",
    }
    context.run(what, words, environ=changes)


def _python(context: BackendContext, params: CreateParams) -> Interpreter:
    """Return the requested interpreter, else the one that the Pipfile requires; pipenv would only warn about another one."""
    version = _required(context)
    if params.python is not None or params.python_version is not None or version is None:
        return context.python(params)
    return context.python(params._replace(python_version=version))


def _required(context: BackendContext) -> str | None:
    requires = table_at(_pipfile(context), "requires")
    version = text_at(requires, "python_full_version") or text_at(requires, "python_version")
    return None if version == "*" else version


def _python_requests(context: BackendContext, _environment: Environment) -> Iterator[PythonRequest]:
    yield from python_fit.requires_python(context)
    version = _required(context)
    if version is not None:
        yield PythonRequest("the Pipfile", (version,))


def _new_python(context: BackendContext, environment: Environment) -> Interpreter:
    from workflow_server.params import CreateParams

    return _python(context, CreateParams(environment.name))


def _place(context: BackendContext) -> str:
    """Return the folder of the environment, existing or not.

    Raises:
        Protected: there is no Pipfile: pipenv would write one.
    """
    if not context.project.folder.has("Pipfile"):
        raise Protected(
            f"{context.root} is not a Pipenv project: it has no Pipfile",
            "'pipenv install' creates one. For a plain .venv: --workflow venv.",
        )
    prefix = next((place.prefix for place in context.project.places() if place.default), None)
    if prefix is None:
        raise Protected(f"the location of pipenv's environment for {context.root} is unknown")
    return prefix


# -- the lock ---------------------------------------------------------------------------------------------------


def _stale(context: BackendContext) -> str | None:
    """Return why ``Pipfile.lock`` is outdated; ``None`` if it is up to date."""
    lock = _lock(context)
    if not lock:
        return f"there is no {LOCK}"
    digest = text_at(lock, "_meta", "hash", "sha256")
    if digest == _content_hash(context, table_at(lock, "_meta")):
        return None
    return f"{LOCK} does not match the Pipfile"


def _content_hash(context: BackendContext, about: dict[str, Any]) -> str:
    """Return the digest of what is locked, computed from the Pipfile as pipenv does; ``about`` is the lock's ``_meta``."""
    import json
    from hashlib import sha256

    pipfile = _pipfile(context)
    packages = {
        _LOCKED_AS.get(name, name): {normalized(key): value for key, value in table.items()}
        for name, table in pipfile.items()
        if name not in _NO_CATEGORIES and isinstance(table, dict)
    }
    # A Pipfile without sources has pipenv's default one, which the lock then names.
    sources = pipfile.get("source", about.get("sources", []))
    whole = {
        "default": {},
        "develop": {},
        **packages,
        "_meta": {"sources": sources, "requires": pipfile.get("requires", {})},
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def _lock(context: BackendContext) -> dict[str, Any]:
    """Return the lock, empty where there is none.

    Raises:
        UnusableFile: it cannot be read; such a lock is never replaced automatically.
    """
    import json

    path = join(context.host, context.root, LOCK)
    try:
        found = json.loads(context.disk.text(path, LOCK_LIMIT) or "{}")
    except (ValueError, RecursionError) as error:
        raise UnusableFile(path, f"is not valid JSON: {error}") from None
    return found if isinstance(found, dict) else {}


# -- the project ------------------------------------------------------------------------------------------------


def _pipfile(context: BackendContext) -> dict[str, Any]:
    return _pipfile_of(context.project.folder)


def _pipfile_of(folder: Folder) -> dict[str, Any]:
    return toml_of(folder, join(folder.host, folder.root, "Pipfile"))


def _parts(folder: Folder) -> DependencyGroups:
    """Return every category except the one of the project's own dependencies."""
    categories = {"dev-packages", *(set(_pipfile_of(folder)) - set(_NO_CATEGORIES))}
    return DependencyGroups((*sorted(categories - {"packages"}),))


def _categories(context: BackendContext, groups: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the requested tables of packages of the Pipfile.

    Raises:
        InvalidParams: the Pipfile does not have one of them.
    """
    names = {"dev": "dev-packages", "develop": "dev-packages", "default": "packages"}
    categories = ["packages", *(names.get(group, group) for group in groups or ())]
    known = {"packages", "dev-packages", *(set(_pipfile(context)) - set(_NO_CATEGORIES))}
    for category in categories:
        if category not in known:
            listed = ", ".join(sorted(known))
            raise InvalidParams(f"the Pipfile has no category {category!r} (it has {listed})")
    return tuple(dict.fromkeys(categories))


def _describe(script: object) -> str:
    if isinstance(script, str):
        return script
    return (
        (text_at(script, "cmd") or text_at(script, "call") or "")
        if isinstance(script, dict)
        else ""
    )


BACKEND = Backend(
    name="pipenv",
    program="pipenv",
    advice="Install it with 'pipx install pipenv' or 'uv tool install pipenv'.",
    default_name="default",
    create=_create,
    sync=_sync,
    check=_check,
    python_requests=_python_requests,
    new_python=_new_python,
    install=fill.install_into,
    uninstall=fill.take_out_of,
    tasks=_tasks,
    task_command=_task_command,
    test_runs=_test_runs,
    parts=_parts,
    writes=(LOCK,),
    error_patterns=(
        ErrorPattern(
            ("pipfile.lock is out of date", "pipfile.lock not found", "your pipfile.lock"),
            LockOutdated,
            f"{LOCK} does not match the Pipfile",
            _OUTDATED,
        ),
    ),
)
