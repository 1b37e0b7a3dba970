"""Share the latest answer of a tool between queries within moments: starting a tool takes longer than its answer."""

from __future__ import annotations

import os
import threading
import time

from workflow_helper.filesystem.reader import TICK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import TypeAlias

    from workflow_helper.system.process import Finished

    #: What a change of a file would show in; ``None`` where nothing is.
    _Stamp: TypeAlias = tuple[int, int, int, int, int] | None

#: How long an answer is used, in seconds: it may depend on a file that only the tool knows, such as a plug-in's.
_MAX_AGE = 10.0
_MOST_ANSWERS = 64

_lock = threading.Lock()
_answers: dict[Hashable, tuple[float, tuple[_Stamp, ...], Finished]] = {}


def shared(question: Hashable, files: Iterable[str], ask: Callable[[], Finished]) -> Finished:
    """Return the result of ``ask``, or that of the same ``question`` moments ago, unless one of ``files`` has changed.

    ``files`` are the absolute paths that the result depends on, whether or not they exist.
    """
    stamps = tuple(map(_stamp, files))
    with _lock:
        cached = _answers.get(question)
    if cached is not None and cached[1] == stamps and time.monotonic() < cached[0] + _MAX_AGE:
        return cached[2]
    start = time.monotonic()
    started = time.time_ns()
    answer = ask()
    # Of two changes within a tick the second does not show.
    if all(stamp is None or max(stamp[3:]) + TICK < started for stamp in stamps):
        with _lock:
            _answers.pop(question, None)
            _answers[question] = start, stamps, answer
            while len(_answers) > _MOST_ANSWERS:
                del _answers[next(iter(_answers))]
    return answer


def _stamp(path: str) -> _Stamp:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
