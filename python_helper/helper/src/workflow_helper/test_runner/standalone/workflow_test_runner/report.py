"""The pipe to the process that started a run, and the conversion of results into a report.

Each line of the report is a JSON object with a member ``event``:

``started``: ``framework``, ``version``, ``python``, ``root`` (the folder that ids are relative to).
``collected``: ``tests``, each with ``id``, ``file``, ``line``. There may be several.
``unusable``: a file that could not be collected: ``id``, ``file``, ``line``, ``message``, ``detail``.
``running``: ``id``.
``result``: ``id``, ``state`` (passed, failed, skipped, error), ``duration``, ``message``, ``detail``, ``file``, ``line``,
``output``; ``subtest`` where it is of one.
``finished``: ``status``, as pytest's exit status.

Files are absolute, lines count from 1, durations are in seconds; unknown values are left out, or ``null`` in the list
of tests.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Characters of a test's output, and of a traceback, that are reported: the last ones.
LIMIT = 65536
#: Tests that are reported in one line.
BATCH = 500
#: Where a text names a line of a file: a traceback of Python's, or one of pytest's.
_PLACE = re.compile(
    r'File "(?P<file>[^"\n]+)", line (?P<line>\d+)|^(?P<short>[^\s:][^\n:]*):(?P<at>\d+): ',
    re.MULTILINE,
)


_encoded = json.JSONEncoder().encode


class ReportPipe:
    """The pipe to the process that started this one."""

    def __init__(self, report: str) -> None:
        # Nothing that a test starts is to hold the pipe open: what Python opens is not inherited.
        self._descriptor = _inherited(int(report)) if report.isdigit() else _opened(report)
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._lines: list[str] = []

    def send(self, event: str, **members: object) -> None:
        """Report one step. A forked copy of this process reports nothing."""
        self.hold(event, **members)
        self.flush()

    def hold(self, event: str, **members: object) -> None:
        """Report one step together with the next one, which must follow at once: each write costs two process switches."""
        if self._is_copy():
            return
        known = {name: one for name, one in members.items() if one is not None}
        line = _encoded({"event": event, **known})
        with self._lock:
            self._lines.append(line)

    def flush(self) -> None:
        """Write the steps that were held."""
        if self._is_copy():
            return
        with self._lock:
            data = "\n".join([*self._lines, ""]).encode("ascii")
            self._lines.clear()
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:  # its reader has gone, or a test closed it
                return

    def _is_copy(self) -> bool:
        # In what a test forked, another thread's lock would never be released.
        return os.getpid() != self._owner


def _inherited(number: int) -> int:
    if sys.platform == "win32":
        import msvcrt

        number = msvcrt.open_osfhandle(number, os.O_WRONLY)
    os.set_inheritable(number, False)  # noqa: FBT003 - it takes no name
    return number


def _opened(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))


def version_of(count: int) -> str:
    """Return the first ``count`` numbers of the version of this Python."""
    return ".".join(str(number) for number in sys.version_info[:count])


def ending(text: str | None) -> str | None:
    """Return the end of ``text``, with a note if it was cut."""
    if not text or len(text) <= LIMIT:
        return text or None
    return f"[{len(text) - LIMIT} characters before this are left out]\n{text[-LIMIT:]}"


def named(title: str, values: Mapping[str, object]) -> str:
    """Return the name of a subtest."""
    arguments = ", ".join(f"{name}={value}" for name, value in values.items())
    return " ".join(filter(None, (str(title), arguments))) or "subtest"


def place_in(text: str, preferred: str | None) -> tuple[str | None, int | None]:
    """Return the last line of ``preferred`` that ``text``, a traceback, names; else the last of any file."""
    found = [
        (os.path.abspath(one["file"] or one["short"]), int(one["line"] or one["at"]))
        for one in _PLACE.finditer(text)
    ]
    own = [one for one in found if one[0] == preferred]
    if own:
        return own[-1]
    return (preferred, None) if preferred or not found else found[-1]


def place_of(error: BaseException, preferred: str | None) -> tuple[str | None, int | None]:
    """Return where ``error`` was raised: the last line of ``preferred``, or the line that does not parse."""
    if isinstance(error, SyntaxError) and error.filename:
        return os.path.abspath(error.filename), error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if os.path.abspath(one.filename) == preferred]
    if own:
        return preferred, own[-1].lineno
    return preferred, None


def message_of(error: BaseException) -> str:
    """Return the last line of Python's message for ``error``."""
    return traceback.format_exception_only(type(error), error)[-1].strip()


def last_line(text: str) -> str:
    """Return the line of ``text``, a traceback, with the error's message."""
    lines = [line for line in text.splitlines() if line.strip()]
    # pytest marks what was raised by an E in front.
    marked = [line for line in lines if line.startswith("E ")]
    return (marked or lines or [""])[-1].lstrip("E ").strip()
