"""The specification as the tests read it: pages, schema, golden messages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "spec"
GOLDEN = ROOT / "test-fixtures" / "vectors" / "wsp"
SCHEMA: dict[str, Any] = json.loads((PAGES / "schema.json").read_bytes())

#: What RFC 2119 gives a meaning to.
_WORDS = re.compile(r"\b(MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b")
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>\*\*([^*]+)\*\*: ')


class Clause(NamedTuple):
    """A normative list item of a page."""

    page: str
    #: Its anchor, ``""`` where it has none.
    anchor: str
    #: What is printed as its name.
    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The RFC 2119 words in it, in order."""
        return _WORDS.findall(self.text)

    @property
    def binds_server(self) -> bool:
        """Whether it asks anything of a server that can be broken."""
        return any(
            re.search(r"\b[Ss]erver\b|\b[Mm]essage MUST", sentence)
            and not re.match(r"\s*A client ", sentence)
            and {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT"} & set(_WORDS.findall(sentence))
            for sentence in re.split(r"(?<=[.:;]) ", self.text)
        )

    @property
    def level(self) -> str:
        """``"MUST"``, ``"SHOULD"`` or ``"MAY"``: its first word, without a NOT."""
        return self.words[0].split()[0]


class Section(NamedTuple):
    """A method's section of a page."""

    page: str
    method: str
    #: Heading to text, in order.
    parts: dict[str, str]

    def table(self, part: str) -> dict[str, tuple[str, str]]:
        """The members of the first table under a heading, with the two columns beside them."""
        return _table(self.parts[part])

    def examples(self) -> Iterator[dict[str, Any]]:
        """The messages in its example."""
        for block in re.findall(r"```json\n(.*?)```", self.parts["Example"], re.DOTALL):
            yield json.loads(block)


def pages() -> dict[str, str]:
    """Each page's text by its file's name."""
    return {page.name: page.read_text("utf-8") for page in sorted(PAGES.glob("*.md"))}


def clauses() -> list[Clause]:
    """All list items of all pages in which an RFC 2119 word stands."""
    found = []
    for page, text in pages().items():
        for item in re.findall(r"^- (.*?)(?=^- |^#|^$|\Z)", text, re.DOTALL | re.MULTILINE):
            one_line = " ".join(item.split())
            anchor = _ANCHOR.match(one_line)
            if _WORDS.search(one_line):
                name = ("", "") if anchor is None else (anchor[1], anchor[2])
                found.append(Clause(page, *name, _ANCHOR.sub("", one_line)))
    return found


def sections() -> list[Section]:
    """All sections that describe a method."""
    found = []
    for page, text in pages().items():
        for body in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            title, _, rest = body.partition("\n")
            if title.startswith("`"):
                parts = re.split(r"^### (.*)\n", rest, flags=re.MULTILINE)[1:]
                found.append(
                    Section(page, title.strip("`"), dict(zip(parts[::2], parts[1::2], strict=True)))
                )
    return found


def table(page: str, heading: str) -> dict[str, tuple[str, str]]:
    """The first table of a page whose first column is called ``heading``: rows by their first cell."""
    text = pages()[page]
    start = text.index(f"| {heading} |")
    return _table(text[start:])


def _table(text: str) -> dict[str, tuple[str, str]]:
    rows = re.search(r"^\|.*?(?=\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    found: dict[str, tuple[str, str]] = {}
    for row in rows[0].splitlines()[2:] if rows else ():
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        found[re.sub(r"^`([^`]+)`$", r"\1", cells[0])] = (
            cells[1],
            cells[2] if len(cells) > 2 else "",
        )
    return found


def golden(*profiles: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The golden messages of these profiles, a file a method."""
    for profile in profiles:
        for path in sorted((GOLDEN / profile).glob("*.json")):
            document = json.loads(path.read_bytes())
            if "method" in document:
                yield path, document
