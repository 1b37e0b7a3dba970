"""Call a server's handler: its signature, progress, and cancellation.

A handler takes its method's params, if there are any, and optional arguments by these names:

* ``progress``: a :class:`Progress`;
* ``updates``: an :class:`Updates`, in a handler of ``test/discover`` or ``test/run``;
* ``cancelled``: a :class:`threading.Event` that is set when the client no longer wants the answer. A handler that
  gives up cleans up and raises :class:`workflow_server.errors.Cancelled`. An ``async`` handler is cancelled as a task.
"""

from __future__ import annotations

from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event
    from typing import Any, NamedTuple

    from workflow_server.values import TestUpdate
else:
    from workflow_server.namedtuple import NamedTuple

# Of inspect, which would cost as much as all else that a server imports.
_COROUTINE = 0x80
_VARARGS = 0x04


class Handler(NamedTuple):
    """A function that answers a method, and the arguments it takes."""

    function: Callable[..., Any]
    takes_params: bool
    wants_progress: bool
    wants_cancelled: bool
    is_async: bool
    wants_updates: bool = False

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Handler:
        """Read the signature of ``function``.

        Raises:
            TypeError: it has an unknown parameter.
        """
        names, is_async = _signature(function)
        known = {"progress", "cancelled", "updates"}
        params = [name for name in names if name not in known]
        if len(params) > 1:
            label = getattr(function, "__qualname__", repr(function))
            raise TypeError(
                f"{label} takes {', '.join(params)} but only params, progress, cancelled and updates are passed"
            )
        return cls(
            function,
            bool(params),
            "progress" in names,
            "cancelled" in names,
            is_async,
            "updates" in names,
        )

    def call(
        self,
        params: object,
        progress: Progress,
        cancelled: Event,
        updates: Updates,
    ) -> Any:  # noqa: ANN401
        """Return the function's result, a coroutine if it is ``async``."""
        arguments: dict[str, object] = {}
        if self.wants_progress:
            arguments["progress"] = progress
        if self.wants_cancelled:
            arguments["cancelled"] = cancelled
        if self.wants_updates:
            arguments["updates"] = updates
        return (
            self.function(params, **arguments) if self.takes_params else self.function(**arguments)
        )


class Updates:
    """Sends the client updates about tests while the request runs."""

    def __init__(self, send: Callable[[tuple[TestUpdate, ...]], object] | None) -> None:
        self._send = send
        self._lock = allocate_lock()

    def __call__(self, *updates: TestUpdate) -> None:
        """Report one test, or several at once, which is cheaper. Any thread may call it."""
        with self._lock:
            if self._send is not None and updates:
                self._send(updates)

    def end(self) -> None:
        """Drop all further updates."""
        with self._lock:
            self._send = None


class Progress:
    """Reports a request's progress, if the client requested that."""

    def __init__(self, send: Callable[[dict[str, object]], None] | None) -> None:
        #: Takes the ``value`` of a ``$/progress`` notification.
        self._send = send
        self._begun = False
        self._lock = allocate_lock()

    def __call__(self, message: str, percentage: int | None = None) -> None:
        """Report the current step, and the percentage of the whole. Any thread may call it."""
        with self._lock:
            if self._send is None:
                return
            value: dict[str, object] = {"kind": "report", "message": message}
            if not self._begun:
                self._begun = True
                value = {"kind": "begin", "title": message}
            if percentage is not None:
                value["percentage"] = min(100, max(0, int(percentage)))
            self._send(value)

    def end(self) -> None:
        """Report the end after a beginning, and drop all further reports."""
        with self._lock:
            send, self._send = self._send, None
            if send is not None and self._begun:
                send({"kind": "end"})


def _signature(function: Callable[..., Any]) -> tuple[list[str], bool]:
    """Return the names of the parameters to pass, and whether the function is a coroutine."""
    bound = getattr(function, "__func__", None)
    code = getattr(bound or function, "__code__", None)
    if code is None or code.co_flags & _VARARGS or hasattr(function, "__wrapped__"):
        return _slow_signature(function)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return list(names[1:] if bound is not None else names), bool(code.co_flags & _COROUTINE)


def _slow_signature(function: Callable[..., Any]) -> tuple[list[str], bool]:
    """Read the signature of partials, callable objects and decorated functions."""
    import inspect

    names = [
        name
        for name, one in inspect.signature(function).parameters.items()
        if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    called = getattr(function, "__call__", function)  # noqa: B004
    is_async = inspect.iscoroutinefunction(inspect.unwrap(function))
    return names, is_async or inspect.iscoroutinefunction(called)
