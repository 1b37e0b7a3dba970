"""Run a tool once: from the installed tools, or from a cache that is refreshed when it is old.

:func:`ready` handles a warm start with as few imports as an answer (``docs/architecture.md``); :func:`provide` creates
a missing environment.
"""

from __future__ import annotations

import os
import time

from workflow_helper.apps import records, request
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.errors import NetworkUnavailable, NotFound
from workflow_helper.install import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    from workflow_helper.apps.request import ToolArguments, ToolRequest
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.work import Work
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

DAY = 24 * 3600
#: Seconds after which a tool is looked for again, lest the newest stays the one of long ago.
OLD_AFTER = 14 * DAY
#: Seconds after which that is tried again where the index could not be reached.
AGAIN_AFTER = 1 * DAY
#: Seconds after which what was not run since is removed, when another is made.
UNUSED_AFTER = 30 * DAY
#: The beginning of the keys of such environments in the cache.
PREFIX = "tool-"
#: Characters of a readable key.
_LONGEST = 80
#: Written once, when an environment is made.
_BIRTH = "pyvenv.cfg"


class Ready(NamedTuple):
    """A program that can be started."""

    program: str
    #: A warning for the person.
    note: str = ""


def ready(run: ToolArguments, host: Host, disk: Disk) -> Ready | None:
    """Return the program if it is there: installed and requested without a version, or cached recently.

    Raises:
        NotFound: the tool does not have the program.
        UsageError: the word is not the name of a program.
    """
    if run.source is not None:
        request.program(run.word)
    spec = run.spec
    if spec is not None and spec.version is None and not run.beside and run.python is None:
        prefix = records.usable(spec.name, host, disk)
        if prefix is not None:
            return Ready(_program(run, prefix, host, disk))
    if spec is not None and spec.version == request.LATEST:
        return None
    key = _key(run, disk)
    if key is None:
        return None
    prefix = cache.CacheEntry(key, host, disk, fresh=_is_young(disk)).finished()
    return None if prefix is None else Ready(_program(run, prefix, host, disk))


def provide(run: ToolArguments, host: Host, disk: Disk, work: Work) -> Ready:
    """Return the program, from an environment that is created unless it is there.

    If the index cannot be reached, an outdated environment is used.

    Raises:
        UsageError: the name is not a requirement.
        NotFound: the tool has no programs, or not the requested one.
        PythonUnavailable: there is no such Python.
        CreateFailed: what was installed is another tool.
        RequestFailed: the installer failed; the subclass depends on its output.
        ExecutionFailed: the installer did not start, took too long, or wrote too much.
        Cancelled: the user stopped it.
    """
    from workflow_helper.apps import environment
    from workflow_helper.apps.wait import waiting_for

    tool = request.of(run, host, disk)
    python = environment.python_for(tool.python, host, disk, work.outside)
    about = {
        "tool": tool.name,
        "requirement": tool.requirement,
        "with": list(tool.beside),
        "python": python.path,
    }

    def make(prefix: str) -> None:
        environment.make(prefix, tool, python, host, work)

    spec = run.spec
    latest = spec is not None and spec.version == request.LATEST
    key = _key(run, disk) or _digest(run, tool, disk)
    fresh = (lambda _: False) if latest else _is_young(disk)
    entry = cache.CacheEntry(key, host, disk, fresh=fresh)
    note = ""
    try:
        prefix = entry.provided(about, make, waiting=waiting_for(tool.name, work))
    except NetworkUnavailable as error:
        old = None if latest else cache.CacheEntry(key, host, disk).finished()
        if old is None:
            raise
        note = f"{tool.name} is {_age(old)} days old, and a newer version could not be searched for: {error.message.splitlines()[0]}"
        _try_again_later(old)
        prefix = old
    else:
        _tidy(key, host)
    return Ready(_program(run, prefix, host, disk), note)


