"""The requests of the protocol as Python methods."""

from __future__ import annotations

from workflow_server.shapes import ShapeError
from workflow_server.values import (
    Changes,
    Command,
    Execution,
    InSync,
    Package,
    RunConfiguration,
    ServerEnvironment,
    Task,
    TestRunEnd,
    each,
    id_from_wire,
    interpreter_from_wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NamedTuple, TypeAlias, TypeVar

    from workflow_server.model import Interpreter
    from workflow_server.values import Initialized, ProgressReport, TestUpdate

    T = TypeVar("T")
    Reporter: TypeAlias = Callable[[ProgressReport], None]
    Updater: TypeAlias = Callable[[TestUpdate], None]
else:
    from workflow_server.namedtuple import NamedTuple


class Wait(NamedTuple):
    """The wait for the answer to a request: what ends it early, and who receives what the server sends meanwhile."""

    #: In seconds; ``None`` for the limit of the session.
    timeout: float | None = None
    cancelled: threading.Event | None = None
    progress: Reporter | None = None
    updates: Updater | None = None


#: The wait of a request that says nothing of it.
DEFAULT_WAIT = Wait()


class Calls:
    """The requests of :class:`~workflow_server.client.Session`; for errors see ``Session.request``."""

    #: The server's own description; empty before it is initialized.
    server: Initialized

    @property
    def capabilities(self) -> frozenset[str]:
        """The server's capabilities beyond the base profile."""
        return self.server.capabilities

    @property
    def methods(self) -> frozenset[str]:
        """The methods that the server binds."""
        return self.server.methods

    def environments(
        self, *, timeout: float | None = None, cancelled: threading.Event | None = None
    ) -> tuple[ServerEnvironment, ...]:
        """Return every environment, in the server's order."""
        return self._get(
            "environment/list",
            None,
            lambda wire: each(wire, self._listed),
            Wait(timeout, cancelled),
        )

    def get(self, id: str) -> ServerEnvironment:  # noqa: A002 - the protocol's word
        """Return an environment in detail."""
        return self._get("environment/get", {"id": id}, self._environment)

    def create(
        self,
        name: str,
        python_version: str | None = None,
        *,
        cancelled: threading.Event | None = None,
        progress: Reporter | None = None,
        **details: object,
    ) -> ServerEnvironment:
        """Create an environment; ``details`` are ``python``, ``groups``, ``extras``, ``package``, ``path``, ``packages``."""
        params = {"name": name, "python_version": python_version, **details}
        return self._get(
            "environment/create",
            params,
            self._environment,
            Wait(cancelled=cancelled, progress=progress),
        )

    def delete(self, id: str) -> None:  # noqa: A002
        """Delete an environment."""
        self._get("environment/delete", {"id": id}, id_from_wire)

    def execute(
        self,
        id: str,  # noqa: A002
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        cancelled: threading.Event | None = None,
    ) -> Execution:
        """Run something short in an environment, and return what it wrote."""
        params = {
            "id": id,
            "argv": list(argv),
            "cwd": cwd,
            "env": None if env is None else dict(env),
        }
        return self._get(
            "environment/execute",
            params,
            Execution.from_wire,
            Wait(cancelled=cancelled),
        )

    def sync(
        self,
        id: str,  # noqa: A002
        *,
        groups: Sequence[str] | None = None,
        extras: Sequence[str] | None = None,
        package: str | None = None,
        frozen: bool | None = None,
        cancelled: threading.Event | None = None,
        progress: Reporter | None = None,
    ) -> Changes:
        """Sync an environment with its lock."""
        return self._get(
            "environment/sync",
            {"id": id, "groups": groups, "extras": extras, "package": package, "frozen": frozen},
            Changes.from_wire,
            Wait(cancelled=cancelled, progress=progress),
        )

    def check(
        self,
        id: str,  # noqa: A002
        *,
        groups: Sequence[str] | None = None,
        extras: Sequence[str] | None = None,
        package: str | None = None,
        plan: bool | None = None,
        cancelled: threading.Event | None = None,
    ) -> InSync:
        """Return whether an environment is in sync with its lock; ``plan`` requests what a sync would do."""
        params = {"id": id, "groups": groups, "extras": extras, "package": package, "plan": plan}
        return self._get("environment/check", params, InSync.from_wire, Wait(cancelled=cancelled))

    def ensure(
        self,
        name: str | None = None,
        python: str | None = None,
        *,
        cancelled: threading.Event | None = None,
        progress: Reporter | None = None,
        **wishes: object,
    ) -> ServerEnvironment:
        """Find or create an environment; ``wishes`` are ``groups``, ``extras``, ``package``, ``packages``, ``path``."""
        return self._get(
            "environment/ensure",
            {"name": name, "python": python, **wishes},
            self._environment,
            Wait(cancelled=cancelled, progress=progress),
        )

    def packages(self, id: str) -> tuple[Package, ...]:  # noqa: A002
        """Return the packages in an environment."""
        return self._get(
            "environment/packages", {"id": id}, lambda wire: each(wire, Package.from_wire)
        )

    def install(
        self,
        id: str,  # noqa: A002
        packages: Sequence[str],
        *,
        cancelled: threading.Event | None = None,
        progress: Reporter | None = None,
    ) -> Changes:
        """Install requirements into an environment."""
        params = {"id": id, "packages": list(packages)}
        return self._get(
            "environment/install",
            params,
            Changes.from_wire,
            Wait(cancelled=cancelled, progress=progress),
        )

    def uninstall(
        self,
        id: str,  # noqa: A002
        packages: Sequence[str],
        *,
        cancelled: threading.Event | None = None,
        progress: Reporter | None = None,
    ) -> Changes:
        """Uninstall packages from an environment."""
        params = {"id": id, "packages": list(packages)}
        return self._get(
            "environment/uninstall",
            params,
            Changes.from_wire,
            Wait(cancelled=cancelled, progress=progress),
        )

    def command(self, id: str, argv: Sequence[str], *, cwd: str | None = None) -> Command:  # noqa: A002
        """Return how to start ``argv`` in an environment as a plain child process."""
        params = {"id": id, "argv": list(argv), "cwd": cwd}
        return self._get("environment/command", params, Command.from_wire)

    def pythons(self) -> tuple[Interpreter, ...]:
        """Return the Pythons that the server knows, the one to prefer first."""
        return self._get("python/list", None, lambda wire: each(wire, interpreter_from_wire))

    def find_python(self, version: str) -> Interpreter:
        """Return the best Python that fits."""
        return self._get("python/find", {"version": version}, interpreter_from_wire)

    def install_python(self, version: str, *, progress: Reporter | None = None) -> Interpreter:
        """Install a Python, or find one that fits."""
        return self._get(
            "python/install", {"version": version}, interpreter_from_wire, Wait(progress=progress)
        )

    def tasks(self) -> tuple[Task, ...]:
        """Return the project's named commands."""
        return self._get("task/list", None, lambda wire: each(wire, Task.from_wire))

    def task_command(self, name: str, argv: Sequence[str] = ()) -> Command:
        """Return how to start a task as a plain child process."""
        params = {"name": name, "argv": list(argv) or None}
        return self._get("task/command", params, Command.from_wire)

    def run_configurations(self) -> tuple[RunConfiguration, ...]:
        """Return the ways of running the project's tests."""
        return self._get(
            "test/configurations", None, lambda wire: each(wire, RunConfiguration.from_wire)
        )

    def discover_tests(
        self,
        configuration: str,
        names: Sequence[str] = (),
        *,
        updates: Updater,
        timeout: float | None = None,
        cancelled: threading.Event | None = None,
    ) -> TestRunEnd:
        """Find the tests of a configuration, all or those in ``names``; ``updates`` takes each as it is found."""
        return self._tests(
            "test/discover", configuration, names, Wait(timeout, cancelled, updates=updates)
        )

    def run_tests(
        self,
        configuration: str,
        names: Sequence[str] = (),
        *,
        updates: Updater,
        timeout: float | None = None,
        cancelled: threading.Event | None = None,
    ) -> TestRunEnd:
        """Run the tests of a configuration, all or ``names``; ``updates`` takes what becomes of each meanwhile."""
        return self._tests(
            "test/run", configuration, names, Wait(timeout, cancelled, updates=updates)
        )

    def _tests(
        self,
        method: str,
        configuration: str,
        names: Sequence[str],
        wait: Wait,
    ) -> TestRunEnd:
        # The token is the request's own id, inserted by the sender.
        params = {
            "configuration": configuration,
            "update_token": 0,
            "names": list(names) or None,
        }
        return self._get(
            method,
            params,
            TestRunEnd.from_wire,
            wait,
        )

    def script_environment(
        self, path: str, *, progress: Reporter | None = None
    ) -> ServerEnvironment:
        """Return the environment of a script with inline metadata, created if need be."""
        return self._get(
            "script/environment", {"path": path}, self._environment, Wait(progress=progress)
        )

    def _get(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        read: Callable[[object], T],
        wait: Wait = DEFAULT_WAIT,
    ) -> T:
        """Return the result of a request, converted by ``read``; ``None`` values are left out of ``params``."""
        raise NotImplementedError

    def _listed(self, wire: object) -> ServerEnvironment:
        """Read an entry of a list; an invalid one becomes a broken environment."""
        try:
            return self._environment(wire)
        except ShapeError as error:
            return ServerEnvironment.odd(wire, f"the server describes it wrongly: {error}")

    def _environment(self, wire: object) -> ServerEnvironment:
        entry = ServerEnvironment.from_wire(wire)
        return entry if "environment.details" in self.capabilities else entry.base()
