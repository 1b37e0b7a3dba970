"""Create the environment of a tool, with uv or else with ``venv`` and pip, and find its programs."""

from __future__ import annotations

import os

from workflow_helper.discovery.environments import distributions
from workflow_helper.errors import (
    CreateFailed,
    ExecutionFailed,
    NotFound,
    PythonUnavailable,
    UnusableFile,
)
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.provision import interpreter_of, scripts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_helper.apps.request import ToolRequest
    from workflow_helper.install.failures import ErrorPattern
    from workflow_helper.install.installer import InstallerCommand
    from workflow_helper.install.work import Work
    from workflow_helper.model import Host, Interpreter
    from workflow_helper.system.process import Finished
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds that one step may take: builds from source, slow networks.
TIMEOUT = 3600.0
#: Bytes of a list of installed files.
_RECORD_LIMIT = 32 * 1024 * 1024
#: Lines of installers that are no news.
_NO_NEWS = ("Looking in ", "Using ", "Creating ", "Activate ")


class ToolContents(NamedTuple):
    """The contents of a new environment."""

    version: str
    #: The names of the tool's own programs; at least one.
    programs: tuple[str, ...]


def python_for(
    spec: str | None, host: Host, disk: Disk, outside: Sequence[str] = ()
) -> Interpreter:
    """Return the best Python of the machine, outside the folders ``outside``, for ``spec``: a version, a range or a path.

    Raises:
        PythonUnavailable: there is none.
        UsageError: ``spec`` is not a version, a range or a path.
    """
    from workflow_helper.discovery.interpreters import find as interpreters

    if spec is not None and os.path.isabs(spec):
        python = interpreters.inspect(spec, host, disk)
        if python is None:
            raise PythonUnavailable(
                f"{spec} is not a Python interpreter",
                "'wsp python list' lists the available Pythons.",
            )
        return python
    found = interpreters.outside(interpreters.installed(host, disk), outside, host)
    fitting = found if spec is None else interpreters.matching(spec, found)
    if not fitting:
        tool = (
            "no Python was found on this machine"
            if spec is None
            else f"no Python on this machine is {spec}"
        )
        install = spec if spec is not None and spec[:1].isdigit() else "X.Y"
        raise PythonUnavailable(
            tool,
            f"'wsp python install {install}' installs one. 'wsp python list' lists the available Pythons.",
        )
    return fitting[0]


def make(
    prefix: str, tool: ToolRequest, python: Interpreter, host: Host, work: Work
) -> ToolContents:
    """Create the environment at ``prefix`` for ``tool``; the folder above it belongs to the tool alone.

    After a failure, the caller removes what is left.

    Raises:
        NotFound: the tool has no programs, or not the requested one.
        CreateFailed: what was installed is another tool.
        RequestFailed: the installer failed; the subclass depends on its output.
        ExecutionFailed: the installer did not start, took too long, or wrote too much.
        Cancelled: the user stopped it.
    """
    from workflow_helper.install.installer import Installer, check_installed_into, raise_barrier

    work.report(
        f"Creating an environment for {tool.name} with Python {python.version or python.path}"
    )
    installer = Installer.of(host, work.outside)
    what = f"installing {tool.requirement}"
    if installer.uv is not None:
        raise_barrier(os.path.dirname(prefix))
    _run(what, installer.venv(python.path, prefix), prefix, host, work)
    words = ("--", tool.requirement, *tool.beside)
    installing = installer.install(prefix, interpreter_of(prefix, host), words)
    check_installed_into(_run(what, installing, prefix, host, work).text, prefix, host)
    return _look(prefix, tool, host)


