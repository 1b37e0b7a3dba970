"""The Pythons of this machine, outside any project, found and described without starting one."""

from __future__ import annotations

import os

from workflow_helper.discovery.interpreters import (
    conda,
    install_folders,
    managers,
    path,
    pyenv,
    registry,
    uv,
)
from workflow_helper.discovery.interpreters import spec as interpreters_spec
from workflow_helper.discovery.interpreters.describe import (
    describe,
    environment_of,
    parse_name,
    prefix_of,
)
from workflow_helper.errors import UsageError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import identity, real_path
from workflow_helper.filesystem.user_dirs import name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.filesystem.reader import Stamp
    from workflow_helper.model import Host, Interpreter

#: Among equal versions, what an earlier one found goes first.
SOURCES = (
    path.find,
    pyenv.find,
    uv.find,
    managers.find,
    registry.find,
    install_folders.find,
    conda.find,
)


def installed(host: Host, disk: Disk) -> tuple[Interpreter, ...]:
    """Return every Python of the machine, the best first, each once however many names lead to it.

    The best is the newest released CPython; other implementations, free-threaded builds and pre-releases come after,
    and those of unknown version last. Virtual and conda environments, and Python 2, are left out.
    """
    return _CATALOGUE.pythons(host, disk)


def outside(
    pythons: Iterable[Interpreter], folders: Iterable[str], host: Host
) -> tuple[Interpreter, ...]:
    """Return the ``pythons`` outside all of ``folders``, both by their paths and by the real paths.

    A Python inside a project does not belong to the machine, even if it is on PATH, and must not be started. The user's
    home and the root of the disk contain the machine's Pythons, even if they are projects.
    """
    own = (real_path(host.home), real_path(os.sep))
    # Each followed once: there may be hundreds of folders, and hundreds deep.
    tops = {real for folder in folders if (real := real_path(folder)) not in own}
    known = {found for top in tops if (found := identity(top)) is not None}
    return tuple(
        python
        for python in pythons
        if not any(
            above in tops or identity(above) in known
            for place in (parent(host, python.path), python.path)
            for above in _upwards(real_path(place))
        )
    )


def _upwards(path: str) -> Iterator[str]:
    """Yield ``path`` and all folders above it."""
    yield path
    while (above := os.path.dirname(path)) != path:
        yield above
        path = above


class _Catalogue:
    """The result of the last search, valid while nothing that it read has changed.

    A search reads some hundred folders and takes milliseconds, and a server needs it for every folder without an
    environment.
    """

    def __init__(self) -> None:
        self._machine: object = None
        self._seen: dict[str, Stamp] = {}
        self._found: tuple[Interpreter, ...] = ()

    def pythons(self, host: Host, disk: Disk) -> tuple[Interpreter, ...]:
        machine = (host.platform, host.home, dict(host.environ))
        if machine != self._machine or self._is_stale(disk):
            search = Disk()
            self._found = _search(host, search)
            self._seen = search.seen
            # Windows' registry has no times to compare.
            is_settled = not host.windows and _is_settled(search.seen.values())
            self._machine = machine if is_settled else None
        disk.seen.update(self._seen)
        return self._found

    def _is_stale(self, disk: Disk) -> bool:
        for place, stamp in self._seen.items():
            disk.stat(place)
            if disk.seen[place] != stamp:
                return True
        return False


_CATALOGUE = _Catalogue()

#: Nanoseconds within which two changes of a folder may bear the same time.
TICK = 100_000_000


def _is_settled(stamps: Iterable[Stamp]) -> bool:
    """Return whether a further change would show: a folder changed just now can change again in the same tick."""
    import time

    now = time.time_ns()
    return all(stamp is None or abs(now - stamp[3]) > TICK for stamp in stamps)


def _search(host: Host, disk: Disk) -> tuple[Interpreter, ...]:
    found: dict[str, Interpreter] = {}
    for source, candidate in _candidates(host, disk):
        real = real_path(candidate)
        if real in found or prefix_of(candidate, host, disk) is not None:
            continue
        python = describe(candidate, source, host, disk)
        if python is not None:
            found[real] = python
    return tuple(sorted(found.values(), key=interpreters_spec.rank))


def inspect(path: str, host: Host, disk: Disk) -> Interpreter | None:
    """Return the interpreter at ``path``, also one of an environment; ``None`` if it is not an interpreter."""
    python = describe(path, "given", host, disk)
    if python is None:
        return _of_environment(path, host, disk) if host.windows else None
    prefix = environment_of(path, host, disk)
    # By its name alone, as of Debian's python3.13, no patch release is told.
    in_part = python.version is None or python.version.count(".") < 2
    if prefix is not None and (in_part or host.windows):
        from workflow_helper.discovery.environments import health

        return python._replace(
            version=health.inspect(prefix, host, disk).python_version or python.version
        )
    return python


def _of_environment(path: str, host: Host, disk: Disk) -> Interpreter | None:
    """Return the interpreter of an environment at ``path`` on Windows, where only ``pyvenv.cfg`` has its version."""
    prefix = environment_of(path, host, disk)
    name = parse_name(name_of(host, path), windows=True)
    if prefix is None or name is None or not disk.is_program(path):
        return None
    from workflow_helper.discovery.environments import health
    from workflow_helper.model import Interpreter

    found = health.written(prefix, host, disk)
    if found.interpreter_path is None or found.python_version is None:
        return None
    return Interpreter(path, found.python_version, name.implementation, "given")


def matching(spec: str, candidates: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """Return the ``candidates`` that fit ``spec``, in their order.

    A version fits every version that begins with it, of any implementation; free-threaded builds need a ``t``. An
    implementation may come first (``pypy``, ``pypy3.10``, ``cpython@3.12``). The third form is a range as in
    ``requires-python``; a Python of unknown patch version fits it if any patch version would.

    Raises:
        UsageError: ``spec`` is anything else.
    """
    text = spec.strip()
    if text[:1] in ("<", ">", "=", "!", "~"):
        return _in_range(spec, text, candidates)
    request = interpreters_spec.parse(spec)
    return tuple(python for python in candidates if request.fits(python))


def _candidates(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    for find in SOURCES:
        yield from find(host, disk)


def _in_range(spec: str, text: str, candidates: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    from packaging.specifiers import SpecifierSet

    try:
        wanted = SpecifierSet(text)
    except ValueError:
        raise UsageError(f"{spec!r} is not a range of versions", interpreters_spec.HINT) from None

    def fits(python: Interpreter) -> bool:
        if python.version is None or python.implementation.endswith("+freethreaded"):
            return False
        readings = (
            [python.version]
            if python.version.count(".") > 1
            else [python.version, f"{python.version}.999"]
        )
        try:
            return any(wanted.contains(reading, prereleases=True) for reading in readings)
        except ValueError:
            return False

    return tuple(python for python in candidates if fits(python))
