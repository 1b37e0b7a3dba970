from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys
from workflow_helper.lsp.slim_imports import import_asyncio
import_asyncio()
import asyncio.sslproto
assert "ssl" not in sys.modules
import ssl
print(ssl.SSLContext.__name__)
"""


def test_asyncio_is_imported_without_openssl_and_others_still_get_it() -> None:
    """The server's asyncio takes no OpenSSL into memory, and a later import of ssl finds it."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROBE], capture_output=True, text=True, check=True
    )
    assert done.stdout == "SSLContext\n"
