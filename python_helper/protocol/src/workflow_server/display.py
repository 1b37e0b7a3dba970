"""Text of a server made fit to show: characters that are not visible are spelled out, long text is cut.

Decided once, where the text comes in, so that nobody behind has to ask whose it is: a name can forge no row of a list, a
message can drive no terminal, and all of it is UTF-8. What goes back to the server, an id or a task's name, stays as it was.
"""

from __future__ import annotations

#: Characters of a message that are kept: what a person reads, not what a server can flood with.
MAX_TEXT = 2000


def printable(text: str, most: int = MAX_TEXT) -> str:
    r"""Return ``text`` on one line of at most ``most`` characters: a line break is ``\n``, half of a surrogate pair ``\ud800``."""
    return _cut(_spelled(text[:most], ""), len(text), most)


def printable_lines(text: str, most: int = MAX_TEXT) -> str:
    """Return the text with its lines, spelled out; of a long text the end, which tells most."""
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
