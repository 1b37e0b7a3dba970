"""Import the libraries of the language server, without the parts that it does not use."""

from __future__ import annotations

import sys


def import_asyncio() -> None:
    """Import :mod:`asyncio`, which pygls needs, without OpenSSL.

    asyncio imports :mod:`ssl` if it is available, and works without it. The server uses only pipes, so this saves 4 MB
    of memory. Later imports of :mod:`ssl` work.
    """
    if "ssl" in sys.modules or "asyncio" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # how Python is told that there is no such module
    try:
        import asyncio  # noqa: F401 - to have it imported
    finally:
        del sys.modules["ssl"]
