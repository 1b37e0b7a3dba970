"""One language: names that say what a thing is, one class a name, and the field's words in what a person reads."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from typing import TYPE_CHECKING

from support.imports import PACKAGES, files, name_of
from support.machine import TREE

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Modules whose last word ends as a participle does and is none, or is the field's own word.
NOUNS = {
    "activated",  # an environment that is
    "declared",  # what a project has declared
    "executed_files",
    "framing",
    "masking",
    "interpreter_setting",
    "folder_mapping",
    "undeclared_files",
    "shared",  # folders that several projects share
    "installed",
    "installed_state",
    "naming",
    "shebang",
}

#: Words that no message or label may hold: those of this project's own past, where the field has a word.
COINED = re.compile(
    r"\b(anew|mends?|mended|all the same|parted by|half-made|in step|out of step|words are off"
    r"|makes? and keeps|what it holds)\b",
    re.IGNORECASE,
)


#: Words with which no docstring begins: a sentence after them has to be read twice to find what a thing is, or does.
RIDDLES = re.compile(r"(What|Whether|How|That|Where|Which|Why|Who|When|Raises)\b")


#: What may have a docstring.
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def test_no_module_is_named_by_a_participle() -> None:
    """A module is a noun, or an imperative verb of the field."""
    named = {
        name.rpartition(".")[2]
        for source in PACKAGES
        for name in (name_of(path, source) for path in files(source))
    }
    assert {name for name in named if re.search(r"(ing|ed)$", name)} - NOUNS == set()


def test_no_two_classes_have_one_name() -> None:
    """A reader who looks for a public class finds one."""
    found: dict[str, list[str]] = {}
    for source in PACKAGES:
        for path in files(source):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, []).append(name_of(path, source))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_docstrings_say_what_a_thing_does_or_is() -> None:
    """A function's docstring begins with an imperative verb, any other with a noun, and none with a word that only we use."""
    breaches = [
        f"{place}: {text[:80]!r}"
        for place, text in _docstrings()
        if RIDDLES.match(text) or COINED.search(text)
    ]
    assert breaches == []


def test_no_comment_has_a_word_that_only_we_use() -> None:
    """A comment is read as a docstring is."""
    breaches = [f"{place}: {text[:80]}" for place, text in _comments() if COINED.search(text)]
    assert breaches == []


def test_no_message_has_a_word_that_only_we_use() -> None:
    """What the command line and the editor say is said in the words of the field."""
    breaches = [f"{place}: {text[:80]!r}" for place, text in _messages() if COINED.search(text)]
    assert breaches == []


def _docstrings() -> Iterator[tuple[str, str]]:
    """Every docstring of the product, with its place."""
    for source in PACKAGES:
        for path in files(source):
            module = name_of(path, source)
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
                    yield f"{module}:{node.body[0].lineno}", text


def _comments() -> Iterator[tuple[str, str]]:
    """Every comment of the product, with its place."""
    for source in PACKAGES:
        for path in files(source):
            module = name_of(path, source)
            for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
                if token.type == tokenize.COMMENT:
                    yield f"{module}:{token.start[0]}", token.string


def _messages() -> Iterator[tuple[str, str]]:
    """Every text of the product that is no docstring, with its place."""
    for source in PACKAGES:
        for path in files(source):
            tree = ast.parse(path.read_text("utf-8"))
            docstrings = {
                id(node.body[0].value)
                for node in ast.walk(tree)
                if isinstance(node, DOCUMENTED) and node.body and isinstance(node.body[0], ast.Expr)
            }
            for node in ast.walk(tree):
                if not isinstance(node, ast.Constant) or id(node) in docstrings:
                    continue
                if isinstance(node.value, str):
                    yield f"{name_of(path, source)}:{node.lineno}", node.value
    for file in ("l10n/bundle.l10n.json", "package.nls.json"):
        for text in json.loads((TREE / file).read_text("utf-8")).values():
            yield file, str(text)
