from __future__ import annotations

import errno
import os

import pytest
from workflow_helper.terminal.output import Verbatim, cell, lines_of, put, visible


def test_a_cell_ends_no_line() -> None:
    """Whatever ends a line, drives a terminal or turns the direction is spelled out; bytes of a name that is not UTF-8 stay."""
    assert cell("a\nb\r\x85\u2028") == "a\\nb\\r\\x85\\u2028"
    assert cell("\x1b\u202e\udcff") == "\\x1b\\u202e\udcff"


def test_lines_are_written_one_a_text() -> None:
    """Each of a tuple on a line of its own, whatever it holds; what is for a program goes out as it is."""
    assert lines_of(("a\nb", "c")) == "a\\nb\nc"
    assert lines_of("a\nb") == "a\\nb"
    assert lines_of(Verbatim("a\nb")) == "a\nb"


def test_what_could_drive_a_terminal_is_spelled_out() -> None:
    """Lines and tabs stay."""
    assert visible("a\n\t\x1b\ud800") == "a\n\t\\x1b\\ud800"


def test_any_text_can_be_written() -> None:
    """Bytes of a file's name go out as they came in, and half of a surrogate pair that is no byte is spelled out."""
    reading, writing = os.pipe()
    put(writing, "a\udcff\ud800\udfff")
    os.close(writing)
    assert os.read(reading, 100) == b"a\xff\\ud800\\udfff"
    os.close(reading)


def test_a_pipe_that_nobody_reads_is_told_as_such() -> None:
    """However the system tells that, which Windows does as of a wrong argument."""
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        put(writing, "words")
    os.close(writing)


def test_a_wrong_argument_is_what_windows_says_of_a_pipe_that_nobody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Elsewhere it stays what it is."""

    def write(descriptor: int, data: bytes) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")

    for name, error in (("nt", BrokenPipeError), ("posix", OSError)):
        told: list[type[Exception]] = []
        with monkeypatch.context() as system:
            system.setattr(os, "write", write)
            system.setattr(os, "isatty", lambda _: False)
            system.setattr(os, "name", name)
            try:
                put(1, "words")
            except OSError as caught:
                told.append(type(caught))
        assert told == [error]
