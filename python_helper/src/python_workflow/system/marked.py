"""All that a process started, also what left its group for a session of its own: found by a mark in its variables (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The variable that holds the marks of all whose descendant a process is, the outermost first.
VARIABLE = "PYTHON_WORKFLOW_STARTED_BY"
_PROC = "/proc"
#: Seconds for which what was ended is waited for.
_GRACE = 2.0


def marked(environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A new mark, and ``environ`` with it."""
    mark = os.urandom(12).hex()
    return mark, {**environ, VARIABLE: f"{environ.get(VARIABLE, '')}{mark}."}


def end_marked(mark: str) -> None:
    """End every process that bears ``mark``, as long as there are any: one that forks meanwhile has left another."""
    until = time.monotonic() + _GRACE
    while found := list(_bearing(mark.encode())):
        for number in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        if time.monotonic() >= until:
            return
        time.sleep(0.002)


def _bearing(mark: bytes) -> Iterator[int]:
    try:
        entries = os.listdir(_PROC)
    except OSError:  # no such folder but on Linux
        return
    for entry in entries:
        if entry.isdigit() and int(entry) != os.getpid():
            # Nothing is told of another user's processes, nor of one that is over.
            with contextlib.suppress(OSError), open(f"{_PROC}/{entry}/environ", "rb") as file:
                if mark in file.read():
                    yield int(entry)
