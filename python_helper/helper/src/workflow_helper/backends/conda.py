"""conda: the environment that ``environment.yml`` describes.

Compared with conda 26.7.1, run from its sources against a channel of two Pythons, in November 2026; it cannot be installed
where this product is tested. ``--yes`` is given to no command that takes it for leave to remove an environment that is there, but ``conda create``,
which asks otherwise; and every command is told the folder, since without one conda may choose its own ``base``.
"""

from __future__ import annotations

import json
import os

from workflow_server.errors import invalid_param
from workflow_server.values import InSync, Plan

from workflow_helper.backends import activation
from workflow_helper.backends.base import Backend
from workflow_helper.discovery.tools.conda import FILES, settings
from workflow_helper.errors import (
    ExecutionFailed,
    LockOutdated,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    UsageError,
)
from workflow_helper.install.failures import ErrorPattern, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_server.params import CommandParams, CreateParams, SyncParams
    from workflow_server.values import Command

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.model import Environment

#: The folder for the environment of a file that names none: where editors create theirs.
UNNAMED = ".conda"
#: No question, no report, no news.
_QUIET = {
    "CONDA_REPORT_ERRORS": "false",
    "CONDA_NUMBER_CHANNEL_NOTICES": "0",
    "PIP_NO_INPUT": "1",
}
#: The number of packages out of sync that are named.
_NAMED = 3


def _create(context: BackendContext, params: CreateParams) -> str:
    _only_all_of_it(params.groups, params.extras)
    if params.python is not None:
        raise invalid_param("python", "conda brings a Python of its own, so ask for a version")
    python = None if params.python_version is None else f"python={params.python_version}"
    prefix = _prefix(context, params.name)
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"conda would make {prefix}")
    extra = _specs(params.packages or ())
    file = _file(context)
    what = f"creating {prefix}"
    with context.creating(prefix) as creation:
        if file is None or python is not None:
            arguments = ["create", "--yes", "--quiet", "--prefix", prefix, python or "python"]
            try:
                _run(creation, what, arguments)
            except ExecutionFailed as error:
                raise PythonUnavailable(error.message, error.hint, data=error.data) from None
        if file is not None:
            verb = "create" if python is None else "update"
            # A file that leaves the version open would have the newest replace the one that was asked for.
            pin = {} if python is None else {"CONDA_PINNED_PACKAGES": python}
            arguments = ["env", verb, "--quiet", "--prefix", prefix, "--file", file]
            _run(creation, what, arguments, **pin)
        if extra:
            _run(creation, what, ["install", "--yes", "--quiet", "--prefix", prefix, *extra])
        if python is not None:
            # conda drops a pin that the file contradicts, with a warning.
            creation.check_created(params, prefix)
    return prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    _only_all_of_it(params.groups, params.extras)
    if params.frozen:
        raise LockOutdated("conda keeps no lock file to hold to", "Sync without --frozen.")
    file = _file(context)
    if file is None:
        raise Protected(f"{context.root} has no environment.yml to sync with")
    prefix = environment.prefix
    arguments = ["env", "update", "--prune", "--quiet", "--prefix", prefix, "--file", file]
    _run(context, f"syncing {prefix}", arguments)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    _only_all_of_it(params.groups, params.extras)
    if not context.trusted:
        raise context.untrusted_error()
    file = _file(context)
    if file is None:
        message = "there is no environment.yml to be in sync with"
        return InSync(False, message, Plan())  # noqa: FBT003
    what = f"checking {environment.prefix}"
    arguments = ["compare", "--json", "--prefix", environment.prefix, file]
    done = context.run_for_output(what, arguments, environ=_QUIET, accepted=(0, 1))
    if done.exit_code == 0:
        return InSync(in_sync=True, message="")
    try:
        told = json.loads(done.stdout)
    except (ValueError, RecursionError):
        told = None
    # Errors have the same exit status, and are an object.
    if not isinstance(told, list):
        raise failure(what, "conda", done, BACKEND.error_patterns)
    parts = [_sentence(str(line)) for line in told]
    more = len(parts) - _NAMED
    said = [*parts[:_NAMED], *([f"and {more} more"] if more > 0 else [])]
    return InSync(in_sync=False, message="; ".join(said))


def _install(context: BackendContext, environment: Environment, packages: tuple[str, ...]) -> None:
    """Install into the environment alone; a sync may remove what ``environment.yml`` does not name."""
    prefix, specs = environment.prefix, _specs(packages)
    arguments = ["install", "--yes", "--quiet", "--prefix", prefix, *specs]
    _run(context, f"changing the packages of {prefix}", arguments)


def _uninstall(
    context: BackendContext, environment: Environment, packages: tuple[str, ...]
) -> None:
    """Uninstall packages and what needs them, as conda does."""
    prefix, specs = environment.prefix, _specs(packages)
    arguments = ["remove", "--yes", "--quiet", "--prefix", prefix, *specs]
    _run(context, f"changing the packages of {prefix}", arguments)


