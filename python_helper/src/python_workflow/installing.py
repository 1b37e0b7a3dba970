"""Making virtual environments, and installing into them: by uv where it is found, else by ``venv`` and the pip that comes along.

An environment needs no pip of its own. The pip that this product depends on is started by the environment's own
interpreter, the way ``pip --python`` itself acts upon another environment; that takes half its time, and a fifth of
what ``venv`` needs to put a pip into the environment first. Nothing is started here: what is given is how to start it.
"""

from __future__ import annotations

import os

from python_workflow.discovery.disk import Disk
from python_workflow.real import real_path
from python_workflow.system.programs import find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from python_workflow.model import Host
else:
    from python_workflow.light import NamedTuple

#: By these uv would act on another environment, Python or project than the one that it is told.
NOT_FOR_UV = (
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_PROJECT",
    "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY",
    "UV_VENV_CLEAR",
    "UV_VENV_RELOCATABLE",
    "UV_VENV_SEED",
)
#: What every pip is told.
_PIP = {
    "PIP_PYTHON": None,
    "PIP_ROOT": None,
    "PIP_USER": "0",
    "PIP_NO_INPUT": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
#: How pip tells a copy of itself that it is started in its place, whatever Python is configured elsewhere.
_IN_PLACE = {"_PIP_RUNNING_IN_SUBPROCESS": "1"}
_RUNNER = "__pip-runner__.py"


class Call(NamedTuple):
    """How to start a program."""

    #: The first word is absolute.
    argv: tuple[str, ...]
    #: Variables to set, or with ``None`` to remove, beside those that every child is spared.
    environ: Mapping[str, str | None]


class Installer(NamedTuple):
    """What makes environments on a machine, and installs into them."""

    #: The absolute path of uv, where there is one.
    uv: str | None
    host: Host

    @classmethod
    def of(cls, host: Host, outside: Sequence[str] = ()) -> Installer:
        """That of ``host``; uv is not taken from the folders ``outside``."""
        return cls(find_program("uv", host, outside=outside), host)

    def venv(self, python: str, prefix: str) -> Call:
        """Make an environment at ``prefix``, an empty folder or none, with the interpreter ``python``.

        Neither the project's configuration nor the user's says how; nothing is downloaded.
        """
        if self.uv is None:
            # Without pip: Debian's Python cannot install it, and an environment needs none of its own.
            return Call((python, "-I", "-m", "venv", "--without-pip", prefix), {})
        flags = ("--no-project", "--no-config", "--no-python-downloads", "--allow-existing")
        # uv reads each of its flags from the environment too.
        unset: dict[str, str | None] = {
            name: None
            for name in self.host.environ
            if name.upper().startswith("UV_") and name.upper() != "UV_CACHE_DIR"
        }
        return Call((self.uv, "venv", *flags, "--python", python, prefix), unset)

    def install(self, prefix: str, python: str, words: Sequence[str]) -> Call:
        """Install ``words`` into the environment at ``prefix``, whose interpreter is ``python``.

        ``words`` are arguments that uv and pip have in common, such as ``-r``, ``-e`` and, after ``--``, requirements.
        The user's own configuration counts (an index, a proxy), and for uv that of the folder in which it is started.
        """
        if self.uv is not None:
            return self._by_uv("install", python, words)
        pip = self._pip(prefix, python)
        # Byte code is made when a module is first imported, as with uv.
        return pip._replace(argv=(*pip.argv, "install", "--no-compile", *words))

    def lock(self, prefix: str, python: str, words: Sequence[str]) -> Call:
        """Have pip, which learned it in 25.1, write a lock (PEP 751) of ``words`` for the interpreter ``python``."""
        pip = self._pip(prefix, python)
        return pip._replace(argv=(*pip.argv, "lock", *words))

    def uninstall(self, prefix: str, python: str, names: Sequence[str]) -> Call:
        """Take packages out of the environment at ``prefix``, whose interpreter is ``python``."""
        if self.uv is not None:
            return self._by_uv("uninstall", python, ("--", *names))
        pip = self._pip(prefix, python)
        return pip._replace(argv=(*pip.argv, "uninstall", "--yes", "--", *names))

    def _by_uv(self, verb: str, python: str, words: Sequence[str]) -> Call:
        flags = ("--color", "never", "--no-progress", "--no-python-downloads", "--python", python)
        unset: dict[str, str | None] = dict.fromkeys(NOT_FOR_UV)
        return Call((self.uv or "uv", "pip", verb, *flags, *words), unset)

    def _pip(self, prefix: str, python: str) -> Call:
        """Return how ``python`` starts a pip: ours, or for an older Python the one that it carries for ``ensurepip``."""
        from python_workflow.discovery import interpreters

        found = interpreters.inspect(python, self.host, Disk())
        version = None if found is None else found.version
        folder, requires = _ours()
        if folder is None:
            pip: tuple[str, ...] = ("-m", "pip")
        elif version is None or _serves(requires, version):
            # Our pip's folder stays as it was installed, whichever Pythons compile it.
            compiled = os.path.join(self.host.cache, "pip", "pycache")
            pip = ("-X", f"pycache_prefix={compiled}", os.path.join(folder, _RUNNER))
        elif (wheel := _carried(_base(prefix, python), version, self.host)) is not None:
            # A wheel is a zip file, and pip starts from inside one.
            pip = (os.path.join(wheel, "pip"),)
        else:
            from python_workflow.errors import ToolNotInstalled

            raise ToolNotInstalled(
                f"no pip serves Python {version}: ours needs {requires}, and {_base(prefix, python)} carries none",
                "Install uv (https://docs.astral.sh/uv), or take a newer Python.",
            )
        return Call((python, "-I", *pip), {**_PIP, **_IN_PLACE})


def _ours() -> tuple[str | None, str]:
    """Return the folder of the pip that this product depends on, and the Pythons that it serves (``Requires-Python``)."""
    import sys

    from python_workflow.discovery import packages

    disk = Disk()
    here = real_path(os.curdir)
    for folder in sys.path:
        # ``python -m`` puts the current folder first, and what lies in a project is not ours.
        if folder and real_path(folder) != here:
            pip = os.path.join(folder, "pip")
            if disk.is_file(os.path.join(pip, _RUNNER)):
                records = [
                    name
                    for name in disk.names(folder)
                    if name.startswith("pip-") and name.endswith(packages.SUFFIX)
                ]
                headers = [
                    value
                    for name in records
                    for key, value in packages.metadata(os.path.join(folder, name), disk)
                    if key == "requires-python"
                ]
                return pip, "".join(headers[:1])
    return None, ""


def _serves(requires: str, version: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(requires).contains(version, prereleases=True)


def _carried(base: str, version: str, host: Host) -> str | None:
    """Return the wheel of pip that a Python has for ``ensurepip``."""
    folder = os.path.dirname(base)
    minor = ".".join(version.split(".")[:2])
    library = ("Lib",) if host.windows else ("..", "lib", f"python{minor}")
    wheels = os.path.normpath(os.path.join(folder, *library, "ensurepip", "_bundled"))
    names = sorted(name for name in Disk().names(wheels) if name.startswith("pip-"))
    return os.path.join(wheels, names[-1]) if names else None


def _base(prefix: str, python: str) -> str:
    """Return the interpreter that the environment was made with."""
    from python_workflow.discovery import validity
    from python_workflow.errors import UnusableFile

    real = real_path(python)
    if not real.startswith(real_path(prefix) + os.sep):
        return real  # a link, as everywhere but on Windows
    try:
        home = validity.read_cfg(os.path.join(prefix, "pyvenv.cfg"), Disk()).get("home")
    except UnusableFile:
        return python
    return os.path.join(home, os.path.basename(python)) if home else python
