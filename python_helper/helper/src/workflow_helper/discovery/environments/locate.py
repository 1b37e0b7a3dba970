"""Find the environment at a place that a file, a tool or a user names, as seen from a project root."""

from __future__ import annotations

import os

from workflow_helper.discovery import pep832
from workflow_helper.discovery.environments import health as environments_health
from workflow_helper.discovery.tools import BUNDLED, conda, present
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_remote, relative, remote_target
from workflow_helper.model import Environment, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.discovery.tools.contract import Folder, Place, Tool
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host, Interpreter, Source

#: Longer ids are replaced by a digest; the protocol allows 128 characters.
ID_LIMIT = 128
#: The reason why an environment cannot be used whose server gives no path of it.
NO_INTERPRETER = "the server does not say where its interpreter is (environment/get)"


def of_machine(python: Interpreter) -> Environment:
    """Return a Python of the machine as an environment, which can be used, and belongs to no project."""
    folder = os.path.dirname(python.path)
    # Windows' python.exe lies in the prefix itself.
    prefix = folder if python.path.lower().endswith(".exe") else os.path.dirname(folder)
    name = f"Python {python.version}" if python.version else os.path.basename(python.path)
    return Environment(python.path, name, "system", prefix, python.path, python.version, "system")


class View:
    """Looks at places from one root, whose relative paths are the environments' ids."""

    def __init__(self, root: str, host: Host, disk: Disk) -> None:
        self._root = root
        self._host = host
        self._disk = disk

    def at(self, path: str, source: Source, name: str | None = None) -> Environment:
        """Return the environment at ``path``, its folder or its interpreter, as read from its files.

        The path of an environment's interpreter means the environment, and a ``.venv`` redirect file means the
        environment that it names.
        """
        if is_remote(path):
            reason = f"{path} is on another machine, which is not accessed"
            return self._make(path, "remote", source, Status("unsupported", reason))
        elsewhere = remote_target(path)
        if elsewhere is not None:
            reason = f"{path} leads to another machine ({elsewhere}), which is not accessed"
            return self._make(elsewhere, "remote", source, Status("unsupported", reason))
        if self._disk.is_file(path):
            if os.path.basename(path) == pep832.DOT_VENV:
                redirect = pep832.dot_venv(os.path.dirname(path), self._disk)
                if redirect is not None:
                    return self.named(redirect, source)
            above = os.path.dirname(os.path.dirname(path))
            if not environments_health.is_environment(above, self._disk):
                return self._interpreter(path, source)
            # The interpreter of an environment stands for its environment.
            path = above
        health = environments_health.inspect(path, self._host, self._disk)
        return self._with(health, path, source, name)

    def named(self, named: pep832.RedirectEntry, source: Source) -> Environment:
        """Return the environment that ``.venv`` or a line of ``.python-envs`` names."""
        if named.problem is None:
            return self.at(named.path, source)
        if named.unsupported:
            return self._make(named.path, "remote", source, Status("unsupported", named.problem))
        return self._make(named.path, "unknown", source, Status("broken", named.problem))

    def placed(self, place: Place, root: str, source: Source) -> Environment:
        """Return the environment at a tool's ``place`` for ``root``, under the tool's own name.

        For a folder in the project, the environment's own name takes precedence over the folder's. A place of the kind
        ``system`` is the folder of a Python.
        """
        if place.kind == "system":
            pythons = environments_health.python_in(place.prefix, self._host)
            path = next((one for one in pythons if self._disk.is_program(one)), pythons[0])
            return self._interpreter(path, source)
        above, folder = os.path.split(place.prefix)
        named_by_folder = place.name == folder and (folder == pep832.DOT_VENV or above == root)
        return self.at(place.prefix, source, None if named_by_folder else place.name)

    def checked(self, environment: Environment) -> Environment:
        """Return an environment that a workflow's server lists, with the problems that its files show."""
        if not environment.ok or environment.kind == "remote":
            return environment
        python = environment.interpreter_path
        if python is None:
            return environment._replace(status=Status("unsupported", NO_INTERPRETER))
        for path in (environment.prefix, python):
            if is_remote(path):
                reason = f"{path} is on another machine, which is not accessed"
                return environment._replace(status=Status("unsupported", reason))
        if environments_health.is_environment(environment.prefix, self._disk):
            health = environments_health.inspect(environment.prefix, self._host, self._disk)
            version = health.python_version or environment.python_version
            return environment._replace(
                kind=health.kind, python_version=version, status=health.status
            )
        if not self._disk.is_program(python):
            reason = f"{python}, which the workflow names for {environment.id}, is not a program"
            return environment._replace(status=Status("broken", reason))
        return environment

    def in_root(self, folder: Folder, governing: Tool | None) -> Iterator[Environment]:
        """Yield every environment that ``folder`` names or its tools manage, in the order of precedence, possibly more than once.

        ``governing`` is the tool whose environments are those of the governing workflow.
        """
        dot_venv = pep832.dot_venv(folder.root, self._disk)
        if dot_venv is not None:
            yield self.named(dot_venv, ".venv")
        try:
            lines = pep832.python_envs(folder.root, self._disk) or ()
        except UnusableFile:
            lines = ()
        for line in lines:
            yield self.named(line, "python-envs")
        tools = {tool.name: tool for tool in (governing, *present(folder), BUNDLED["venv"]) if tool}
        for tool in tools.values():
            for place in tool.places(folder):
                if self._disk.is_present(place.prefix):
                    source: Source = "workflow" if tool is governing else "tool"
                    yield self.placed(place, folder.root, source)
        for place in conda.inside(folder):
            yield self.placed(place, folder.root, "tool")
        from workflow_helper.discovery.environments import elsewhere

        for found in elsewhere.bound(folder.root, self._host, self._disk):
            yield self.at(found.prefix, "tool", found.name)

    def elsewhere(
        self, listed: Iterable[Environment], folders: Iterable[str]
    ) -> tuple[Environment, ...]:
        """Return the environments of this machine that are not in ``listed``, by name, each only partly read.

        ``folders`` are the user's own folders to search in addition.
        """
        from workflow_helper.discovery.environments import elsewhere

        besides = (one.prefix for one in listed if not is_remote(one.prefix))
        with self._disk.once():
            found = [
                self._with(
                    environments_health.glance(one.prefix, self._host, self._disk),
                    one.prefix,
                    "elsewhere",
                    one.name,
                )
                for one in elsewhere.find(folders, besides, self._host, self._disk)
            ]
        return tuple(sorted(found, key=lambda one: (one.name, one.prefix)))

    def _interpreter(self, path: str, source: Source) -> Environment:
        from workflow_helper.discovery.interpreters.find import inspect

        python = inspect(path, self._host, self._disk)
        if python is None:
            reason = f"{path} is a file, where an environment's folder was expected"
            return self._make(path, "unknown", source, Status("broken", reason))
        return of_machine(python)._replace(source=source)

    def _with(
        self, health: environments_health.Health, prefix: str, source: Source, name: str | None
    ) -> Environment:
        shown = name or health.name
        return self._make(prefix, health.kind, source, health.status, shown)._replace(
            interpreter_path=health.interpreter_path, python_version=health.python_version
        )

    def _make(
        self, prefix: str, kind: str, source: Source, status: Status, name: str | None = None
    ) -> Environment:
        identity = prefix if kind == "remote" else relative(prefix, self._root)
        if len(identity) > ID_LIMIT:
            from hashlib import sha256

            identity = sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        shown = name or os.path.basename(prefix)
        return Environment(identity, shown, kind, prefix, None, None, source, status=status)
