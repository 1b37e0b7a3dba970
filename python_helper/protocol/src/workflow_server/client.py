"""A session with a workflow server, from ``initialize`` to ``exit``.

    with Session(Child(argv, cwd=root, environ=environ), "hatch") as session:
        for environment in session.environments():
            ...

Every wait has a limit, see :class:`Limits`.

A server that misbehaves is ended, and :class:`~workflow_server.errors.ServerFailed` raised, see
:mod:`workflow_server.connection`. A base server gets only the methods and members of the base profile; others from it
are ignored.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from workflow_server import values
from workflow_server.api import DEFAULT_WAIT, Calls, Wait
from workflow_server.connection import Connection
from workflow_server.display import printable
from workflow_server.errors import (
    Cancelled,
    EnvironmentNotFound,
    InvalidParams,
    MethodNotFound,
    RequestFailed,
    ServerBrokeProtocol,
    ServerExited,
    ServerFailed,
    ServerNotStarted,
    ServerTimedOut,
    UsageError,
    WorkflowError,
)
from workflow_server.lifecycle import Lifecycle
from workflow_server.methods import CLIENT_CAPABILITIES, MAX_ID, METHODS, PROTOCOL_VERSION
from workflow_server.model import Status
from workflow_server.shapes import ShapeError, require
from workflow_server.values import Initialized, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Any, NamedTuple, TypeVar

    from typing_extensions import Self, override

    from workflow_server.connection import PendingRequest, Transport
    from workflow_server.jsonrpc.messages import Params
    from workflow_server.values import ServerEnvironment

    T = TypeVar("T")
else:
    from workflow_server.namedtuple import NamedTuple

    def override(method: object) -> object:
        """Mark a method as overriding one of a base class."""
        return method


#: Messages of the server's log that are kept.
_LOG = 100
#: Concurrent requests when each environment is queried.
_WINDOW = 16


class Limits(NamedTuple):
    """The time limits of a server, in seconds; past one, it is ended within another second."""

    #: From being started to having answered ``initialize``.
    start: float = 10.0
    #: For an answer, unless the request says otherwise; a question that takes several requests has no more in all.
    request: float = 30.0
    #: The same for what makes, changes or runs something.
    change: float = 600.0
    #: For giving up a request that is cancelled.
    cancel: float = 5.0
    #: For ``shutdown`` and ``exit`` together.
    shutdown: float = 2.0


class Session(Calls):
    """A session with a server. Any thread may make requests, any number at once.

    As a context manager, it initializes the server and shuts it down. ``name`` is the workflow's display name. ``root``
    and ``trusted`` are sent to the server, which runs nothing of an untrusted folder. ``on_changed`` is called when the
    server reports changed environments, with their ids, or none for any; in the reading thread, so it must not make
    requests.
    """

    def __init__(
        self,
        transport: Transport,
        name: str,
        *,
        root: str | None = None,
        trusted: bool = True,
        bounds: Limits = Limits(),  # noqa: B008 - immutable
        on_changed: Callable[[tuple[str, ...]], None] | None = None,
        on_log: Callable[[str, str], None] | None = None,
    ) -> None:
        self.name = name
        self.server = Initialized(frozenset(), "")
        #: The last of the server's log, ``(level, message)``.
        self.log: deque[tuple[str, str]] = deque(maxlen=_LOG)
        self._root = root
        self._trusted = trusted
        self._bounds = bounds
        self._on_changed = on_changed
        self._on_log = on_log
        self._lifecycle = Lifecycle()
        self._closing = threading.Lock()
        self._connection = Connection(
            transport, name, on_notification=self._notified, cancel_grace=bounds.cancel
        )

    # Life

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def failure(self) -> ServerFailed | None:
        """The error that ended it, if any."""
        return self._connection.failure

    @property
    def usable(self) -> bool:
        """Return whether the server has neither failed nor ended."""
        return self._lifecycle.state == "initialized" and self._connection.usable

    @property
    def closed(self) -> bool:
        """Return whether it was closed here, or has not begun."""
        return self._lifecycle.state != "initialized"

    def begin(self, *, cancelled: threading.Event | None = None) -> None:
        """Initialize, and clean up after a failure. Raises like :meth:`initialize`."""
        try:
            self.initialize(cancelled=cancelled)
        except BaseException:
            self._connection.end(0)
            raise

    def initialize(self, *, cancelled: threading.Event | None = None) -> Initialized:
        """Exchange ``initialize`` with the server.

        Raises:
            ServerFailed: it is :class:`ServerNotStarted`, or another.
            Cancelled: soon after ``cancelled`` is set.
        """
        params: dict[str, Any] = {
            "client_name": "python-workflow",
            "client_protocol_version": PROTOCOL_VERSION,
            "project_trusted": self._trusted,
            "client_capabilities": dict.fromkeys(CLIENT_CAPABILITIES, True),
        }
        if self._root is not None:
            params["project_root"] = self._root
        try:
            call = self._connection.send("initialize", params)
            answer = self._connection.wait(call, self._bounds.start, cancelled=cancelled)
            self.server = Initialized.from_wire(answer)
        except ServerExited as failed:
            raise ServerNotStarted(self.name, failed.reason, failed.stderr) from None
        except ShapeError as error:
            raise self._connection.fail(
                ServerBrokeProtocol, f"answered initialize wrongly: {error}"
            ) from None
        except (RequestFailed, Cancelled) as refused:
            why = refused.message.removeprefix(f"{self.name}: ")
            raise self._connection.fail(ServerNotStarted, f"refused to initialize: {why}") from None
        self._lifecycle.passed("initialize")
        return self.server

    def close(self) -> ServerFailed | None:
        """Shut down. Returns, instead of raising, the server's failure at its end."""
        with self._closing:
            return self._close()

    def _close(self) -> ServerFailed | None:
        until = time.monotonic() + self._bounds.shutdown
        orderly = self._lifecycle.refusal("shutdown") is None
        if orderly and self._connection.usable:
            self._lifecycle.passed("shutdown")
            try:
                call = self._connection.send("shutdown")
                self._connection.wait(call, self._bounds.shutdown)
            except ServerFailed as failed:
                return failed
            except WorkflowError:  # it says no: it is ended anyway
                pass
            self._connection.notify("exit")
        self._lifecycle.passed("exit")
        left = max(0.0, until - time.monotonic()) if orderly else 0.0
        if self._connection.end(left):
            return None
        return ServerTimedOut(
            self.name,
            f"did not end within {self._bounds.shutdown:g} s of shutdown",
            self._connection.last_words(),
        )

    def listen(self, timeout: float) -> None:
        """Handle the server's notifications (``on_changed``, ``on_log``) for ``timeout`` seconds."""
        self._connection.listen(timeout)

    # Requests

    def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        wait: Wait = DEFAULT_WAIT,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Return the result of any method that the server binds.

        What ``wait`` gives as ``progress`` and ``updates`` is called in this thread; a server that does not offer it reports
        none.

        Raises:
            RequestFailed: the server's error, as its code tells (:mod:`workflow_server.error_codes`).
            MethodNotFound, InvalidParams, InvalidRequest: it must not be sent to this server.
            Cancelled: soon after ``wait.cancelled`` is set.
            ServerFailed: the server did something wrong.
        """
        if wait.cancelled is not None and wait.cancelled.is_set():
            raise Cancelled(f"{self.name}: {method} was not started")
        call = self._send(method, params, wait)
        return self._connection.wait(
            call,
            self._patience(method) if wait.timeout is None else wait.timeout,
            cancelled=wait.cancelled,
            cancel="cancel" in self.capabilities,
        )

    @override
    def environments(
        self, *, timeout: float | None = None, cancelled: threading.Event | None = None
    ) -> tuple[ServerEnvironment, ...]:
        """Return every environment, in the server's order, with its interpreter.

        The server is queried for each interpreter that its list leaves out, all within one ``timeout``. An environment
        that no longer exists is left out; one with an error is ``broken``.
        """
        whole = self._bounds.request if timeout is None else timeout
        until = time.monotonic() + whole
        listed = self._get(
            "environment/list",
            None,
            lambda wire: each(wire, lambda one: (self._listed(one), self._leaves_out_python(one))),
            Wait(whole, cancelled),
        )
        self._at_most_one_default([entry for entry, _ in listed])
        found: list[ServerEnvironment] = []
        window: deque[tuple[ServerEnvironment, PendingRequest | None]] = deque()
        for entry, incomplete in listed:
            window.append((entry, self._ask_about(entry) if incomplete else None))
            if len(window) >= _WINDOW:
                found += self._with_details(*window.popleft(), whole, until, cancelled)
        while window:
            found += self._with_details(*window.popleft(), whole, until, cancelled)
        return tuple(found)

    # Within

    def _send(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        wait: Wait = DEFAULT_WAIT,
    ) -> PendingRequest:
        refusal = self._lifecycle.refusal(method)
        if refusal is not None and self.failure is None:
            raise refusal
        if method not in self.methods and self.failure is None:
            raise MethodNotFound(
                f"{self.name} does not offer {method}",
                f"It offers {', '.join(sorted(self.methods)) or 'nothing'}.",
            )
        known = METHODS.get(method)
        if known is not None and (
            found := known.violations(_with_short_id(params), self.capabilities)
        ):
            raise InvalidParams(
                f"{method}: {'; '.join(one.sentence for one in found)}",
                data={"violations": [one.to_wire() for one in found]},
            )
        reports = (
            known is not None
            and any(one.name == "progress_token" for one in known.params)
            and "progress" in self.capabilities
        )
        try:
            return self._connection.send(
                method,
                dict(params) if params else None,
                progress=wait.progress if reports else None,
                updates=wait.updates,
                changes=known is None or known.changes,
            )
        except (ValueError, TypeError) as error:
            raise UsageError(f"the parameters of {method} cannot be sent: {error}") from None

    def _patience(self, method: str) -> float:
        known = METHODS.get(method)
        return self._bounds.change if known and known.changes else self._bounds.request

    @override
    def _get(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        read: Callable[[object], T],
        wait: Wait = DEFAULT_WAIT,
    ) -> T:
        given = params and {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in params.items()
            if value is not None
        }
        result = self.request(
            method,
            given,
            wait,
        )
        return self._parse(method, read, result)

    def _parse(self, method: str, read: Callable[[object], T], result: object) -> T:
        try:
            return read(result)
        except ShapeError as error:
            raise self._connection.fail(
                ServerBrokeProtocol, f"answered {method} wrongly: {error}"
            ) from None

    def _at_most_one_default(self, listed: Sequence[ServerEnvironment]) -> None:
        marked = [one.id for one in listed if one.default]
        if "environment.default" in self.capabilities and len(marked) > 1:
            raise self._connection.fail(
                ServerBrokeProtocol, f"names several defaults: {', '.join(marked)}"[:200]
            )

    def _leaves_out_python(self, wire: object) -> bool:
        """Return whether a list's entry lacks its interpreter; with details, ``null`` means that there is none."""
        known = wire if isinstance(wire, dict) else {}
        is_present = "interpreter_path" in known and "environment.details" in self.capabilities
        return not (is_present or known.get("interpreter_path"))

    def _ask_about(self, entry: ServerEnvironment) -> PendingRequest | None:
        if entry.status != Status() or "environment/get" not in self.methods:
            return None
        return self._send("environment/get", {"id": entry.id})

    def _with_details(
        self,
        entry: ServerEnvironment,
        call: PendingRequest | None,
        whole: float,
        until: float,
        cancelled: threading.Event | None,
    ) -> list[ServerEnvironment]:
        if call is None:
            return [entry]
        try:
            left = max(0.0, until - time.monotonic())
            result = self._connection.wait(call, left, cancelled=cancelled, whole=whole)
        except EnvironmentNotFound:
            return []
        except RequestFailed as error:
            return [entry._replace(status=Status("broken", error.message))]
        try:
            details = self._environment(result)
        except ShapeError as error:
            reason = f"the server answers environment/get wrongly: {error}"
            return [entry._replace(status=Status("broken", printable(reason)))]
        if details.id != entry.id:
            reason = f"the server described {details.id!r} when asked for {entry.id!r}"
            return [entry._replace(status=Status("broken", printable(reason)))]
        return [details._replace(default=entry.default)]

    def _notified(self, method: str, params: Params | None) -> None:
        if method == "log/message":
            try:
                known = require(values.LOG_PARAMS, params)
            except ShapeError:
                return
            line = known["level"], printable(known["message"])
            self.log.append(line)
            if self._on_log is not None:
                self._on_log(*line)
        elif method == "environment/changed" and self._on_changed is not None:
            ids = params.get("ids") if isinstance(params, dict) else None
            known_ids = ids if isinstance(ids, list) else []
            self._on_changed(tuple(one for one in known_ids if isinstance(one, str)))


def _with_short_id(params: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return ``params`` for the check: an id of the server may have any length."""
    given = None if params is None else params.get("id")
    return {**params, "id": given[:MAX_ID]} if params and isinstance(given, str) else params


def default_of(
    environments: Sequence[ServerEnvironment], capabilities: frozenset[str]
) -> ServerEnvironment | None:
    """Return the default among ``environments``, all that a server with ``capabilities`` has; ``None`` for none.

    With ``environment.default`` the server marks it. For a base server it is the only environment, else the one named
    ``default``, of several the one with the newest Python.
    """
    if "environment.default" in capabilities:
        return next((one for one in environments if one.default), None)
    if len(environments) == 1:
        return environments[0]
    named = [one for one in environments if one.name == "default"]
    return max(named, key=lambda one: _newness(one.python_version), default=None)


def _newness(version: str) -> tuple[tuple[int, bool], ...]:
    """Return a key by which newer Pythons are greater: ``3.10`` after ``3.9``, ``3.15.0`` after ``3.15.0rc1``."""
    parts = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        parts.append((int(digits or 0), digits == part))
    return tuple(parts)
