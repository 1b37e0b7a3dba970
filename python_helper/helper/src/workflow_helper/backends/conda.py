"""conda: the environment that ``environment.yml`` describes.

This module's behavior was checked in November 2026 against conda 26.7.1, run from its sources with a channel of two Pythons,
because conda cannot be installed where this product is tested. ``--yes`` is never passed to a command that takes it as
permission to remove an existing environment, except to ``conda create``, which would prompt without it. Every command that
acts on an environment gets ``--prefix``, because without it conda may choose its own ``base``.
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
from workflow_helper.install.installed_state import sentence_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_server.params import CommandParams, CreateParams, SyncParams
    from workflow_server.values import Command

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.model import Environment

#: The environment's folder if ``environment.yml`` has no ``name``. Editors create environments there too.
UNNAMED_FOLDER = ".conda"
#: Neither prompts, nor error reports, nor channel notices.
_QUIET = {
    "CONDA_REPORT_ERRORS": "false",
    "CONDA_NUMBER_CHANNEL_NOTICES": "0",
    "PIP_NO_INPUT": "1",
}


def _create(context: BackendContext, params: CreateParams) -> str:
    _reject_groups_and_extras(params.groups, params.extras)
    if params.python is not None:
        raise invalid_param(
            "python", "conda installs its own Python, so name a version, not a path"
        )
    python = None if params.python_version is None else f"python={params.python_version}"
    prefix = _prefix(context, params.name)
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"conda can only create this environment in {prefix}")
    extra = _specs(params.packages or ())
    file = _file(context)
    activity = f"creating {prefix}"
    with context.creating(prefix) as creation:
        if file is None or python is not None:
            arguments = ["create", "--yes", "--quiet", "--prefix", prefix, python or "python"]
            try:
                _run(creation, activity, arguments)
            except ExecutionFailed as error:
                raise PythonUnavailable(error.message, error.hint, data=error.data) from None
        if file is not None:
            verb = "create" if python is None else "update"
            # Without the pin, a file that leaves Python's version open would upgrade it to the newest.
            pin = {} if python is None else {"CONDA_PINNED_PACKAGES": python}
            arguments = ["env", verb, "--quiet", "--prefix", prefix, "--file", file]
            _run(creation, activity, arguments, **pin)
        if extra:
            _run(creation, activity, ["install", "--yes", "--quiet", "--prefix", prefix, *extra])
        if python is not None:
            # conda drops a pin that the file contradicts, with a warning.
            creation.check_created(params, prefix)
    return prefix


def _sync(context: BackendContext, environment: Environment, params: SyncParams) -> None:
    _reject_groups_and_extras(params.groups, params.extras)
    if params.frozen:
        raise LockOutdated(
            "conda has no lock file, so a frozen sync is not possible",
            "Sync without the frozen option.",
        )
    file = _file(context)
    if file is None:
        raise Protected(f"{context.root} has no environment.yml to sync with")
    prefix = environment.prefix
    arguments = ["env", "update", "--prune", "--quiet", "--prefix", prefix, "--file", file]
    _run(context, f"syncing {prefix}", arguments)


def _check(context: BackendContext, environment: Environment, params: SyncParams) -> InSync:
    _reject_groups_and_extras(params.groups, params.extras)
    if not context.trusted:
        raise context.untrusted_error()
    file = _file(context)
    if file is None:
        message = "there is no environment.yml to compare with"
        # A sync would install and remove nothing.
        return InSync(in_sync=False, message=message, plan=Plan())
    activity = f"checking {environment.prefix}"
    arguments = ["compare", "--json", "--prefix", environment.prefix, file]
    done = context.run_for_output(activity, arguments, environ=_QUIET, accepted=(0, 1))
    if done.exit_code == 0:
        return InSync(in_sync=True, message="")
    try:
        differences = json.loads(done.stdout)
    except (ValueError, RecursionError):
        differences = None
    # conda exits with 1 for errors too, but then prints a JSON object instead of a list.
    if not isinstance(differences, list):
        raise failure(activity, "conda", done, BACKEND.error_patterns)
    message = sentence_of(_difference(str(line)) for line in differences)
    return InSync(in_sync=False, message=message)


def _install(context: BackendContext, environment: Environment, packages: tuple[str, ...]) -> None:
    """Install packages without adding them to ``environment.yml``; a later sync may remove them."""
    prefix, specs = environment.prefix, _specs(packages)
    arguments = ["install", "--yes", "--quiet", "--prefix", prefix, *specs]
    _run(context, f"changing the packages of {prefix}", arguments)


def _uninstall(
    context: BackendContext, environment: Environment, packages: tuple[str, ...]
) -> None:
    """Uninstall packages and those that depend on them, as conda does."""
    prefix, specs = environment.prefix, _specs(packages)
    arguments = ["remove", "--yes", "--quiet", "--prefix", prefix, *specs]
    _run(context, f"changing the packages of {prefix}", arguments)


def _command(context: BackendContext, environment: Environment, params: CommandParams) -> Command:
    """Return the command, wrapped in ``conda run`` if the environment has activation scripts and conda is installed."""
    plain = activation.command(context, environment, params)
    if not activation.has_scripts(environment.prefix, context.host, context.disk):
        return plain
    try:
        conda = context.program()
    except ToolNotInstalled:
        return plain
    wrapper = (conda, "run", "--no-capture-output", "--prefix", environment.prefix, "--")
    return plain._replace(argv=(*wrapper, *plain.argv))


def _after_delete(context: BackendContext, environment: Environment) -> None:
    """Remove the environment from the list that conda keeps for the user."""
    from workflow_helper.filesystem.atomic import write_whole

    path = os.path.join(context.host.home, ".conda", "environments.txt")
    lines = (context.disk.text(path) or "").splitlines(keepends=True)
    remaining = [line for line in lines if os.path.normpath(line.strip()) != environment.prefix]
    if remaining != lines:
        write_whole(path, "".join(remaining).encode(), replace=True)


def _run(context: BackendContext, activity: str, arguments: Sequence[str], **environ: str) -> None:
    context.run(activity, arguments, environ={**_QUIET, **environ})


def _file(context: BackendContext) -> str | None:
    """Return the project's environment file."""
    paths = (os.path.join(context.root, name) for name in FILES)
    return next((path for path in paths if context.disk.is_file(path)), None)


