"""Read the common subset of TOML without a full parser.

Importing :mod:`tomllib` takes nearly as long as the rest of an answer (10 ms of 23), and most files need little of it:
tables, strings, numbers, and lists of them. :func:`read` parses those. Any other content (dates, numeric escapes, ...),
and any possible mistake, is left to the real parser. So this module never reports mistakes, and its results always
equal those of the real parser.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS = {"true": True, "false": False}
#: Deeper lists and tables are left to the real parser, which says where it ends.
_DEEPEST = 20
#: Longer numbers are, too: not every integer may be made from a text.
_LONGEST_NUMBER = 18


class _UnclearError(Exception):
    """The real parser has to read this text."""


def read(text: str) -> dict[str, Any] | None:
    """Return the tables of a TOML document, whose lines end in line feeds; ``None`` if it exceeds the common subset."""
    if not text.replace("\n", " ").replace("\t", " ").isprintable():
        return None
    try:
        return _Reader(text).document()
    except (_UnclearError, IndexError):  # the text ends where more is needed
        return None


class _Reader:
    """A parse in progress; ``_at`` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        #: The identities of tables that headers made on their way to another, and may still be given a header.
        self._passed: set[int] = set()
        #: Of tables that have a header.
        self._headed: set[int] = set()
        #: Of lists of tables that ``[[...]]`` headers made.
        self._lists: set[int] = set()

    def document(self) -> dict[str, Any]:
        root: dict[str, Any] = {}
        table = root
        #: Of the tables that dotted keys made since the last header.
        dotted: set[int] = set()
        while self._skip_lines():
            if self._text[self._at] == "[":
                table, dotted = self._header(root), set()
            else:
                self._pair(table, dotted, 0)
            self._end_of_line()
        return root

    def _header(self, root: dict[str, Any]) -> dict[str, Any]:
        of_list = self._text.startswith("[[", self._at)
        self._at += 2 if of_list else 1
        self._skip_blanks()
        *above, last = self._key()
        self._expect("]]" if of_list else "]")
        table = root
        for part in above:
            inner = table.get(part)
            if inner is None:
                inner = table[part] = {}
                self._passed.add(id(inner))
            elif id(inner) not in self._passed and id(inner) not in self._headed:
                raise _UnclearError
            table = inner
        child: dict[str, Any]
        known = table.get(last)
        if of_list:
            child = {}
            if known is None:
                known = table[last] = []
                self._lists.add(id(known))
            elif id(known) not in self._lists:
                raise _UnclearError
            known.append(child)
        elif known is None:
            child = table[last] = {}
        elif id(known) in self._passed:
            self._passed.remove(id(known))
            child = known
        else:
            raise _UnclearError
        self._headed.add(id(child))
        return child

    def _pair(self, table: dict[str, Any], dotted: set[int], depth: int) -> None:
        *above, last = self._key()
        self._expect("=")
        self._skip_blanks()
        for part in above:
            inner = table.get(part)
            if inner is None:
                inner = table[part] = {}
                dotted.add(id(inner))
            elif id(inner) not in dotted:
                raise _UnclearError
            table = inner
        if last in table:
            raise _UnclearError
        table[last] = self._value(depth)

    def _key(self) -> list[str]:
        """Return the parts of a key, and skip the blanks after it."""
        parts = []
        while True:
            start = self._at
            if self._text[start] in "\"'":
                parts.append(self._string(key=True))
            else:
                while self._text[self._at] in _BARE:
                    self._at += 1
                if self._at == start:
                    raise _UnclearError
                parts.append(self._text[start : self._at])
            self._skip_blanks()
            if self._text[self._at] != ".":
                return parts
            self._at += 1
            self._skip_blanks()

    def _value(self, depth: int) -> object:
        if depth > _DEEPEST:
            raise _UnclearError
        first = self._text[self._at]
        if first in "\"'":
            return self._string()
        if first == "[":
            return self._list(depth)
        if first == "{":
            return self._inline_table(depth)
        start = self._at
        end = len(self._text)
        while self._at < end and self._text[self._at] not in " \t\n,]}#":
            self._at += 1
        word = self._text[start : self._at]
        known = _WORDS.get(word)
        return _number(word) if known is None else known

    def _string(self, *, key: bool = False) -> str:
        quote = self._text[self._at]
        long = self._text.startswith(quote * 3, self._at)
        mark = quote * 3 if long else quote
        start = self._at + len(mark)
        end = self._text.find(mark, start)
        while quote == '"' and end >= 0 and _is_escaped(self._text, start, end):
            end = self._text.find(mark, end + 1)
        if end < 0:
            raise _UnclearError
        self._at = end + len(mark)
        value = self._text[start:end]
        if long:
            # Of more quotes than three the first would be the string's own.
            if key or self._text.startswith(quote, self._at):
                raise _UnclearError
            value = value.removeprefix("\n")
        elif "\n" in value:
            raise _UnclearError
        return _unescaped(value) if quote == '"' and "\\" in value else value

    def _list(self, depth: int) -> list[object]:
        values: list[object] = []
        self._at += 1
        while self._skip_lines() and self._text[self._at] != "]":
            values.append(self._value(depth + 1))
            self._skip_lines()
            if self._text[self._at] == ",":
                self._at += 1
            elif self._text[self._at] != "]":
                raise _UnclearError
        self._expect("]")
        return values

    def _inline_table(self, depth: int) -> dict[str, Any]:
        table: dict[str, Any] = {}
        dotted: set[int] = set()
        self._at += 1
        self._skip_blanks()
        if self._text[self._at] != "}":
            self._pair(table, dotted, depth + 1)
            self._skip_blanks()
            while self._text[self._at] == ",":
                self._at += 1
                self._skip_blanks()
                self._pair(table, dotted, depth + 1)
                self._skip_blanks()
        self._expect("}")
        return table

    def _expect(self, sign: str) -> None:
        if not self._text.startswith(sign, self._at):
            raise _UnclearError
        self._at += len(sign)

    def _skip_blanks(self) -> None:
        text, end = self._text, len(self._text)
        while self._at < end and text[self._at] in " \t":
            self._at += 1

    def _skip_lines(self) -> bool:
        """Skip blanks, ends of lines and comments, and return whether anything follows."""
        text, end = self._text, len(self._text)
        while self._at < end:
            if text[self._at] == "#":
                line = text.find("\n", self._at)
                self._at = end if line < 0 else line
            elif text[self._at] in " \t\n":
                self._at += 1
            else:
                return True
        return False

    def _end_of_line(self) -> None:
        self._skip_blanks()
        if self._at < len(self._text) and self._text[self._at] not in "\n#":
            raise _UnclearError


def _is_escaped(text: str, start: int, at: int) -> bool:
    """Return whether the character at ``at``, in a string that begins at ``start``, follows an odd number of backslashes."""
    before = at
    while before > start and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def _unescaped(value: str) -> str:
    parts = []
    letters = iter(value)
    for letter in letters:
        meant = _ESCAPES.get(next(letters, "")) if letter == "\\" else letter
        if meant is None:
            raise _UnclearError
        parts.append(meant)
    return "".join(parts)


def _number(word: str) -> int | float:
    """Return an integer, or a decimal fraction, in the way that people write them."""
    digits = word[1:] if word[:1] in ("-", "+") else word
    whole, point, fraction = digits.partition(".")
    plain = whole.isascii() and whole.isdigit() and (whole[0] != "0" or whole == "0")
    if not plain or len(word) > _LONGEST_NUMBER:
        raise _UnclearError
    if not point:
        return int(word)
    if not (fraction.isascii() and fraction.isdigit()):
        raise _UnclearError
    return float(word)
