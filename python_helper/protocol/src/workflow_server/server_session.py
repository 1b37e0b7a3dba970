"""The server's end of a session: the handling of each message that a client sends.

It has three threads. The *reader* reads messages, and handles at once those without a handler, so that
``$/cancelRequest`` and ``exit`` work while a handler runs. The *main thread* runs plain handlers, one at a time, in the
order of their requests. An *event loop* in its own thread, started with the first ``async`` handler, runs those
concurrently. Each thread writes its answers, one message at a time.
"""

from __future__ import annotations

import os
from threading import Condition, Event, Lock, Thread

from workflow_server.error_codes import to_response
from workflow_server.errors import (
    Cancelled,
    InvalidParams,
    InvalidRequest,
    MethodNotFound,
    RequestFailed,
    WorkflowError,
)
from workflow_server.handlers import Progress, Updates
from workflow_server.jsonrpc.framing import Decoder, Frame, encode
from workflow_server.jsonrpc.messages import (
    PARSE_ERROR,
    Batch,
    ErrorResponse,
    Invalid,
    Notification,
    Request,
    Response,
    id_key,
    parse,
)
from workflow_server.lifecycle import Lifecycle
from workflow_server.masking import masked
from workflow_server.methods import METHODS, Method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Hashable
    from typing import Any, Protocol

    from workflow_server.handlers import Handler
    from workflow_server.jsonrpc.framing import FramingProblem
    from workflow_server.jsonrpc.messages import Id, Incoming, Message, Outgoing
    from workflow_server.values import TestUpdate

    class Application(Protocol):
        """The application behind a session: its handlers, and the conversion of their values."""

        handlers: dict[str, Handler]
        offered: frozenset[str]

        def initialize(self, params: dict[str, Any]) -> dict[str, Any]:
            """Store the client's data, and return ``initialize``'s result."""

        def params_of(self, method: str, params: dict[str, Any]) -> object:
            """Return the arguments for a handler."""

        def result_of(self, method: str, params: object, value: object) -> object:
            """Return the wire form of a handler's value. Raises :class:`WorkflowError` if it has none."""

        def wants_progress(self) -> bool:
            """Return whether the client takes progress reports."""

        def wants_updates(self) -> bool:
            """Return whether the client takes test updates."""


#: Seconds that what is in flight has at the end of the input (``lifecycle-end-of-input``), and to clean up at ``exit``.
GRACE = 5.0
#: Bytes that are read at once.
_CHUNK = 65536


