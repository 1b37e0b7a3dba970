"""Asking a person something, where there is one."""

from __future__ import annotations

import sys

from python_workflow.console.output import ERR, put, visible


def is_interactive() -> bool:
    """Whether there is somebody who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def says_yes(question: str) -> bool:
    """Ask on the terminal; anything but a yes is a no."""
    put(ERR, visible(question))
    return sys.stdin.readline().strip().lower() in ("y", "yes")
