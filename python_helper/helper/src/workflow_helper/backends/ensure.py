"""Ensure an environment: find or create it, sync it, and install the packages that it lacks.

This is the only implementation of ``environment/ensure``, composed of a server's other methods: the servers of the
bundled workflows use it, and clients use it for servers that do not offer the method. It never replaces or deletes an
environment.
"""

from __future__ import annotations

import os

from workflow_server.client import default_of
from workflow_server.errors import invalid_param

from workflow_helper.backends.context import check_no_option
from workflow_helper.discovery.environments import in_progress
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.errors import (
    AlreadyExists,
    Cancelled,
    Locked,
    NameConflict,
    Protected,
    PythonUnavailable,
    UsageError,
)
from workflow_helper.filesystem.paths import is_possible, is_remote
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install.installed_state import InstalledPackages, marker_variables
from workflow_helper.model import Interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import NamedTuple

    from workflow_server.api import Calls, Reporter
    from workflow_server.params import EnsureParams
    from workflow_server.values import ServerEnvironment

    from workflow_helper.backends.base import Backend
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: Names by which the default environment can be requested, whatever its own name is.
_DEFAULTS = ("default", ".")


class EnsureContext(NamedTuple):
    """The server, the machine, and the progress that ensuring an environment needs."""

    server: Calls
    host: Host
    #: Creates the environment of a request.
    create: Callable[[EnsureParams, EnsureContext], ServerEnvironment]
    #: The name of the default environment, where it is known.
    default_name: str | None = None
    cancelled: threading.Event | None = None
    progress: Reporter | None = None

    def offers(self, capability: str) -> bool:
        """Return whether the server has ``capability``."""
        return capability in self.server.capabilities

    def check_cancelled(self) -> None:
        """Raise :class:`Cancelled` if the request was cancelled."""
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled("environment/ensure was stopped")


def ensure(request: EnsureParams, context: EnsureContext) -> ServerEnvironment:
    """Find or create the environment that ``request`` describes, and return its details.

    Raises:
        InvalidParams: the server cannot fulfill the request; nothing was changed.
        PythonUnavailable: the requested Python does not exist.
        Protected: an environment that is broken or has another Python is in the way.
        Locked: another process is changing the environment.
        RequestFailed: the tool failed; the subclass depends on its output.
        ExecutionFailed: the tool did not start, took too long, or wrote too much.
        Cancelled: the request was cancelled.
    """
    _check_request(request, context)
    found = _find_requested(request, context)
    is_new = False
    if found is None:
        found, is_new = context.create(request, context), True
    elif found.status.state != "ok":
        found, is_new = _repair_or_recreate(found, request, context)
    _check_python(found, request.python, context.host)
    context.check_cancelled()
    _sync_if_needed(found, request, context, is_new=is_new)
    context.check_cancelled()
    _add_packages(found, request.packages or (), context)
    return _latest_details(found, context)


def _latest_details(found: ServerEnvironment, context: EnsureContext) -> ServerEnvironment:
    """Return the environment as its server describes it now."""
    return context.server.get(found.id) if "environment/get" in context.server.methods else found


def create_with_backend(
    request: EnsureParams, context: EnsureContext, backend: Backend
) -> ServerEnvironment:
    """Create the environment of a request through the server of ``backend``."""
    name = request.name or backend.default_name
    if request.name is None and request.path is not None and backend.any_name:
        name = os.path.basename(os.path.normpath(request.path))
    version, python = _python(request.python, context, backend)
    return context.server.create(
        name,
        version,
        python=python,
        groups=request.groups,
        extras=request.extras,
        package=request.package,
        packages=request.packages,
        path=request.path,
        cancelled=context.cancelled,
        progress=context.progress,
    )


def _python(
    spec: str | None, context: EnsureContext, backend: Backend
) -> tuple[str | None, str | None]:
    """Return the version and the interpreter's path to create the environment with, at most one of them set.

    Installs the Python if the backend can.
    """
    if spec is None or os.path.isabs(spec):
        return None, spec
    is_version = spec.count(".") in (1, 2) and spec.replace(".", "").isdecimal()
    if backend.brings_python:
        if not is_version:
            reason = f"{backend.name} installs its own Python: X.Y or X.Y.Z is expected"
            raise invalid_param("python", reason)
        return spec, None
    if is_version and backend.install_python is not None:
        return None, context.server.install_python(spec, progress=context.progress).path
    return None, context.server.find_python(spec).path


def _check_request(request: EnsureParams, context: EnsureContext) -> None:
    """Raise :class:`InvalidParams` for a request that is invalid for every server, or that this one cannot fulfill."""
    if request.python is not None and not os.path.isabs(request.python):
        try:
            interpreters.matching(request.python, ())
        except UsageError as error:
            raise invalid_param("python", error.message) from None
    check_no_option(request.packages or ())
    if request.packages and not context.offers("environment.packages"):
        reason = "this workflow installs only what the project declares"
        raise invalid_param("packages", reason)


def _find_requested(request: EnsureParams, context: EnsureContext) -> ServerEnvironment | None:
    """Return the requested environment, broken or not; ``None`` where there is none."""
    listed = context.server.environments(cancelled=context.cancelled)
    if request.path is not None:
        real = real_path(request.path)
        return next((found for found in listed if real_path(prefix_of(found)) == real), None)
    if request.name is not None:
        found = _find_by_id_or_name(request.name, listed)
        if found is not None or request.name not in (*_DEFAULTS, context.default_name):
            return found
    default = default_of(listed, context.server.capabilities)
    if default is None and context.default_name is not None:
        return _find_by_id_or_name(context.default_name, listed)
    return default


