"""Shut down cleanly on signals: end the child processes before this process ends."""

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


#: Within these seconds, a second Ctrl-C is taken for an echo of the first.
ECHO_SECONDS = 2.0


def end_in_order() -> None:
    """Make TERM, the HUP of a terminal that is closed, and Windows' Ctrl-Break raise :class:`SystemExit` in the main thread.

    By default they end a process at once, while its children, in their own groups, keep running. A signal that is
    already ignored (``nohup``) or handled is not changed. Only the first signal counts: a second one would interrupt
    the cleanup, which is limited in time.
    """
    with contextlib.suppress(ValueError):  # another thread than the main one has no say
        for number in _signals():
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _raise)


@contextlib.contextmanager
def cancelling() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C sets during the block, so that running work can be stopped and undone cleanly.

    A second Ctrl-C interrupts at once, but only :data:`ECHO_SECONDS` seconds after the first: a parent process may pass on
    the signal that the terminal has already sent.
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
        elif time.monotonic() - first > ECHO_SECONDS:
            signal.default_int_handler(number, frame)

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else it is ignored, or handled elsewhere
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Delay signals that interrupt or end this process until the end of the block, so that no half-started child is left."""
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
    # Windows knows no HUP, and ends a process without asking it for TERM. Processes there that ask send Ctrl-Break.
    names = ("SIGTERM", "SIGHUP", "SIGBREAK")
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for other in _signals():
        if signal.getsignal(other) is _raise:
            signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)
