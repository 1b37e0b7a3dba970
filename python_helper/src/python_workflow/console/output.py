"""Writing to the streams: whole, in bytes, and nothing to a terminal that could drive it."""

from __future__ import annotations

import os

OUT, ERR = 1, 2


def write(descriptor: int, text: str) -> None:
    """Write ``text`` and the end of a line. Raises :class:`OSError`."""
    if not text.isprintable() and os.isatty(descriptor):
        text = visible(text)
    put(descriptor, text + "\n")


def tell(text: str) -> None:
    """Write ``text`` to standard error, if there is anybody left to read it."""
    try:
        write(ERR, text)
    except OSError:
        return


def put(descriptor: int, text: str) -> None:
    """Write ``text`` as it is. Raises :class:`OSError`."""
    # File names are bytes: one that is not UTF-8 goes out as it came in, where a text stream would fail.
    data = text.encode("utf-8", "surrogateescape")
    while data:
        data = data[os.write(descriptor, data) :]


def visible(text: str) -> str:
    """``text`` with every character that could drive a terminal spelled out: names come from folders of anybody's."""
    return "".join(
        letter
        if letter.isprintable() or letter in "\n\t"
        else letter.encode("unicode_escape").decode()
        for letter in text
    )