class ServerSession:
    """One session, from the first byte to the exit status."""

    def __init__(self, application: Application, source: int, sink: int) -> None:
        """Read from the file descriptor ``source``, write to ``sink``."""
        self._application = application
        self._source = source
        self._sink = sink
        self._lifecycle = Lifecycle()
        self._writing = Lock()
        #: Guards everything below; told of every change.
        self._changed = Condition()
        self._waiting: list[_Job] = []
        #: By id, until the answer is about to go out: the client may then use the id again.
        self._in_flight: dict[Hashable, _Job] = {}
        #: Those whose answer has not gone out.
        self._open: set[_Job] = set()
        self._status: int | None = None
        self._hurry = False
        self._loop: AbstractEventLoop | None = None

    # What the main thread does.

    def run(self) -> int:
        """Serve until the client disconnects, and return the exit status."""
        Thread(target=self._read, name="wsp-reader", daemon=True).start()
        while (job := self._next()) is not None:
            if job.handler is None:
                self._settle(job)
                self._finish(job, Response(job.id, None))
            else:
                self._finish(job, self._outcome(job, job.handler))
        return self._status or 0

    def _next(self) -> _Job | None:
        """Return the next request to handle; ``None`` when all is done and the client has gone."""
        with self._changed:
            while True:
                if self._waiting and not self._hurry:
                    return self._waiting.pop(0)
                if self._status is not None and (not self._open or self._hurry):
                    return None
                self._changed.wait()

    def _settle(self, job: _Job) -> None:
        """Wait until no other request is running: ``shutdown`` is answered after earlier requests."""
        with self._changed:
            while not self._hurry and self._open != {job}:
                self._changed.wait()

    def _outcome(self, job: _Job, handler: Handler) -> Response | ErrorResponse:
        try:
            if job.cancelled.is_set():
                return _cancelled(job)
            value = handler.call(job.params, job.progress, job.cancelled, job.updates)
            return Response(job.id, self._application.result_of(job.method, job.params, value))
        except (Exception, SystemExit) as error:  # noqa: BLE001
            return _failure(job, error)

    # What the event loop's thread does.

    async def _outcome_async(self, job: _Job, handler: Handler) -> None:
        import asyncio

        answer: Response | ErrorResponse
        try:
            value = await handler.call(job.params, job.progress, job.cancelled, job.updates)
            answer = Response(job.id, self._application.result_of(job.method, job.params, value))
        except asyncio.CancelledError:
            answer = _cancelled(job)
        except (Exception, SystemExit) as error:  # noqa: BLE001
            answer = _failure(job, error)
        self._finish(job, answer)

    def _start_async(self, job: _Job, handler: Handler) -> None:
        import asyncio

        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            Thread(target=self._loop.run_forever, name="wsp-async", daemon=True).start()
        self._loop.call_soon_threadsafe(self._run_async, self._loop, job, handler)

    def _run_async(self, loop: AbstractEventLoop, job: _Job, handler: Handler) -> None:
        task = loop.create_task(self._outcome_async(job, handler))
        job.stop = lambda: loop.call_soon_threadsafe(task.cancel)
        if job.cancelled.is_set():
            task.cancel()
        # Cancelled before it began, the task itself never gets to answer.
        task.add_done_callback(
            lambda done: self._finish(job, _cancelled(job)) if done.cancelled() else None
        )

    # What the reader does.

    def _read(self) -> None:
        decoder = Decoder()
        while not self._ended():
            try:
                data = os.read(self._source, _CHUNK)
            except OSError:  # whatever it was, it is gone
                data = b""
            for event in decoder.feed(data) if data else decoder.finish():
                if not self._ended():
                    self._take(event)
            if not data and not self._ended():
                self._end(0)
        self._watch_the_end()

    def _ended(self) -> bool:
        return self._status is not None

    def _watch_the_end(self) -> None:
        """End the process in time, even if a handler is busy."""
        with self._changed:
            done = self._changed.wait_for(lambda: self._hurry or not self._open, GRACE)
        if not done:
            self._stop_all()
        Event().wait(GRACE if done else GRACE / 5)
        os._exit(self._status or 0)

    def _end(self, status: int, *, hurry: bool = False) -> None:
        with self._changed:
            self._status = status
            self._changed.notify_all()
        if hurry:
            self._stop_all()

    def _stop_all(self) -> None:
        with self._changed:
            self._hurry = True
            jobs = tuple(self._open)
            self._changed.notify_all()
        for job in jobs:
            job.cancel()

    def _take(self, event: Frame | FramingProblem) -> None:
        if isinstance(event, Frame):
            self._accept(parse(event.body))
            return
        self.send(ErrorResponse(None, PARSE_ERROR, event.detail))
        if event.fatal:
            self._end(1, hurry=True)

    def _accept(self, message: Incoming) -> None:
        if isinstance(message, Batch):
            self._batch(message.messages)
        else:
            self._accept_one(message, self.send)

    def _batch(self, messages: tuple[Message | Invalid, ...]) -> None:
        ends = [number for number, one in enumerate(messages) if _is_exit(one)]
        before = messages[: ends[0]] if ends else messages
        requests = [one for one in before if _is_answered(one)]
        group = _Group(len(requests), self.send)
        for one in before:
            self._accept_one(one, group.place() if _is_answered(one) else self.send)
        if ends:  # what comes before it is answered first, however long that takes
            group.done.wait()
            self._accept_one(messages[ends[0]], self.send)

    def _accept_one(self, message: Message | Invalid, answer: Callable[[Any], None]) -> None:
        if isinstance(message, Request):
            self._request(message, answer)
        elif isinstance(message, Notification):
            self._notification(message)
        elif isinstance(message, Invalid):
            if not message.response:
                answer(message.answer())
            if message.fatal:
                self._end(1, hurry=True)
        # A server sends no requests, so responses are ignored.

    def _request(self, request: Request, answer: Callable[[Any], None]) -> None:
        method = request.method
        try:
            if (refusal := self._lifecycle.refusal(method)) is not None:
                raise refusal
            handler = self._application.handlers.get(method)
            if handler is None and method not in ("initialize", "shutdown"):
                raise MethodNotFound(f"{method} is not offered by this server")
            params = self._checked(request)
        except RequestFailed as error:
            answer(to_response(request.id, error))
            return
        self._lifecycle.passed(method)
        if method == "initialize":
            answer(Response(request.id, self._application.initialize(params)))
            return
        self._begin(request, handler, params, answer)

    def _checked(self, request: Request) -> dict[str, Any]:
        """Return the request's params; raises :class:`InvalidParams` with all mistakes."""
        params = request.params
        known = METHODS.get(request.method)
        if known is None and isinstance(
            params, dict
        ):  # a method of the server's own takes any object
            return dict(params)
        known = known or Method(request.method, None)
        accepted, found = known.accept(params, self._application.offered)
        if found:
            sentences = "; ".join(one.sentence for one in found[:5])
            raise InvalidParams(
                f"{request.method}: {sentences}",
                data={"violations": [one.to_wire() for one in found]},
            )
        return accepted

    def _begin(
        self,
        request: Request,
        handler: Handler | None,
        params: dict[str, Any],
        answer: Callable[[Any], None],
    ) -> None:
        given = None if handler is None else self._application.params_of(request.method, params)
        progress = self._progress(params.get("progress_token"))
        updates = self._updates(params.get("update_token"))
        job = _Job(request.id, request.method, given, handler, progress, updates, answer)
        with self._changed:
            accept = id_key(request.id) in self._in_flight
            if not accept:
                self._in_flight[id_key(request.id)] = job
                self._open.add(job)
        if accept:
            answer(to_response(request.id, InvalidRequest("a request in flight has this id")))
        elif handler is not None and handler.is_async:
            self._start_async(job, handler)
        else:
            with self._changed:
                self._waiting.append(job)
                self._changed.notify_all()

    def _progress(self, token: Id) -> Progress:
        if token is None or not self._application.wants_progress():
            return Progress(None)
        return Progress(
            lambda value: self.send(Notification("$/progress", {"token": token, "value": value}))
        )

    def _updates(self, token: Id) -> Updates:
        if token is None or not self._application.wants_updates():
            return Updates(None)

        def send(updates: tuple[TestUpdate, ...]) -> None:
            wire = [one.to_wire() for one in updates]
            self.send(Notification("test/update", {"token": token, "updates": wire}))

        return Updates(send)

    def _notification(self, message: Notification) -> None:
        if message.method == "exit":
            self._lifecycle.passed("exit")
            self._end(self._lifecycle.exit_code(), hurry=True)
        elif message.method == "$/cancelRequest" and isinstance(message.params, dict):
            identity = message.params.get("id")
            if "cancel" in self._application.offered and isinstance(identity, (str, int)):
                with self._changed:
                    job = self._in_flight.get(id_key(identity))
                if job is not None:
                    job.cancel()

    # What all of them do.

    def _finish(self, job: _Job, answer: Response | ErrorResponse) -> None:
        with self._changed:
            if self._in_flight.get(id_key(job.id)) is not job:
                return
            del self._in_flight[id_key(job.id)]
        job.progress.end()
        job.updates.end()
        job.answer(answer)
        with self._changed:
            self._open.discard(job)
            self._changed.notify_all()

    def send(self, message: Outgoing) -> None:
        """Write one complete message. A client that has gone is no error: the input ends too."""
        try:
            data = memoryview(encode(message))
        except (TypeError, ValueError) as error:
            data = memoryview(encode(_unspeakable(message, error)))
        try:
            with self._writing:
                while data:
                    data = data[os.write(self._sink, data) :]
        except OSError:
            self._end(0, hurry=True)


