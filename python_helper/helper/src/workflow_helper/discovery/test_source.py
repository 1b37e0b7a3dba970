"""Find the tests in source files by reading them: nothing is imported, compiled or run.

Source: the discovery conventions of pytest and unittest. What only a run can find (parameters, inherited tests, a
project's own naming rules) is left out. Files are read line by line, so that the time depends only on their size.
"""

from __future__ import annotations

import os
import re

from workflow_helper.discovery.test_framework import files_of_tests
from workflow_helper.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NamedTuple

    from workflow_helper.discovery.test_framework import Framework
    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

#: Folders that are listed, files that are read, bytes of a file, and tests that are kept.
_FOLDERS, _FILES, _BYTES, _TESTS = 2000, 2000, 1024 * 1024, 20000
_OF_PYTEST = re.compile(r"test_.*\.py|.*_test\.py")
_OF_UNITTEST = re.compile(r"test.*\.py")
_DEFINITION = re.compile(r"([ \t]*)(?:(class)|(?:async[ \t]+)?def)[ \t]+(\w+)(.*)")
#: Other statements that end a class when they have its indentation; other lines may continue a statement.
_BLOCK = re.compile(r"([ \t]*)(?:if|elif|else|try|except|finally|for|while|with|match)\b")
_TRIPLE = ('"' * 3, "'" * 3)
#: A comment, the start of a triple-quoted string, or a whole string; an unclosed string ends with its line.
_TEXT = re.compile(r"#|\"{3}|'{3}|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?")


class SourceTest(NamedTuple):
    """A test as found in a source file."""

    #: As its framework names it.
    id: str
    #: Absolute.
    file: str
    #: From 1.
    line: int


class _Scope(NamedTuple):
    """A class or a function that is being read."""

    indent: int
    #: The names of the classes, outermost first; ``None`` where tests are not collected.
    names: tuple[str, ...] | None


def source_tests(
    root: str, framework: Framework, disk: Disk, ignored: Sequence[str]
) -> tuple[SourceTest, ...]:
    """Return the tests of the project at ``root``, file by file; none of the folders ``ignored``, which are absolute."""
    pattern = _OF_PYTEST if framework == "pytest" else _OF_UNITTEST
    outside = tuple(os.path.join(folder, "") for folder in ignored)
    found: dict[str, SourceTest] = {}
    for count, path in enumerate(files_of_tests(root, disk, _FOLDERS)):
        if count >= _FILES or len(found) >= _TESTS:
            break
        if not pattern.fullmatch(os.path.basename(path)) or path.startswith(outside):
            continue
        prefix = _id_prefix(path, root, framework, disk)
        if prefix is None:
            continue
        separator = "::" if framework == "pytest" else "."
        for names, line in _find_tests(_text(path, disk), framework):
            identity = separator.join((prefix, *names))
            found[identity] = SourceTest(identity, path, line)
    return tuple(found.values())


def _id_prefix(path: str, root: str, framework: Framework, disk: Disk) -> str | None:
    """Return the beginning of the ids of a file's tests; ``None`` if its framework does not find the file."""
    parts = os.path.relpath(path, root).split(os.sep)
    if framework == "pytest":
        return "/".join(parts)
    *folders, name = parts
    if folders and folders[0] in ("tests", "test") and not _is_package(root, folders[:1], disk):
        root, folders = os.path.join(root, folders[0]), folders[1:]
    depths = range(1, len(folders) + 1)
    if not all(_is_package(root, folders[:depth], disk) for depth in depths):
        return None
    return ".".join((*folders, name.removesuffix(".py")))


def _is_package(root: str, folders: Sequence[str], disk: Disk) -> bool:
    return disk.is_file(os.path.join(root, *folders, "__init__.py"))


def _text(path: str, disk: Disk) -> str:
    try:
        data = disk.read(path, _BYTES)
    except UnusableFile:
        return ""
    return (data or b"").decode("utf-8", "replace")


def _find_tests(text: str, framework: Framework) -> list[tuple[tuple[str, ...], int]]:
    """Return the names of each test, from the outermost class on, and its line."""
    found: list[tuple[tuple[str, ...], int]] = []
    scopes: list[_Scope] = []
    #: Classes that pytest does not collect, since they define ``__init__``.
    with_init: set[tuple[str, ...]] = set()
    for line, code in _code_lines(text):
        match = _DEFINITION.match(code)
        block = match or _BLOCK.match(code)
        if block is None:
            continue
        indent = len(block[1].expandtabs())
        while scopes and scopes[-1].indent >= indent:
            scopes.pop()
        if match is None:
            continue
        outer = scopes[-1].names if scopes else ()
        names = None if outer is None else (*outer, match[3])
        if match[2]:
            is_case = "TestCase" in match[4]
            is_own = is_case or (framework == "pytest" and match[3].startswith("Test"))
            scopes.append(_Scope(indent, names if is_own else None))
            continue
        scopes.append(_Scope(indent, None))
        if outer and match[3] == "__init__":
            with_init.add(outer)
        if names is not None and match[3].startswith("test") and (outer or framework == "pytest"):
            found.append((names, line))
    return [one for one in found if not any(one[0][: len(names)] == names for names in with_init)]


def _code_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that do not begin inside a triple-quoted string, with their numbers."""
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not inside:
            yield number, line
        at = 0
        while at <= len(line):
            if inside:
                end = line.find(inside, at)
                if end < 0:
                    break
                at, inside = end + len(inside), ""
                continue
            found = _TEXT.search(line, at)
            if found is None or found[0] == "#":
                break
            at = found.end()
            if found[0] in _TRIPLE:
                inside = found[0]
