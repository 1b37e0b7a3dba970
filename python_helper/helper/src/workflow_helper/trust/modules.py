"""Find the files of a Python module, and of the modules that it imports, by parsing their sources."""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.walk import COMPILED

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.filesystem.walk import Trees

#: Bytes of a source file; a larger one is not looked into, and counts by itself.
SOURCE_LIMIT = 4 * 1024 * 1024
#: Endings of what Python imports: sources, byte code in their place, compiled extensions.
ENDINGS = (".py", ".pyc", ".so", ".pyd")


class Modules:
    """The modules in ``folders``. Each file and package is yielded once, however often it is requested."""

    def __init__(self, folders: Sequence[str], trees: Trees) -> None:
        self._folders = folders
        self._trees = trees
        #: The first names of modules that were looked for.
        self._known: set[str] = set()
        self._visited: set[str] = set()
        self._walked: set[str] = set()
        #: Folder -> a module's name -> its files there.
        self._files: dict[str, dict[str, list[str]]] = {}

    def imported(self, dotted: str) -> Iterator[str]:
        """Yield the files and packages that importing ``dotted`` can run, without those that were yielded before.

        A package stands for its whole folder. Imports by a computed name are not found.

        Raises:
            UnusableFile: a folder has too many entries.
        """
        if not all(part.isidentifier() for part in dotted.split(".")):
            return
        waiting = [dotted]
        while waiting:
            top = waiting.pop().partition(".")[0]
            if top in self._known or not top.isidentifier():
                continue
            self._known.add(top)
            for path in self._places(top):
                if path in self._visited:
                    continue
                self._visited.add(path)
                yield path
                for source in self._trees.below(path, path, self._walked):
                    waiting += _imports(source, self._trees.disk)

    def imported_by(self, sources: Iterable[str]) -> Iterator[str]:
        """Yield the files of :meth:`imported` for every import of ``sources``."""
        for source in sources:
            for name in _imports(source, self._trees.disk):
                yield from self.imported(name)

    def packages(self, folder: str) -> Iterator[str]:
        """Yield the names of the packages in ``folder``, which take precedence over installed ones.

        Raises:
            OSError: the folder cannot be read.
            UnusableFile: it has too many entries.
        """
        for name in self._trees.names(folder):
            place = os.path.join(folder, name)
            # A folder without `__init__` gives way to what is installed.
            if (
                name.isidentifier()
                and self._trees.disk.is_folder(place)
                and "__init__" in self._in(place)
            ):
                yield name

    def _places(self, top: str) -> Iterator[str]:
        for folder in self._folders:
            package = os.path.join(folder, top)
            if self._trees.disk.is_folder(package):
                yield package
            files = self._in(folder).get(top)
            if files:
                yield from files
                yield from self.compiled(folder)

    def compiled(self, folder: str) -> Iterator[str]:
        """Yield the compiled files in ``folder`` that Python would run without checking the source."""
        place = os.path.join(folder, COMPILED)
        if self._trees.disk.is_folder(place):
            yield place

    def _in(self, folder: str) -> Mapping[str, Sequence[str]]:
        """Return the files of modules in ``folder``; none if Python could not find them either."""
        found = self._files.get(folder)
        if found is None:
            found = self._files[folder] = {}
            try:
                names = self._trees.names(folder)
            except OSError:
                return found
            for name in names:
                if name.endswith(ENDINGS):
                    # `module.cpython-312-x86_64-linux-gnu.so` is a module as well.
                    top = name.partition(".")[0]
                    found.setdefault(top, []).append(os.path.join(folder, name))
        return found


def _imports(path: str, disk: Disk) -> Iterator[str]:
    if not path.endswith(".py"):
        return
    import ast

    try:
        source = disk.read(path, SOURCE_LIMIT) or b""
    except UnusableFile:
        return
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Another Python may understand it: what looks like an import counts.
        yield from _apparent(source)
        return
    for node in ast.walk(tree):
        yield from _named(node)


def _apparent(source: bytes) -> Iterator[str]:
    for line in source.decode("utf-8", "replace").replace(";", "\n").splitlines():
        first, _, rest = line.strip().partition(" ")
        if first == "from":
            yield rest.split()[0] if rest.split() else ""
        elif first == "import":
            yield from (name.split()[0] for name in rest.split(",") if name.split())


def _named(node: ast.AST) -> Iterator[str]:
    import ast

    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
