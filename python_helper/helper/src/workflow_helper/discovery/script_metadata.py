"""The metadata that a script carries in a comment (PEP 723, "Inline script metadata").

Source: https://packaging.python.org/en/latest/specifications/inline-script-metadata/. Finding the block needs no
parser, so that starting a script stays fast. :func:`read` parses its contents, and only :func:`check` validates
requirements and versions.
"""

from __future__ import annotations

import sys

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import plain_toml
from workflow_helper.filesystem.reader import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, NamedTuple

    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

SCRIPT_LIMIT = 8 * 1024 * 1024
TYPE = "script"
OPENING = "# /// "
CLOSING = "# ///"
#: The characters before the text of a line in a block.
_SIGN = "# "
_TYPE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


class MetadataProblem(NamedTuple):
    """A mistake in a script's metadata, and its place in the script."""

    #: A sentence without its place.
    message: str
    #: Counted from 0.
    line: int
    #: The character in the line, counted from 0; ``None`` for the whole line.
    column: int | None = None

    @property
    def sentence(self) -> str:
        """The sentence with its line number, counted from 1."""
        return f"{self.message} (line {self.line + 1})"

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"line", "column", "message"}``."""
        return {"line": self.line, "column": self.column, "message": self.message}


class Block(NamedTuple):
    """A block of metadata, and its place in the script."""

    #: Its content, as TOML.
    content: str
    #: The lines of its opening and its end, counted from 0.
    first: int
    last: int


class Inline(NamedTuple):
    """The metadata of a script."""

    #: ``None`` where it has no block.
    block: Block | None = None
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    #: The tables of tools.
    tool: Mapping[str, Any] = {}


def metadata(path: str, disk: Disk) -> Inline:
    """Return the metadata of the script at ``path``; empty where it has no block. Requirements are taken as they are.

    Raises:
        UnusableFile: there is no such file, or its metadata violates the standard.
    """
    inline, problems = read(text_of(path, disk))
    if problems:
        raise unusable(path, problems)
    return inline


def checked(path: str, text: str) -> Inline:
    """Return the metadata in ``text``, the contents of the script at ``path``, after checking requirements and versions."""
    inline, problems = read(text)
    problems = problems or tuple(check(inline))
    if problems:
        raise unusable(path, problems)
    return inline


def text_of(path: str, disk: Disk) -> str:
    """Return the text of a script, its lines ended by line feeds.

    Raises:
        UnusableFile: there is no such file, or it cannot be read.
    """
    data = disk.read(path, SCRIPT_LIMIT)
    if data is None:
        raise UnusableFile(path, "does not exist")
    return lines_ended(decode(path, data))


def lines_ended(text: str) -> str:
    """Return ``text`` with its line ends normalized as in Python's source code."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unusable(path: str, problems: Sequence[MetadataProblem]) -> UnusableFile:
    """Return the error for the mistakes in the metadata of the script at ``path``."""
    return UnusableFile(path, f"its inline metadata: {problems[0].sentence}")


def find(text: str) -> tuple[Block | None, tuple[MetadataProblem, ...]]:
    """Return the block of type ``script``, and the mistakes in its comments. Lines of ``text`` end with line feeds.

    As with the standard's regular expression, a block ends with the last closing line of its comment, and a block
    inside a block of another type does not count. Of several blocks, the first is returned.
    """
    if f"{OPENING}{TYPE}\n" not in text:
        # On the way to a script that is started there is nothing cheaper.
        return None, _without_end(text)
    lines = text.split("\n")
    found: Block | None = None
    problems: list[MetadataProblem] = []
    number = 0
    while number < len(lines):
        kind = _opened(lines[number])
        if kind is None:
            number += 1
            continue
        last, end = _extent(lines, number)
        if last is None:
            # No other block of this comment has an end either.
            opened = (at for at in range(number, end) if _opened(lines[at]) == TYPE)
            problems += [_unclosed(at) for at in opened][:1]
            number = end
            continue
        if kind == TYPE:
            if found is None:
                content = "\n".join(line[len(_SIGN) :] for line in lines[number + 1 : last])
                found = Block(content, number, last)
            else:
                message = f"there is another block of inline metadata, '{OPENING}{TYPE}'"
                problems.append(
                    MetadataProblem(
                        f"{message}: the first begins on line {found.first + 1}", number
                    )
                )
        number = last + 1
    return found, tuple(problems)


def read(text: str) -> tuple[Inline, tuple[MetadataProblem, ...]]:
    """Return the metadata of a script with this text, as far as it can be read, and the mistakes in it.

    Requirements and versions are not validated: see :func:`check`. Lines of ``text`` end with line feeds.
    """
    block, problems = find(text)
    if block is None:
        return Inline(), problems
    table: dict[str, Any] = {}
    found = list(problems)
    try:
        table = _parsed(block.content)
    except ValueError as error:  # a number of thousands of digits is no TOMLDecodeError
        found.append(_syntax(error, block))
    except RecursionError:
        found.append(MetadataProblem("this is nested too deeply to be TOML", block.first))
    requires = table.get("requires-python")
    if requires is not None and not isinstance(requires, str):
        found.append(_at_key("requires-python", "'requires-python' should be a string", block))
        requires = None
    dependencies = table.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(one, str) for one in dependencies):
        found.append(_at_key("dependencies", "'dependencies' should be a list of strings", block))
        dependencies = []
    tool = table.get("tool", {})
    if not isinstance(tool, dict):
        found.append(_at_key("tool", "'tool' should be a table", block))
        tool = {}
    return Inline(block, requires, tuple(dependencies), tool), tuple(found)