def _program(run: ToolArguments, prefix: str, host: Host, disk: Disk) -> str:
    """Return the program that is meant: the one of that name, or the only one."""
    from workflow_helper.apps.environment import no_such_program, path_of, programs_of

    spec = run.spec
    name = run.word if run.source is not None else (spec.spelled if spec is not None else None)
    if name is not None and disk.is_program(path_of(name, prefix, host)):
        return path_of(name, prefix, host)
    owner = spec.name if spec is not None else _tool_in(prefix)
    programs = programs_of(prefix, owner, host, disk)
    if run.source is None:
        meant = [one for one in programs if normalized(one) == owner] or programs
        if len(meant) == 1:
            return path_of(meant[0], prefix, host)
    if not programs:
        raise NotFound(
            f"{owner} has no programs",
            "It may be a library. If not, run 'wsp cache prune' and try again.",
        )
    raise no_such_program(name or owner, owner, programs)


def _tool_in(prefix: str) -> str:
    return str(cache.about_of(os.path.dirname(prefix)).get("tool", ""))


def _key(run: ToolArguments, disk: Disk) -> str | None:
    """Return the cache key of the environment; ``None`` where it depends on local files, which may change.

    Plain requests need no digest.
    """
    spec = run.spec
    if spec is None or run.beside:
        if any(_is_local(one) for one in (run.source or run.word, *run.beside)):
            return None
        return _digest(run, None, disk)
    version = f"@{spec.version}" if spec.version not in (None, request.LATEST) else ""
    python = f"@py{run.python}" if run.python is not None else ""
    key = f"{PREFIX}{spec.name}{version}{python}"
    letters = key.replace("-", "").replace(".", "").replace("_", "").replace("@", "")
    if len(key) > _LONGEST or not letters.isalnum() or not letters.isascii():
        return _digest(run, None, disk)
    return key


def _is_local(text: str) -> bool:
    return os.sep in text or "/" in text or text.startswith((".", "~"))


def _digest(run: ToolArguments, tool: ToolRequest | None, disk: Disk) -> str:
    """Return a key for everything that is requested; with ``tool``, also for the contents of the paths that it names."""
    import json
    from hashlib import sha256

    whole: list[object] = [run.source or run.word, list(run.beside), run.python]
    if tool is not None:
        from workflow_helper.trust.fingerprint import contents

        whole += [tool.requirement, list(tool.beside)]
        whole += [contents(path, disk) for path in tool.local]
    return PREFIX + sha256(json.dumps(whole).encode()).hexdigest()[:32]


def _is_young(disk: Disk) -> Callable[[str], bool]:
    """Return a function that checks whether the environment that a record names was created recently."""

    def is_young(record: str) -> bool:
        name = cache.named_by(record, disk)
        born = None if name is None else _born(os.path.join(os.path.dirname(record), name))
        return born is not None and time.time() - born < OLD_AFTER

    return is_young


def _born(prefix: str) -> float | None:
    try:
        return os.stat(os.path.join(prefix, _BIRTH)).st_mtime
    except OSError:
        return None


def _age(prefix: str) -> int:
    return int((time.time() - (_born(prefix) or 0)) // DAY)


def _try_again_later(prefix: str) -> None:
    """Treat the environment as recent for a while, because trying to reach an unreachable index takes seconds."""
    then = time.time() - OLD_AFTER + AGAIN_AFTER
    try:
        os.utime(os.path.join(prefix, _BIRTH), (then, then))
    except OSError:
        return  # of a cache that cannot be written


def _tidy(key: str, host: Host) -> None:
    """Remove environments that were not run for long, or were replaced long ago."""
    now = time.time()

    def is_unused(home: str) -> bool:
        try:
            return now - os.stat(os.path.join(home, cache.RECORD)).st_mtime > UNUSED_AFTER
        except OSError:
            return now - os.stat(home).st_mtime > UNUSED_AFTER

    for home in cache.homes(host):
        name = os.path.basename(home)
        if name == key:
            cache.remove_abandoned(home, now)
        elif name.startswith(PREFIX):
            cache.remove_unused(home, is_unused)
