"""Where a path leads once its symbolic links are followed."""

from __future__ import annotations

import os


def real_path(path: str) -> str:
    """``path`` with its links followed, for any text and any chain of links: what leads nowhere is given as it is spelled.

    ``os.path.realpath`` itself raises on a NUL and, before Python 3.13, on a chain of some hundred links, which it
    follows by calling itself. The system gives up at forty, so nothing is lost by giving up as well.
    """
    try:
        return os.path.realpath(path)
    except (RecursionError, ValueError):
        return os.path.abspath(path)