def _command(context: BackendContext, environment: Environment, params: CommandParams) -> Command:
    plain = activation.command(context, environment, params)
    if not activation.has_scripts(environment.prefix, context.host, context.disk):
        return plain
    try:
        conda = context.program()
    except ToolNotInstalled:
        return plain
    through = (conda, "run", "--no-capture-output", "--prefix", environment.prefix, "--")
    return plain._replace(argv=(*through, *plain.argv))


def _after_delete(context: BackendContext, environment: Environment) -> None:
    """Remove the environment from the list that conda keeps for the user."""
    from workflow_helper.filesystem.atomic import write_whole

    path = os.path.join(context.host.home, ".conda", "environments.txt")
    lines = (context.disk.text(path) or "").splitlines(keepends=True)
    kept = [line for line in lines if os.path.normpath(line.strip()) != environment.prefix]
    if kept != lines:
        write_whole(path, "".join(kept).encode(), replace=True)


def _run(context: BackendContext, what: str, arguments: Sequence[str], **environ: str) -> None:
    context.run(what, arguments, environ={**_QUIET, **environ})


def _file(context: BackendContext) -> str | None:
    """Return the project's environment file."""
    paths = (os.path.join(context.root, name) for name in FILES)
    return next((path for path in paths if context.disk.is_file(path)), None)


def _prefix(context: BackendContext, name: str) -> str:
    """Return the folder of the environment ``name``: conda's place for the project's own, one in the project for another."""
    from workflow_helper.backends.venv import check_name

    own = settings(context.project.folder).get("name")
    if name == "base" or (name in (BACKEND.default_name, ".") and own == "base"):
        raise invalid_param("name", "base is conda's own environment, and no project's")
    if name in (BACKEND.default_name, ".", own):
        there = next((place.prefix for place in context.project.places() if place.default), None)
        if there is not None:
            return there
        if own is None:
            return os.path.join(context.root, UNNAMED)
        name, folder = own, _named_ones(context)
    else:
        folder = context.root
    try:
        check_name(name)
    except UsageError as error:
        raise invalid_param("name", error.message) from None
    return os.path.join(folder, name)


def _named_ones(context: BackendContext) -> str:
    """Return the folder in which conda creates named environments."""
    done = context.run_for_output("asking for conda's folders", ["info", "--json"], environ=_QUIET)
    try:
        folder = json.loads(done.stdout)["envs_dirs"][0]
    except (ValueError, LookupError, TypeError):
        folder = ""
    if not isinstance(folder, str) or not os.path.isabs(folder):
        raise ExecutionFailed("'conda info --json' tells no folder of environments")
    return folder


def _only_all_of_it(groups: tuple[str, ...] | None, extras: tuple[str, ...] | None) -> None:
    for name, wish in {"groups": groups, "extras": extras}.items():
        if wish:
            raise invalid_param(name, f"environment.yml has no {name}")


def _specs(packages: Sequence[str]) -> list[str]:
    """Return requirements as conda spells them; it has no extras, markers and addresses."""
    for package in packages:
        if any(mark in package for mark in ";@[") or package.startswith("-"):
            raise invalid_param("packages", f"{package!r} is more than conda understands")
    return ["".join(package.split()) for package in packages]


def _sentence(line: str) -> str:
    """Return a line of ``conda compare`` in the words used elsewhere."""
    if line.endswith(" not found"):
        return f"{line.removesuffix(' not found')} is not installed"
    _, _, told = line.partition("Specification pkg: ")
    asked, _, has = told.partition(", Running pkg: ")
    return f"{asked} is asked for, {has} is installed" if has else line


BACKEND = Backend(
    name="conda",
    program="conda",
    advice="Get it from https://conda-forge.org/download.",
    default_name="default",
    create=_create,
    sync=_sync,
    check=_check,
    install=_install,
    uninstall=_uninstall,
    command=_command,
    after_delete=_after_delete,
    any_name=True,
    brings_python=True,
    error_patterns=(
        ErrorPattern(
            ("condahttperror", "connection failed for url", "offlineerror"),
            NetworkUnavailable,
            "a channel could not be reached",
            "Check the network, a proxy, and the channels in environment.yml and .condarc.",
        ),
        ErrorPattern(
            ("environmentnotwritableerror", "nowritableenvsdirerror", "environmentisfrozenerror"),
            Protected,
            "the environment may not be changed",
            "Make its folder writable for you, or take back that it is frozen.",
        ),
        ErrorPattern(
            # The first was `PackagesNotFoundError` until 26.3.
            ("packagesnotfound", "resolvepackagenotfound", "unsatisfiableerror"),
            ExecutionFailed,
            "the channels have no packages that fit together",
            "Change what environment.yml asks for, or its channels.",
        ),
        ErrorPattern(
            ("unavailableinvalidchannel", "the channel is not accessible or is invalid"),
            ExecutionFailed,
            "a channel does not exist, or is none",
            "Check the channels in environment.yml and .condarc.",
        ),
    ),
)
