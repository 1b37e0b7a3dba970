from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_server.display import printable, printable_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode and 日本", "plain, ünïcode and 日本"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\ud800 \udfff \udcff", "\\ud800 \\udfff \\udcff"),
        ("\0", "\\x00"),
        ("good\u202egpj.exe", "good\\u202egpj.exe"),
        ("a\u2028b\x85c", "a\\u2028b\\x85c"),
    ],
)
def test_what_is_no_character_to_see_is_spelled_out(text: str, shown: str) -> None:
    """Line breaks, what drives a terminal, halves of surrogate pairs, and what turns the direction of writing."""
    assert printable(text) == shown


def test_what_is_too_long_is_cut() -> None:
    """With an ellipsis, also where only the spelling made it so; of lines the end is kept."""
    assert printable("x" * 20_000_000, 10) == "x" * 9 + "…"
    assert printable("\x1b" * 9, 10) == "\\x1b\\x1b\\…"
    assert printable("x" * 10, 10) == "x" * 10
    assert printable_lines("a" * 50 + "\nend", 10) == "…aaaaaa\nend"


def test_lines_stay_lines() -> None:
    """Those of a standard error, in whatever way they end."""
    assert printable_lines("a\r\n\x1bb\tc\n") == "a\n\\x1bb\tc\n"


@given(st.text(st.characters()))
def test_whatever_is_said_is_one_line_of_utf_8(text: str) -> None:
    """Any text at all."""
    shown = printable(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
