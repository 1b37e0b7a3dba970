from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_helper.test_runner import standalone

if TYPE_CHECKING:
    import pytest


def test_the_runner_parses_on_the_oldest_python_that_it_serves() -> None:
    """It runs in the environments of projects, whose Pythons are older than ours."""
    source = Path(str(standalone.__file__)).read_text()
    assert ast.parse(source, feature_version=(3, 8)).body


def test_the_runner_imports_nothing_of_ours() -> None:
    """An environment has the standard library and, at run time, pytest."""
    tree = ast.parse(Path(str(standalone.__file__)).read_text())
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named.add(str(node.module).partition(".")[0])
    assert named - set(sys.stdlib_module_names) == {"pytest", "typing_extensions"}


def test_the_options_of_unittest_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folder, pattern and words of names choose what is found, as with ``python -m unittest discover``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    case = "import unittest\n\nclass Of{0}(unittest.TestCase):\n    def test_one(self): pass\n    def test_two(self): pass\n"
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "first_check.py").write_text(case.format("First"))
    (tmp_path / "test_other.py").write_text(case.format("Other"))

    def found(*words: str) -> list[str]:
        options = standalone.parse_unittest([*words])
        return [test.id() for test in standalone.discovered(options)]

    assert found() == ["test_other.OfOther.test_one", "test_other.OfOther.test_two"]
    assert found("-k", "two") == ["test_other.OfOther.test_two"]
    chosen = found("-s", "checks", "--pattern=*_check.py", "-v", "-k", "*.test_one")
    assert chosen == ["first_check.OfFirst.test_one"]
