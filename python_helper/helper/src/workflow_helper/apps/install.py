"""Install, upgrade and uninstall tools.

Each change is made completely or not at all, by one process at a time for each tool.

A new environment is created beside the existing one, and replaces it when it is complete: first the record is switched,
then the links, then the old environment is removed.
"""

from __future__ import annotations

import contextlib
import os

from workflow_helper.apps import environment, foreign, layout, records, shims
from workflow_helper.apps import list as installed_tools
from workflow_helper.apps.records import ToolRecord
from workflow_helper.apps.request import ToolRequest, name_of
from workflow_helper.discovery.environments import distributions
from workflow_helper.discovery.environments import health as environments_health
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.errors import Cancelled, NotFound, UnusableFile, WorkflowError, unwritable
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.remove import remove_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import NamedTuple

    from workflow_helper.apps.list import ListedTool
    from workflow_helper.install.work import Work
    from workflow_helper.model import Host, Interpreter
else:
    from workflow_server.namedtuple import NamedTuple


class Done(NamedTuple):
    """The result of a change to a tool."""

    tool: ListedTool
    changed: bool
    #: The version that was there before, if one was.
    before: str | None = None


class FailedUpgrade(NamedTuple):
    """One of several tools that could not be upgraded."""

    name: str
    error: WorkflowError


def install(tool: ToolRequest, host: Host, work: Work) -> Done:
    """Install a tool as requested; a tool that is already installed that way is kept, and repaired if needed.

    A failure changes nothing.

    Raises:
        AlreadyExists: a program of that name exists and belongs to something else.
        NotFound: the tool has no programs, or not the requested one.
        PythonUnavailable: there is no such Python.
        CreateFailed: what was installed is another tool.
        RequestFailed: the installer failed; the subclass depends on its output.
        ExecutionFailed: the installer did not start, took too long, or wrote too much.
        Cancelled: the user stopped it.
    """
    with _alone(tool.name, host, work):
        record = _record(tool.name, host)
        before = None if record is None else records.version_in(record.prefix, record.name, host)
        is_same_request = record is not None and record.holds(tool)
        # What lies on this machine may have changed.
        refreshed = tool.latest or tool.local
        if record is not None and is_same_request and not refreshed and _is_whole(record, host):
            check_has_program(tool.program, record, host)
            return _as_it_is(record, before, host)
        python = environment.python_for(tool.python, host, Disk(), work.outside)
        now = _create(
            tool, python, record, host, work, unless=_is_same if is_same_request else None
        )
        if now is record:
            return _as_it_is(now, before, host)
        return Done(_tool(now, host), True, before)  # noqa: FBT003


def upgrade(name: str, host: Host, work: Work, *, python: str | None = None) -> Done:
    """Upgrade an installed tool and its dependencies to the newest requested versions; recreate a broken one.

    It keeps its Python unless another is requested. If an interpreter that was named by its path no longer exists, one
    of the same version replaces it, else the best one.

    Raises:
        NotFound: it is not installed, or its newest version has no programs.
        AlreadyExists: a program of that name exists and belongs to something else.
        PythonUnavailable: there is no such Python.
        CreateFailed: what was installed is another tool.
        RequestFailed: the installer failed; the subclass depends on its output.
        ExecutionFailed: the installer did not start, took too long, or wrote too much.
        Cancelled: the user stopped it.
    """
    name = name_of(name)
    with _alone(name, host, work):
        record = records.read(name, host, Disk())
        if record is None:
            raise _not_installed(name, host)
        before = records.version_in(record.prefix, name, host)
        lost = python is None and _is_lost(record.python, host)
        tool = ToolRequest(
            name, record.requirement, record.beside, None if lost else python or record.python
        )
        chosen = None if python is not None else _python_of(record, host)
        if lost and chosen is None:
            work.report(f"{record.python} no longer exists, so {name} gets another Python")
            chosen = _like(record, host, work)
        chosen = chosen or environment.python_for(tool.python, host, Disk(), work.outside)
        now = _create(tool, chosen, record, host, work, unless=_is_same)
        if now is record:
            return _as_it_is(record, before, host)
        return Done(_tool(now, host), True, before)  # noqa: FBT003


