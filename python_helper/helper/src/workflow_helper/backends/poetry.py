"""Poetry: one environment for each Python version, one of them selected; ``poetry sync`` syncs it with ``poetry.lock``.

Checked against Poetry 2.5. A command acts on the environment that is activated. Since a recorded selection would take
precedence, Poetry runs in a place without one. Starting Poetry takes half a second, so its files are read where they
suffice.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from workflow_server.errors import invalid_param
from workflow_server.values import InSync

from workflow_helper.backends import fill, python_fit
from workflow_helper.backends.base import Backend
from workflow_helper.backends.python_fit import PythonRequest
from workflow_helper.backends.test_runs import plain_runs
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.tools import poetry as places
from workflow_helper.discovery.tools.files import at, number, table_at, text_at, toml_of
from workflow_helper.errors import (
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    Protected,
    PythonUnavailable,
    UnusableFile,
)
from workflow_helper.filesystem.reader import LOCK_LIMIT
from workflow_helper.filesystem.user_dirs import join
from workflow_helper.install.declared import DependencyGroups
from workflow_helper.install.failures import ErrorPattern
from workflow_helper.install.installed_state import (
    InstalledPackages,
    LockedPackage,
    in_sync,
    marker_applies,
    out_of_sync,
    sentence_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from workflow_server.params import CreateParams, SyncParams

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.discovery.tools.contract import Folder
    from workflow_helper.discovery.tools.poetry import Central
    from workflow_helper.model import Environment, Interpreter

LOCK = "poetry.lock"
_OUTDATED = "'poetry lock' brings it up to date, and so does 'wsp env sync'."
#: Packages that Poetry leaves alone though they are not locked: those that keep an environment going.
_SEEDS = ("pip", "setuptools", "wheel")
#: The parts of ``pyproject.toml`` that a lock depends on.
_OF_PROJECT = ("requires-python", "dependencies", "optional-dependencies")
_OF_POETRY = ("dependencies", "source", "extras", "dev-dependencies")
#: Lock files from this format on say which packages are for which groups and markers.
_FORMAT = (2, 1)
#: The beginnings of the lines in which Poetry says what it does.
_DOING = ("- Installing ", "- Updating ", "- Downgrading ", "- Removing ")


def _create(context: BackendContext, params: CreateParams) -> str:
    """Create and select the environment, as ``poetry env use`` does; if that fails, restore the selection."""
    context.check_default_name(params.name)
    folder = _folder(context)
    wishes = _wishes(folder, params.groups, params.extras)
    if not places.makes_environments(folder):
        raise Protected(
            "Poetry is configured not to create environments (virtualenvs.create)",
            "'poetry config --unset virtualenvs.create' changes that.",
        )
    python = _python(context, folder, params)
    minor = ".".join((python.version or "").split(".")[:2])
    prefix = _prefix(folder, minor)
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"poetry can only create this environment in {prefix}")
    with _restore_selection(context, folder), context.creating(prefix) as creation:
        creation.run(
            f"creating {prefix}",
            ["env", "use", "--no-interaction", python.path],
            environ=_create_variables(folder, prefix),
        )
        environment = creation.check_created(params, prefix)
        _bring_into_step(creation, prefix, wishes, frozen=False)
        if params.packages:
            fill.install(creation, fill.Target(prefix, environment, {}), params.packages)
    return prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    wishes = _wishes(_folder(context), params.groups, params.extras)
    _bring_into_step(context, environment.prefix, wishes, frozen=params.frozen)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    folder = _folder(context)
    _wishes(folder, params.groups, params.extras)
    stale = _stale(folder)
    if stale is not None:
        return InSync(in_sync=False, message=f"{stale} ('wsp env sync' brings it up to date)")
    if _is_of_an_older_format(folder):
        message = sentence_of(_planned_changes(context, folder, environment.prefix, params))
        return InSync(in_sync=not message, message=message)
    target = fill.target(context, environment)
    installed = InstalledPackages(target.prefix, target.variables, context.host, context.disk)
    locked = [*_locked(folder, target.variables, params), *_own_project(folder)]
    return in_sync(out_of_sync(locked, installed, LOCK, _SEEDS), installed.unknown)


def _after_delete(context: BackendContext, environment: Environment) -> None:
    """Deselect the environment: Poetry would recreate it, unasked, with its next command."""
    folder = context.project.folder
    central = places.central(folder)
    if central is None:
        return
    minor = text_at(_selection(folder, central), "minor")
    if minor is not None and environment.prefix == central.place(minor):
        _select(context, central, None)


# -- acting -----------------------------------------------------------------------------------------------------


def _bring_into_step(
    context: BackendContext, prefix: str, wishes: Sequence[str], *, frozen: bool
) -> None:
    stale = _stale(_folder(context))
    if stale is not None:
        if frozen:
            raise LockOutdated(stale, _OUTDATED)
        _poetry(context, "locking", ["lock"], prefix)
    _poetry(context, f"syncing {prefix}", ["sync", *wishes], prefix)


def _new(context: BackendContext) -> None:
    words = ["new", "--no-interaction", "--no-ansi", "."]
    context.run(f"creating a project in {context.root}", words)


def _poetry(context: BackendContext, what: str, words: Sequence[str], prefix: str) -> None:
    context.run(
        what, [*words, "--no-interaction", "--no-ansi"], environ=_activation_variables(prefix)
    )


def _activation_variables(prefix: str) -> dict[str, str | None]:
    """Return variables that make Poetry act on the environment at ``prefix``, whichever is selected."""
    return {
        "VIRTUAL_ENV": prefix,
        "POETRY_VIRTUALENVS_PATH": prefix,
        "POETRY_VIRTUALENVS_CREATE": None,
    }


def _create_variables(folder: Folder, prefix: str) -> dict[str, str | None]:
    """Return variables that make ``poetry env use`` create the environment at ``prefix``, even if one elsewhere exists."""
    if places.keeps_in_project(folder):
        return {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_VIRTUALENVS_PATH": prefix}
    return {"POETRY_VIRTUALENVS_IN_PROJECT": "false"}


@contextmanager
def _restore_selection(context: BackendContext, folder: Folder) -> Iterator[None]:
    """Restore the current selection if the body fails."""
    central = places.central(folder)
    before = None if central is None else _selection(folder, central)
    try:
        yield
    except BaseException:
        if central is not None and _selection(folder, central) != before:
            _select(context, central, before)
        raise


def _selection(folder: Folder, central: Central) -> dict[str, Any]:
    """Return Poetry's record of the selected environment; empty if none is selected."""
    return table_at(toml_of(folder, central.record), central.mark)


