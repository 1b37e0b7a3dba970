"""Install a Python with a program of the machine, and check that it is found and starts."""

from __future__ import annotations

from workflow_helper.discovery.interpreters.find import installed, matching
from workflow_helper.errors import PythonUnavailable, RequestFailed, UsageError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.python_installers import INSTALLERS, PythonRelease
from workflow_helper.system.output import decode_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_helper.install.python_installers import PythonInstaller
    from workflow_helper.install.work import Work
    from workflow_helper.model import Host, Interpreter
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds that it may take: pyenv builds a Python from its sources.
TIMEOUT = 3600.0
_HINT = (
    "Install uv (https://docs.astral.sh/uv), which brings Pythons, or install the Python yourself."
)


class InstalledPython(NamedTuple):
    """A Python that is installed now."""

    interpreter: Interpreter
    #: The program that installed it; ``None`` where it was there.
    by: str | None


def release_of(spec: str) -> PythonRelease:
    """Parse a Python to install: ``3.12``, ``3.12.4``, ``3.14t``, ``pypy3.10``.

    Raises:
        UsageError: ``spec`` is a range or a path, which names no single Python to install.
    """
    from workflow_helper.discovery.interpreters.describe import STEMS

    text = spec.strip().lower()
    implementation = "cpython"
    for stem, name in (*STEMS.items(), ("cpython", "cpython")):
        if text.startswith(stem):
            implementation = "cpython" if stem == "python" else name
            text = text[len(stem) :].lstrip("@-")
            break
    freethreaded = text.endswith("t")
    parts = text.removesuffix("t").split(".")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdecimal() for part in parts):
        raise UsageError(f"{spec!r} names no Python to install", "Name one as X.Y, such as 3.13.")
    return PythonRelease(implementation, ".".join(parts), freethreaded)


def install(spec: str, host: Host, work: Work) -> InstalledPython:
    """Return the Python that ``spec`` names, installed if needed.

    Raises:
        UsageError: ``spec`` names no single Python.
        PythonUnavailable: nothing on this machine can install it, or installing failed.
    """
    release = release_of(spec)
    there = _best(release, host, work.outside)
    if there is not None:
        return InstalledPython(there, None)
    able = [
        (installer, program, words)
        for installer in INSTALLERS
        if (program := installer.find(host, work.outside)) is not None
        and (words := installer.words(release)) is not None
    ]
    if not able:
        raise PythonUnavailable(f"nothing on this machine can install Python {release.spec}", _HINT)
    failures = []
    for installer, program, words in able:
        work.report(f"Installing Python {release.spec} with {installer.name}")
        try:
            _run(installer, (program, *words), release, host, work)
        except PythonUnavailable as error:
            failures.append(error)
            continue
        python = _best(release, host, work.outside)
        if python is not None:
            _check_starts(python, host, work)
            return InstalledPython(python, installer.name)
        reason = (
            f"{installer.name} installed Python {release.spec}, but it was not found afterwards"
        )
        failures.append(PythonUnavailable(reason, "'wsp python list' lists the available Pythons."))
    raise failures[0]


def _best(release: PythonRelease, host: Host, outside: Sequence[str]) -> Interpreter | None:
    from workflow_helper.discovery.interpreters.find import outside as not_in

    found = not_in(installed(host, Disk()), outside, host)
    return next(iter(matching(release.spec, found)), None)


def _run(
    installer: PythonInstaller, argv: Sequence[str], release: PythonRelease, host: Host, work: Work
) -> None:
    from workflow_helper.install.runner import run_tool
    from workflow_helper.system.environ import for_tool

    try:
        run_tool(
            f"installing Python {release.spec}",
            argv,
            cwd=host.home,
            environ=for_tool(host.environ, {}),
            timeout=TIMEOUT,
            cancelled=work.cancelled,
            on_line=lambda line: work.report(line.strip()),
        )
    except RequestFailed as error:
        hint = (
            f"'{installer.shows}' shows what it can install. A newer version of it may know more."
        )
        raise PythonUnavailable(error.message, error.hint or hint) from None


def _check_starts(python: Interpreter, host: Host, work: Work) -> None:
    """Raise :class:`PythonUnavailable` if it does not start, or reports another version than its files show."""
    from workflow_helper.system.environ import for_tool
    from workflow_helper.system.process import run

    code = "import platform; print(platform.python_version())"
    finished = run(
        (python.path, "-I", "-c", code),
        cwd=host.home,
        environ=for_tool(host.environ, {}),
        timeout=60.0,
        cancelled=work.cancelled,
    )
    output = decode_output(finished.stdout).strip()
    if finished.exit_code != 0 or not f"{output}.".startswith(f"{python.version}."):
        reason = output if finished.exit_code == 0 else finished.text.strip()[-400:]
        raise PythonUnavailable(
            f"{python.path} was installed as Python {python.version}, but does not run as that version: {reason}",
            "Remove it, and install it again.",
        )
