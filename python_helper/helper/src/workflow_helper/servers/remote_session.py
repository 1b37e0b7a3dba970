"""A session with a server on another machine; its files and programs are marked as those of that machine."""

from __future__ import annotations

import posixpath
from contextlib import contextmanager

from workflow_server.api import DEFAULT_WAIT
from workflow_server.client import Limits, Session
from workflow_server.values import Command

from workflow_helper.discovery.environments.locate import NO_INTERPRETER
from workflow_helper.errors import EnvironmentNotFound, HostFailed, ServerFailed
from workflow_helper.model import Status
from workflow_helper.servers import ssh

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from typing_extensions import override
    from workflow_server.api import Wait
    from workflow_server.connection import Transport
    from workflow_server.values import Initialized, ServerEnvironment

    from workflow_helper.servers.ssh import RemoteFolder
else:

    def override(method: object) -> object:
        """Mark a method as overriding one of a base class."""
        return method


class RemoteSession(Session):
    """Like :class:`Session`, but environments are of the kind ``remote`` and have no local path, and commands begin with ``ssh``.

    A connection that cannot be made or breaks raises a :class:`HostFailed`, which names the machine.
    """

    def __init__(
        self,
        transport: Transport,
        name: str,
        place: RemoteFolder,
        *,
        root: str,
        trusted: bool,
        on_changed: Callable[[tuple[str, ...]], None] | None = None,
    ) -> None:
        """Take the local path of the project's folder as ``root``; the server receives the path on the other machine."""
        bounds = Limits(start=ssh.START)
        super().__init__(
            transport,
            name,
            root=place.folder,
            trusted=trusted,
            bounds=bounds,
            on_changed=on_changed,
        )
        self._place = place
        self._here = root
        #: The paths of interpreters there, by the environments' ids.
        self._interpreters: dict[str, str] = {}

    @override
    def initialize(self, *, cancelled: threading.Event | None = None) -> Initialized:
        """Initialize as :meth:`Session.initialize` does.

        Raises:
            HostFailed: the machine cannot be reached.
        """
        with self._explain_failures():
            return super().initialize(cancelled=cancelled)

    @override
    def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        wait: Wait = DEFAULT_WAIT,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Request as :meth:`Session.request` does.

        Raises:
            HostFailed: the connection breaks.
        """
        with self._explain_failures():
            return super().request(method, params, wait)

    @override
    def environments(
        self, *, timeout: float | None = None, cancelled: threading.Event | None = None
    ) -> tuple[ServerEnvironment, ...]:
        """Return every environment there, with the machine's name before its place."""
        with self._explain_failures():
            found = super().environments(timeout=timeout, cancelled=cancelled)
        return tuple(map(self._usable, found))

    @override
    def command(self, id: str, argv: Sequence[str], *, cwd: str | None = None) -> Command:  # noqa: A002
        """Return how to start ``argv`` in an environment there; for a server without that method, with the environment's Python."""
        if "command" in self.capabilities:
            there = super().command(id, argv, cwd=cwd)
        else:
            there = self._interpreter_command(id, argv, cwd)
        return self._place.command(there, self._here)

    @override
    def task_command(self, name: str, argv: Sequence[str] = ()) -> Command:
        """Return how to start a task there."""
        return self._place.command(super().task_command(name, argv), self._here)

    @override
    def _environment(self, wire: object) -> ServerEnvironment:
        entry = super()._environment(wire)
        prefix = entry.prefix
        if entry.interpreter_path:
            self._interpreters[entry.id] = entry.interpreter_path
            prefix = prefix or posixpath.dirname(posixpath.dirname(entry.interpreter_path))
        return entry._replace(
            kind="remote",
            prefix=self._place.address(prefix) if prefix else None,
            interpreter_path=None,
        )

    def _usable(self, environment: ServerEnvironment) -> ServerEnvironment:
        known = "command" in self.capabilities or environment.id in self._interpreters
        if known and environment.prefix is None:
            # Messages need a name for its place.
            environment = environment._replace(prefix=self._place.address(environment.id))
        if known or environment.status != Status():
            return environment
        return environment._replace(status=Status("unsupported", NO_INTERPRETER))

    def _interpreter_command(self, identity: str, argv: Sequence[str], cwd: str | None) -> Command:
        if identity not in self._interpreters:
            self.environments()
        python = self._interpreters.get(identity)
        if python is None:
            raise EnvironmentNotFound(f"{self.name} has no environment with the id {identity!r}")
        folder = posixpath.dirname(python)
        where = posixpath.normpath(posixpath.join(self._place.folder, cwd or ""))
        put = {"VIRTUAL_ENV": posixpath.dirname(folder)}
        return Command(tuple(argv), where, ("PYTHONHOME",), put, (folder,))

    @contextmanager
    def _explain_failures(self) -> Iterator[None]:
        try:
            yield
        except HostFailed:
            raise
        except ServerFailed as error:
            from workflow_helper.servers import ssh_failures

            raise ssh_failures.explained_failure(self._place, error) from None
