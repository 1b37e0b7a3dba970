"""Import what the language server stands on, without the parts that it does not use."""

from __future__ import annotations

import sys


def import_asyncio() -> None:
    """Import :mod:`asyncio`, which pygls needs, without OpenSSL.

    asyncio imports :mod:`ssl` where there is one and does without where there is none. The server speaks over pipes
    alone, so it saves 4 MB of memory. Whoever imports :mod:`ssl` later gets it.
    """
    if "ssl" in sys.modules or "asyncio" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # how Python is told that there is no such module
    try:
        import asyncio  # noqa: F401 - to have it imported
    finally:
        del sys.modules["ssl"]