def _select(context: BackendContext, central: Central, selection: Mapping[str, Any] | None) -> None:
    """Write Poetry's record of the selected environment; the records of other projects are kept."""
    import tomlkit

    from workflow_helper.filesystem.atomic import write_whole

    try:
        document = tomlkit.parse(context.disk.text(central.record) or "")
    except (UnusableFile, ValueError) as error:
        context.report(f"{central.record} was not changed: {error}")
        return
    if selection:
        document[central.mark] = dict(selection)
    else:
        document.pop(central.mark, None)
    write_whole(central.record, tomlkit.dumps(document).encode(), replace=True)


# -- which Python -----------------------------------------------------------------------------------------------


def _python(context: BackendContext, folder: Folder, params: CreateParams) -> Interpreter:
    """Return the requested interpreter, else one that the project allows, also by Poetry's own constraint."""
    from workflow_helper.discovery.python_version_file import requested

    constraint = text_at(_settings(folder), "dependencies", "python")
    if (
        constraint is None
        or params.python is not None
        or params.python_version is not None
        or text_at(_document(folder), "project", "requires-python") is not None
        or requested(context.root, context.host, context.disk) is not None
    ):
        return context.python(params)
    for version in _ranges(constraint):
        try:
            return context.python(params._replace(python_version=version or None))
        except PythonUnavailable:
            continue
        except InvalidParams:  # not understood here: Poetry says whether it fits
            return context.python(params)
    raise PythonUnavailable(
        f"no Python on this machine fits the project's {constraint!r}",
        "'wsp python list' lists the available Pythons. Name another with --python.",
    )


def _python_requests(context: BackendContext, _environment: Environment) -> Iterator[PythonRequest]:
    yield from python_fit.requires_python(context)
    constraint = text_at(_settings(_folder(context)), "dependencies", "python")
    if constraint is not None:
        yield PythonRequest("[tool.poetry.dependencies]", (*_ranges(constraint),))


def _new_python(context: BackendContext, environment: Environment) -> Interpreter:
    from workflow_server.params import CreateParams

    return _python(context, _folder(context), CreateParams(environment.name))


def _ranges(constraint: str) -> Iterator[str]:
    """Yield alternative ranges in the syntax of ``requires-python``; none if every version is allowed."""
    for alternative in constraint.replace("||", "|").split("|"):
        parts = (_range(part.strip()) for part in alternative.split(","))
        yield ",".join(part for part in parts if part)


