"""Write to the standard streams: completely, as bytes, and without control characters for a terminal."""

from __future__ import annotations

import os

OUT, ERR = 1, 2
#: `errno.EINVAL`, without the module.
_EINVAL = 22


class Verbatim(str):
    """Text for a program, which is written unchanged: a single path, a document, a script."""

    __slots__ = ()


def lines_of(text: str | tuple[str, ...]) -> str:
    """Return ``text``, one line or a tuple of them, with each escaped to be on its own line: see :func:`cell`."""
    if isinstance(text, Verbatim):
        return text
    return cell(text) if isinstance(text, str) else "\n".join(map(cell, text))


def write(descriptor: int, text: str) -> None:
    """Write ``text`` and the end of a line.

    Raises:
        OSError: ``descriptor`` cannot be written to.
    """
    if not text.isprintable() and os.isatty(descriptor):
        text = visible(text)
    put(descriptor, text + "\n")


def tell(text: str) -> None:
    """Write ``text`` to standard error, if it is still open."""
    try:
        write(ERR, text)
    except OSError:
        return


def put(descriptor: int, text: str) -> None:
    """Write ``text`` unchanged.

    Raises:
        OSError: ``descriptor`` cannot be written to; a :class:`BrokenPipeError` where nobody reads it any more.
    """
    # File names are bytes: one that is not UTF-8 goes out as it came in, where a text stream would fail.
    data = _bytes(text)
    if os.name == "nt" and os.isatty(descriptor):
        # A console takes bytes for text in its code page. Python's own way to it takes UTF-8.
        with open(descriptor, "wb", buffering=0, closefd=False) as console:
            while data:
                data = data[console.write(data) :]
    while data:
        data = data[_write(descriptor, data) :]


def visible(text: str) -> str:
    """Return ``text`` with every character that could control a terminal escaped: names come from untrusted folders."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else _spelled(letter) for letter in text
    )


def cell(text: str) -> str:
    """Return ``text`` for one line: line breaks, control characters and bidirectional characters are escaped.

    So no name can forge a row, or look like another name. Bytes of a file's name that are not UTF-8 are kept.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or _is_byte(letter) else _spelled(letter) for letter in text
    )


def _write(descriptor: int, data: bytes) -> int:
    try:
        return os.write(descriptor, data)
    except OSError as error:
        # Windows reports so that nobody reads a pipe.
        if os.name == "nt" and error.errno == _EINVAL:
            raise BrokenPipeError from None
        raise


def _spelled(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def _is_byte(letter: str) -> bool:
    """Return whether this half of a surrogate pair stands for a byte of a file's name."""
    return "\udc80" <= letter <= "\udcff"


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a surrogate pair that stands for no byte
        plain = (
            _spelled(one) if "\ud800" <= one <= "\udfff" and not _is_byte(one) else one
            for one in text
        )
        return "".join(plain).encode("utf-8", "surrogateescape")
