"""Make a server's text printable: escape invisible characters, and cut long text.

This is done where the text is received, so that a name cannot forge a row, a message cannot control a terminal, and all
of it is UTF-8. Text that is sent back, such as ids and task names, is not changed.
"""

from __future__ import annotations

#: Characters of a message that are kept: what a person reads, not what a server can flood with.
MAX_TEXT = 2000


def printable(text: str, most: int = MAX_TEXT) -> str:
    r"""Return ``text`` on one line of at most ``most`` characters: a line break is ``\n``, half of a surrogate pair ``\ud800``."""
    return _cut(_spelled(text[:most], ""), len(text), most)


def printable_lines(text: str, most: int = MAX_TEXT) -> str:
    """Return the text, escaped, with its line breaks; of a long text only the end."""
    spelled = _spelled(text[-most:].replace("\r\n", "\n"), "\n\t")
    return "…" * (len(text) > most or len(spelled) > most) + spelled[-most:]


def _spelled(text: str, allowed: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or letter in allowed
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def _cut(spelled: str, whole: int, most: int) -> str:
    return spelled if whole <= most and len(spelled) <= most else spelled[: most - 1] + "…"
