"""Calls of a server in this process, with the same shapes."""

from __future__ import annotations

from threading import Event

from workflow_server import values
from workflow_server.answers import answer_of
from workflow_server.api import DEFAULT_WAIT, Calls
from workflow_server.errors import InvalidParams, MethodNotFound
from workflow_server.handlers import Progress, Updates
from workflow_server.methods import CLIENT_CAPABILITIES, METHODS, PROTOCOL_VERSION
from workflow_server.server import Client
from workflow_server.values import Initialized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from typing_extensions import override

    from workflow_server.api import Wait
    from workflow_server.server import Server

    T = TypeVar("T")
else:

    def override(method: object) -> object:
        """Replace :func:`typing.override`, whose import takes longer than that of this module."""
        return method


class Own(Calls):
    """Calls the handlers of ``server``, also from one of them. Their errors are passed on."""

    def __init__(self, server: Server) -> None:
        """Query ``server`` for its client."""
        self._server = server
        self.server = Initialized(
            frozenset(server.methods),
            PROTOCOL_VERSION,
            server.capabilities,
            server.name,
            server.version,
        )

    @property
    def name(self) -> str:
        """The server's name."""
        return self._server.name

    @override
    def _get(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        read: Callable[[object], T],
        wait: Wait = DEFAULT_WAIT,
    ) -> T:
        # Its time limit does not count: what a handler starts has limits of its own.
        _, cancelled, progress, updates = wait
        handler = self._server.handlers.get(method)
        if handler is None:
            raise MethodNotFound(f"the workflow {self.name} does not offer {method}")
        given = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in (params or {}).items()
            if value is not None
        }
        if found := METHODS[method].violations(given, self.capabilities):
            raise InvalidParams(
                f"{method}: {'; '.join(one.sentence for one in found)}",
                data={"violations": [one.to_wire() for one in found]},
            )
        typed = self._server.params_of(method, given)
        report = Progress(
            None
            if progress is None
            else lambda value: progress(values.ProgressReport.from_wire(value))
        )
        sender = Updates(None if updates is None else lambda batch: [updates(one) for one in batch])
        value = handler.call(typed, report, cancelled or Event(), sender)
        report.end()
        sender.end()
        extended = "environment.details" in self.capabilities
        return read(answer_of(method, typed, value, extended=extended))


class Local(Own):
    """A session with a server in this process."""

    def __init__(self, server: Server, root: str, *, trusted: bool) -> None:
        """Take the project's folder, absolute, as ``root``; ``trusted`` says whether its files may be run."""
        server.client = Client(
            "python-workflow", PROTOCOL_VERSION, root, trusted, frozenset(CLIENT_CAPABILITIES)
        )
        server.offered = server.capabilities
        super().__init__(server)