def _find_by_id_or_name(name: str, listed: Sequence[ServerEnvironment]) -> ServerEnvironment | None:
    by_id = (environment for environment in listed if environment.id == name)
    by_name = (environment for environment in listed if environment.name == name)
    return next(by_id, None) or next(by_name, None)


def prefix_of(environment: ServerEnvironment) -> str:
    """Return the folder of ``environment``, or the one that its interpreter implies; ``""`` if the server reports neither."""
    prefix = environment.prefix or os.path.dirname(
        os.path.dirname(environment.interpreter_path or "")
    )
    return prefix if is_possible(prefix) else ""


def _repair_or_recreate(
    found: ServerEnvironment, request: EnsureParams, context: EnsureContext
) -> tuple[ServerEnvironment, bool]:
    """Repair a broken environment with a sync, or else create it again.

    Return the environment, and whether it was created again.

    Raises:
        Protected: neither repairs it.
        Locked: another process is creating it.
    """
    unrepaired = Protected(found.status.message, "Delete it, then create it again.")
    if context.offers("environment.sync"):
        try:
            _sync(found, request, context)
        except Protected as error:
            unrepaired = error
        else:
            return _latest_details(found, context), False
    try:
        return context.create(request, context), True
    except (NameConflict, AlreadyExists, Protected):
        creation = in_progress.read(prefix_of(found), context.host, Disk())
        if creation is not None and creation.held:
            # The process that was creating it was killed, but the tool that it started still runs. A creation whose
            # process is alive has been waited for before this point.
            raise Locked(found.status.message, "Try again when that is done.") from None
        raise unrepaired from None


def _check_python(found: ServerEnvironment, spec: str | None, host: Host) -> None:
    """Raise :class:`Protected` for a Python of the machine, and for an environment whose Python does not match ``spec``."""
    if found.kind == "system":
        raise Protected(
            f"{found.interpreter_path} is a Python of the machine, not an environment, and is not changed"
        )
    if spec is not None and not _fits(found, spec, host):
        raise Protected(
            f"{found.id} has Python {found.python_version}, not {spec}",
            "Choose another environment, or delete this one first. An environment is never replaced automatically.",
        )


def _fits(found: ServerEnvironment, spec: str, host: Host) -> bool:
    disk = Disk()
    path = found.interpreter_path or ""
    inspected = None if is_remote(path) else interpreters.inspect(path, host, disk)
    implementation = "cpython" if inspected is None else inspected.implementation
    interpreter = Interpreter(path, found.python_version, implementation, "")
    if not os.path.isabs(spec):
        return bool(interpreters.matching(spec, (interpreter,)))
    if real_path(spec) == real_path(path):
        return True
    requested = interpreters.inspect(spec, host, disk)
    if requested is None:
        raise PythonUnavailable(f"{spec} is not a Python interpreter")
    same = requested.implementation == implementation
    return same and _release(requested.version) == _release(found.python_version)


def _release(version: str | None) -> list[str]:
    return (version or "").split(".")[:2]


def _sync_if_needed(
    found: ServerEnvironment, request: EnsureParams, context: EnsureContext, *, is_new: bool
) -> None:
    """Sync the environment if a sync would install anything; extra packages alone are no reason to sync."""
    if not context.offers("environment.sync"):
        if not is_new:
            for name in ("groups", "extras", "package"):
                if getattr(request, name):
                    reason = f"{found.id} already exists, and this workflow can't sync environments"
                    raise invalid_param(name, reason)
        return
    result = context.server.check(
        found.id,
        groups=request.groups,
        extras=request.extras,
        package=request.package,
        cancelled=context.cancelled,
    )
    # The installer has just compared a new environment with the project, so a check that files cannot answer (``None``) is no
    # reason to sync.
    if result.in_sync or (result.in_sync is None and is_new):
        return
    if result.plan is None or result.plan.install:
        _sync(found, request, context)


def _sync(found: ServerEnvironment, request: EnsureParams, context: EnsureContext) -> None:
    context.server.sync(
        found.id,
        groups=request.groups,
        extras=request.extras,
        package=request.package,
        cancelled=context.cancelled,
        progress=context.progress,
    )


def _add_packages(
    found: ServerEnvironment, packages: Sequence[str], context: EnsureContext
) -> None:
    missing = [package for package in packages if _is_missing(package, found, context.host)]
    if missing:
        context.server.install(
            found.id, missing, cancelled=context.cancelled, progress=context.progress
        )


def _is_missing(package: str, found: ServerEnvironment, host: Host) -> bool:
    """Return whether the requirement ``package``, or anything that it needs, is missing, or cannot be compared from files."""
    from packaging.requirements import Requirement

    try:
        requirement = Requirement(package)
    except ValueError:
        return True  # the installer reports an invalid requirement better
    prefix = prefix_of(found)
    if not prefix or is_remote(prefix) or found.kind == "remote":
        return True
    path = found.interpreter_path or ""
    python = interpreters.inspect(path, host, Disk())
    implementation = "cpython" if python is None else python.implementation
    installed = InstalledPackages(
        prefix, marker_variables(found.python_version, implementation), host, Disk()
    )
    return any(installed.unmet((requirement,), "the request")) or bool(installed.unknown)
