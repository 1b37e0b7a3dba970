"""Call a function after a delay, once for all requests within the delay."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Later:
    """Calls ``act`` in its own thread, ``delay`` seconds after the first request.

    All requests within that time lead to one call; a request while ``act`` runs leads to another one.
    """

    def __init__(self, delay: float, act: Callable[[], None]) -> None:
        self._delay = delay
        self._act = act
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._running: threading.Thread | None = None
        self._closed = False

    def soon(self) -> None:
        """Request a call of ``act``; never waits."""
        with self._lock:
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(self._delay, self._fire)
                self._timer.name = "later"
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Drop pending requests, and wait for a running call."""
        with self._lock:
            self._closed = True
            waiting, running = self._timer, self._running
        for thread in (waiting, running):
            if isinstance(thread, threading.Timer):
                thread.cancel()
            if thread is not None and thread is not threading.current_thread():
                thread.join()

    def _fire(self) -> None:
        with self._lock:
            if self._closed:
                return
            before, self._running = self._running, threading.current_thread()
            self._timer = None
        if before is not None:  # one call at a time
            before.join()
        self._act()
