"""Decode the output of a tool."""

from __future__ import annotations

import sys

#: On Windows: how a program writes to a pipe that was not told to write UTF-8, as no Python before 3.15 is.
_CODE_PAGE = "mbcs" if sys.platform == "win32" else None


def decode_output(data: bytes, *, code_page: str | None = _CODE_PAGE) -> str:
    """Return ``data`` as text: each line in UTF-8, else in the code page; undecodable bytes are replaced.

    Lines are decoded separately, because processes with different encodings may write to the same pipe.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(_line(line, code_page) for line in data.splitlines(keepends=True))


def _line(line: bytes, code_page: str | None) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode(code_page or "utf-8", "replace")
