"""Ensure an environment: find or create it, sync it, and install the packages that it lacks.

The one place where that is put together of what a server offers besides: in the servers of the bundled workflows, and for
servers that do not offer it themselves. Nothing is ever replaced or deleted for it.
"""

from __future__ import annotations

import os

from workflow_server.client import default_of
from workflow_server.errors import invalid_param

from workflow_helper.backends.context import see_that_none_is_an_option
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
from workflow_helper.install.installed_state import Held, markers
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

#: Names by which the default environment may be asked for, whatever it is called.
_DEFAULTS = ("default", ".")


class Means(NamedTuple):
    """The server, the machine, and the progress that ensuring an environment needs."""

    calls: Calls
    host: Host
    #: Makes an environment.
    make: Callable[[EnsureParams, Means], ServerEnvironment]
    #: The name of the default environment, where it is known.
    default_name: str | None = None
    cancelled: threading.Event | None = None
    progress: Reporter | None = None

    def offers(self, capability: str) -> bool:
        """Return whether the server has ``capability``."""
        return capability in self.calls.capabilities

    def check_cancelled(self) -> None:
        """Raise :class:`Cancelled` if the request was cancelled."""
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled("environment/ensure was stopped")


def ensure(wanted: EnsureParams, means: Means) -> ServerEnvironment:
    """Find or create what ``wanted`` asks for, and return its details.

    Raises:
        InvalidParams: something of it cannot be granted; nothing is changed then.
        PythonUnavailable: there is no such Python.
        Protected: an environment with another Python, or a broken one, is in the way.
        Locked: another process is at work on it.
        RequestFailed: the tool failed: the class that its output stands for.
        ExecutionFailed: the tool did not start, took too long, or wrote too much.
        Cancelled: the request was cancelled.
    """
    _see_that_it_makes_sense(wanted, means)
    found = _meant(wanted, means)
    is_new = False
    if found is None:
        found, is_new = means.make(wanted, means), True
    elif found.status.state != "ok":
        found, is_new = _mended(found, wanted, means)
    _see_that_it_fits(found, wanted.python, means.host)
    means.check_cancelled()
    _bring_into_step(found, wanted, means, is_new=is_new)
    means.check_cancelled()
    _add_packages(found, wanted.packages or (), means)
    return _known(found, means)


def _known(found: ServerEnvironment, means: Means) -> ServerEnvironment:
    """Return the latest details of the environment."""
    return means.calls.get(found.id) if "environment/get" in means.calls.methods else found


def make(wanted: EnsureParams, means: Means, workflow: Backend) -> ServerEnvironment:
    """Create it with the server of the bundled ``workflow``."""
    name = wanted.name or workflow.default_name
    if wanted.name is None and wanted.path is not None and workflow.any_name:
        name = os.path.basename(os.path.normpath(wanted.path))
    version, python = _python(wanted.python, means, workflow)
    return means.calls.create(
        name,
        version,
        python=python,
        groups=wanted.groups,
        extras=wanted.extras,
        package=wanted.package,
        packages=wanted.packages,
        path=wanted.path,
        cancelled=means.cancelled,
        progress=means.progress,
    )


def _python(spec: str | None, means: Means, workflow: Backend) -> tuple[str | None, str | None]:
    """Return the version, or the interpreter, to create it with; a Python that the workflow can install is installed."""
    if spec is None or os.path.isabs(spec):
        return None, spec
    is_version = spec.count(".") in (1, 2) and spec.replace(".", "").isdecimal()
    if workflow.brings_python:
        if not is_version:
            reason = f"{workflow.name} brings a Python of its own: X.Y or X.Y.Z is expected"
            raise invalid_param("python", reason)
        return spec, None
    if is_version and workflow.install_python is not None:
        return None, means.calls.install_python(spec, progress=means.progress).path
    return None, means.calls.find_python(spec).path


def _see_that_it_makes_sense(wanted: EnsureParams, means: Means) -> None:
    """Raise :class:`InvalidParams` for a request that this server, or any, is known not to meet."""
    if wanted.python is not None and not os.path.isabs(wanted.python):
        try:
            interpreters.matching(wanted.python, ())
        except UsageError as error:
            raise invalid_param("python", error.message) from None
    see_that_none_is_an_option(wanted.packages or ())
    if wanted.packages and not means.offers("environment.packages"):
        reason = "this workflow installs nothing that the project does not ask for"
        raise invalid_param("packages", reason)


def _meant(wanted: EnsureParams, means: Means) -> ServerEnvironment | None:
    """Return the requested environment, broken or not; ``None`` where there is none."""
    listed = means.calls.environments(cancelled=means.cancelled)
    if wanted.path is not None:
        real = real_path(wanted.path)
        return next((one for one in listed if real_path(prefix_of(one)) == real), None)
    if wanted.name is not None:
        found = _called(wanted.name, listed)
        if found is not None or wanted.name not in (*_DEFAULTS, means.default_name):
            return found
    default = default_of(listed, means.calls.capabilities)
    if default is None and means.default_name is not None:
        return _called(means.default_name, listed)
    return default


