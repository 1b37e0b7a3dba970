"""uv: ``uv sync`` creates and syncs the one environment of a project, or of a workspace.

Checked against uv 0.13. If ``.venv`` is a redirect file, which uv rejects, uv gets the environment that the file names.
uv replaces an environment whose Python is no longer the requested one; this module treats that as a deletion.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param
from workflow_server.values import InSync, Package, Plan

from workflow_helper.backends import python_fit
from workflow_helper.backends.base import Backend
from workflow_helper.backends.test_runs import plain_runs
from workflow_helper.discovery import pep832
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.errors import (
    InvalidParams,
    LockOutdated,
    OtherPython,
    Protected,
    PythonUnavailable,
)
from workflow_helper.install.failures import ErrorPattern, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from workflow_server.params import CreateParams, SyncParams

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.discovery.tools import Folder
    from workflow_helper.install.declared import DependencyGroups
    from workflow_helper.model import Environment, Interpreter
    from workflow_helper.system.process import Finished

_PLAIN = ("--color", "never", "--no-progress")
#: For questions: nothing is downloaded.
_READING = (*_PLAIN, "--offline", "--no-python-downloads")
#: To resolve again, and change nothing.
_PLANNING = ("--no-python-downloads", "sync", "--dry-run", "--output-format", "json")
#: Of uv's own variables, those by which it would look at another project than the one at hand.
_ELSEWHERE = ("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY")
#: uv's own three retries take 5 to 12 seconds before an index counts as out of reach.
_RETRIES = "2"

_OUTDATED = "'uv lock' brings it up to date, and so does 'wsp env sync'."


def _create(context: BackendContext, params: CreateParams) -> str:
    context.check_default_name(params.name)
    _check_project(context)
    prefix = _target(context)
    if params.path is not None and os.path.normpath(params.path) not in (prefix, _place(context)):
        raise invalid_param("path", f"uv can only create this environment in {prefix}")
    if any(place.prefix == prefix and place.kind == "system" for place in context.project.places()):
        raise Protected(
            f"UV_PROJECT_ENVIRONMENT names {prefix}, a Python of the machine, which is not changed",
            "Unset it to have an environment for the project.",
        )
    with context.creating(prefix) as creation:
        what, wishes = f"creating {prefix}", _wishes(params)
        try:
            _uv(creation, what, ["sync", *_python(context, params), *wishes], prefix)
        except PythonUnavailable as error:
            # uv looks for Pythons on PATH, and pyenv's shims there hide those that pyenv has.
            other = None if _asks_for_python(params) else _fitting(context, params)
            if other is None:
                raise error from None
            _uv(creation, what, ["sync", "--python", other, *wishes], prefix)
        if params.packages:
            _pip(creation, prefix, "install", params.packages)
    return prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    _check_project(context)
    prefix = environment.prefix
    seen = _difference(context, environment, params)
    if seen is not None and (reason := _other_python(seen, environment)) is not None:
        raise OtherPython(reason, python_fit.HINT)
    arguments = ["sync", *_wishes(params)]
    if environment.interpreter_path is not None:
        arguments += ["--python", environment.interpreter_path]
    if params.frozen:
        # 'uv sync --locked' may have changed the environment before it looks at the lock file.
        fresh = _lock_check(context, prefix)
        if fresh.exit_code == 1:
            raise LockOutdated(_stale(fresh), _OUTDATED)
        arguments.append("--locked")
    _uv(context, f"syncing {prefix}", arguments, prefix)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    if not context.trusted:
        # uv starts the environment's interpreter, and to read metadata the build backend too.
        raise context.untrusted_error()
    _check_project(context)
    # This first: it builds nothing, and where nothing is to be installed the other has nothing to build.
    seen = _difference(context, environment, params)
    if seen is None:
        message = "there is no uv.lock ('wsp env sync' creates it)"
        return InSync(False, message, _planned_changes(context, environment, params))  # noqa: FBT003
    other = _other_python(seen, environment)
    if other is not None:
        return InSync(in_sync=False, message=other)
    changes = seen["sync"].get("changes", ())
    reason = _out_of_sync(changes)
    plan = _planned_changes(context, environment, params) if reason is not None else None
    adds = any(change.get("action") != "uninstalled" for change in changes)
    if reason is None or (plan is None and not adds):
        fresh = _lock_check(context, environment.prefix)
        if fresh.exit_code not in (0, 1):
            raise failure("checking uv.lock", "uv", fresh, BACKEND.error_patterns)
        if fresh.exit_code == 0:
            plan = _plan(changes)
        elif reason is None:
            reason = f"{_stale(fresh)} ('wsp env sync' brings it up to date)"
            plan = _planned_changes(context, environment, params)
    return InSync(reason is None, reason or "", plan)


def _new_python(context: BackendContext, environment: Environment) -> Interpreter:
    """Return the Python that uv selects by its own settings, else the one that this product would pass to it."""
    from workflow_server.params import CreateParams

    done = context.run_for_output(
        "looking for a Python",
        [*_PLAIN, "--no-python-downloads", "python", "find", "--system"],
        environ=_variables(context, environment.prefix),
        accepted=(0, 1, 2),
    )
    path = done.stdout.decode("utf-8", "replace").strip()
    python = interpreters.inspect(path, context.host, context.disk) if path else None
    return python or context.python(CreateParams(environment.name))


def _install(context: BackendContext, environment: Environment, packages: tuple[str, ...]) -> None:
    """Install packages without adding them to the project; the next sync removes them, unlike those of ``uv add``."""
    _pip(context, environment.prefix, "install", packages)


def _uninstall(
    context: BackendContext, environment: Environment, packages: tuple[str, ...]
) -> None:
    _pip(context, environment.prefix, "uninstall", packages)


def _install_python(context: BackendContext, version: str) -> Interpreter:
    from workflow_helper.filesystem.reader import Disk

    quietly = ["--no-bin", *(["--no-registry"] if context.host.windows else [])]
    _uv(context, f"installing Python {version}", ["python", "install", *quietly, "--", version])
    fitting = interpreters.matching(version, interpreters.installed(context.host, Disk()))
    if not fitting:
        raise PythonUnavailable(f"uv installed Python {version}, but it was not found afterwards")
    return fitting[0]


def _new(context: BackendContext) -> None:
    # In a workspace around it uv would make it a member, and change that project's file.
    _uv(context, f"creating a project in {context.root}", ["init", "--no-workspace"])


# -- asking uv --------------------------------------------------------------------------------------------------


def _uv(
    context: BackendContext, what: str, arguments: Sequence[str], prefix: str | None = None
) -> Finished:
    """Run uv, on the environment at ``prefix`` if one is given."""
    return context.run(what, [*_PLAIN, *arguments], environ=_variables(context, prefix))


def _pip(context: BackendContext, prefix: str, verb: str, packages: Iterable[str]) -> None:
    from workflow_helper.install.installer import check_installed_into, uv_place

    arguments = ["pip", verb, "--python", prefix, *uv_place(prefix, context.host), "--", *packages]
    finished = _uv(context, f"changing the packages of {prefix}", arguments)
    if verb == "install":
        check_installed_into(finished.text, prefix, context.host)


def _difference(
    context: BackendContext, environment: Environment, params: SyncParams
) -> dict[str, Any] | None:
    """Return what ``uv sync`` would do with the current lock file; ``None`` if there is none."""
    what = f"checking {environment.prefix}"
    done = context.run_for_output(
        what,
        [*_READING, "sync", "--check", "--frozen", "--output-format", "json", *_wishes(params)],
        environ=_variables(context, environment.prefix),
        accepted=(0, 1),
    )
    report = _sync_report(done)
    if report is not None:
        return report
    if _has_no_lock(done):
        return None
    raise failure(what, "uv", done, BACKEND.error_patterns)


def _planned_changes(
    context: BackendContext, environment: Environment, params: SyncParams
) -> Plan | None:
    """Return what ``uv sync`` would do after updating the lock, if that is requested and known."""
    if not params.plan:
        return None
    done = context.run_for_output(
        f"planning {environment.prefix}",
        [*_PLAIN, *_PLANNING, *_wishes(params)],
        environ=_variables(context, environment.prefix),
        accepted=(0, 1, 2),
    )
    report = _sync_report(done)
    if report is None or done.exit_code or _other_python(report, environment) is not None:
        return None
    return _plan(report["sync"].get("changes", ()))


def _sync_report(done: Finished) -> dict[str, Any] | None:
    """Return the document of ``uv sync --output-format json``; ``None`` where there is none."""
    import json

    try:
        report = json.loads(done.stdout or b"null")
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) and isinstance(report.get("sync"), dict) else None


def _lock_check(context: BackendContext, prefix: str) -> Finished:
    """Run ``uv lock --check``: 0 fresh, 1 missing or stale, 2 unknown."""
    arguments = [*_READING, "lock", "--check"]
    return context.run_for_output(
        "checking uv.lock", arguments, environ=_variables(context, prefix), accepted=(0, 1, 2)
    )


def _variables(context: BackendContext, prefix: str | None) -> dict[str, str | None]:
    changes: dict[str, str | None] = dict.fromkeys(_ELSEWHERE)
    if not context.host.environ.get("UV_HTTP_RETRIES"):
        changes["UV_HTTP_RETRIES"] = _RETRIES
    if prefix is not None and prefix != _place(context):
        changes["UV_PROJECT_ENVIRONMENT"] = prefix  # uv would not find it by itself
    return changes


# -- understanding it -------------------------------------------------------------------------------------------


def _has_no_lock(done: Finished) -> bool:
    return "unable to find lockfile" in done.text.lower()


def _stale(done: Finished) -> str:
    """Return a sentence about why ``uv lock --check`` failed."""
    if _has_no_lock(done):
        return "there is no uv.lock"
    return "uv.lock does not match what the project declares"


def _other_python(report: dict[str, Any], environment: Environment) -> str | None:
    """Return why uv would replace this environment; ``None`` where it would not."""
    if report["sync"].get("action") not in ("create", "replace"):
        return None
    requested = report["sync"].get("environment", {}).get("python", {}).get("version")
    has = environment.python_version
    if requested is None or requested == has:
        return f"uv would recreate {environment.prefix}"
    return f"uv would use Python {requested} for the project, and the environment has {has}"


def _plan(changes: Sequence[dict[str, Any]]) -> Plan:
    """Return the changes as packages to install and to remove."""
    sides: dict[bool, list[Package]] = {True: [], False: []}
    for change in changes:
        package = Package(str(change.get("name")), str(change.get("version") or ""))
        sides[change.get("action") == "uninstalled"].append(package)
    return Plan(tuple(sorted(sides[False])), tuple(sorted(sides[True])))


def _out_of_sync(changes: Sequence[dict[str, Any]]) -> str | None:
    """Return a sentence about what would be installed and removed; ``None`` if nothing would."""
    from workflow_helper.install.installed_state import sentence_of

    locked: dict[str, str] = {}
    installed: dict[str, str] = {}
    for change in changes:
        removed = change.get("action") == "uninstalled"
        side = installed if removed else locked
        side[str(change.get("name"))] = str(change.get("version") or "")
    differences = []
    for name in sorted({*locked, *installed}):
        if name not in installed:
            differences.append(f"{name} {locked[name]}".strip() + " is not installed")
        elif name not in locked:
            differences.append(f"{name} {installed[name]} is not in uv.lock")
        elif locked[name] in ("", installed[name]):
            differences.append(f"{name} has changed since it was installed")
        else:
            differences.append(
                f"{name} {locked[name]} is locked, but {installed[name]} is installed"
            )
    return sentence_of(differences) or None


# -- the project ------------------------------------------------------------------------------------------------


def _check_project(context: BackendContext) -> None:
    """Require a project: without one uv would act on a folder above, or create a lock file for a formatter's settings."""
    found = context.disk.toml(os.path.join(context.root, "pyproject.toml"))
    tool = (found or {}).get("tool")
    if found is None or not ("project" in found or (isinstance(tool, dict) and "uv" in tool)):
        raise Protected(
            f"{context.root} is not a uv project: pyproject.toml is missing or has neither [project] nor [tool.uv]",
            "Run 'uv init --bare' to make it one. For a plain .venv: --workflow venv.",
        )


