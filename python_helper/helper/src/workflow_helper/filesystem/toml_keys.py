"""The cost of parsing a TOML file's keys, so that no small file of a folder that nobody vouches for costs much.

``tomllib`` makes a dotted key longer part by part, each time copying it, and keeps every beginning of it together with
the name of its table: 100 kB can ask for a minute, or for 40 GB.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Parts of keys that may be copied or kept for one file: half a second's work, 16 MB.
LIMIT = 2_000_000

#: Where a string or a comment begins, and where each ends; a backslash takes what follows it along.
_BEGINS = r"\"\"\"|'''|[\"'#]"
_ENDS = {
    '"""': r'\\.|"{3,5}',
    "'''": r"'{3,5}",
    '"': r'\\.|["\n]',
    "'": r"['\n]",
    "#": r"\n",
}


def endless_key(text: str) -> int | None:
    """Return the line, counted from 1, at which the keys of ``text`` exceed :data:`LIMIT`; ``None`` where none does."""
    dots = text.count(".")
    if dots * (dots + text.count("\n")) <= LIMIT:
        return None  # whatever they stand for
    import re

    total = table = 0
    for number, line in enumerate(_bare(text).split("\n"), 1):
        parts = [found.count(".") + 1 for found in re.split(r"[][{},=]", line) if "." in found]
        longest = max(parts, default=1)
        if line.lstrip(" \t").startswith("["):
            # The longest so far: what looks like a table's name may be a line of an array.
            table = max(table, longest)
        elif "=" in line:
            total += table * longest
        total += sum(count * count for count in parts)
        if total > LIMIT:
            return number
    return None


def _bare(text: str) -> str:
    """Return ``text`` without what its strings and comments hold, its lines kept."""
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    import re

    begins = re.compile(_BEGINS)
    ends = {begin: re.compile(end, re.DOTALL) for begin, end in _ENDS.items()}
    at = 0
    while (begin := begins.search(text, at)) is not None:
        yield text[at : begin.start()]
        end = ends[begin[0]].search(text, begin.end())
        while end is not None and end[0].startswith("\\"):
            end = ends[begin[0]].search(text, end.end())
        if end is None:
            return
        # A line's end that ends it is no part of it.
        at = end.start() if end[0] == "\n" else end.end()
        yield "\n" * text.count("\n", begin.start(), at)
    yield text[at:]
