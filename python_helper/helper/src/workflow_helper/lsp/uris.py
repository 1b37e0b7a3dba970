"""Convert ``file:`` URIs to local paths, and back (RFC 8089, and variants that editors use)."""

from __future__ import annotations

import os
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from workflow_helper.errors import UsageError

_WINDOWS = os.name == "nt"


def is_untitled(uri: str) -> bool:
    """Return whether ``uri`` names a document that was never saved, and so has no path."""
    return uri.startswith("untitled:")


def to_path(uri: str, *, windows: bool = _WINDOWS) -> str:
    r"""Return the absolute path that ``uri`` names; undecodable bytes are kept, as by :func:`os.fsdecode`.

    On Windows ``file:///c%3A/x`` is ``C:\x``, and ``file://server/share/x`` is ``\\server\share\x``.

    Raises:
        UsageError: ``uri`` has another scheme, or its path is not absolute, is one of another
            machine, or holds a NUL.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise UsageError(f"{uri!r} is not a URI") from None
    if parts.scheme != "file":
        raise UsageError(
            f"{uri} is not a file or folder of this machine",
            "Only file: URIs have an interpreter.",
        )
    # A path may hold what would begin a query or a fragment, should an editor not have escaped it.
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    raw = unquote_to_bytes(rest + (f"#{parts.fragment}" if parts.fragment else ""))
    if b"\0" in raw:
        raise UsageError(f"{uri} contains a NUL character")
    path = raw.decode("utf-8", "surrogatepass") if windows else os.fsdecode(raw)
    host = "" if parts.netloc.lower() == "localhost" else parts.netloc
    if windows:
        return _windows_path(uri, host, path.replace("/", "\\"))
    if host:
        raise UsageError(f"{uri} is on another machine, {host}")
    if not path.startswith("/"):
        raise UsageError(f"{uri} is not an absolute path")
    return os.path.normpath("/" + path.lstrip("/"))


def _windows_path(uri: str, host: str, path: str) -> str:
    import ntpath

    if host:
        return ntpath.normpath(f"\\\\{host}{path}")
    bare = path.lstrip("\\")
    if len(bare) < 2 or bare[1] != ":" or not bare[0].isalpha():
        raise UsageError(f"{uri} names no drive")
    return ntpath.normpath(bare[0].upper() + ":\\" + bare[2:].lstrip("\\"))


def from_path(path: str, *, windows: bool = _WINDOWS) -> str:
    """Return the ``file:`` URI of the absolute ``path``, as VS Code writes it."""
    if not windows:
        return "file://" + quote_from_bytes(os.fsencode(path))
    spelled = path.replace("\\", "/")
    host = ""
    if spelled.startswith("//"):
        host, _, spelled = spelled[2:].partition("/")
    elif spelled[1:2] == ":":
        spelled = spelled[0].lower() + spelled[1:]
    return f"file://{host}/" + quote_from_bytes(spelled.encode("utf-8", "surrogatepass"))
