"""Find all descendants of a process by a mark, even those that started their own session (Linux).

The mark is in two places, since each can be lost: in the environment variables, which ``env -i`` clears, and in the
limit of file locks, which has room for one mark only, that of the innermost server. Linux passes that limit on to
children, and has not used it since 2.4.25.
Sources: getrlimit(2), proc(5).
"""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The variable that holds the marks of all whose descendant a process is, the outermost first.
VARIABLE = "PYTHON_WORKFLOW_STARTED_BY"
_PROC = "/proc"
#: The limit's number, which the module ``resource`` does not name, and how the file of a process's limits does.
_LOCKS, _LOCKS_NAME = 10, b"Max file locks"
_STARTING = _thread.allocate_lock()  # threading itself costs too much
#: Seconds for which what was ended is waited for.
_GRACE = 2.0


def marked(environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return a new mark, and ``environ`` with it."""
    mark = os.urandom(12).hex()
    return mark, {**environ, VARIABLE: f"{environ.get(VARIABLE, '')}{mark}."}


@contextlib.contextmanager
def starting(mark: str | None) -> Iterator[None]:
    """Give the process that is started in the block ``mark`` in its limit from its start; ``None``: no mark.

    Every start happens in such a block, one at a time, because a process inherits the current limit of this one.
    """
    with _STARTING:
        before = None if mark is None else _limit(_number(mark))
        try:
            yield
        finally:
            if before is not None:
                _limit(before)


def _limit(soft: int) -> int | None:
    """Set the limit of this process, and return the previous one; ``None`` if there is none, or it may not be set."""
    if sys.platform == "linux":
        import resource

        # If the limit was lowered, only the variables are left.
        with contextlib.suppress(OSError, ValueError):
            before, hard = resource.getrlimit(_LOCKS)
            resource.setrlimit(_LOCKS, (soft, hard))
            return before
    return None


def _number(mark: str) -> int:
    return int(mark[:15], 16)


def end_marked(mark: str) -> None:
    """End every process with ``mark``, repeatedly, because a process may fork meanwhile."""
    until = time.monotonic() + _GRACE
    while found := list(_bearing(mark)):
        for number in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        if time.monotonic() >= until:
            return
        time.sleep(0.002)


def _bearing(mark: str) -> Iterator[int]:
    variable, limit = mark.encode(), str(_number(mark)).encode()
    try:
        entries = os.listdir(_PROC)
    except OSError:  # no such folder but on Linux
        return
    for entry in entries:
        if entry.isdigit() and int(entry) != os.getpid():
            # Processes of other users, and ended ones, cannot be read.
            with contextlib.suppress(OSError):
                if variable in _read(entry, "environ") or any(
                    line.startswith(_LOCKS_NAME) and limit in line.split()
                    for line in _read(entry, "limits").splitlines()
                ):
                    yield int(entry)


def _read(number: str, name: str) -> bytes:
    with open(f"{_PROC}/{number}/{name}", "rb") as file:
        return file.read()