def _place(context: BackendContext) -> str:
    return context.project.places()[0].prefix


def _target(context: BackendContext) -> str:
    """Return the folder in which to create an environment: uv's own, or the one that a redirect file there names."""
    place = _place(context)
    folder, name = os.path.split(place)
    named = pep832.dot_venv(folder, context.disk) if name == pep832.DOT_VENV else None
    if named is None or not named.line:
        return place
    if named.problem is not None and (named.unsupported or named.path == place):
        raise Protected(
            named.problem,
            f"Delete the file {place}, then create the environment again.",
        )
    return named.path


def _python(context: BackendContext, params: CreateParams) -> list[str]:
    """Return arguments for the requested interpreter, if it exists, else for its version, which uv may download."""
    if not _asks_for_python(params):
        return []
    try:
        return ["--python", context.python(params).path]
    except PythonUnavailable:
        if params.python is not None or params.python_version is None:
            raise
        return ["--python", params.python_version]


def _asks_for_python(params: CreateParams) -> bool:
    return params.python is not None or params.python_version is not None


def _fitting(context: BackendContext, params: CreateParams) -> str | None:
    try:
        return context.python(params).path
    except PythonUnavailable:
        return None


def _wishes(params: CreateParams | SyncParams) -> list[str]:
    options = [] if params.package is None else ["--package", params.package]
    options += [word for group in params.groups or () for word in ("--group", group)]
    return options + [word for extra in params.extras or () for word in ("--extra", extra)]


