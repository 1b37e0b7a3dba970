"""One client at standard input and output: one message on each line, and one thread for each call, so that no call waits for another.

The main thread reads, and answers quick requests. Every other request has its own thread, and an event for its
cancellation. At the end of the input, running calls are stopped and undone.
"""

from __future__ import annotations

import os
import time
from threading import Event, Lock, Thread

from workflow_server.jsonrpc.framing import Decoder, Frame, encode_line
from workflow_server.jsonrpc.messages import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
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
from workflow_server.masking import masked

from workflow_helper.errors import InvalidRequest, RequestFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any, Protocol, TypeAlias

    from workflow_server.jsonrpc.messages import Id, Incoming, Outgoing

    #: The function that computes a call's result; runs in a thread of its own.
    Act: TypeAlias = Callable[["RunningCall"], dict[str, Any]]

    class ConnectionService(Protocol):
        """The service behind a connection."""

        def begin(self, method: str, params: dict[str, Any]) -> dict[str, Any] | Act:
            """Return the result of a request, or the action that computes it.

            Raises:
                RequestFailed: the request is invalid or not supported.
            """

        def notified(self, method: str) -> None:
            """Handle a notification."""


#: Calls at the same time.
MOST_CALLS = 16
#: Seconds at the end of the input for what is nearly done; clients wait for about 2.
_SETTLE = 0.3
#: Seconds for what is then stopped to be undone.
_GRACE = 5.0
#: Seconds between two reports of progress: some programs write a thousand lines a second.
_PAUSE = 0.1
_CHUNK = 65536


class RunningCall:
    """A call that is still running."""

    def __init__(self, request: Id, token: Id, send: Callable[[Outgoing], None]) -> None:
        self.id = request
        self.cancelled = Event()
        self._token = token
        self._send = send
        self._steps = 0
        self._last_report = 0.0

    def report(self, message: str) -> None:
        """Report the current step, if the client requested progress."""
        now = time.monotonic()
        if self._token is None or self.cancelled.is_set() or now < self._last_report + _PAUSE:
            return
        self._last_report = now
        self._steps += 1
        wire = {"progressToken": self._token, "progress": self._steps, "message": masked(message)}
        self._send(Notification("notifications/progress", wire))

    def advance(self, message: str, percentage: int) -> None:
        """Report the current step, and the percentage of the whole."""
        self.report(f"{message} ({percentage}%)")


class McpConnection:
    """The client, from its first byte to its last."""

    def __init__(self, service: ConnectionService, source: int, sink: int) -> None:
        """Read from the file descriptor ``source``, write to ``sink``."""
        self._service = service
        self._source = source
        self._sink = sink
        self._writing = Lock()
        #: Guards what is below.
        self._lock = Lock()
        self._jobs: dict[Hashable, RunningCall] = {}
        self._threads: set[Thread] = set()
        self._awaiting: dict[Hashable, Callable[[object], None]] = {}
        self._count = 0

    def run(self) -> None:
        """Serve until the input ends, or a signal ends this process; then stop every running call."""
        decoder = Decoder(lines=True)
        settle = 0.0
        try:
            while data := self._read():
                for event in decoder.feed(data):
                    if isinstance(event, Frame):
                        self._take(parse(event.body))
                        continue
                    self.send(ErrorResponse(None, PARSE_ERROR, event.detail))
                    if event.fatal:
                        return
            settle = _SETTLE
        finally:
            self._end(settle)

    def ask(self, method: str, on_answer: Callable[[object], None]) -> None:
        """Send a request to the client; ``heard`` gets the result, or ``None`` for an error, in the main thread."""
        with self._lock:
            self._count += 1
            request = f"wsp-{self._count}"
            self._awaiting[id_key(request)] = on_answer
        self.send(Request(request, method))

    def send(self, message: Outgoing) -> None:
        """Write one message, whole. A client that is gone is no error: its input ends as well."""
        data = memoryview(encode_line(message))
        try:
            with self._writing:
                while data:
                    data = data[os.write(self._sink, data) :]
        except OSError:
            return

    def _read(self) -> bytes:
        try:
            return os.read(self._source, _CHUNK)
        except OSError:  # whatever it was, it is gone
            return b""

    def _take(self, message: Incoming) -> None:
        if isinstance(message, Batch):  # one revision has them; each is answered by itself
            for one in message.messages:
                self._take(one)
        elif isinstance(message, Invalid):
            if not message.response:
                self.send(message.answer())
        elif isinstance(message, Request):
            self._request(message)
        elif isinstance(message, Notification):
            self._notification(message)
        else:
            with self._lock:
                on_answer = self._awaiting.pop(id_key(message.id), None)
            if on_answer is not None:
                on_answer(message.result if isinstance(message, Response) else None)

    def _request(self, request: Request) -> None:
        params = request.params
        if isinstance(params, list):
            self.send(ErrorResponse(request.id, INVALID_REQUEST, '"params" is not an object'))
            return
        members = dict(params or {})
        try:
            result = self._service.begin(request.method, members)
            if callable(result):
                self._start(RunningCall(request.id, _token(members), self.send), result)
                return
        except RequestFailed as error:
            self.send(ErrorResponse(request.id, error.wire_code, error.message, error.data or None))
            return
        self.send(Response(request.id, result))

    def _start(self, job: RunningCall, act: Act) -> None:
        thread = Thread(target=self._work, args=(job, act), name="call", daemon=True)
        with self._lock:
            if id_key(job.id) in self._jobs:
                raise InvalidRequest("a request that is not answered yet has this id")
            if len(self._jobs) >= MOST_CALLS:
                raise InvalidRequest(f"more than {MOST_CALLS} calls at the same time")
            self._jobs[id_key(job.id)] = job
            self._threads.add(thread)
        thread.start()

    def _work(self, job: RunningCall, act: Act) -> None:
        answer: Response | ErrorResponse
        try:
            answer = Response(job.id, act(job))
        except Exception as error:  # noqa: BLE001 - the last line of defence: a client gets a sentence
            answer = ErrorResponse(job.id, INTERNAL_ERROR, masked(f"an internal error: {error}"))
        with self._lock:
            self._jobs.pop(id_key(job.id), None)
        if not job.cancelled.is_set():  # nobody waits for it
            self.send(answer)
        with self._lock:
            self._threads.discard(_current())

    def _notification(self, message: Notification) -> None:
        if message.method != "notifications/cancelled":
            self._service.notified(message.method)
        elif isinstance(message.params, dict):
            identity = message.params.get("requestId")
            if isinstance(identity, (str, int)):
                with self._lock:
                    job = self._jobs.get(id_key(identity))
                if job is not None:
                    job.cancelled.set()

    def _end(self, settle: float) -> None:
        self._join(settle)
        with self._lock:
            jobs = tuple(self._jobs.values())
        for job in jobs:
            job.cancelled.set()
        self._join(_GRACE)

    def _join(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def _current() -> Thread:
    from threading import current_thread

    return current_thread()


def _token(params: dict[str, Any]) -> Id:
    meta = params.get("_meta")
    token = meta.get("progressToken") if isinstance(meta, dict) else None
    return token if isinstance(token, (str, int)) and not isinstance(token, bool) else None
