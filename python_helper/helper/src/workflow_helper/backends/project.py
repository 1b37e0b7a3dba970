"""A project as a bundled workflow sees it, computed from files: its environments, and how to run programs in them."""

from __future__ import annotations

import os

from workflow_helper.discovery import pep832, roots
from workflow_helper.discovery.environments import health
from workflow_helper.discovery.environments.locate import View
from workflow_helper.discovery.tools import BUNDLED, Folder
from workflow_helper.errors import EnvironmentNotFound, ExecutionFailed, UnusableFile
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_server.values import Command

    from workflow_helper.discovery.tools import Place, Tool
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host


class Project:
    """The folder ``root`` as the bundled workflow ``name`` knows it. Starts nothing."""

    def __init__(self, name: str, root: str, host: Host, disk: Disk) -> None:
        self.root = root
        self._tool: Tool = BUNDLED[name]
        self._host = host
        self._disk = disk
        self._view = View(root, host, disk)
        self._folder: Folder | None = None

    def environments(self) -> tuple[Environment, ...]:
        """Return all environments, broken ones too, each once, and at most one as the default."""
        found: dict[str, Environment] = {}
        default = None
        if self._tool.name == "venv":
            dot_venv, lines = self._dot_venv(), self._lines()
            for environment in (*dot_venv, *reversed(lines)):
                found.setdefault(real_path(environment.prefix), environment)
            # Where the last line cannot be used, no other is guessed.
            likely = (*dot_venv, *lines[-1:])
            chosen = next((one for one in likely if one.ok), None)
            default = chosen and real_path(chosen.prefix)
        for place in self.places():
            # The folder of a Python, which uv can be configured to use, does not belong to the project.
            if place.kind == "system" or not self._disk.is_present(place.prefix):
                continue
            environment = self._at(place.prefix, place.name)
            key = real_path(environment.prefix)
            found.setdefault(key, environment)
            if place.default and self._tool.name != "venv":
                default = key
        return tuple(one._replace(default=key == default) for key, one in found.items())

    def places(self) -> tuple[Place, ...]:
        """Return the places of this project's environments, whether or not they exist."""
        return self._tool.places(self.folder)

    def own_places(self) -> tuple[str, ...]:
        """Return the :meth:`places` outside of the project that belong to it by the tool's own rules."""
        return tuple(place.prefix for place in self.places() if not place.pointed)

    def at(self, prefix: str, name: str | None = None) -> Environment:
        """Return the environment in the folder ``prefix``, called ``name`` unless the tool's rules lead to it."""
        real = real_path(prefix)
        for environment in self.environments():
            if real_path(environment.prefix) == real:
                return environment
        return self._at(prefix, name or os.path.basename(prefix))

    def environment(self, identity: str) -> Environment:
        """Return the environment with this id.

        Raises:
            EnvironmentNotFound: there is no such environment.
        """
        for environment in self.environments():
            if environment.id == identity:
                return environment
        raise EnvironmentNotFound(f"{self.root} has no environment with the id {identity!r}")

    def command(self, environment: Environment, argv: Sequence[str], cwd: str | None) -> Command:
        """Return how to start ``argv`` in ``environment``.

        Raises:
            ExecutionFailed: the environment does not work, or a folder or program is not there.
        """
        from workflow_server.values import Command

        if not environment.ok or environment.interpreter_path is None:
            reason = environment.status.message or f"{environment.id} has no interpreter"
            raise ExecutionFailed(reason)
        where = os.path.normpath(os.path.join(self.root, cwd or ""))
        if not self._disk.is_folder(where):
            raise ExecutionFailed(f"{where}, the folder to run in, is not a folder")
        bins = self._bins(environment)
        program = self._program(argv[0], bins, where)
        if program is None:
            raise ExecutionFailed(
                f"the program {argv[0]!r} is neither in {environment.id} nor on PATH"
            )
        unset, put = _variables(environment)
        return Command((program, *argv[1:]), where, unset, put, bins)

    def _dot_venv(self) -> tuple[Environment, ...]:
        named = pep832.dot_venv(self.root, self._disk)
        return () if named is None else (self._view.named(named, "workflow"),)

    def _lines(self) -> tuple[Environment, ...]:
        try:
            lines = pep832.python_envs(self.root, self._disk) or ()
        except UnusableFile:
            return ()
        return tuple(self._view.named(line, "workflow") for line in lines)

    def _at(self, prefix: str, name: str) -> Environment:
        folder, last = os.path.split(prefix)
        # Tools keep a redirect at the usual place as well.
        named = pep832.dot_venv(folder, self._disk) if last == pep832.DOT_VENV else None
        if named is not None:
            return self._view.named(named, "workflow")
        return self._view.at(prefix, "workflow", name)

    @property
    def folder(self) -> Folder:
        """The root as a :class:`Folder` for the tools' modules; the roots that enclose it are found once."""
        if self._folder is None:
            above = roots.around(self.root, self._host, self._disk)
            self._folder = Folder(self.root, above, self._host, self._disk)
        return self._folder

    def _bins(self, environment: Environment) -> tuple[str, ...]:
        """Return the folders of the programs of ``environment``."""
        prefix = environment.prefix
        if environment.kind == "conda" and self._host.windows:
            inner = (("Library", "mingw-w64", "bin"), ("Library", "usr", "bin"), ("Library", "bin"))
            below = tuple(os.path.join(prefix, *names) for names in inner)
            return (prefix, *below, os.path.join(prefix, "Scripts"))
        return (os.path.dirname(environment.interpreter_path or ""),)

    def _program(self, word: str, bins: Sequence[str], cwd: str) -> str | None:
        """Return the absolute path of the program ``word``, from the environment or else from PATH."""
        from workflow_helper.system.which import find_program

        if os.path.dirname(word):
            return os.path.normpath(os.path.join(cwd, word))
        inside = self._host._replace(environ={**self._host.environ, "PATH": os.pathsep.join(bins)})
        return find_program(word, inside) or find_program(word, self._host, outside=(self.root,))


def interpreter_of(environment: Environment, host: Host) -> str:
    """Return the path of the environment's interpreter, or the path that it should have."""
    return environment.interpreter_path or health.python_in(environment.prefix, host)[0]


def _variables(environment: Environment) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the variables to remove, and those to set, to be in ``environment``."""
    if environment.kind == "conda":
        name = os.path.basename(environment.prefix)
        put = {"CONDA_PREFIX": environment.prefix, "CONDA_DEFAULT_ENV": name}
        return ("PYTHONHOME", "VIRTUAL_ENV"), put
    if environment.kind == "venv":
        return ("PYTHONHOME",), {"VIRTUAL_ENV": environment.prefix}
    return ("PYTHONHOME", "VIRTUAL_ENV"), {}
