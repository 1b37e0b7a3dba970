"""The programs that install a Python on a machine: uv, the Python install manager of Windows, pyenv.

Each gets a version in its own spelling, and installs into its own folder, where discovery finds the Python.
"""

from __future__ import annotations

from workflow_helper.system.which import find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NamedTuple

    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple


class PythonRelease(NamedTuple):
    """A Python to install."""

    #: ``"cpython"``, ``"pypy"`` or ``"graalpy"``.
    implementation: str
    #: ``"3.12"`` or ``"3.12.4"``.
    version: str
    freethreaded: bool

    @property
    def spec(self) -> str:
        """The version as :func:`workflow_helper.discovery.interpreters.find.matching` takes it: ``"3.12"``, ``"3.13t"``, ``"pypy3.10"``."""
        stem = "" if self.implementation == "cpython" else self.implementation
        return f"{stem}{self.version}{'t' if self.freethreaded else ''}"


class PythonInstaller(NamedTuple):
    """A program that installs Pythons."""

    name: str
    #: The name of the program that is looked for on PATH.
    program: str
    #: The only platform where it is used; ``None``: all of them.
    platform: str | None
    #: Its arguments for a Python, or ``None`` for one that it does not have.
    words: Callable[[PythonRelease], Sequence[str] | None]
    #: The command that shows what it can install.
    shows: str

    def find(self, host: Host, outside: Sequence[str] = ()) -> str | None:
        """Return its absolute path, if ``host`` has it outside the folders ``outside``."""
        if self.platform not in (None, host.platform):
            return None
        return find_program(self.program, host, outside=outside)


def _uv(release: PythonRelease) -> Sequence[str]:
    # Neither a link on PATH nor an entry in Windows' registry: either would change which Python the user's own commands start.
    quietly = ("--no-bin", "--no-registry")
    return ("--color", "never", "--no-progress", "python", "install", *quietly, "--", release.spec)


def _install_manager(release: PythonRelease) -> Sequence[str] | None:
    if release.implementation != "cpython":
        return None
    return ("install", "--yes", f"{release.version}{'t' if release.freethreaded else ''}")


def _pyenv(release: PythonRelease) -> Sequence[str] | None:
    if release.implementation != "cpython":
        return None
    return (
        "install",
        "--skip-existing",
        f"{release.version}{'t' if release.freethreaded else ''}",
    )


#: In the order in which they are tried: what downloads a Python that is built comes before what builds one.
INSTALLERS = (
    PythonInstaller("uv", "uv", None, _uv, "uv python list"),
    PythonInstaller(
        "the Python install manager",
        "pymanager",
        "win32",
        _install_manager,
        "pymanager list --online",
    ),
    PythonInstaller("pyenv", "pyenv", None, _pyenv, "pyenv install --list"),
)
