"""The reports and the cancellation of work that takes time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple


class Work(NamedTuple):
    """The progress of work that takes time, and its cancellation."""

    #: Takes a sentence for a person.
    report: Callable[[str], None] = lambda _: None
    cancelled: threading.Event | None = None
    #: Folders from which no program is taken.
    outside: tuple[str, ...] = ()
    #: Takes the same with how much of the whole is done, in percent, where that is known; else ``report`` takes it.
    advance: Callable[[str, int], None] | None = None