def programs_of(prefix: str, name: str, host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the names of the programs that the distribution ``name``, normalized, put into the environment at ``prefix``."""
    located = distributions.located(prefix, host, disk).get(name)
    return (
        () if located is None else _programs(located.folder, scripts_of(prefix, host), host, disk)
    )


def path_of(program: str, prefix: str, host: Host) -> str:
    """Return the path of the program of this name in the environment at ``prefix``, if it has one."""
    return os.path.join(scripts_of(prefix, host), program + (".exe" if host.windows else ""))


def _look(prefix: str, tool: ToolRequest, host: Host) -> ToolContents:
    disk = Disk()
    located = distributions.located(prefix, host, disk)
    own = located.get(tool.name)
    if own is None:
        raise CreateFailed(f"{tool.requirement} was installed, but it is not {tool.name}")
    scripts = scripts_of(prefix, host)
    programs = _programs(own.folder, scripts, host, disk)
    if not programs:
        others = {
            name: found
            for name, one in located.items()
            if (found := _programs(one.folder, scripts, host, disk))
        }
        raise _without_programs(tool.name, others)
    if tool.program is not None and not os.path.exists(path_of(tool.program, prefix, host)):
        raise no_such_program(tool.program, tool.name, programs)
    return ToolContents(own.distribution.version, programs)


def no_such_program(program: str, name: str, programs: Sequence[str]) -> NotFound:
    """Return the error for a tool that does not have the requested program."""
    return NotFound(
        f"{name} has no program {program}",
        f"It has {', '.join(programs)}: use --from {name} and the program.",
    )


def _without_programs(name: str, others: dict[str, tuple[str, ...]]) -> NotFound:
    hint = "It is a library: add it to a project's dependencies. 'wsp env run' runs its code."
    if others:
        has = "; ".join(f"{one} ({', '.join(programs[:5])})" for one, programs in others.items())
        hint = f"These dependencies of it have programs, and can be installed instead: {has}."
    return NotFound(f"{name} has no programs", hint)


def _programs(folder: str, scripts: str, host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the files in a ``*.dist-info`` folder's ``RECORD`` that lie in the environment's folder of programs."""
    import csv

    try:
        text = disk.text(os.path.join(folder, "RECORD"), _RECORD_LIMIT) or ""
    except UnusableFile:
        return ()
    site = os.path.dirname(folder)
    found = set()
    for row in csv.reader(text.splitlines()):
        path = os.path.normpath(os.path.join(site, row[0])) if row else ""
        if os.path.normcase(os.path.dirname(path)) == os.path.normcase(scripts):
            stem, ending = os.path.splitext(os.path.basename(path))
            if not host.windows and disk.is_program(path):
                found.add(stem + ending)
            elif host.windows and ending.lower() == ".exe":
                found.add(stem)
    return tuple(sorted(found))


def _run(what: str, call: InstallerCommand, prefix: str, host: Host, work: Work) -> Finished:
    from workflow_helper.install.runner import run_tool
    from workflow_helper.system.environ import for_tool

    def tell(line: str) -> None:
        words = line.strip()
        if words and not words.startswith(_NO_NEWS):
            work.report(words)

    return run_tool(
        what,
        call.argv,
        cwd=os.path.dirname(prefix),
        environ=for_tool(host.environ, call.environ),
        timeout=TIMEOUT,
        cancelled=work.cancelled,
        on_line=tell,
        patterns=_patterns(),
    )


def _patterns() -> tuple[ErrorPattern, ...]:
    """Return the known failures of an installation, in words for the person who named the tool."""
    from workflow_helper.install.failures import CERTIFICATE, DISK_FULL, NETWORK, ErrorPattern

    configured = "Check the network, a proxy, and the index that you configured."
    return (
        DISK_FULL,
        CERTIFICATE,
        NETWORK._replace(hint=configured),
        ErrorPattern(
            (
                "no matching distribution found",
                "not found in the package registry",
                "no solution found when resolving",
            ),
            ExecutionFailed,
            "no such package, or no version that fits",
            "Check its name and version. --python selects another Python.",
        ),
        ErrorPattern(
            (
                "failed to build",
                "failed building",
                "build backend",
                "metadata-generation-failed",
                "subprocess-exited-with-error",
            ),
            ExecutionFailed,
            "building it from source failed",
            "Install what the build needs, often a compiler or a library, or name another version. --python selects another Python.",
        ),
    )
