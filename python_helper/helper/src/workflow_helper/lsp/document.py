"""A document that is open in an editor: its current text, and positions in it as LSP counts them."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Literal

from workflow_helper.discovery import declarations, pep832
from workflow_helper.filesystem.paths import is_remote, same

if TYPE_CHECKING:
    from typing import TypeAlias

    from workflow_helper.model import Host

    #: What is read of it: the project's two files, the user's own, and the list of environments.
    Kind: TypeAlias = Literal["pyproject", "pyworkflow", "user", "python-envs"]

_LINE_END = re.compile(r"\r\n|\n|\r")


def kind_of(path: str, host: Host) -> Kind | None:
    """Return the kind of the document at ``path``; ``None`` if this server does not read it."""
    name = os.path.basename(path)
    if is_remote(path):
        return None
    if name == declarations.PYWORKFLOW:
        own = os.path.join(host.config, declarations.PYWORKFLOW)
        return "user" if same(path, own) else "pyworkflow"
    if name == declarations.PYPROJECT:
        return "pyproject"
    return "python-envs" if name == pep832.PYTHON_ENVS else None


class Document:
    """One version of a document. Lines and characters are counted from 0, characters in UTF-16 as LSP has it."""

    def __init__(self, path: str, kind: Kind, text: str, version: int | None) -> None:
        self.path = path
        self.kind: Kind = kind
        self.text = text
        self.version = version
        self._begins = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def changed(self, changes: list[dict[str, Any]], version: int | None) -> Document:
        """Return the document after LSP's ``contentChanges``, each a whole text or the new text of a range."""
        document = self
        for change in changes:
            text = str(change.get("text", ""))
            span = change.get("range")
            if isinstance(span, dict):
                begin, end = document.offset(span["start"]), document.offset(span["end"])
                text = document.text[:begin] + text + document.text[end:]
            document = Document(self.path, self.kind, text, version)
        return document

    def offset(self, position: dict[str, Any]) -> int:
        """Return the place in the text that a position of LSP means, at most the end of its line."""
        line, character = int(position["line"]), int(position["character"])
        begin, end = self.begin_of(line), self.end_of(line)
        if self.text.isascii():
            return min(begin + character, end)
        for place in range(begin, end):
            if character <= 0:
                return place
            character -= 2 if self.text[place] > "\uffff" else 1
        return end

    def position(self, offset: int) -> dict[str, int]:
        """Return an offset in the text as LSP's position."""
        line = bisect_right(self._begins, offset) - 1
        before = self.text[self._begins[line] : offset]
        return {
            "line": line,
            "character": len(before) + sum(letter > "\uffff" for letter in before),
        }

    def range_of(self, begin: int, end: int) -> dict[str, dict[str, int]]:
        """Return a span of the text as LSP's range."""
        return {"start": self.position(begin), "end": self.position(end)}

    def begin_of(self, line: int) -> int:
        """Return the offset at which a line begins; for a line after the last, the end of the text."""
        return self._begins[line] if line < len(self._begins) else len(self.text)

    def end_of(self, line: int) -> int:
        """Return the offset at which a line ends, without its line break."""
        if line + 1 >= len(self._begins):
            return len(self.text)
        end = self._begins[line + 1] - 1
        return end - (self.text[end - 1 : end + 1] == "\r\n")