def _prefix(context: BackendContext, name: str) -> str:
    """Return the folder of the environment ``name``.

    It is where conda creates the environment that ``environment.yml`` declares, and in the project's folder for any other.
    """
    from workflow_helper.backends.venv import check_name

    declared_name = settings(context.project.folder).get("name")
    if name == "base" or (name in (BACKEND.default_name, ".") and declared_name == "base"):
        raise invalid_param("name", "base is conda's own environment, not a project's")
    if name in (BACKEND.default_name, ".", declared_name):
        places = context.project.places()
        existing_prefix = next((place.prefix for place in places if place.default), None)
        if existing_prefix is not None:
            return existing_prefix
        if declared_name is None:
            return os.path.join(context.root, UNNAMED_FOLDER)
        name, folder = declared_name, _environments_folder(context)
    else:
        folder = context.root
    try:
        check_name(name)
    except UsageError as error:
        raise invalid_param("name", error.message) from None
    return os.path.join(folder, name)


def _environments_folder(context: BackendContext) -> str:
    """Return the folder in which conda creates named environments."""
    done = context.run_for_output("reading conda's folders", ["info", "--json"], environ=_QUIET)
    try:
        folder = json.loads(done.stdout)["envs_dirs"][0]
    except (ValueError, LookupError, TypeError):
        folder = ""
    if not isinstance(folder, str) or not os.path.isabs(folder):
        raise ExecutionFailed("'conda info --json' reports no folder for environments (envs_dirs)")
    return folder


def _reject_groups_and_extras(
    groups: tuple[str, ...] | None, extras: tuple[str, ...] | None
) -> None:
    for name, requested in {"groups": groups, "extras": extras}.items():
        if requested:
            raise invalid_param(name, f"environment.yml has no {name}")


def _specs(packages: Sequence[str]) -> list[str]:
    """Return requirements in conda's syntax, which has no extras, markers, or URLs."""
    for package in packages:
        if any(mark in package for mark in ";@[") or package.startswith("-"):
            reason = (
                f"{package!r}: conda supports no options, extras, markers, or URLs in a requirement"
            )
            raise invalid_param("packages", reason)
    return ["".join(package.split()) for package in packages]


def _difference(line: str) -> str:
    """Return a line of ``conda compare`` in this product's words."""
    if line.endswith(" not found"):
        return f"{line.removesuffix(' not found')} is not installed"
    _, _, rest = line.partition("Specification pkg: ")
    required, _, installed = rest.partition(", Running pkg: ")
    return f"{required} is required, but {installed} is installed" if installed else line


BACKEND = Backend(
    name="conda",
    program="conda",
    advice="Install it from https://conda-forge.org/download.",
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
            "the environment cannot be changed",
            "Make its folder writable, or unfreeze the environment.",
        ),
        ErrorPattern(
            # The first was `PackagesNotFoundError` until 26.3.
            ("packagesnotfound", "resolvepackagenotfound", "unsatisfiableerror"),
            ExecutionFailed,
            "the channels have no set of packages that fits the dependencies",
            "Change the dependencies in environment.yml, or its channels.",
        ),
        ErrorPattern(
            ("unavailableinvalidchannel", "the channel is not accessible or is invalid"),
            ExecutionFailed,
            "a channel does not exist, or is not a conda channel",
            "Check the channels in environment.yml and .condarc.",
        ),
    ),
)
