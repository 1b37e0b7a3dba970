"""Install, upgrade and uninstall tools, each completely or not at all, one process at a time for each tool.

Another environment is made beside the one that is there, and takes its place when it is whole: the record first, then the
links, then what is left of the old one goes.
"""

from __future__ import annotations

import contextlib
import os

from workflow_helper.apps import environment, foreign, layout, records, shims
from workflow_helper.apps import list as installed_tools
from workflow_helper.apps.records import Kept
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


class Failed(NamedTuple):
    """One of several tools that could not be upgraded."""

    name: str
    error: WorkflowError


def install(wanted: ToolRequest, host: Host, work: Work) -> Done:
    """Install a tool as requested; one that is installed so already is kept, and repaired if need be.

    Nothing is changed where it fails.

    Raises:
        AlreadyExists: somebody else has a program of that name.
        NotFound: the tool has no programs, or not the one that is wanted.
        PythonUnavailable: there is no such Python.
        CreateFailed: what was installed is another tool.
        RequestFailed: the installer failed: the class that its output stands for.
        ExecutionFailed: the installer did not start, took too long, or wrote too much.
        Cancelled: the user stopped it.
    """
    with _alone(wanted.name, host, work):
        kept = _kept(wanted.name, host)
        before = None if kept is None else records.version_in(kept.prefix, kept.name, host)
        held = kept is not None and kept.holds(wanted)
        # What lies on this machine may have changed.
        anew = wanted.latest or wanted.local
        if kept is not None and held and not anew and _is_whole(kept, host):
            check_has_program(wanted.program, kept, host)
            return _as_it_is(kept, before, host)
        python = environment.python_for(wanted.python, host, Disk(), work.outside)
        now = _made(wanted, python, kept, host, work, unless=_is_same if held else None)
        if now is kept:
            return _as_it_is(now, before, host)
        return Done(_tool(now, host), True, before)  # noqa: FBT003


def upgrade(name: str, host: Host, work: Work, *, python: str | None = None) -> Done:
    """Upgrade an installed tool and its dependencies to the newest requested versions; recreate a broken one.

    It keeps its Python while that is there, unless another is asked for; one of the same version takes the place of an
    interpreter that was named by its path and is gone, else the best.

    Raises:
        NotFound: it is not installed, or its newest version has no programs.
        AlreadyExists: somebody else has a program of that name.
        PythonUnavailable: there is no such Python.
        CreateFailed: what was installed is another tool.
        RequestFailed: the installer failed: the class that its output stands for.
        ExecutionFailed: the installer did not start, took too long, or wrote too much.
        Cancelled: the user stopped it.
    """
    name = name_of(name)
    with _alone(name, host, work):
        kept = records.read(name, host, Disk())
        if kept is None:
            raise _not_installed(name, host)
        before = records.version_in(kept.prefix, name, host)
        lost = python is None and _is_lost(kept.python, host)
        wanted = ToolRequest(
            name, kept.requirement, kept.beside, None if lost else python or kept.python
        )
        chosen = None if python is not None else _python_of(kept, host)
        if lost and chosen is None:
            work.report(f"{kept.python} no longer exists, so {name} gets another Python")
            chosen = _like(kept, host, work)
        chosen = chosen or environment.python_for(wanted.python, host, Disk(), work.outside)
        now = _made(wanted, chosen, kept, host, work, unless=_is_same)
        if now is kept:
            return _as_it_is(kept, before, host)
        return Done(_tool(now, host), True, before)  # noqa: FBT003


