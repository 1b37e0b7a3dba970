"""The kit's end of a conversation: it can send anything, and checks all that it receives."""

from __future__ import annotations

import json
import time

from workflow_server.jsonrpc.framing import MAX_MESSAGE, Decoder, Frame
from workflow_server.jsonrpc.messages import (
    Batch,
    ErrorResponse,
    Invalid,
    Notification,
    Request,
    Response,
    id_key,
    parse,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any, NamedTuple, Protocol, TypeAlias

    from workflow_server.conformance.report import Findings
    from workflow_server.jsonrpc.framing import FramingProblem
    from workflow_server.jsonrpc.messages import Id, Incoming

    Answer: TypeAlias = Response | ErrorResponse

    class CheckTransport(Protocol):
        """The transport of a conversation: :class:`workflow_helper.system.child.Child` is one."""

        def read(self, timeout: float) -> bytes | None:
            """Return some output; ``b""`` at its end, ``None`` if there is none within ``timeout`` seconds."""

        def write(self, data: bytes) -> None:
            """Write ``data``; never waits."""

        def close_input(self) -> None:
            """Close the server's input."""

        def ended(self) -> bool:
            """Return whether the server has ended."""

        def stderr_tail(self) -> bytes:
            """Return the tail of its standard error."""

        def end(self, grace: float) -> int | None:
            """End it within about ``grace`` seconds; its status if it ended by itself."""
else:
    from workflow_server.namedtuple import NamedTuple


#: Seconds that a server has at most for an answer to a message that it need not take.
_PROBED = 2.5
#: Characters of a message that a detail shows.
_SHOWN = 200
#: The notifications of a server, and the capability that a client announces for each.
NOTIFICATIONS = {
    "$/progress": "progress",
    "log/message": "log",
    "test/update": "test.run",
    "environment/changed": "environment.watch",
}


class Probe(NamedTuple):
    """A message that no client sends, for a test."""

    clause: str
    #: What was sent, as a detail shows it.
    sent: str


class Abort(Exception):  # noqa: N818
    """The conversation cannot go on; the message says why."""

    #: A clause was found broken for it.
    judged = False


def shown(value: object) -> str:
    """Return a message, or its bytes, for a detail."""
    if isinstance(value, bytes):
        text = repr(value)
    elif hasattr(value, "to_wire"):
        text = json.dumps(value.to_wire())
    elif isinstance(value, Invalid):
        text = value.detail
    else:
        text = json.dumps(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def framed(message: object) -> bytes:
    """Return a message as a client must frame it."""
    body = json.dumps(message).encode("ascii") + b"\n"
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


class Peer:
    """One server process, and all its messages."""

    def __init__(
        self,
        transport: CheckTransport,
        findings: Findings,
        timeout: float,
        *,
        announced: bool = True,
    ) -> None:
        self.transport = transport
        self.findings = findings
        self._timeout = timeout
        #: Whether this client announced that it understands notifications.
        self.announced = announced
        #: The clause that a message is tried for which no client sends, if it is one, and what is tried: errors without an id
        #: are what a server makes of its parts, hence this clause's business and no other's.
        self.probe: Probe | None = None
        self.notifications: list[Notification] = []
        self._decoder = Decoder()
        self._answers: dict[Hashable, Answer] = {}
        #: Requests that wait for an answer, and all that ever had one.
        self._pending: dict[Hashable, object] = {}
        self._done: set[Hashable] = set()
        #: The latest notification since a request was answered.
        self._notified: object = None
        #: Arrays that came as answers, and how many are waited for.
        self._batches: list[tuple[Any, ...]] = []
        self._batches_expected = 0
        self._number = 0

    @property
    def timeout(self) -> float:
        """Seconds that an answer may take: fewer if none is required."""
        return self._timeout if self.probe is None else min(self._timeout, _PROBED)

    # Saying things.

    def request(self, method: str, params: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return a request; ``id`` may be given, else it is a new number."""
        self._number += 1
        wire: dict[str, Any] = {"jsonrpc": "2.0", "id": self._number, "method": method, **more}
        if params is not None:
            wire["params"] = params
        return wire

    def send(self, *messages: dict[str, Any], data: bytes | None = None) -> None:
        """Send messages in one write; ``data`` replaces their usual bytes."""
        for message in messages:
            if "id" in message:
                self._pending[id_key(message["id"])] = message
            else:
                self._notified = message
        self.transport.write(b"".join(map(framed, messages)) if data is None else data)

    def notify(self, method: str, params: object = None) -> None:
        """Send a notification."""
        self.send(
            {"jsonrpc": "2.0", "method": method, **({} if params is None else {"params": params})}
        )

    def ask(self, method: str, params: object = None, **more: Any) -> Answer:  # noqa: ANN401
        """Send a request and wait for its answer; raises :class:`Abort` without one."""
        message = self.request(method, params, **more)
        self.send(message)
        return self.answer(message["id"], self._timeout)

    def ask_raw(self, message: dict[str, Any], data: bytes) -> Answer:
        """Return the answer to ``message``, which is written as ``data``."""
        self.send(message, data=data)
        return self.answer(message["id"])

    # Hearing things.

    def answer(self, request: Id, timeout: float | None = None) -> Answer:
        """Wait for the answer to a request, for ``timeout`` or else :attr:`timeout` seconds."""
        key = id_key(request)
        patience = self.timeout if timeout is None else timeout
        until = time.monotonic() + patience
        while key not in self._answers:
            self._hear(until, f"no answer to {shown(self._pending.get(key))}", patience)
        self._notified = None
        return self._answers.pop(key)

    def batch(self) -> tuple[Any, ...]:
        """Wait for an answer that is an array."""
        until = time.monotonic() + self.timeout
        self._batches_expected += 1
        while not self._batches:
            self._hear(until, "no answer to a batch", self.timeout)
        return self._batches.pop()

    def error_of_nobody(self) -> int | None:
        """Wait for an error with the id ``null``, and return its code, or ``None``."""
        self._pending[id_key(None)] = "what has no id"
        try:
            answer = self.answer(None)
        except Abort:
            return None
        return answer.code if isinstance(answer, ErrorResponse) else None

    def has_answer(self, request: Id) -> bool:
        """Return whether a request was answered."""
        return id_key(request) in self._answers

    def gone(self) -> bool:
        """Wait for the server to end, reading its output, and return whether it ended in time."""
        until = time.monotonic() + self.timeout
        while not self.transport.ended():
            left = until - time.monotonic()
            if left <= 0:
                return False
            data = self.transport.read(min(left, 0.05))
            if data:
                self._feed(data)
            elif data == b"":
                time.sleep(min(left, 0.005))
        while data := self.transport.read(0):
            self._feed(data)
        return True

    def status(self) -> int | None:
        """Return its exit status if it ended by itself; else end it."""
        return self.transport.end(0)

    def _hear(self, until: float, otherwise: str, patience: float) -> None:
        left = until - time.monotonic()
        try:
            data = self.transport.read(max(0.0, left)) if left > 0 else None
        except BrokenPipeError:
            data = b""
        if data is None:
            raise Abort(f"{otherwise} within {patience:g} seconds{self._last_words()}")
        if not data:
            for event in self._decoder.finish():
                self._take(event)
            raise Abort(f"{otherwise}: the server closed its output{self._last_words()}")
        self._feed(data)

    def _last_words(self) -> str:
        tail = self.transport.stderr_tail()[-_SHOWN:].decode("utf-8", "replace").strip()
        return f"; it wrote to standard error: {tail}" if tail else ""

    def _feed(self, data: bytes) -> None:
        for event in self._decoder.feed(data):
            self._take(event)

    def _take(self, event: Frame | FramingProblem) -> None:
        judge = self.findings.judge
        if not isinstance(event, Frame):
            clause = {
                "noise": "transport-stdout",
                "headers": "framing-server-answer",
                "too_large": "limits-send",
                "truncated": "framing-server-answer",
            }[event.kind]
            judge(clause, holds=False, detail=f"{event.detail}: {shown(event.data)}")
            if event.fatal:
                raise Abort(f"{event.detail}: {shown(event.data)}")
            return
        judge("transport-stdout", holds=True, detail="")
        judge("limits-send", len(event.body) <= MAX_MESSAGE, "too long")
        self._accept(parse(event.body), event.body)

    def _accept(self, message: Incoming, body: bytes) -> None:
        judge = self.findings.judge
        if isinstance(message, Batch):
            expected = self._batches_expected > 0
            judge(
                "framing-server-answer", expected, f"an array that answers no batch: {shown(body)}"
            )
            if expected:
                self._batches_expected -= 1
                for one in message.messages:
                    if isinstance(one, (Response, ErrorResponse)):
                        self._pending.pop(id_key(one.id), None)
                self._batches.append(message.messages)
            return
        if isinstance(message, Invalid):
            self._invalid(message, body)
            return
        judge("framing-server-answer", holds=True, detail="")
        judge("message-version", holds=True, detail="")
        if isinstance(message, Request):
            judge("profile-unasked", holds=False, detail=f"a request: {shown(body)}")
        elif isinstance(message, Notification):
            self._notification(message)
        else:
            self._answer(message, body)

    def _invalid(self, message: Invalid, body: bytes) -> None:
        try:
            wire = json.loads(body)
        except ValueError:
            wire = None
        if not isinstance(wire, dict):
            clause = "framing-server-answer"
        elif wire.get("jsonrpc") != "2.0":
            clause = "message-version"
        elif "result" in wire and "error" in wire:
            clause = "message-once"
        elif "error" in wire:
            clause = "error-shape"
        else:
            clause = "message-once"
        self.findings.judge(clause, holds=False, detail=f"{message.detail}: {shown(body)}")
        # Whatever is wrong with it, it is the answer that was waited for: go on.
        if isinstance(wire, dict) and "id" in wire and id_key(message.id) in self._pending:
            self._answer(Response(message.id, wire.get("result")), body)

    def _notification(self, message: Notification) -> None:
        known = NOTIFICATIONS.get(message.method)
        self.findings.judge(
            "profile-unasked",
            self.announced and known is not None,
            f"a notification that nothing requested: {shown(message)}",
        )
        self.notifications.append(message)

    def _answer(self, message: Answer, body: bytes) -> None:
        judge = self.findings.judge
        key = id_key(message.id)
        if isinstance(message, ErrorResponse):
            judge("error-shape", message.message, f"an empty message: {shown(body)}")
        if key in self._pending:
            judge("message-id", holds=True, detail="")
            judge("message-once", holds=True, detail="")
            del self._pending[key]
            self._done.add(key)
            self._answers[key] = message
        elif self._notified is not None and message.id is None:
            detail = f"{shown(self._notified)} was answered: {shown(body)}"
            judge("message-notification", holds=False, detail=detail)
        elif key in self._done and not (self.probe and message.id is None):
            judge("message-once", holds=False, detail=f"answered again: {shown(body)}")
        else:
            pending = list(self._pending)
            if self.probe and message.id is None:
                clause, detail = self.probe.clause, f"{self.probe.sent}: {shown(body)}"
            else:
                clause, detail = "message-id", f"no request has this id: {shown(body)}"
            judge(clause, holds=False, detail=detail)
            if len(pending) == 1:  # it can only be for this one: continue
                del self._pending[pending[0]]
                self._answers[pending[0]] = message
