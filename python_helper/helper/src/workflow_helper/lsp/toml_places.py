"""Find the places of the keys and values in a TOML text, which may be incomplete and invalid.

The real parser returns no places, and nothing for a file with a mistake. This one continues after a mistake on the next
line, and is used only for places: what to underline, complete and explain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from typing import TypeAlias

    #: The names, and the numbers in arrays, that lead to a value.
    Path: TypeAlias = tuple[str | int, ...]

#: In characters. Places are looked for on each stroke of a key, and no project's file is a tenth as long.
LIMIT = 128 * 1024
#: Of tables and arrays in one another.
_DEEPEST = 32

_BLANKS = re.compile(r"[ \t\r]*")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WORD = re.compile(r"[^\s,\]}#]+")
_LINE_LEFT = re.compile(r"[^\n]*")
#: What ends a string of each kind of quotes; one that is not ended ends with its line.
_ENDS = {
    '"': re.compile(r'(?:[^"\\\n]|\\[^\n])*'),
    "'": re.compile(r"[^'\n]*"),
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*', re.DOTALL),
    "'''": re.compile(r"(?:[^']|'(?!''))*", re.DOTALL),
}
#: A line that is a statement of its own, so that an array before it was left open.
_STATEMENT = re.compile(
    r"(?:^\[\[?[A-Za-z][A-Za-z0-9_.-]*\]\]?[ \t\r]*(?:#.*)?$|"
    r"^[ \t]*[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*[ \t]*=)",
    re.MULTILINE,
)

_HEADER = re.compile(r"^[ \t]*\[\[?[ \t]*[A-Za-z\"'][A-Za-z0-9_.\"' \t-]*", re.MULTILINE)


class Entry(NamedTuple):
    """A key or a table's name, and its value."""

    path: Path
    #: Of the name itself, from and to; of an item of an array, that of its value.
    name: tuple[int, int]
    #: ``None`` for a table's header, and for what is only a part of a dotted key.
    value: tuple[int, int] | None = None
    #: The content of a string, as written.
    text: str | None = None


class Spot(NamedTuple):
    """The context at the end of an incomplete text."""

    kind: Literal["header", "key", "value"]
    #: Of the table, for a key or a header; of the value itself.
    path: Path
    #: The part of it that is written so far.
    part: str
    #: The place where that begins, behind its quotes.
    begin: int
    #: The quotes that are open, ``""`` for none.
    quote: str = ""
    #: In a table in braces, or a list.
    inline: bool = False


class Places(NamedTuple):
    """The places that were found in a text."""

    entries: tuple[Entry, ...]
    #: ``None`` where nothing of interest can follow.
    end: Spot | None

    def of_key(self, key: str) -> Entry | None:
        """Return the entry for an error's ``key``, else the nearest entry around it."""
        best, longest = None, 0
        for entry in self.entries:
            spelled = spell(entry.path)
            if len(spelled) >= longest and _covers(spelled, key):
                # Of a key and the header of the same name, the one with a value.
                if len(spelled) == longest and best is not None and entry.value is None:
                    continue
                best, longest = entry, len(spelled)
        return best

    def at(self, offset: int) -> Entry | None:
        """Return the innermost entry whose name or value contains ``offset``."""
        best: Entry | None = None
        for entry in self.entries:
            spans = [span for span in (entry.name, entry.value) if span is not None]
            if any(begin <= offset <= end for begin, end in spans) and (
                best is None or len(entry.path) >= len(best.path)
            ):
                best = entry
        return best

    def names_in(self, table: Path) -> frozenset[str]:
        """Return the names that the table contains."""
        depth = len(table)
        return frozenset(
            str(entry.path[depth])
            for entry in self.entries
            if len(entry.path) > depth and entry.path[:depth] == table
        )


def find(text: str) -> Places:
    """Return the places in the first :data:`LIMIT` characters of ``text``; raises nothing."""
    return _Finder(text[:LIMIT]).places()


def section(text: str, offset: int) -> tuple[int, int]:
    """Return the begin and the end of the table around ``offset``, so that a long file is not parsed for one place."""
    begin, end = 0, len(text)
    for header in _HEADER.finditer(text):
        if header.start() > offset:
            end = header.start()
            break
        begin = header.start()
    return begin, min(end, begin + LIMIT)


def spell(path: Path) -> str:
    """Return a path as errors spell it: ``workflow.folder[0].path``."""
    spelled = ""
    for part in path:
        if isinstance(part, int):
            spelled += f"[{part}]"
        else:
            spelled += f".{part}" if spelled else part
    return spelled


