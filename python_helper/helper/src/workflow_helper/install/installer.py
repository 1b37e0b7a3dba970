"""Build the commands that create virtual environments and install into them: with uv, else with ``venv`` and this product's pip.

An environment needs no pip of its own. The environment's interpreter runs the pip that this product depends on, as
``pip --python`` does. That takes half the time of ``pip --python``, and a fifth of the time that ``venv`` needs to
install a pip first. This module starts nothing.
"""

from __future__ import annotations

import os

from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.system.which import find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: With these uv would act on another environment, Python or project than the given one.
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
#: The options of every pip.
_PIP = {
    "PIP_PYTHON": None,
    "PIP_ROOT": None,
    "PIP_USER": "0",
    "PIP_DRY_RUN": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_QUIET": "0",
    "PIP_NO_INPUT": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
#: pip sets this for a copy of itself that it starts in its place, so that the copy ignores a configured Python.
_IN_PLACE = {"_PIP_RUNNING_IN_SUBPROCESS": "1"}
_RUNNER = "__pip-runner__.py"


class InstallerCommand(NamedTuple):
    """The command line of an installer."""

    #: The first word is absolute.
    argv: tuple[str, ...]
    #: Variables to set, or with ``None`` to remove, beside those that every child is spared.
    environ: Mapping[str, str | None]


class Installer(NamedTuple):
    """The programs that create environments on a machine, and install into them."""

    #: The absolute path of uv, where there is one.
    uv: str | None
    host: Host

    @classmethod
    def of(cls, host: Host, outside: Sequence[str] = ()) -> Installer:
        """Return the installer of ``host``; uv is not used from the folders ``outside``."""
        return cls(find_program("uv", host, outside=outside), host)

    def venv(self, python: str, prefix: str) -> InstallerCommand:
        """Return the command that creates an environment at ``prefix``, which is empty or missing, with ``python``.

        The project's and the user's configuration are ignored, and nothing is downloaded.
        """
        if self.uv is None:
            # Without pip: Debian's Python cannot install it, and an environment needs none of its own.
            return InstallerCommand((python, "-I", "-m", "venv", "--without-pip", prefix), {})
        flags = ("--no-project", "--no-config", "--no-python-downloads", "--allow-existing")
        # uv reads each of its flags from the environment too.
        unset: dict[str, str | None] = {
            name: None
            for name in self.host.environ
            if name.upper().startswith("UV_") and name.upper() != "UV_CACHE_DIR"
        }
        return InstallerCommand((self.uv, "venv", *flags, "--python", python, prefix), unset)

    def install(self, prefix: str, python: str, words: Sequence[str]) -> InstallerCommand:
        """Return the command that installs ``words`` into the environment at ``prefix``, whose interpreter is ``python``.

        ``words`` are arguments that uv and pip have in common, such as ``-r``, ``-e`` and, after ``--``, requirements.
        The user's configuration is used (an index, a proxy), and for uv also that of the folder in which it is started,
        except for an installation target in it. :func:`check_installed_into` checks the result.
        """
        if self.uv is not None:
            return self._uv_command("install", python, (*uv_place(prefix, self.host), *words))
        pip = self._pip(prefix, python)
        # pip takes an empty variable for none, but not an empty option; a root and a prefix have to be real ones.
        place = ("--target=", f"--prefix={prefix}")
        # As a variable, for what pip starts to build packages is to heed it too.
        root = os.path.splitdrive(prefix)[0] + os.sep
        # Byte code is made when a module is first imported, as with uv.
        argv = (*pip.argv, "install", "--no-compile", *place, *words)
        return InstallerCommand(argv, {**pip.environ, "PIP_ROOT": root})

    def lock(self, prefix: str, python: str, words: Sequence[str]) -> InstallerCommand:
        """Return the command by which pip, from 25.1 on, writes a lock (PEP 751) of ``words`` for the interpreter ``python``."""
        pip = self._pip(prefix, python)
        return pip._replace(argv=(*pip.argv, "lock", *words))

    def uninstall(self, prefix: str, python: str, names: Sequence[str]) -> InstallerCommand:
        """Return the command that uninstalls packages from the environment at ``prefix``, whose interpreter is ``python``."""
        if self.uv is not None:
            return self._uv_command(
                "uninstall", python, (*uv_place(prefix, self.host), "--", *names)
            )
        pip = self._pip(prefix, python)
        return pip._replace(argv=(*pip.argv, "uninstall", "--yes", "--", *names))

    def _uv_command(self, verb: str, python: str, words: Sequence[str]) -> InstallerCommand:
        flags = ("--color", "never", "--no-progress", "--no-python-downloads", "--python", python)
        unset: dict[str, str | None] = dict.fromkeys(NOT_FOR_UV)
        return InstallerCommand((self.uv or "uv", "pip", verb, *flags, *words), unset)

    def _pip(self, prefix: str, python: str) -> InstallerCommand:
        """Return how ``python`` starts a pip: the bundled one, or for an older Python the wheel in its ``ensurepip``."""
        from workflow_helper.discovery.interpreters import find as interpreters

        found = interpreters.inspect(python, self.host, Disk())
        version = None if found is None else found.version
        folder, requires = _bundled_pip()
        if folder is None:
            pip: tuple[str, ...] = ("-m", "pip")
        elif version is None or _supports(requires, version):
            # The bundled pip's folder must not change, even if several Pythons compile it.
            compiled = os.path.join(self.host.cache, "pip", "pycache")
            pip = ("-X", f"pycache_prefix={compiled}", os.path.join(folder, _RUNNER))
        elif (wheel := _ensurepip_wheel(_base(prefix, python), version, self.host)) is not None:
            # A wheel is a zip file, and pip starts from inside one.
            pip = (os.path.join(wheel, "pip"),)
        else:
            from workflow_helper.errors import ToolNotInstalled

            raise ToolNotInstalled(
                f"no pip works with Python {version}: the bundled pip needs Python {requires}, and {_base(prefix, python)} has no pip of its own",
                "Install uv (https://docs.astral.sh/uv), or use a newer Python.",
            )
        return InstallerCommand((python, "-I", *pip), {**_PIP, **_IN_PLACE})


def uv_place(prefix: str, host: Host) -> tuple[str, ...]:
    """Return options that keep ``uv pip`` to the environment ``prefix`` if a configuration names another prefix.

    Without such a configuration there are none, because with an explicit prefix uv ignores the interpreter's other
    packages. No option overrides a configured ``target``.
    """
    disk = Disk()
    return (
        ("--prefix", prefix)
        if any(_names_prefix(path, disk) for path in _uv_files(prefix, host))
        else ()
    )


def _names_prefix(path: str, disk: Disk) -> bool:
    from workflow_helper.discovery.tools.files import table_at
    from workflow_helper.errors import UnusableFile

    if not disk.is_file(path) or not disk.mentions(path, b"prefix"):
        return False
    own = ("tool", "uv") if os.path.basename(path) == "pyproject.toml" else ()
    try:
        return "prefix" in table_at(disk.toml(path) or {}, *own, "pip")
    except UnusableFile:
        return False  # uv says it better


def _uv_files(prefix: str, host: Host) -> Iterator[str]:
    """Yield the files in which uv may find configuration when it is started in a folder, or in the folders above it."""
    from workflow_helper.filesystem import user_dirs

    file = host.environ.get("UV_CONFIG_FILE")
    if file and user_dirs.is_absolute(host, file):
        yield file
    if host.windows:
        yield user_dirs.join(host, user_dirs.roaming_app_data(host), "uv", "uv.toml")
        yield user_dirs.join(
            host, host.environ.get("PROGRAMDATA", "C:\\ProgramData"), "uv", "uv.toml"
        )
    else:
        base = host.environ.get("XDG_CONFIG_HOME", "")
        base = base if os.path.isabs(base) else os.path.join(host.home, ".config")
        yield os.path.join(base, "uv", "uv.toml")
        system = host.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        yield from (os.path.join(one, "uv", "uv.toml") for one in system.split(":") if one)
        yield "/etc/uv/uv.toml"
    folder = os.path.dirname(prefix)
    while True:
        yield os.path.join(folder, "uv.toml")
        yield os.path.join(folder, "pyproject.toml")
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def check_installed_into(output: str, prefix: str, host: Host) -> None:
    """Raise :class:`ExecutionFailed` if none of the packages that an installer reports in ``output`` is at ``prefix``."""
    from workflow_helper.discovery.environments import distributions
    from workflow_helper.errors import ExecutionFailed

    claimed = dict(_reported_packages(output))
    if not claimed:
        return
    there = distributions.located(prefix, host, Disk())
    if any(
        name in there and _same(version, there[name].distribution.version)
        for name, version in claimed.items()
    ):
        return
    raise ExecutionFailed(
        f"{', '.join(sorted(claimed))} were installed outside of {prefix}",
        "A configuration of pip or uv says where to install: remove 'target' and its like from pip.conf or uv.toml.",
    )


def _reported_packages(output: str) -> Iterator[tuple[str, str]]:
    """Yield the normalized names and the versions of the packages that uv or pip report as installed."""
    from workflow_helper.discovery.environments.distributions import normalized

    for line in output.splitlines():
        words = line.split()
        if words[:2] == ["Successfully", "installed"]:
            parts = [word.rpartition("-") for word in words[2:]]
        elif words[:1] == ["+"]:
            parts = [word.partition("==") for word in words[1:2]]
        else:
            continue
        yield from ((normalized(name), version) for name, _, version in parts if name and version)


def _same(one: str, other: str | None) -> bool:
    from packaging.version import Version

    try:
        return other is not None and Version(one) == Version(other)
    except ValueError:
        return one == other


def _bundled_pip() -> tuple[str | None, str]:
    """Return the folder of the pip that this product depends on, and the Pythons that it supports (``Requires-Python``)."""
    import sys

    from workflow_helper.discovery.environments import distributions

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
                    if name.startswith("pip-") and name.endswith(distributions.SUFFIX)
                ]
                headers = [
                    value
                    for name in records
                    for key, value in distributions.metadata(os.path.join(folder, name), disk)
                    if key == "requires-python"
                ]
                return pip, "".join(headers[:1])
    return None, ""


