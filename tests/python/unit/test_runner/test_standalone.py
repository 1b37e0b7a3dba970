from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from workflow_helper.test_runner.start import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = sorted(Path(FOLDER).rglob("*.py"))


@pytest.fixture
def unittest_runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The part of the runner that is for unittest, as it is loaded in a run."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(FOLDER)
    yield importlib.import_module("workflow_test_runner.unittest_runner")
    for name in [name for name in sys.modules if name.startswith("workflow_test_runner")]:
        del sys.modules[name]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_runner_parses_on_the_oldest_python_that_it_serves(source: Path) -> None:
    """It runs in the environments of projects, whose Pythons are older than ours."""
    assert ast.parse(source.read_text(), feature_version=(3, 8)).body


def test_the_runner_imports_nothing_else_of_ours() -> None:
    """An environment has the standard library and, at run time, pytest."""
    named: set[str] = set()
    for node in (node for source in SOURCES for node in ast.walk(ast.parse(source.read_text()))):
        if isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named.add(str(node.module).partition(".")[0])
    others = {"pytest", "typing_extensions", "workflow_test_runner"}
    assert named - set(sys.stdlib_module_names) == others


def test_the_options_of_unittest_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unittest_runner: Any
) -> None:
    """Folder, pattern and words of names choose what is found, as with ``python -m unittest discover``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    case = "import unittest\n\nclass Of{0}(unittest.TestCase):\n    def test_one(self): pass\n    def test_two(self): pass\n"
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "first_check.py").write_text(case.format("First"))
    (tmp_path / "test_other.py").write_text(case.format("Other"))

    def found(*words: str) -> list[str]:
        options = unittest_runner.parse_unittest([*words])
        return [test.id() for test in unittest_runner.discover(options)]

    assert found() == ["test_other.OfOther.test_one", "test_other.OfOther.test_two"]
    assert found("-k", "two") == ["test_other.OfOther.test_two"]
    chosen = found("-s", "checks", "--pattern=*_check.py", "-v", "-k", "*.test_one")
    assert chosen == ["first_check.OfFirst.test_one"]
