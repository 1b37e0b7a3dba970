"""Show progress on standard error: one updated line on a terminal, and plain sentences elsewhere."""

from __future__ import annotations

import os
from _thread import allocate_lock

from workflow_server.masking import masked

from workflow_helper.terminal.output import ERR, put, tell, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Columns of a bar, without its ends.
_BAR = 20
#: Columns of a terminal that does not tell how many it has.
_COLUMNS = 80
#: Goes to the beginning of the line, and clears it.
_CLEAR = "\r\x1b[K"


class ProgressLine:
    """Shows sentences about the current step; any thread may call it.

    Clearing removes the line. It uses no color. If standard error is not a terminal, or cannot update a line
    (``TERM=dumb``), each sentence is a permanent line.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._lock = allocate_lock()
        self._shown = False
        self._renews: bool | None = None
        self._dumb = environ.get("TERM", "dumb") == "dumb"

    def __call__(self, message: str) -> None:
        """Show the current step."""
        if self._is_renewed():
            self._show(masked(message))
        else:
            tell(masked(message))

    def advance(self, message: str, percentage: int) -> None:
        """Show the current step, and on a terminal also the percentage of the whole."""
        if self._is_renewed():
            done = min(100, max(0, percentage))
            full = "#" * (done * _BAR // 100)
            self._show(masked(message), f"[{full:{_BAR}}] {done:3} % ")

    def clear(self) -> None:
        """Remove the line, so that other output can begin there."""
        with self._lock:
            if self._shown:
                self._shown = False
                _put(_CLEAR)

    def _is_renewed(self) -> bool:
        if self._renews is None:
            self._renews = not self._dumb and _is_terminal()
        return self._renews

    def _show(self, message: str, bar: str = "") -> None:
        # The last column stays free: some terminals go on to the next line when it is written to.
        room = _columns() - 1
        bar = bar if len(bar) < room // 2 else ""
        with self._lock:
            self._shown = True
            _put(_CLEAR + bar + fitting(message, room - len(bar)))


def fitting(message: str, columns: int) -> str:
    """Return ``message``, cut to one line of ``columns``, without control characters."""
    text = visible(" ".join(message.split()))
    widths = [_width(letter) for letter in text]
    if sum(widths) <= columns:
        return text
    letters, used = [], 3
    for letter, width in zip(text, widths, strict=True):
        used += width
        if used > columns:
            break
        letters.append(letter)
    return "".join(letters) + "..."[: max(0, columns)]


def _width(letter: str) -> int:
    if letter.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _columns() -> int:
    try:
        return os.get_terminal_size(ERR).columns or _COLUMNS
    except OSError:
        return _COLUMNS


def _is_terminal() -> bool:
    try:
        return os.isatty(ERR)
    except OSError:
        return False


def _put(text: str) -> None:
    try:
        put(ERR, text)
    except OSError:
        return  # standard error is gone