def _range(part: str) -> str:
    if part == "*":
        return ""
    if part.startswith("~=") or part[:1] in ("<", ">", "=", "!"):
        return part
    if part[:1] not in ("^", "~"):
        return f"=={part}"
    version = part[1:].strip()
    numbers = [number(part) or 0 for part in version.split(".")]
    # A caret keeps the first number, which no Python has as 0, and a tilde the second one.
    fixed = 2 if part[0] == "~" and len(numbers) > 1 else 1
    end = [*numbers[: fixed - 1], numbers[fixed - 1] + 1]
    return f">={version},<{'.'.join(map(str, end))}"


def _prefix(folder: Folder, minor: str) -> str:
    if places.keeps_in_project(folder):
        return join(folder.host, folder.root, places.IN_PROJECT)
    central = places.central(folder)
    if central is None:
        raise Protected(f"the location of poetry's environments for {folder.root} is unknown")
    return central.place(minor)


# -- the lock ---------------------------------------------------------------------------------------------------


def _stale(folder: Folder) -> str | None:
    """Return why ``poetry.lock`` is outdated, computed as Poetry does; ``None`` if it is up to date."""
    digest = text_at(_lock(folder), "metadata", "content-hash")
    if digest is None:
        return f"there is no {LOCK}"
    if digest in (
        _content_hash(folder, with_groups=True),
        _content_hash(folder, with_groups=False),
    ):
        return None
    return f"{LOCK} does not match what the project declares"


def _content_hash(folder: Folder, *, with_groups: bool) -> str:
    """Return the digest of what is locked, as Poetry computes it; older locks leave out the groups of PEP 735."""
    import json
    from hashlib import sha256

    document = _document(folder)
    project, settings = table_at(document, "project"), _settings(folder)
    of_project = {key: project[key] for key in _OF_PROJECT if project.get(key) is not None}
    groups = table_at(document, "dependency-groups") if with_groups else {}
    of_poetry = {
        key: settings.get(key)
        for key in (*_OF_POETRY, "group")
        if settings.get(key) is not None or (key in _OF_POETRY and not (of_project or groups))
    }
    parts = {"project": of_project, "dependency-groups": groups}
    whole: dict[str, Any] = {name: part for name, part in parts.items() if part}
    whole = {**whole, "tool": {"poetry": of_poetry}} if whole else of_poetry
    return sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


def _is_of_an_older_format(folder: Folder) -> bool:
    parts = (text_at(_lock(folder), "metadata", "lock-version") or "").split(".")
    numbers = map(number, parts)
    return tuple(one for one in numbers if one is not None) < _FORMAT


def _planned_changes(
    context: BackendContext, folder: Folder, prefix: str, params: SyncParams
) -> Iterator[str]:
    """Yield what Poetry itself would change; it resolves a lock of an older format again, and writes nothing."""
    if not context.trusted:
        raise context.untrusted_error()
    words = ["sync", "--dry-run", *_wishes(folder, params.groups, params.extras)]
    # With plug-ins, those that the project requires would be installed.
    plain = ["--no-interaction", "--no-ansi", "--no-plugins"]
    done = context.run_for_output(
        f"checking {prefix}", [*words, *plain], environ=_activation_variables(prefix)
    )
    yield from parse_dry_run(done.text)


def parse_dry_run(text: str) -> Iterator[str]:
    """Yield what ``poetry sync --dry-run`` would do, one difference each."""
    for line in text.splitlines():
        step = line.strip()
        if step.startswith(_DOING) and "Skipped for" not in step:
            yield f"planned: {step.removeprefix('- ')}"


def _locked(
    folder: Folder, variables: Mapping[str, str], params: SyncParams
) -> Iterator[LockedPackage]:
    """Yield the packages of the lock that apply to an environment."""
    # Extras may exclude each other, so a requested one must not count as not requested.
    extras = [*map(normalized, params.extras or ())] or [""]
    groups = {"main", *_default_groups(folder), *map(normalized, params.groups or ())}
    for one in _lock(folder).get("package", ()):
        of = {normalized(str(group)) for group in one.get("groups", ["main"])} & groups
        condition = one.get("markers")
        markers = (
            [condition.get(group) for group in of] if isinstance(condition, dict) else [condition]
        )
        if of and any(
            marker_applies(marker, variables, extra) for marker in markers for extra in extras
        ):
            yield _locked_package(folder, one)


def _locked_package(folder: Folder, one: dict[str, Any]) -> LockedPackage:
    name, version = normalized(text_at(one, "name") or ""), text_at(one, "version")
    source = table_at(one, "source")
    url = text_at(source, "url") or ""
    match text_at(source, "type"):
        case "directory":
            path = join(folder.host, folder.root, url)
            return LockedPackage(name, version, os.path.normpath(path), one.get("develop") is True)
        case "git":
            commit, editable = text_at(source, "resolved_reference"), one.get("develop") is True
            return LockedPackage(name, version).of_repository(
                f"git+{url}", commit, editable=editable
            )
        case "file" | "url":
            return LockedPackage(name, version).at(url, folder.root, files=one.get("files"))
        case _:
            return LockedPackage(name, version, of_index=True)