class _Job:
    """A request that is not answered yet."""

    def __init__(
        self,
        request: Id,
        method: str,
        params: object,
        handler: Handler | None,
        progress: Progress,
        updates: Updates,
        answer: Callable[[Any], None],
    ) -> None:
        self.id = request
        self.method = method
        self.params = params
        #: ``None`` for ``shutdown``, which waits for its turn like any other.
        self.handler = handler
        self.progress = progress
        self.updates = updates
        #: Takes the response.
        self.answer = answer
        self.cancelled = Event()
        #: Set while an ``async`` handler runs: cancels its task.
        self.stop: Callable[[], object] | None = None

    def cancel(self) -> None:
        """Cancel the handler."""
        self.cancelled.set()
        if self.stop is not None:
            self.stop()


class _Group:
    """The answers to a batch, sent as one array in the order of the requests."""

    def __init__(self, expected: int, send: Callable[[Batch], None]) -> None:
        #: Set when the array is out.
        self.done = Event()
        if not expected:
            self.done.set()
        self._expected = expected
        self._send = send
        self._places = 0
        self._answers: dict[int, Response | ErrorResponse] = {}
        self._lock = Lock()

    def place(self) -> Callable[[Any], None]:
        """Reserve a place for the next request, and return the function that takes its answer."""
        number = self._places
        self._places += 1
        return lambda answer: self._add(number, answer)

    def _add(self, number: int, answer: Response | ErrorResponse) -> None:
        with self._lock:
            self._answers[number] = answer
            whole = len(self._answers) == self._expected
        if whole:
            self._send(Batch(tuple(self._answers[number] for number in range(self._expected))))
            self.done.set()


def _is_exit(message: Message | Invalid) -> bool:
    return isinstance(message, Notification) and message.method == "exit"


def _is_answered(message: Message | Invalid) -> bool:
    return isinstance(message, Request) or (isinstance(message, Invalid) and not message.response)


def _cancelled(job: _Job) -> ErrorResponse:
    return to_response(job.id, Cancelled(f"{job.method} was cancelled"))


def _failure(job: _Job, error: BaseException) -> ErrorResponse:
    """Return the answer to a request whose handler raised; unexpected errors are logged with a traceback."""
    if isinstance(error, WorkflowError):
        return to_response(job.id, error)
    import sys
    import traceback

    sys.stderr.write(masked("".join(traceback.format_exception(error))))
    description = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return to_response(job.id, RequestFailed(f"{job.method} failed: {description}"))


def _unspeakable(message: Outgoing, error: Exception) -> Outgoing:
    """Return a message to send instead of an answer that is not JSON, or too large."""
    if isinstance(message, (Response, ErrorResponse)):
        return to_response(message.id, RequestFailed(f"the answer cannot be sent: {error}"))
    if isinstance(message, Batch):
        return Batch(
            tuple(
                to_response(one.id, RequestFailed(f"the answers cannot be sent: {error}"))
                for one in message.messages
                if isinstance(one, (Response, ErrorResponse))
            )
        )
    return Notification("log/message", {"level": "error", "message": masked(str(error))})
