"""The streams of a process that serves a client on standard input and output."""

from __future__ import annotations

import os
import sys


def own_streams() -> tuple[int, int]:
    """Return standard input and output for the session; handlers and their children get empty input, and the log as output."""
    source, sink = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(sink, os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink
