"""Add a time limit to work that is stopped by an event."""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

#: Seconds between two checks for cancellation.
_TICK = 0.05


class Stopwatch:
    """An event that is set when the time is up or another event is set, whichever comes first."""

    def __init__(self, seconds: float | None, cancelled: threading.Event | None) -> None:
        #: Set when the work is to stop.
        self.event = threading.Event()
        #: The message about what stopped it; ``""`` if it was not the time limit.
        self.reason = ""
        self._seconds = seconds
        self._cancelled = cancelled
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        left = self._seconds
        while not self._over.wait(_TICK if left is None else min(_TICK, left)):
            if self._cancelled is not None and self._cancelled.is_set():
                break
            if left is not None:
                left -= _TICK
                if left <= 0:
                    self.reason = f"stopped after {self._seconds:g} s"
                    break
        else:
            return
        self.event.set()
