"""Requests and answers over a transport, from any number of threads, with a limit for every wait.

There is no reader thread: of the threads that wait for answers, one reads (the leader) and distributes them.

So an idle connection costs nothing, a server is read only while a thread waits, and no answer crosses threads
needlessly. A server that misbehaves is ended, and :class:`~workflow_server.errors.ServerFailed` raised with its name
and the tail of its stderr. A failed connection stays failed.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from workflow_server.display import printable, printable_lines
from workflow_server.error_codes import from_response
from workflow_server.errors import Cancelled, ServerBrokeProtocol, ServerExited, ServerTimedOut
from workflow_server.jsonrpc.framing import Decoder, FramingProblem, encode
from workflow_server.jsonrpc.messages import (
    Batch,
    ErrorResponse,
    Invalid,
    Notification,
    Request,
    Response,
    dumps,
    id_key,
    parse,
)
from workflow_server.shapes import ShapeError, require
from workflow_server.values import PROGRESS_PARAMS, UPDATE_PARAMS, ProgressReport, TestUpdate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any, Protocol

    from workflow_server.errors import ServerFailed
    from workflow_server.jsonrpc.messages import Incoming, Params

    class Transport(Protocol):
        """The transport of a connection: :class:`workflow_helper.system.child.Child` is one."""

        def read(self, timeout: float) -> bytes | None:
            """Return some output; ``b""`` at its end, ``None`` if there is none within ``timeout`` seconds.

            Raises:
                BrokenPipeError: the server no longer reads what is written to it.
            """

        def write(self, data: bytes) -> None:
            """Write ``data``; never waits."""

        def ended(self) -> bool:
            """Return whether the server has ended."""

        def stderr_tail(self) -> bytes:
            """Return the tail of its standard error."""

        def end(self, grace: float) -> int | None:
            """End it within about ``grace`` seconds; its status if it ended by itself."""


#: Seconds in which a server that hung up has to end, for its status to be told.
_HANG_UP_GRACE = 0.5
#: Seconds between two looks at whether a request is cancelled.
_TICK = 0.05
#: Progress reports that wait for their request's thread; the oldest are dropped.
_REPORTS = 256
#: Bytes of its output that an error shows.
_SHOWN = 120
#: Characters of a server's standard error that an error shows.
_SHOWN_STDERR = 2000


class PendingRequest:
    """A request that was sent."""

    def __init__(
        self,
        number: int,
        method: str,
        *,
        progress: Callable[[ProgressReport], None] | None,
        updates: Callable[[TestUpdate], None] | None,
        changes: bool,
    ) -> None:
        self.number = number
        self.method = method
        #: Giving up on it is more than forgetting its answer.
        self.changes = changes
        self.progress = progress
        self.reports: deque[ProgressReport] = deque(maxlen=_REPORTS)
        self.updates = updates
        #: Updates about tests. None is lost; the waiting thread handles them between reads.
        self.updated: list[TestUpdate] = []
        self.answer: Response | ErrorResponse | None = None


class Connection:
    """The connection with the server called ``name``.

    ``on_notification`` gets ``(method, params)`` of each notification other than progress, in the reading thread; it
    must not make requests. Progress is reported in the thread of its request.
    """

    def __init__(
        self,
        transport: Transport,
        name: str,
        *,
        on_notification: Callable[[str, Params | None], None] | None = None,
        cancel_grace: float = 5.0,
    ) -> None:
        self.name = name
        self._failure: ServerFailed | None = None
        self._over = False
        self._transport = transport
        self._on_notification = on_notification
        self._cancel_grace = cancel_grace
        self._decoder = Decoder()
        self._turn = threading.Condition()
        self._leader: int | None = None
        self._ending = False
        self._last = 0
        self._calls: dict[Hashable, PendingRequest] = {}
        #: Requests whose answers are no longer needed.
        self._forgotten: set[int] = set()

    @property
    def failure(self) -> ServerFailed | None:
        """The error that ended it, if any."""
        if self._over and not self._failure:  # late: its text is searched for secrets
            self._failure = ServerExited(self.name, "was shut down")
        return self._failure

    @property
    def usable(self) -> bool:
        """Return whether the server has not ended."""
        return not self._ending and not self._transport.ended()

    def send(
        self,
        method: str,
        params: Params | None = None,
        *,
        progress: Callable[[ProgressReport], None] | None = None,
        updates: Callable[[TestUpdate], None] | None = None,
        changes: bool = False,
    ) -> PendingRequest:
        """Send a request; :meth:`wait` returns its answer.

        With ``progress``, its id serves as ``progress_token``, with ``updates`` as ``update_token``.

        Raises:
            ServerFailed: the connection failed.
            ValueError, TypeError: ``params`` cannot be sent.
        """
        with self._turn:
            self._raise_failure()
            self._last += 1
            call = PendingRequest(
                self._last, method, progress=progress, updates=updates, changes=changes
            )
            for name, taken in (("progress_token", progress), ("update_token", updates)):
                if taken is not None:
                    params = {**(params if isinstance(params, dict) else {}), name: call.number}
            data = encode(Request(call.number, method, params))
            self._calls[id_key(call.number)] = call
            self._transport.write(data)
        return call

    def notify(self, method: str, params: Params | None = None) -> None:
        """Send a notification; ignored after the end."""
        with self._turn:
            if not self._over:
                self._transport.write(encode(Notification(method, params)))

    def wait(
        self,
        call: PendingRequest,
        timeout: float,
        *,
        cancelled: threading.Event | None = None,
        cancel: bool = False,
        whole: float | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Return the result of ``call``.

        ``whole`` is the limit in seconds of which ``timeout`` is the rest.

        Raises:
            RequestFailed: the error that answers it.
            ServerTimedOut: there is no answer within ``timeout`` seconds, which ends the server.
            Cancelled: soon after ``cancelled`` is set: with ``cancel`` the server gets ``cancel_grace`` seconds to
            answer, else a request that changes something ends it.
        """
        until = time.monotonic() + timeout
        stopping = False
        try:
            while (answer := self._next(call, until, cancelled if not stopping else None)) is None:
                if cancelled is not None and cancelled.is_set() and not stopping:
                    stopping = True
                    until = self._cancel(call, ask=cancel)
                elif time.monotonic() >= until:
                    self._out_of_time(call, timeout, whole, stopping=stopping)
        finally:
            self._forget(call)
        if isinstance(answer, ErrorResponse):
            raise from_response(answer, self.name)
        return answer.result

    def listen(self, timeout: float) -> None:
        """Handle the server's notifications for ``timeout`` seconds; other threads may make requests."""
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            with self._turn:
                self._raise_failure()
                if self._leader is not None:
                    self._turn.wait(left)
                    continue
                self._leader = threading.get_ident()
            self._lead(left)

    def end(self, grace: float) -> bool:
        """End the server, and return whether it ended by itself within ``grace`` seconds."""
        with self._turn:
            if self._ending:
                return True
            self._ending = True
        try:
            return self._transport.end(grace) is not None
        finally:
            self._settle(None)

    def fail(
        self,
        kind: type[ServerFailed],
        reason: str | Callable[[int | None], str],
        grace: float = 0.0,
    ) -> ServerFailed:
        """End the server, and return the error with the reason: the first one found.

        ``reason`` may depend on the server's exit status.
        """
        with self._turn:
            if self._ending:
                return self._reason()
            self._ending = True
        status = None
        try:
            status = self._transport.end(grace)
        finally:
            # Also when interrupted: other threads wait to be told.
            why = reason if isinstance(reason, str) else reason(status)
            failure = kind(self.name, printable(why), self.last_words())
            self._settle(failure)
        return again(failure)

    def last_words(self) -> str:
        """Return the tail of the server's standard error, for a person."""
        return _readable(self._transport.stderr_tail())

    def _settle(self, failure: ServerFailed | None) -> None:
        with self._turn:
            self._failure, self._over = failure, True
            self._calls.clear()
            self._turn.notify_all()

    def _reason(self) -> ServerFailed:
        while (failure := self.failure) is None:
            self._turn.wait()
        return again(failure)

    def _raise_failure(self) -> None:
        if self._ending:
            raise self._reason()
        if self._leader == threading.get_ident():
            raise RuntimeError(
                "a request from within a notification's handler would wait for itself"
            )

    def _next(
        self, call: PendingRequest, until: float, cancelled: threading.Event | None
    ) -> Response | ErrorResponse | None:
        """Wait for the answer to ``call``, reading if no other thread does; ``None`` after each interval."""
        while True:
            with self._turn:
                reports = list(call.reports)
                call.reports.clear()
                updated, call.updated = call.updated, []
                if not reports and not updated and call.answer is not None:
                    return call.answer
            if updated and call.updates is not None:
                for update in updated:
                    call.updates(update)
            if reports and call.progress is not None:
                for report in reports:
                    call.progress(report)
            if reports or updated:
                continue
            with self._turn:
                if call.answer is not None or call.reports or call.updated:
                    continue
                self._raise_failure()
                left = until - time.monotonic()
                if left <= 0 or (cancelled is not None and cancelled.is_set()):
                    return None
                if cancelled is not None:
                    left = min(left, _TICK)
                if self._leader is not None:
                    self._turn.wait(left)
                    continue
                self._leader = threading.get_ident()
            self._lead(left)

    def _lead(self, timeout: float) -> None:
        """Read once, and dispatch the messages."""
        try:
            try:
                data = self._transport.read(timeout)
            except BrokenPipeError:
                raise self._hung_up("no longer reads its standard input") from None
            if data is None:
                return
            if not data:
                raise self._hung_up("closed its standard output")
            news: list[Notification] = []
            try:
                for event in self._decoder.feed(data):
                    if isinstance(event, FramingProblem):
                        raise self._broke(f"wrote {_shown(event.data)}: {event.detail}")
                    self._take(parse(event.body), event.body, news)
            finally:
                # Last, so that no answer is lost on a listener that fails.
                self._notify_all(news)
        finally:
            with self._turn:
                self._leader = None
                self._turn.notify_all()

    def _take(self, message: Incoming, body: bytes, news: list[Notification]) -> None:
        if isinstance(message, (Response, ErrorResponse)):
            self._on_answer(message)
        elif isinstance(message, Notification):
            if message.method == "$/progress":
                self._on_progress(message.params)
            elif message.method == "test/update":
                self._on_update(message.params)
            else:
                news.append(message)
        elif isinstance(message, Invalid):
            raise self._broke(f"wrote {_shown(body)}: {message.detail}")
        elif isinstance(message, Batch):
            raise self._broke("sent a batch that nothing requested")
        else:
            raise self._broke(f"made a request of its client: {message.method[:80]}")

    def _on_answer(self, answer: Response | ErrorResponse) -> None:
        number = answer.id
        with self._turn:
            call = self._calls.pop(id_key(number), None)
            if call is not None:
                call.answer = answer
                return
            mine = isinstance(number, int) and 0 < number <= self._last
            if mine and number in self._forgotten:
                self._forgotten.discard(number)
                return
        if number is None and isinstance(answer, ErrorResponse):
            raise self._broke(f"could not read a request: {answer.message[:200]}")
        shown = dumps(number)[:80]
        raise self._broke(
            f"answered request {shown} twice"
            if mine
            else f"answered {shown}, which was never requested"
        )

    def _notify_all(self, news: list[Notification]) -> None:
        if self._on_notification is not None:
            for one in news:
                self._on_notification(one.method, one.params)

    def _on_progress(self, params: Params | None) -> None:
        try:
            known = require(PROGRESS_PARAMS, params)
        except ShapeError:
            # Of no use, but no reason to give up what it is about.
            return
        with self._turn:
            call = self._calls.get(id_key(known["token"]))
            if call is not None and call.progress is not None:
                call.reports.append(ProgressReport.from_wire(known["value"]))

    def _on_update(self, params: Params | None) -> None:
        try:
            known = require(UPDATE_PARAMS, params)
        except ShapeError as error:
            raise self._broke(f"reported tests wrongly: {error}"[:_SHOWN_STDERR]) from None
        with self._turn:
            call = self._calls.get(id_key(known["token"]))
            if call is not None and call.updates is not None:
                call.updated += map(TestUpdate.from_wire, known["updates"])

    def _cancel(self, call: PendingRequest, *, ask: bool) -> float:
        """Try to cancel ``call``, and return the deadline for its answer.

        Raises:
            Cancelled: there is no answer to wait for.
        """
        if ask:
            self.notify("$/cancelRequest", {"id": call.number})
            return time.monotonic() + self._cancel_grace
        if call.changes:
            self.fail(ServerExited, f"was ended, because {call.method} was cancelled")
        raise Cancelled(f"{self.name}: {call.method} was stopped")

    def _out_of_time(
        self, call: PendingRequest, timeout: float, whole: float | None, *, stopping: bool
    ) -> None:
        if stopping:
            self.fail(ServerExited, f"was ended, because it did not give up {call.method}")
            raise Cancelled(f"{self.name}: {call.method} was stopped, by ending the server")
        pending = self._decoder.pending
        part = f"; it sent part of a message: {_shown(pending)}" if pending else ""
        bound = (
            f"{timeout:g} s" if whole is None else f"the {whole:g} s that all its answers may take"
        )
        raise self.fail(ServerTimedOut, f"did not answer {call.method} within {bound}{part}")

    def _forget(self, call: PendingRequest) -> None:
        with self._turn:
            if self._calls.pop(id_key(call.number), None) is not None:
                self._forgotten.add(call.number)

    def _broke(self, reason: str) -> ServerFailed:
        return self.fail(ServerBrokeProtocol, reason)

    def _hung_up(self, how: str) -> ServerFailed:
        """Return the error for a server that ended, or closed a pipe."""
        left = self._decoder.finish()
        with self._turn:
            unanswered = ", ".join(sorted({call.method for call in self._calls.values()}))
        before = f" before it answered {unanswered}" if unanswered else ""
        within = "".join(
            f"; the last it sent was {_shown(one.data)}"
            for one in left
            if isinstance(one, FramingProblem)
        )

        def reason(status: int | None) -> str:
            if status is None:
                return f"{how}{before}{within}"
            end = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            return f"{end}{before}{within}"

        return self.fail(ServerExited, reason, _HANG_UP_GRACE)


def _shown(data: bytes) -> str:
    """Return the start of some bytes, for an error's message."""
    return repr(data[:_SHOWN]) + "..." * (len(data) > _SHOWN)


def again(failure: ServerFailed) -> ServerFailed:
    """Return a copy of an error for another thread, since raising changes its traceback."""
    return type(failure)(failure.server, failure.reason, failure.stderr, failure.hint)


def _readable(tail: bytes) -> str:
    """Return the tail of a standard error as text, with control characters escaped."""
    return printable_lines(tail.decode("utf-8", "replace").strip(), _SHOWN_STDERR)