def upgrade_all(
    host: Host, work: Work, *, python: str | None = None
) -> tuple[tuple[Done, ...], tuple[FailedUpgrade, ...]]:
    """Upgrade every tool that wsp installed, and go on after one that fails.

    Raises:
        Cancelled: the user stopped it.
    """
    done, failed = [], []
    for name in records.names(host, Disk()):
        try:
            done.append(upgrade(name, host, work, python=python))
        except Cancelled:
            raise
        except WorkflowError as error:
            failed.append(FailedUpgrade(name, error))
    return tuple(done), tuple(failed)


def uninstall(name: str, host: Host, work: Work) -> tuple[str, ...]:
    """Uninstall a tool with its programs and records, and return the paths that were removed.

    Raises:
        NotFound: it is not installed.
        WorkflowError: part of it cannot be removed.
    """
    name = name_of(name)
    home = layout.home(name, host)
    with _alone(name, host, work):
        if not os.path.isdir(home):
            raise _not_installed(name, host)
        folders = [layout.programs(host)]
        with contextlib.suppress(UnusableFile):
            record = records.read(name, host, Disk())
            folders += [] if record is None else [record.folder]
        gone = shims.unlink(name, folders, host)
        _sweep(home, None)
        if not os.path.islink(home):
            _remove(layout.record(name, host))
        _remove(home)
    for folder in (layout.folder(host), host.data):
        with contextlib.suppress(OSError):
            os.rmdir(folder)  # if it was the last
    return (*gone, home)


def check_has_program(program: str | None, record: ToolRecord, host: Host) -> None:
    """Raise :class:`NotFound` for a program that the tool does not have."""
    if program is not None and not os.path.exists(
        environment.path_of(program, record.prefix, host)
    ):
        raise environment.no_such_program(program, record.name, record.programs)


@contextlib.contextmanager
def _alone(name: str, host: Host, work: Work) -> Iterator[None]:
    from workflow_helper.apps.wait import waiting_for
    from workflow_helper.filesystem.locks import hold

    with hold(layout.lock(name, host), waiting_for(name, work), passing=True):
        yield


def _record(name: str, host: Host) -> ToolRecord | None:
    """Return the record of a tool; ``None`` if it is missing or unreadable, so that installing replaces it."""
    try:
        return records.read(name, host, Disk())
    except UnusableFile:
        return None


def _as_it_is(record: ToolRecord, before: str | None, host: Host) -> Done:
    """Keep the environment, and link its programs into the folder of programs that is configured now."""
    now = record._replace(folder=layout.programs(host))
    changed = now != record or any(shims.missing(record, host))
    if changed:
        _take_over(now, record, host)
    return Done(_tool(now, host), changed, before)


def _is_whole(record: ToolRecord, host: Host) -> bool:
    return (
        environments_health.inspect(record.prefix, host, Disk()).status.state == "ok"
        and records.version_in(record.prefix, record.name, host) is not None
    )


def _is_same(one: ToolRecord, other: ToolRecord, host: Host) -> bool:
    """Return whether two environments hold the same packages in the same versions, for the same Python.

    A tool that was installed from a path or URL may have changed without a new version.
    """
    if any(os.path.isabs(text) or " @ " in text for text in (one.requirement, *one.beside)):
        return False
    disk = Disk()
    healths = [environments_health.inspect(each.prefix, host, disk) for each in (one, other)]
    return (
        all(health.status.state == "ok" for health in healths)
        and healths[0].python_version == healths[1].python_version
        and distributions.installed(one.prefix, host, disk)
        == distributions.installed(other.prefix, host, disk)
        and one.programs == other.programs
    )


def _python_of(record: ToolRecord, host: Host) -> Interpreter | None:
    """Return the Python that an environment was created with, if it still exists and works."""
    disk = Disk()
    health = environments_health.inspect(record.prefix, host, disk)
    if health.status.state != "ok" or health.interpreter_path is None:
        return None
    real = real_path(health.interpreter_path)
    every = interpreters.installed(host, disk)
    return next((one for one in every if real_path(one.path) == real), None)