def _own_project(folder: Folder) -> Iterator[LockedPackage]:
    """Yield the project itself, if Poetry installs it."""
    name = text_at(_document(folder), "project", "name") or text_at(_settings(folder), "name")
    if name is not None and _settings(folder).get("package-mode") is not False:
        yield LockedPackage(normalized(name), None, folder.root, editable=True)


# -- the project ------------------------------------------------------------------------------------------------


def _folder(context: BackendContext) -> Folder:
    """Return the project.

    Raises:
        Protected: there is no project: Poetry would use one in a parent folder.
    """
    folder = context.project.folder
    try:
        document = context.disk.toml(join(context.host, folder.root, "pyproject.toml")) or {}
    except UnusableFile as error:
        raise Protected(str(error), "Correct it first: Poetry cannot read it either.") from None
    if "project" not in document and at(document, "tool", "poetry") is None:
        raise Protected(
            f"{folder.root} is not a Poetry project: pyproject.toml is missing or has neither [project] nor [tool.poetry]",
            "Run 'poetry init' to make it one. For a plain .venv: --workflow venv.",
        )
    return folder


def _document(folder: Folder) -> dict[str, Any]:
    return toml_of(folder, join(folder.host, folder.root, "pyproject.toml"))


def _settings(folder: Folder) -> dict[str, Any]:
    return table_at(_document(folder), "tool", "poetry")


def _lock(folder: Folder) -> dict[str, Any]:
    try:
        return folder.disk.toml(join(folder.host, folder.root, LOCK), LOCK_LIMIT) or {}
    except UnusableFile:
        return {}


def _groups(folder: Folder) -> dict[str, bool]:
    """Return every group by its name, and whether it is optional."""
    found = {normalized(name): False for name in table_at(_document(folder), "dependency-groups")}
    for name, about in table_at(_settings(folder), "group").items():
        found[normalized(name)] = isinstance(about, dict) and about.get("optional") is True
    if "dev-dependencies" in _settings(folder):
        found["dev"] = False
    return found


def _default_groups(folder: Folder) -> set[str]:
    return {name for name, optional in _groups(folder).items() if not optional}


def _parts(folder: Folder) -> DependencyGroups:
    optional = table_at(_document(folder), "project", "optional-dependencies")
    extras = {normalized(name) for name in (*optional, *table_at(_settings(folder), "extras"))}
    return DependencyGroups((*_groups(folder),), (*sorted(extras),))


def _wishes(
    folder: Folder, groups: tuple[str, ...] | None, extras: tuple[str, ...] | None
) -> list[str]:
    """Return arguments that select groups and extras beside Poetry's own.

    Raises:
        InvalidParams: the project does not have one of them.
    """
    there = _parts(folder)
    for kind, names, known in (
        ("group", groups, there.groups),
        ("extra", extras, there.extras),
    ):
        for name in names or ():
            if normalized(name) not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise InvalidParams(f"the project declares no {kind} {name!r} (it has {listed})")
    options = [word for group in groups or () for word in ("--with", group)]
    return options + [word for extra in extras or () for word in ("--extras", extra)]


BACKEND = Backend(
    name="poetry",
    program="poetry",
    advice="Install it with 'pipx install poetry' or 'uv tool install poetry'.",
    default_name="default",
    create=_create,
    sync=_sync,
    check=_check,
    python_requests=_python_requests,
    new_python=_new_python,
    install=fill.install_into,
    uninstall=fill.take_out_of,
    new=_new,
    after_delete=_after_delete,
    test_runs=plain_runs,
    parts=_parts,
    writes=(LOCK,),
    error_patterns=(
        ErrorPattern(
            ("since poetry.lock was last generated",),
            LockOutdated,
            f"{LOCK} does not match what the project declares",
            _OUTDATED,
        ),
        ErrorPattern(
            ("is not supported by the project", "unable to find a compatible version"),
            PythonUnavailable,
            "the project does not allow this Python",
            "'wsp python list' lists the available Pythons. Name another with --python.",
        ),
        ErrorPattern(
            ("the current project could not be installed",),
            ExecutionFailed,
            "the project is not a package that could be installed",
            "If it is not meant to be one, set 'package-mode = false' in [tool.poetry]. Otherwise name its 'packages' there.",
        ),
    ),
)