def check(inline: Inline) -> Iterator[MetadataProblem]:
    """Yield the mistakes in a script's requirements and in its ``requires-python``."""
    block = inline.block
    if block is None or (
        inline.requires_python is None and all(map(is_plain, inline.dependencies))
    ):
        return
    # Which takes longer than all the rest that is done for a script.
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    if inline.requires_python is not None:
        try:
            SpecifierSet(inline.requires_python)
        except ValueError:
            reason = f"{inline.requires_python!r} is not a range of versions, such as '>=3.11'"
            yield _at_text("requires-python", inline.requires_python, reason, block)
    for number, one in enumerate(inline.dependencies):
        try:
            Requirement(one)
        except ValueError as error:
            reason = f"{one!r} is not a requirement: {_first_line(error)}"
            before = inline.dependencies[:number].count(one)
            yield _at_text("dependencies", one, reason, block, before)


def is_plain(requirement: str) -> bool:
    """Return whether a requirement is plainly valid: a name, and optional versions of digits and dots."""
    end = next((at for at, letter in enumerate(requirement) if letter in "=<>!~"), len(requirement))
    name = requirement[:end].strip(" ")
    letters = name.replace("-", "").replace("_", "").replace(".", "")
    if not (letters.isascii() and letters.isalnum() and name[0].isalnum() and name[-1].isalnum()):
        return False
    return end == len(requirement) or all(map(_is_plain_version, requirement[end:].split(",")))


def _is_plain_version(specifier: str) -> bool:
    text = specifier.strip(" ")
    operator = text[: 2 if text[1:2] == "=" else 1]
    parts = text[len(operator) :].strip(" ").split(".")
    is_known = operator in ("==", ">=", "<=", "!=", ">", "<") or (
        operator == "~=" and len(parts) > 1
    )
    return is_known and all(part.isascii() and part.isdigit() for part in parts)


def _opened(line: str) -> str | None:
    """Return the type of the block that ``line`` opens."""
    if not line.startswith(OPENING):
        return None
    kind = line[len(OPENING) :]
    return kind if kind and _TYPE_LETTERS.issuperset(kind) else None


def _extent(lines: Sequence[str], first: int) -> tuple[int | None, int]:
    """Return the line that ends the block which begins on the line ``first``, and the line behind its comment."""
    last = None
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line == CLOSING:
            last = number
        elif line != "#" and not line.startswith(_SIGN):
            return last, number
    return last, len(lines)


def _without_end(text: str) -> tuple[MetadataProblem, ...]:
    """Return the problem of a block that the last line of the text opens."""
    return (_unclosed(text.count("\n")),) if text.rpartition("\n")[2] == OPENING + TYPE else ()


def _unclosed(line: int) -> MetadataProblem:
    reason = f"this block of inline metadata has no end: a line '{CLOSING}' is missing"
    return MetadataProblem(f"{reason}, in the same comment", line)


def _parsed(content: str) -> dict[str, Any]:
    plain = plain_toml.read(content)
    if plain is not None:
        return plain
    from workflow_helper.filesystem.toml_keys import line_over_limit

    if line_over_limit(content) is not None:
        raise ValueError("it has keys of too many parts")
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(content + "\n")  # so that an error in the last line has its number


def _syntax(error: ValueError, block: Block) -> MetadataProblem:
    """Return a mistake in TOML, at its place in the script."""
    sentence, _, place = str(error).rpartition(" (at ")
    if not sentence:
        return MetadataProblem(f"this is not valid TOML: {error}", block.first)
    digits = "".join(letter if letter.isdigit() else " " for letter in place).split()
    if len(digits) != 2:  # "at end of document"
        return MetadataProblem(f"this is not valid TOML: {sentence}", block.last)
    line, column = (int(one) - 1 for one in digits)
    return MetadataProblem(
        f"this is not valid TOML: {sentence}", block.first + 1 + line, column + len(_SIGN)
    )


def _at_key(key: str, message: str, block: Block) -> MetadataProblem:
    """Return a problem with the value of a key of the outermost table."""
    line = _line_of(key, block)
    if line is None:
        return MetadataProblem(message, block.first)
    return MetadataProblem(message, block.first + 1 + line, len(_SIGN))


def _at_text(key: str, text: str, message: str, block: Block, before: int = 0) -> MetadataProblem:
    """Return a problem with ``text`` in the value of ``key``, after ``before`` equal texts."""
    start = _line_of(key, block)
    for number, line in enumerate(block.content.split("\n")):
        if start is None or number < start:
            continue
        for quoted in (f'"{text}"', f"'{text}'"):
            place = line.find(quoted)
            while place >= 0:
                if not before:
                    return MetadataProblem(message, block.first + 1 + number, place + len(_SIGN))
                before -= 1
                place = line.find(quoted, place + 1)
    return _at_key(key, message, block)  # it is spelled with escapes, perhaps


def _line_of(key: str, block: Block) -> int | None:
    """Return the line of a key of the outermost table, counted from 0 in the block; ``None`` where that is unknown."""
    for number, line in enumerate(block.content.split("\n")):
        before, found, after = line.partition(key)
        if found and not before.strip("[\"' \t") and after.lstrip("\"' \t")[:1] in ("=", "]", "."):
            return number
    return None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else "it cannot be read"
