"""A workflow server in a few lines: functions that answer the protocol's methods (``docs/spec/writing-a-server.md``).

The import takes a few milliseconds and needs no other package. Further modules are imported for serving, and
``asyncio`` with the first request for an ``async`` handler.
"""

from __future__ import annotations

import os
import sys

from workflow_server.answers import answer_of
from workflow_server.masking import masked
from workflow_server.methods import METHODS, PROTOCOL_VERSION
from workflow_server.params import params_of
from workflow_server.registry import Registry
from workflow_server.streams import own_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, NamedTuple, TypeAlias

    from workflow_server.server_session import ServerSession

    Level: TypeAlias = Literal["error", "warning", "info", "debug"]
else:
    from workflow_server.namedtuple import NamedTuple


class Client(NamedTuple):
    """The client, as described by ``initialize``."""

    name: str
    protocol_version: str
    #: The project's folder, absolute; ``None`` from a base client: it is the current folder.
    project_root: str | None = None
    #: Where false: compute from files, and run nothing that the folder contains, names or points to.
    project_trusted: bool = True
    #: What it announced; ``None`` from a base client.
    capabilities: frozenset[str] | None = None
    locale: str | None = None


class Server(Registry):
    """A workflow server: register handlers with its decorators, then :meth:`run` it.

    A handler takes its method's params, if any, and ``progress`` and ``cancelled`` if its signature has them
    (:mod:`workflow_server.handlers`). Its exception becomes the answer: a class of :mod:`workflow_server.errors` with
    its code, any other an internal error with the traceback in the log. Plain handlers run one at a time in the main
    thread, ``async`` ones concurrently on an event loop.

    ``details`` offers ``environment.details``: environments with more than the base profile's members, and all of
    :class:`~workflow_server.params.CreateParams`. ``default`` offers ``environment.default``, and the details: at most
    one environment is the ``default``. The handlers decide all other capabilities.
    """

    def __init__(
        self, name: str, version: str = "0", *, details: bool = False, default: bool = False
    ) -> None:
        super().__init__()
        self.name = name
        self.version = version
        self.declared.add("log")
        if details or default:
            self.declared.add("environment.details")
        if default:
            self.declared.add("environment.default")
        self.client = Client("", "")
        #: The capabilities, once it serves.
        self.offered: frozenset[str] = frozenset()
        self._session: ServerSession | None = None

    @property
    def root(self) -> str:
        """The project's folder, absolute."""
        return self.client.project_root or os.getcwd()

    def watches_environments(self) -> Callable[..., None]:
        """Offer ``environment.watch``, and return a function that tells the client that environments changed.

        It takes their ids, none for any, and may be called from any thread.
        """
        self.declared.add("environment.watch")

        def changed(*ids: str) -> None:
            self._notify(
                "environment.watch", "environment/changed", {"ids": list(ids)} if ids else {}
            )

        return changed

    def log(self, message: str, level: Level = "info") -> None:
        """Write ``message`` to the client's log, or else standard error."""
        text = masked(message)
        if not self._notify("log", "log/message", {"level": level, "message": text}):
            sys.stderr.write(f"{level}: {text}\n")

    def run(self) -> None:
        """Serve the client on standard input and output, then end the process.

        Meanwhile ``print`` writes to standard error, and so do child processes; standard input is empty.

        Raises:
            ValueError: a method of an offered capability is missing.
        """
        self.check_complete()
        try:
            status = self.serve(*own_streams())
        except KeyboardInterrupt:
            status = 130
        raise SystemExit(status)

    def serve(self, source: int, sink: int) -> int:
        """Serve the client at these file descriptors, and return the exit status for the process.

        If the process does not end within some seconds, it is ended.
        """
        from workflow_server.server_session import ServerSession

        self.check_complete()
        self.offered = self.capabilities
        self._session = ServerSession(self, source, sink)
        return self._session.run()

    # What the session asks (server_session.Application).

    def initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        """Store the client's data, and return ``initialize``'s result."""
        announced = params.get("client_capabilities")
        self.client = Client(
            params["client_name"],
            params["client_protocol_version"],
            params.get("project_root"),
            params.get("project_trusted", True),
            None
            if announced is None
            else frozenset(
                name
                for name, offer in announced.items()
                if offer is True or isinstance(offer, dict)
            ),
            params.get("locale"),
        )
        result: dict[str, Any] = {"methods": self.methods, "protocol_version": PROTOCOL_VERSION}
        if self.client.capabilities is not None:
            result["server_info"] = {"name": self.name, "version": self.version}
            result["capabilities"] = dict.fromkeys(sorted(self.offered), True)
        return result

    def params_of(self, method: str, params: dict[str, Any]) -> object:
        """Return the arguments for a handler."""
        return params_of(method, params) if method in METHODS else params

    def result_of(self, method: str, params: object, value: object) -> object:
        """Return the wire form of a handler's value. Raises :class:`RequestFailed` if it has none."""
        extended = self.client.capabilities is not None and "environment.details" in self.offered
        return answer_of(method, params, value, extended=extended)

    def wants_progress(self) -> bool:
        """Return whether the client takes progress reports."""
        return self._may_send("progress")

    def wants_updates(self) -> bool:
        """Return whether the client takes test updates."""
        return self._may_send("test.run")

    def _may_send(self, capability: str) -> bool:
        return capability in self.offered and capability in (self.client.capabilities or ())

    def _notify(self, capability: str, method: str, params: dict[str, Any]) -> bool:
        if self._session is None or not self._may_send(capability):
            return False
        from workflow_server.jsonrpc.messages import Notification

        self._session.send(Notification(method, params))
        return True
