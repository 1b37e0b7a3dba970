"""Every import of the product, read from its source: those inside functions and for types alone too."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from support.machine import TREE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "python_workflow"
SOURCE = TREE / "python_helper" / "src" / PACKAGE


class Import(NamedTuple):
    """One import: by whom, of what, and where it is written."""

    #: The module or package right inside the product's that imports: ``"discovery"``, ``"resolve"``.
    unit: str
    #: The module's dotted name.
    module: str
    place: str


def files() -> list[Path]:
    """Every module of the product."""
    return sorted(SOURCE.rglob("*.py"))


def unit_of(path: Path) -> str:
    """The unit that a file belongs to."""
    return path.relative_to(SOURCE).with_suffix("").parts[0]


def imports() -> Iterator[Import]:
    """All imports of all modules."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            for module in _modules(node):
                line = getattr(node, "lineno", 0)
                yield Import(unit_of(path), module, f"{path.relative_to(SOURCE)}:{line}")


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        module = node.module or ""
        # `from python_workflow import store` names a module.
        return [f"{module}.{alias.name}" for alias in node.names] if module == PACKAGE else [module]
    return []
