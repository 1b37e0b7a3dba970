"""What is wrong with a project's own files, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.filesystem.reader import Disk
from workflow_helper.lsp.file_problems import of_root

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[project]\nname = "a"\nversion "1"\n', 2),
        ('[project]\nname = "a\n', 1),
        ("[project]\nname =", 1),
        ("[project]\ndependencies = [\n  'a',\n", 2),
        ("[project]\nname = 'a'\n[project]\n", 2),
    ],
)
def test_a_mistake_in_pyproject_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    """A pyproject.toml that does not parse is named, with the line of the mistake, counted from 0."""
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    (tmp_path / "pyworkflow.toml").write_text("", encoding="utf-8")
    (problem,) = of_root(str(tmp_path), Disk())
    assert problem.path == str(tmp_path / "pyproject.toml")
    assert problem.line == line
    assert "line" not in problem.message
    assert problem.message


def test_what_parses_and_what_is_not_there_is_no_problem(tmp_path: Path) -> None:
    """Files that parse, and a folder without any, have no problem."""
    assert of_root(str(tmp_path), Disk()) == ()
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    assert of_root(str(tmp_path), Disk()) == ()


def test_a_file_that_is_no_text_has_a_problem_with_its_line(tmp_path: Path) -> None:
    """A file that is not UTF-8 is told of, with the line of the first such byte."""
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\nname = '\xff'\n")
    (problem,) = of_root(str(tmp_path), Disk())
    assert problem.line == 1
