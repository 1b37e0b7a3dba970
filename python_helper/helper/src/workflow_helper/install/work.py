"""The progress and the cancellation of long work."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple


class Work(NamedTuple):
    """The progress and the cancellation of long work."""

    #: Takes a sentence for a person.
    report: Callable[[str], None] = lambda _: None
    cancelled: threading.Event | None = None
    #: Folders from which no program is taken.
    outside: tuple[str, ...] = ()
    #: Takes the same with how much of the whole is done, in percent, where that is known; else ``report`` takes it.
    advance: Callable[[str, int], None] | None = None
