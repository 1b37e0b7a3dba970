"""Wait for another process that works on the same tool."""

from __future__ import annotations

from workflow_helper.errors import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow_helper.install.work import Work


def waiting_for(name: str, work: Work) -> Callable[[], None]:
    """Return a function to call while waiting: it reports the wait once, and raises :class:`Cancelled` on request."""
    reported = False

    def waiting() -> None:
        nonlocal reported
        if not reported:
            work.report(f"Waiting for another process that is using {name}")
            reported = True
        if work.cancelled is not None and work.cancelled.is_set():
            raise Cancelled(f"{name} was not changed: cancelled")

    return waiting
