"""End in order when ended from outside: what this process started is ended before it goes."""

from __future__ import annotations

import contextlib
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from types import FrameType
    from typing import NoReturn


#: Seconds after which a second Ctrl-C is one more, and not the echo of the first.
INSISTED = 2.0


def end_in_order() -> None:
    """Make TERM, the HUP of a terminal that is closed, and Windows' Ctrl-Break raise :class:`SystemExit` in the main thread.

    By default they end a process at once, and its children, which have groups of their own, go on without it. A signal
    that is ignored (``nohup``) or handled stays so. Only the first counts: a second one would interrupt the tidying up,
    all of which is bounded.
    """
    with contextlib.suppress(ValueError):  # another thread than the main one has no say
        for number in _signals():
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _raise)


@contextlib.contextmanager
def cancelling() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C sets for as long as the block lasts, so that what is being done is stopped and undone in order.

    One that comes :data:`INSISTED` seconds later interrupts whatever is done then. One that comes sooner does not: many a
    program that starts others passes on what they heard from the terminal themselves.
    """
    import threading

    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    first = float("inf")

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal first
        if not stop.is_set():
            first = time.monotonic()
            stop.set()
        elif time.monotonic() - first > INSISTED:
            signal.default_int_handler(number, frame)

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else it is ignored, or somebody else's affair
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold back what would interrupt or end this process until the block is done: a child half started has no owner."""
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    # Handlers, not a mask: the child would inherit the mask.
    handlers = ((number, signal.getsignal(number)) for number in (signal.SIGINT, *_signals()))
    previous = {number: act for number, act in handlers if callable(act)}
    for number in previous:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, act in previous.items():
            signal.signal(number, act)
        for first in came[:1]:
            previous[signal.Signals(first)](first, None)


def _signals() -> tuple[signal.Signals, ...]:
    # Windows knows no HUP, and ends a process without asking it for TERM. Whoever does ask there sends Ctrl-Break.
    names = ("SIGTERM", "SIGHUP", "SIGBREAK")
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for other in _signals():
        if signal.getsignal(other) is _raise:
            signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)
