from __future__ import annotations

import ast
import sys
from pathlib import Path

from workflow_helper.test_runner import standalone


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