def upgrade_all(
    host: Host, work: Work, *, python: str | None = None
) -> tuple[tuple[Done, ...], tuple[Failed, ...]]:
    """Upgrade every tool of ours, past those that fail.

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
            failed.append(Failed(name, error))
    return tuple(done), tuple(failed)


def uninstall(name: str, host: Host, work: Work) -> tuple[str, ...]:
    """Uninstall a tool with its programs and records, and return the paths that were removed.

    Raises:
        NotFound: it is not installed.
        WorkflowError: something of it cannot be removed.
    """
    name = name_of(name)
    home = layout.home(name, host)
    with _alone(name, host, work):
        if not os.path.isdir(home):
            raise _not_installed(name, host)
        folders = [layout.programs(host)]
        with contextlib.suppress(UnusableFile):
            kept = records.read(name, host, Disk())
            folders += [] if kept is None else [kept.folder]
        gone = shims.unlink(name, folders, host)
        _sweep(home, None)
        if not os.path.islink(home):
            _remove(layout.record(name, host))
        _remove(home)
    for folder in (layout.folder(host), host.data):
        with contextlib.suppress(OSError):
            os.rmdir(folder)  # if it was the last
    return (*gone, home)


def check_has_program(program: str | None, kept: Kept, host: Host) -> None:
    """Raise :class:`NotFound` for a program that the tool does not have."""
    if program is not None and not os.path.exists(environment.path_of(program, kept.prefix, host)):
        raise environment.no_such_program(program, kept.name, kept.programs)


@contextlib.contextmanager
def _alone(name: str, host: Host, work: Work) -> Iterator[None]:
    from workflow_helper.apps.wait import waiting_for
    from workflow_helper.filesystem.locks import hold

    with hold(layout.lock(name, host), waiting_for(name, work), passing=True):
        yield


def _kept(name: str, host: Host) -> Kept | None:
    """Return the record of a tool, where it can be read: installing replaces one that cannot."""
    try:
        return records.read(name, host, Disk())
    except UnusableFile:
        return None


def _as_it_is(kept: Kept, before: str | None, host: Host) -> Done:
    """Keep the environment, and put its programs where they belong now."""
    now = kept._replace(folder=layout.programs(host))
    changed = now != kept or any(shims.missing(kept, host))
    if changed:
        _take_over(now, kept, host)
    return Done(_tool(now, host), changed, before)


def _is_whole(kept: Kept, host: Host) -> bool:
    return (
        environments_health.inspect(kept.prefix, host, Disk()).status.state == "ok"
        and records.version_in(kept.prefix, kept.name, host) is not None
    )


def _is_same(one: Kept, other: Kept, host: Host) -> bool:
    """Return whether two environments hold the same packages in the same versions, for the same Python.

    One that was asked for by its place, and not by a name, may be another under the same version.
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


def _python_of(kept: Kept, host: Host) -> Interpreter | None:
    """Return the Python that an environment was made with, if it is there and works."""
    disk = Disk()
    health = environments_health.inspect(kept.prefix, host, disk)
    if health.status.state != "ok" or health.interpreter_path is None:
        return None
    real = real_path(health.interpreter_path)
    every = interpreters.installed(host, disk)
    return next((one for one in every if real_path(one.path) == real), None)


def _is_lost(spec: str | None, host: Host) -> bool:
    """Return whether ``spec`` is the path of an interpreter that is there no more."""
    return (
        spec is not None
        and os.path.isabs(spec)
        and interpreters.inspect(spec, host, Disk()) is None
    )


def _like(kept: Kept, host: Host, work: Work) -> Interpreter | None:
    """Return the best Python of the version that an environment was made with."""
    disk = Disk()
    version = environments_health.inspect(kept.prefix, host, disk).python_version
    if version is None:
        return None
    every = interpreters.outside(interpreters.installed(host, disk), work.outside, host)
    return next(iter(interpreters.matching(".".join(version.split(".")[:2]), every)), None)


def _made(
    wanted: ToolRequest,
    python: Interpreter,
    before: Kept | None,
    host: Host,
    work: Work,
    *,
    unless: Callable[[Kept, Kept, Host], bool] | None = None,
) -> Kept:
    """Create an environment and let it replace ``before``, ``unless`` that is as good."""
    home = layout.home(wanted.name, host)
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
        made = environment.make(prefix, wanted, python, host, work)
        folder = layout.programs(host)
        now = Kept(
            wanted.name,
            prefix,
            wanted.requirement,
            wanted.beside,
            wanted.python,
            made.programs,
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


def _take_over(now: Kept, before: Kept | None, host: Host) -> None:
    """Switch the tool to ``now``; after an exception it is as it was."""
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
            kept = before.programs if before.folder == now.folder else ()
            shims.unlink(now.name, (now.folder,), host, keep=kept)
        raise


def _tool(kept: Kept, host: Host) -> ListedTool:
    return installed_tools.of_kept(kept, host, Disk())


def _not_installed(name: str, host: Host) -> NotFound:
    other = next((one for one in foreign.found(host, Disk()) if one.name == name), None)
    if other is None:
        return NotFound(f"the tool {name} is not installed", "'wsp tool list' tells which are.")
    words = "uv tool" if other.by == "uv" else "pipx"
    return NotFound(
        f"{name} is not installed by wsp but by {other.by}, whose tools are left alone",
        f"'{words} upgrade {name}' and '{words} uninstall {name}' are for it.",
    )


def _sweep(home: str, kept: Kept | None) -> None:
    """Remove the environments that are not the current one, and nothing that lies behind a link."""
    for name in Disk().names(home) if not os.path.islink(home) else ():
        path = os.path.join(home, name)
        if name != layout.RECORD and (kept is None or path != kept.prefix) and os.path.isdir(path):
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
        reason = f"{path} cannot be removed wholly"
        raise WorkflowError(reason, "End the programs that run from there, then try again.")
