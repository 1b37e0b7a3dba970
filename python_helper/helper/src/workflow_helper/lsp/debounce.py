"""Do something a little later, once for all who asked for it meanwhile."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Later:
    """Calls ``act`` in a thread of its own, ``delay`` seconds after the first of the requests that it answers.

    Any number of requests within that time are one; what is requested while ``act`` runs is done once more.
    """

    def __init__(self, delay: float, act: Callable[[], None]) -> None:
        self._delay = delay
        self._act = act
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._running: threading.Thread | None = None
        self._closed = False

    def soon(self) -> None:
        """Call ``act`` after this; never waits."""
        with self._lock:
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(self._delay, self._fire)
                self._timer.name = "later"
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Drop what was requested, and wait for a call that is under way."""
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
