"""Making virtual environments, and installing into them: by uv where it is found, else by ``venv`` and a pip that comes along.

An environment needs no pip of its own. The pip that is shipped is unpacked once, and started by the environment's own
interpreter, the way pip itself acts upon another environment; that takes half the time of ``pip --python``, and a fifth of
what ``venv`` needs to put a pip into the environment first. Nothing is started here: what is given is how to start it.
"""

from __future__ import annotations

import os

from python_workflow.discovery import packages
from python_workflow.discovery.disk import Disk
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
#: Beside this package, where it was shipped with pip's wheel.
WHEELS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "wheels")
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
        """The pip that is shipped along; else the environment's own; else that of the Python it was made with."""
        wheel = _wheel()
        if wheel is not None and (runner := _unpacked(wheel, self.host)) is not None:
            return Call((python, "-I", runner), {**_PIP, **_IN_PLACE})
        if wheel is None and any(
            os.path.isfile(os.path.join(folder, "pip", "__main__.py"))
            for folder in packages.folders(prefix, self.host, Disk())
        ):
            return Call((python, "-I", "-m", "pip"), {**_PIP, **_IN_PLACE})
        base = _base(prefix, python)
        # A wheel is a zip file, and pip starts from inside one.
        pip = ("-m", "pip") if wheel is None else (os.path.join(wheel, "pip"),)
        return Call((base, "-I", *pip, "--python", python), _PIP)


def _wheel() -> str | None:
    """The wheel of pip that was shipped along."""
    try:
        names = sorted(name for name in os.listdir(WHEELS) if name.startswith("pip-"))
    except OSError:
        return None
    return os.path.join(WHEELS, names[-1]) if names else None


def _unpacked(wheel: str, host: Host) -> str | None:
    """The script by which pip starts in another environment, unpacked from ``wheel`` in the user's cache.

    ``None`` where the cache cannot be written.
    """
    import shutil
    import tempfile
    import zipfile

    top = os.path.join(host.cache, "pip")
    place = os.path.join(top, os.path.basename(wheel).removesuffix(".whl"))
    runner = os.path.join(place, "pip", _RUNNER)
    if os.path.isfile(runner):
        return runner
    try:
        os.makedirs(top, exist_ok=True)
        aside = tempfile.mkdtemp(prefix=".unpacking-", dir=top)
    except OSError:
        return None
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(aside)
        os.rename(aside, place)
    except OSError:  # also where another process was quicker
        shutil.rmtree(aside, ignore_errors=True)
    return runner if os.path.isfile(runner) else None


def _base(prefix: str, python: str) -> str:
    """The interpreter that the environment was made with."""
    from python_workflow.discovery import validity
    from python_workflow.errors import UnusableFile

    real = os.path.realpath(python)
    if not real.startswith(os.path.realpath(prefix) + os.sep):
        return real  # a link, as everywhere but on Windows
    try:
        home = validity.read_cfg(os.path.join(prefix, "pyvenv.cfg"), Disk()).get("home")
    except UnusableFile:
        return python
    return os.path.join(home, os.path.basename(python)) if home else python
