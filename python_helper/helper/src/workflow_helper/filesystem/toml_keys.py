"""Limit the cost of parsing a TOML file's keys, so that a small file of an untrusted folder cannot be expensive to parse.

``tomllib`` copies a dotted key for each of its parts, and stores every prefix of it with the name of its table: a file
of 100 kB can take a minute, or 40 GB.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many parts of keys may be copied or kept for one file: half a second of work, 16 MB.
LIMIT = 2_000_000

#: What begins a string or a comment, and what ends each; a backslash escapes the character after it.
_BEGINS = r"\"\"\"|'''|[\"'#]"
_ENDS = {
    '"""': r'\\.|"{3,5}',
    "'''": r"'{3,5}",
    '"': r'\\.|["\n]',
    "'": r"['\n]",
    "#": r"\n",
}


def line_over_limit(text: str) -> int | None:
    """Return the line, counted from 1, at which the cost of the keys of ``text`` exceeds :data:`LIMIT`; ``None`` if it never does."""
    dots = text.count(".")
    if dots * (dots + text.count("\n")) <= LIMIT:
        return None  # wherever the dots are
    import re

    total = table = 0
    for number, line in enumerate(_without_strings(text).split("\n"), 1):
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


def _without_strings(text: str) -> str:
    """Return ``text`` without the contents of its strings and comments; its lines are kept."""
    return "".join(_code_pieces(text))


def _code_pieces(text: str) -> Iterator[str]:
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
        # A line break that ends it is not part of it.
        at = end.start() if end[0] == "\n" else end.end()
        yield "\n" * text.count("\n", begin.start(), at)
    yield text[at:]
