"""Places in any text: none outside it, and in TOML those of every key that the parser sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import parse_toml
from workflow_helper.lsp.document import Document
from workflow_helper.lsp.toml_places import find, section

if TYPE_CHECKING:
    from collections.abc import Iterator

parts = st.sampled_from(
    [
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        '"""',
        "=",
        ",",
        ".",
        "\n",
        "#",
        " ",
        "a",
        "wsp",
        "b-1",
        "\\",
        "\r",
        "😀",
        "[a]\n",
    ]
)
texts = st.lists(parts, max_size=30).map("".join)


@given(texts, st.integers(0, 40))
def test_any_text_has_places_inside_it(text: str, offset: int) -> None:
    """Nothing is raised, and each place can be told to an editor and understood again."""
    begin, end = section(text, offset)
    assert 0 <= begin <= end <= len(text)
    document = Document("/p/pyworkflow.toml", "pyworkflow", text, None)
    found = find(text)
    spans = [span for entry in found.entries for span in (entry.name, entry.value or entry.name)]
    for begin, end in spans:
        assert 0 <= begin <= end <= len(text)
        if text[begin - 1 : begin + 1] != "\r\n":
            assert document.offset(document.position(begin)) == begin
    if found.end is not None:
        assert text[found.end.begin :] == found.end.part


@given(texts)
def test_every_key_of_a_toml_text_has_a_place(text: str) -> None:
    """What the parser reads is found where it stands, for keys that need no quotes."""
    try:
        document = parse_toml("/p/a.toml", text)
    except UnusableFile:
        return
    found = {entry.path for entry in find(text.replace("\r\n", "\n")).entries}
    for path in paths(document):
        assert path in found or not all(isinstance(part, int) or part.isalnum() for part in path)


def paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all values."""
    if above:
        yield above
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, inner in items:
        yield from paths(inner, (*above, name))
