from __future__ import annotations

import pytest
from workflow_helper.terminal.progress import fitting


@pytest.mark.parametrize(
    ("message", "columns", "shown"),
    [
        ("Installing six", 40, "Installing six"),
        ("Installing six", 14, "Installing six"),
        ("Installing six", 13, "Installing..."),
        ("two\nlines\t and  blanks", 40, "two lines and blanks"),
        ("\x1b]0;evil\x07\u202e", 40, "\\x1b]0;evil\\x07\\u202e"),
        ("\u4e2d\u6587\u4e2d\u6587", 8, "\u4e2d\u6587\u4e2d\u6587"),
        ("\u4e2d\u6587\u4e2d\u6587", 7, "\u4e2d\u6587..."),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
        ("anything", 2, ".."),
        ("anything", 0, ""),
        ("", 10, ""),
    ],
)
def test_a_sentence_fits_the_terminal(message: str, columns: int, shown: str) -> None:
    """On one line, by the columns that its letters take, with nothing that drives a terminal."""
    assert fitting(message, columns) == shown