def _covers(spelled: str, key: str) -> bool:
    return key.startswith(spelled) and key[len(spelled) : len(spelled) + 1] in ("", ".", "[")


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._entries: list[Entry] = []
        self._end: Spot | None = None
        #: How many there are so far of each array of tables.
        self._counts: dict[Path, int] = {}

    def places(self) -> Places:
        table: Path = ()
        while True:
            begin = self._at
            self._skip(_SPACE)
            if self._is_over():
                if self._end is None and not self._text.rpartition("\n")[2].strip():
                    self._end = Spot("key", table, "", self._at)
                break
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table, 0, inline=False)
            self._skip(_LINE_LEFT)
            if self._at == begin:  # nothing is read twice
                self._at += 1
        return Places(tuple(self._entries), self._end)

    def _is_over(self) -> bool:
        return self._at >= len(self._text)

    def _skip(self, what: re.Pattern[str]) -> None:
        found = what.match(self._text, self._at)
        if found is not None:
            self._at = found.end()

    def _next_is(self, sign: str) -> bool:
        return self._text.startswith(sign, self._at)

    def _header(self) -> Path:
        repeated = self._next_is("[[")
        self._at += 2 if repeated else 1
        names = self._names("header", (), inline=repeated)
        path: Path = ()
        for number, (name, span) in enumerate(names, 1):
            path = (*path, name)
            last = number == len(names)
            if last and repeated:
                count = self._counts[path] = self._counts.get(path, 0) + 1
                path = (*path, count - 1)
            elif path in self._counts:
                path = (*path, self._counts[path] - 1)
            self._entries.append(Entry(path, span))
        return path

    def _names(
        self, kind: Literal["header", "key"], table: Path, *, inline: bool
    ) -> list[tuple[str, tuple[int, int]]]:
        """Return the parts of a dotted key, with the place of each."""
        names: list[tuple[str, tuple[int, int]]] = []
        while True:
            self._skip(_BLANKS)
            begin, quote = self._at, ""
            if not self._is_over() and self._text[self._at] in "\"'":
                quote = self._text[self._at]
                begin += 1
                self._at = begin
                self._skip(_ENDS[quote])
            else:
                self._skip(_BARE_KEY)
            name = self._text[begin : self._at]
            if self._is_over():
                above = (*table, *(known for known, _ in names))
                self._end = Spot(kind, above, name, begin, quote, inline)
                return names
            if quote and self._next_is(quote):
                self._at += 1
            if not name and not quote:
                return names
            names.append((name, (begin, begin + len(name))))
            self._skip(_BLANKS)
            if not self._next_is(".") or len(names) == _DEEPEST:
                return names
            self._at += 1

    def _pair(self, table: Path, depth: int, *, inline: bool) -> None:
        names = self._names("key", table, inline=inline)
        path = table
        for name, span in names:
            path = (*path, name)
            self._entries.append(Entry(path, span))
        if not names or not self._next_is("="):
            return
        self._at += 1
        self._skip(_BLANKS)
        self._value(path, depth, names[-1][1], inline=inline)

    def _value(self, path: Path, depth: int, name: tuple[int, int] | None, *, inline: bool) -> None:
        if self._is_over():
            self._end = Spot("value", path, "", self._at, "", inline)
            return
        begin, text = self._at, None
        sign = self._text[self._at]
        if sign in "\"'":
            text = self._string(path, inline=inline)
        elif sign in "[{" and depth < _DEEPEST:
            # Its own entry comes before those of its contents.
            place = len(self._entries)
            (self._array if sign == "[" else self._table)(path, depth + 1)
            span = (begin, self._at)
            self._entries.insert(place, Entry(path, name or span, span))
            return
        else:
            self._skip(_WORD)
            if self._is_over():
                self._end = Spot("value", path, self._text[begin:], begin, "", inline)
        span = (begin, self._at)
        self._entries.append(Entry(path, name or span, span, text))

    def _string(self, path: Path, *, inline: bool) -> str:
        sign = self._text[self._at]
        quote = sign * 3 if self._next_is(sign * 3) else sign
        self._at += len(quote)
        begin = self._at
        self._skip(_ENDS[quote])
        text = self._text[begin : self._at]
        if self._is_over():
            self._end = Spot("value", path, text, begin, quote, inline)
        elif self._next_is(quote):
            self._at += len(quote)
        return text

    def _array(self, path: Path, depth: int) -> None:
        self._at += 1
        index = 0
        while True:
            before = self._at
            self._skip(_SPACE)
            passed = self._text.rfind("\n", before, self._at)
            if passed >= 0 and _STATEMENT.match(self._text, passed + 1):
                self._at = passed  # it was left open
                return
            if self._is_over():
                if self._end is None and "#" not in self._text.rpartition("\n")[2]:
                    self._end = Spot("value", (*path, index), "", self._at, "", inline=True)
                return
            if self._next_is("]"):
                self._at += 1
                return
            if self._next_is(","):
                self._at += 1
                index += 1
                continue
            begin = self._at
            self._value((*path, index), depth, None, inline=True)
            if self._at == begin:
                self._at += 1

    def _table(self, path: Path, depth: int) -> None:
        self._at += 1
        while True:
            self._skip(_BLANKS)
            if self._is_over():
                if self._end is None:
                    self._end = Spot("key", path, "", self._at, inline=True)
                return
            if self._next_is("}"):
                self._at += 1
                return
            if self._next_is("\n"):  # it was left open
                return
            if self._next_is(","):
                self._at += 1
                continue
            begin = self._at
            self._pair(path, depth, inline=True)
            if self._at == begin:
                self._at += 1