def _parts(folder: Folder) -> DependencyGroups:
    from workflow_helper.install.declared import parts

    return parts(folder)


BACKEND = Backend(
    name="uv",
    program="uv",
    advice="Install it with 'pipx install uv', or from https://docs.astral.sh/uv.",
    default_name=".venv",
    create=_create,
    sync=_sync,
    check=_check,
    new_python=_new_python,
    replaces=True,
    install=_install,
    uninstall=_uninstall,
    new=_new,
    install_python=_install_python,
    test_runs=plain_runs,
    parts=_parts,
    workspaces=True,
    writes=("uv.lock",),
    error_patterns=(
        ErrorPattern(
            ("needs to be updated, but `--", "unable to find lockfile"),
            LockOutdated,
            "uv.lock is missing, or does not match what the project declares",
            _OUTDATED,
        ),
        ErrorPattern(
            ("`dependency-groups` table", "`optional-dependencies` table"),
            InvalidParams,
            "the project declares no such group or extra",
            "They are declared in pyproject.toml, in [dependency-groups] and [project.optional-dependencies].",
        ),
        ErrorPattern(
            ("could not find root package", "does not have a member"),
            InvalidParams,
            "the workspace has no such package",
            "Its members are declared in pyproject.toml, in [tool.uv.workspace].",
        ),
        ErrorPattern(
            (
                "no download found for request",
                "failed to inspect python interpreter",
                "incompatible with the project's python requirement",
                "failed to download `https://github.com/astral-sh/python-build-standalone",
            ),
            PythonUnavailable,
            "no Python on this machine fits, and uv could not install one",
            "'wsp python list' lists the available Pythons. Name another with --python.",
        ),
        ErrorPattern(
            ("cannot be used because",),
            Protected,
            "the existing folder is not an environment",
            "Remove it yourself first.",
        ),
    ),
)
