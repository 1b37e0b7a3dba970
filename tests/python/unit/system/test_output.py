from __future__ import annotations

import os
import sys

import pytest
from workflow_helper.system.output import decode_output
from workflow_helper.system.process import run


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Söhne\n".encode(), "Söhne\n"),
        ("C:\\Söhne\r\n".encode("cp1252"), "C:\\Söhne\r\n"),
        ("漢\n".encode() + "Söhne\n".encode("cp1252"), "漢\nSöhne\n"),
        (b"\x81", "\ufffd"),
    ],
)
def test_what_is_no_utf_8_is_in_the_code_page(data: bytes, expected: str) -> None:
    """Each line by itself, as tools write to one pipe that do not agree; what is in neither is replaced."""
    assert decode_output(data, code_page="cp1252") == expected


def test_without_a_code_page_what_is_no_utf_8_is_replaced() -> None:
    """That is all that can be said of it where text is in UTF-8."""
    assert decode_output(b"a\xf6\nb", code_page=None) == "a\ufffd\nb"


def test_the_text_of_a_tool_is_read_as_it_writes() -> None:
    """A Python that was told nothing writes to a pipe in the encoding of its system."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    argv = [sys.executable, "-c", "print('Söhne')"]
    assert run(argv, cwd=os.getcwd(), environ=environ, timeout=60).text == "Söhne"