def _supports(requires: str, version: str) -> bool:
    from packaging.specifiers import SpecifierSet

    try:
        return SpecifierSet(requires).contains(version, prereleases=True)
    except ValueError:
        return False


def _ensurepip_wheel(base: str, version: str, host: Host) -> str | None:
    """Return the wheel of pip that a Python bundles for ``ensurepip``."""
    folder = os.path.dirname(base)
    minor = ".".join(version.split(".")[:2])
    library = ("Lib",) if host.windows else ("..", "lib", f"python{minor}")
    wheels = os.path.normpath(os.path.join(folder, *library, "ensurepip", "_bundled"))
    names = sorted(name for name in Disk().names(wheels) if name.startswith("pip-"))
    return os.path.join(wheels, names[-1]) if names else None


def _base(prefix: str, python: str) -> str:
    """Return the interpreter that the environment was created with."""
    from workflow_helper.discovery.environments import health
    from workflow_helper.errors import UnusableFile

    real = real_path(python)
    if not real.startswith(real_path(prefix) + os.sep):
        return real  # a link, as everywhere but on Windows
    try:
        home = health.read_cfg(os.path.join(prefix, "pyvenv.cfg"), Disk()).get("home")
    except UnusableFile:
        return python
    return os.path.join(home, os.path.basename(python)) if home else python


def raise_barrier(folder: str) -> None:
    """End uv's search for configuration in ``folder`` with an empty file, so that it does not use a project's above it."""
    path = os.path.join(folder, "uv.toml")
    if not os.path.lexists(path):
        from workflow_helper.filesystem.atomic import write_whole

        write_whole(
            path, b"# What is installed here is configured by the user alone.\n", replace=True
        )
