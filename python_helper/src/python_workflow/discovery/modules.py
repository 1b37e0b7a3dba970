"""Which files of a folder a Python module is made of, with those that it imports, read from their sources."""

from __future__ import annotations

import os

from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from python_workflow.discovery.disk import Disk

#: Bytes of a source file; a larger one is not looked into, and counts by itself.
SOURCE_LIMIT = 4 * 1024 * 1024
#: Endings of what Python imports: sources, byte code in their place, compiled extensions.
ENDINGS = (".py", ".pyc", ".so", ".pyd")


def imported(dotted: str, folders: Sequence[str], disk: Disk) -> Iterator[str]:
    """The files and packages in ``folders`` that importing ``dotted`` can run, each once.

    A package counts as its whole folder. What is imported by a computed name is not seen.
    """
    if not all(part.isidentifier() for part in dotted.split(".")):
        return
    seen: set[str] = set()
    waiting = [dotted]
    known: set[str] = set()
    while waiting:
        top = waiting.pop().partition(".")[0]
        if top in known or not top.isidentifier():
            continue
        known.add(top)
        for folder in folders:
            for path in _places(top, folder, disk):
                if path in seen:
                    continue
                seen.add(path)
                yield path
                for source in _sources(path):
                    waiting += _imports(source, disk)


def _places(top: str, folder: str, disk: Disk) -> Iterator[str]:
    package = os.path.join(folder, top)
    if disk.is_folder(package):
        yield package
    for name in disk.names(folder):
        # `module.cpython-312-x86_64-linux-gnu.so` is a module as well.
        if name.partition(".")[0] == top and name.endswith(ENDINGS):
            yield os.path.join(folder, name)


def _sources(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    for folder, _, names in os.walk(path):
        for name in names:
            yield os.path.join(folder, name)


def _imports(path: str, disk: Disk) -> Iterator[str]:
    if not path.endswith(".py"):
        return
    import ast

    try:
        tree = ast.parse(disk.read(path, SOURCE_LIMIT) or b"")
    except (UnusableFile, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        yield from _named(node)


def _named(node: ast.AST) -> Iterator[str]:
    import ast

    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
