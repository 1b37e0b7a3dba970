"""Prompt a person, if there is one."""

from __future__ import annotations

import sys

from workflow_server.masking import masked

from workflow_helper.terminal.output import ERR, cell, put, visible


def is_interactive() -> bool:
    """Return whether a person can be prompted."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def agrees_at_terminal(question: str) -> bool | None:
    """Prompt at the terminal of this process, even if its streams are redirected; return ``None`` without a terminal."""
    if not sys.stderr.isatty():
        return None
    try:
        with open(
            "CONIN$" if sys.platform == "win32" else "/dev/tty", "rb", buffering=0
        ) as terminal:
            put(ERR, visible(masked(question)))
            answer = terminal.readline(64).decode("utf-8", "replace")
    except OSError:
        return None
    return _is_yes(answer)


def says_yes(question: str) -> bool:
    """Prompt on the terminal, on one line; any answer but yes is a no."""
    put(ERR, cell(masked(question)))
    return _is_yes(sys.stdin.readline())


def _is_yes(answer: str) -> bool:
    """Return whether an answer means yes."""
    return answer.strip().lower() in ("y", "yes")


def piped(limit: int) -> bytes:
    """Return all of standard input, or its first ``limit`` bytes."""
    return b"" if sys.stdin is None else sys.stdin.buffer.read(limit)
