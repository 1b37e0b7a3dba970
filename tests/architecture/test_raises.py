"""Every public function names in its docstring the errors of ours that it raises itself, in a section of their own."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, TypeAlias

from support.imports import HELPER, LAUNCHER, PACKAGES, files, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: What may be defined inside a function, and is not run by its definition.
INNER = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
#: What may have a docstring.
DOCUMENTED = (*FUNCTIONS, ast.ClassDef, ast.Module)
#: The one error from which all of ours come.
OURS = "WorkflowError"
#: Errors in a sentence, or those of another function, which a reader would have to look up.
SENTENCE = re.compile(r"\bRaises\s+(the\s+:|:|as\b)|\b[Rr]aises\s+what\b")


def test_public_functions_name_the_errors_that_they_raise() -> None:
    """A caller learns of each from the docstring, by its own name or by that of an error it is one of."""
    bases = _bases()
    missing = [
        f"{place}: {name}"
        for place, function in _public()
        for name in sorted(_raised(function.body))
        if OURS in (kinds := _kinds(name, bases))
        and not any(re.search(rf"\b{kind}\b", ast.get_docstring(function) or "") for kind in kinds)
    ]
    assert missing == []


def test_errors_stand_in_a_section_of_their_own() -> None:
    """A docstring has them under ``Raises:``, by name, and not in a sentence."""
    found = [
        f"{name_of(path, source)}: {match.group()}"
        for source in (HELPER, LAUNCHER)
        for path in files(source)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, DOCUMENTED)
        and (match := SENTENCE.search(ast.get_docstring(node) or "")) is not None
    ]
    assert found == []


def _bases() -> dict[str, set[str]]:
    """The base classes of each class of the product, by name."""
    return {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for source in PACKAGES
        for path in files(source)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }


def _kinds(name: str, bases: dict[str, set[str]]) -> set[str]:
    """A class and all that it derives from."""
    return {name, *(kind for base in bases.get(name, ()) for kind in _kinds(base, bases))}


def _public() -> Iterator[tuple[str, Function]]:
    """Every public function and method, with its place."""
    for source in PACKAGES:
        for path in files(source):
            tree = ast.parse(path.read_text("utf-8"))
            for function in _functions(tree.body):
                yield f"{name_of(path, source)}:{function.lineno}", function


def _functions(body: list[ast.stmt]) -> Iterator[Function]:
    for node in body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.name.startswith("_"):
            continue
        if isinstance(node, FUNCTIONS):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def _raised(nodes: list[ast.stmt]) -> set[str]:
    """The names of what is raised and not within a ``try``, whose handlers may be for just that."""
    found: set[str] = set()
    todo: list[ast.AST] = [*nodes]
    while todo:
        node = todo.pop()
        if isinstance(node, INNER):
            continue
        if isinstance(node, ast.Try):
            todo += [*node.handlers, *node.orelse, *node.finalbody]
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found.add(ast.unparse(error).rpartition(".")[2])
        todo += ast.iter_child_nodes(node)
    return found