def _is_lost(spec: str | None, host: Host) -> bool:
    """Return whether ``spec`` is the path of an interpreter that no longer exists."""
    return (
        spec is not None
        and os.path.isabs(spec)
        and interpreters.inspect(spec, host, Disk()) is None
    )


def _like(record: ToolRecord, host: Host, work: Work) -> Interpreter | None:
    """Return the best Python of the version that an environment was made with."""
    disk = Disk()
    version = environments_health.inspect(record.prefix, host, disk).python_version
    if version is None:
        return None
    every = interpreters.outside(interpreters.installed(host, disk), work.outside, host)
    return next(iter(interpreters.matching(".".join(version.split(".")[:2]), every)), None)


def _create(
    tool: ToolRequest,
    python: Interpreter,
    before: ToolRecord | None,
    host: Host,
    work: Work,
    *,
    unless: Callable[[ToolRecord, ToolRecord, Host], bool] | None = None,
) -> ToolRecord:
    """Create an environment and let it replace ``before``, except where ``unless`` says that ``before`` is as good."""
    home = layout.home(tool.name, host)
    prefix = os.path.join(home, os.urandom(8).hex())
    if before is not None and _is_whole(before, host):
        # Who was killed right after the record was written left links to what is about to go.
        with contextlib.suppress(WorkflowError):
            shims.link(before, host)
    _sweep(home, before)
    try:
        try:
            os.makedirs(home, exist_ok=True)
        except OSError as error:
            raise unwritable(home, error, "could not be created") from None
        contents = environment.make(prefix, tool, python, host, work)
        folder = layout.programs(host)
        now = ToolRecord(
            tool.name,
            prefix,
            tool.requirement,
            tool.beside,
            tool.python,
            contents.programs,
            folder,
        )
        if before is not None and unless is not None and unless(before, now, host):
            _discard(prefix)
            return before
        _take_over(now, before, host)
    except BaseException:
        _discard(prefix)
        if before is None:
            _discard(home)
            for above in (layout.folder(host), host.data):
                with contextlib.suppress(OSError):
                    os.rmdir(above)
        raise
    _sweep(home, now)
    return now


def _take_over(now: ToolRecord, before: ToolRecord | None, host: Host) -> None:
    """Switch the tool to ``now``, or back to the previous state after an exception."""
    shims.check_none_is_foreign(now, host)
    records.write(now, host)
    try:
        shims.link(now, host)
        shims.unlink(now.name, (now.folder,), host, keep=now.programs)
        if before is not None and before.folder != now.folder:
            shims.unlink(now.name, (before.folder,), host)
    except BaseException:
        if before is None:
            shims.unlink(now.name, (now.folder,), host)
            _discard(layout.record(now.name, host))
        else:
            records.write(before, host)
            with contextlib.suppress(WorkflowError):
                shims.link(before, host)
            programs = before.programs if before.folder == now.folder else ()
            shims.unlink(now.name, (now.folder,), host, keep=programs)
        raise


def _tool(record: ToolRecord, host: Host) -> ListedTool:
    return installed_tools.of_record(record, host, Disk())


def _not_installed(name: str, host: Host) -> NotFound:
    other = next((one for one in foreign.found(host, Disk()) if one.name == name), None)
    if other is None:
        return NotFound(
            f"the tool {name} is not installed", "'wsp tool list' lists the installed tools."
        )
    words = "uv tool" if other.by == "uv" else "pipx"
    return NotFound(
        f"{name} was installed by {other.by}, and wsp changes only the tools that it installed",
        f"Use '{words} upgrade {name}' or '{words} uninstall {name}'.",
    )


def _sweep(home: str, record: ToolRecord | None) -> None:
    """Remove every environment but the current one, following no links."""
    for name in Disk().names(home) if not os.path.islink(home) else ():
        path = os.path.join(home, name)
        if (
            name != layout.RECORD
            and (record is None or path != record.prefix)
            and os.path.isdir(path)
        ):
            _discard(path)


def _discard(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        remove_tree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _remove(path: str) -> None:
    """Remove a file or a folder.

    Raises:
        WorkflowError: it cannot be removed.
    """
    _discard(path)
    if os.path.lexists(path):
        reason = f"{path} cannot be removed completely"
        raise WorkflowError(reason, "End the programs that run from there, then try again.")