def _called(name: str, listed: Sequence[ServerEnvironment]) -> ServerEnvironment | None:
    by_id = (one for one in listed if one.id == name)
    return next(by_id, None) or next((one for one in listed if one.name == name), None)


def prefix_of(environment: ServerEnvironment) -> str:
    """Return the folder of ``environment``, where its server tells it or its interpreter; else empty."""
    told = environment.prefix or os.path.dirname(
        os.path.dirname(environment.interpreter_path or "")
    )
    return told if is_possible(told) else ""


def _mended(
    found: ServerEnvironment, wanted: EnsureParams, means: Means
) -> tuple[ServerEnvironment, bool]:
    """Return a broken environment after a sync, which repairs an interrupted change; else create it again, if it can be.

    The second value says whether it was made.

    Raises:
        Protected: it is broken in another way.
        Locked: another process is making it.
    """
    left = Protected(found.status.message, "Delete it, then create it again.")
    if means.offers("environment.sync"):
        try:
            _sync(found, wanted, means)
        except Protected as error:
            left = error
        else:
            return _known(found, means), False
    try:
        return means.make(wanted, means), True
    except (NameConflict, AlreadyExists, Protected):
        noted = in_progress.read(prefix_of(found), means.host, Disk())
        if noted is not None and noted.held:
            # By the tool of a maker that was killed: who is at work in order is waited for.
            raise Locked(found.status.message, "Ask again when that is done.") from None
        raise left from None


def _see_that_it_fits(found: ServerEnvironment, spec: str | None, host: Host) -> None:
    """Raise :class:`Protected` for an environment of another Python than ``spec`` asks for."""
    if found.kind == "system":
        raise Protected(
            f"{found.interpreter_path} is a Python of the machine, which stays as it is"
        )
    if spec is not None and not _fits(found, spec, host):
        raise Protected(
            f"{found.id} has Python {found.python_version}, and {spec} is asked for",
            "Name another environment, or delete this one first: nothing is replaced.",
        )


def _fits(found: ServerEnvironment, spec: str, host: Host) -> bool:
    disk = Disk()
    path = found.interpreter_path or ""
    has = None if is_remote(path) else interpreters.inspect(path, host, disk)
    implementation = "cpython" if has is None else has.implementation
    of_it = Interpreter(path, found.python_version, implementation, "")
    if not os.path.isabs(spec):
        return bool(interpreters.matching(spec, (of_it,)))
    if real_path(spec) == real_path(path):
        return True
    given = interpreters.inspect(spec, host, disk)
    if given is None:
        raise PythonUnavailable(f"{spec} is no Python interpreter")
    same = given.implementation == implementation
    return same and _release(given.version) == _release(found.python_version)


def _release(version: str | None) -> list[str]:
    return (version or "").split(".")[:2]


def _bring_into_step(
    found: ServerEnvironment, wanted: EnsureParams, means: Means, *, is_new: bool
) -> None:
    """Sync it if that would install anything; packages beyond the project are no reason to."""
    if not means.offers("environment.sync"):
        if not is_new:
            for name in ("groups", "extras", "package"):
                if getattr(wanted, name):
                    reason = f"{found.id} is there already, and this workflow syncs none"
                    raise invalid_param(name, reason)
        return
    told = means.calls.check(
        found.id,
        groups=wanted.groups,
        extras=wanted.extras,
        package=wanted.package,
        cancelled=means.cancelled,
    )
    # What files do not tell of an environment that was just made, the installer knew.
    if told.in_sync or (told.in_sync is None and is_new):
        return
    if told.plan is None or told.plan.install:
        _sync(found, wanted, means)


def _sync(found: ServerEnvironment, wanted: EnsureParams, means: Means) -> None:
    means.calls.sync(
        found.id,
        groups=wanted.groups,
        extras=wanted.extras,
        package=wanted.package,
        cancelled=means.cancelled,
        progress=means.progress,
    )


def _add_packages(found: ServerEnvironment, packages: Sequence[str], means: Means) -> None:
    lacking = [one for one in packages if _is_lacking(one, found, means.host)]
    if lacking:
        means.calls.install(found.id, lacking, cancelled=means.cancelled, progress=means.progress)


def _is_lacking(package: str, found: ServerEnvironment, host: Host) -> bool:
    """Return whether the requirement ``package``, or anything that it needs, is missing as far as files tell."""
    from packaging.requirements import Requirement

    try:
        requirement = Requirement(package)
    except ValueError:
        return True  # which the installer has better words for
    prefix = prefix_of(found)
    if not prefix or is_remote(prefix) or found.kind == "remote":
        return True
    path = found.interpreter_path or ""
    python = interpreters.inspect(path, host, Disk())
    implementation = "cpython" if python is None else python.implementation
    held = Held(prefix, markers(found.python_version, implementation), host, Disk())
    return any(held.missing((requirement,), "the request")) or bool(held.untold)
