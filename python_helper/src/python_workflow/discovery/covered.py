"""What consent to a declared workflow covers: the declaration, and every file of the project that it names.

A word of the declaration counts as a file's name wherever it stands: the script itself, any argument of a command, the
part of an argument behind ``=``, a word of a command line for a shell, a requirement that is a path or a ``file:`` URL, a
declarative adapter with the words in it, and the modules that it imports with those that they import. Folders count with
all that is in them. A link counts with where it leads. Only what lies inside the root counts: what is outside was not
brought by the project.
"""

from __future__ import annotations

import os
import stat

from python_workflow.discovery.declarations import expand_home
from python_workflow.discovery.modules import Modules
from python_workflow.discovery.paths import is_inside, is_remote
from python_workflow.discovery.trees import Trees
from python_workflow.errors import UnusableFile
from python_workflow.real import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from hashlib import _Hash as Hash
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.discovery.wsp_table import Declaration
    from python_workflow.model import Host
else:
    from python_workflow.light import NamedTuple

#: A declaration that names more than this is the whole project and more: consent to it would say nothing.
FILES_LIMIT = 20_000
BYTES_LIMIT = 512 * 1024 * 1024


class Covered(NamedTuple):
    """What consent to a declaration covers."""

    #: Sorted.
    files: tuple[str, ...]
    #: A SHA-256 over the declaration and all that it names: another one means that something changed.
    digest: str


def cover(declaration: Declaration, root: str, host: Host, disk: Disk) -> Covered:
    """What consent to ``declaration`` of ``root`` covers; not computed anew while nothing of it has changed.

    Raises :class:`UnusableFile` as :func:`files` does, and for a file that cannot be read.
    """
    text = _text(declaration)

    def make() -> Covered:
        from hashlib import sha256

        found = files(declaration, root, host, disk)
        whole = sha256()
        _add(whole, text.encode())
        _add_files(whole, found, root, disk)
        return Covered(found, whole.hexdigest())

    return disk.derived("covered", root, (text, declaration.declared_in), make)


def files(declaration: Declaration, root: str, host: Host, disk: Disk) -> tuple[str, ...]:
    """The files inside ``root`` that ``declaration`` names, sorted.

    Raises :class:`UnusableFile` when there are more than :data:`FILES_LIMIT`, or a folder has more entries or cannot be
    read.
    """

    def make() -> tuple[str, ...]:
        trees = Trees(disk, FILES_LIMIT)
        seen: set[str] = set()
        found: set[str] = set()
        for path in dict.fromkeys(_named(declaration, root, host, trees)):
            for file in trees.below(path, root, seen):
                found.add(file)
                if len(found) > FILES_LIMIT:
                    reason = f"holds more than {FILES_LIMIT} files, too many to consent to"
                    raise UnusableFile(path, reason)
        return tuple(sorted(found))

    return disk.derived("files", root, (_text(declaration), declaration.declared_in), make)


def stamps(
    declaration: Declaration, root: str, host: Host, disk: Disk
) -> tuple[tuple[str, tuple[int, int] | None], ...]:
    """What changes when any of :func:`files` does, without reading them; nothing of files that cannot be listed."""
    try:
        paths = files(declaration, root, host, disk)
    except UnusableFile:
        return ()
    looks = ((path, disk.stat(path)) for path in paths)
    return tuple((path, look and (look.st_mtime_ns, look.st_size)) for path, look in looks)


def digest(declaration: Declaration, root: str, host: Host, disk: Disk) -> str:
    """The digest of :func:`cover`."""
    return cover(declaration, root, host, disk).digest


def contents(path: str, disk: Disk) -> str:
    """A SHA-256 over the file at ``path``, or over all files below it, with their names. Raises as :func:`cover`."""
    from hashlib import sha256

    whole = sha256()
    _add_files(whole, tuple(sorted(Trees(disk, FILES_LIMIT).below(path, path, set()))), path, disk)
    return whole.hexdigest()


def _text(declaration: Declaration) -> str:
    import json

    return json.dumps(declaration.launch, sort_keys=True)


def _add_files(whole: Hash, paths: tuple[str, ...], root: str, disk: Disk) -> None:
    from hashlib import sha256

    left = BYTES_LIMIT
    for path in paths:
        _add(whole, os.fsencode(os.path.relpath(path, root)))
        found = disk.stat(path)
        if os.path.islink(path):
            _add(whole, os.fsencode(os.readlink(path)))
        if found is None or stat.S_ISDIR(found.st_mode):
            # Nothing, or a folder behind links: its files, if they are the project's, are told by themselves.
            _add(whole, os.fsencode(os.path.relpath(real_path(path), root)))
            continue
        data = disk.read(path, left)
        left -= len(data or b"")
        _add(whole, b"gone" if data is None else sha256(data).digest())
        # Whether a file may be executed decides what a command does with it.
        _add(whole, b"x" if found.st_mode & stat.S_IXUSR else b"-")


def _add(whole: Hash, part: bytes) -> None:
    # With its length, so that no two lists of parts run together to the same bytes.
    whole.update(len(part).to_bytes(8, "big") + part)


def _named(declaration: Declaration, root: str, host: Host, trees: Trees) -> Iterator[str]:
    """The existing paths inside ``root`` that the words of the declaration could mean."""
    origin = declaration.declared_in
    folders = dict.fromkeys((root, os.path.dirname(origin) if origin else root))
    yield from _meant(_words(declaration.launch), tuple(folders), root, host, trees)
    config = declaration.launch.get("config")
    if isinstance(config, str) and not is_remote(config):
        for folder in folders:
            path = os.path.normpath(os.path.join(folder, expand_home(config, host)))
            if trees.disk.is_file(path) and is_inside(path, root):
                yield from _of_adapter(path, tuple(folders), root, host, trees)


def _of_adapter(
    path: str, folders: tuple[str, ...], root: str, host: Host, trees: Trees
) -> Iterator[str]:
    """What the declarative adapter at ``path`` names and imports."""
    beside = os.path.dirname(real_path(path))
    places = tuple(dict.fromkeys((*folders, os.path.dirname(path), beside)))
    yield from _meant(_words(_document(path, trees.disk)), places, root, host, trees)


def _document(path: str, disk: Disk) -> object:
    """The contents of an adapter; nothing where it cannot be read, since it cannot be served either."""
    import json

    try:
        if path.lower().endswith(".json"):
            return json.loads(disk.text(path) or "null")
        return disk.toml(path)
    except (UnusableFile, ValueError, RecursionError):
        return None


def _meant(
    words: Iterable[str], folders: tuple[str, ...], root: str, host: Host, trees: Trees
) -> Iterator[str]:
    modules = Modules(folders, trees)
    for word in words:
        for text, whole in _spellings(word):
            for folder in folders:
                path = os.path.normpath(os.path.join(folder, expand_home(text, host)))
                # In a longer text `.` is more often a shell's word than the project's folder.
                if _is_in(path, root) and trees.disk.is_present(path) and (whole or path != root):
                    yield path
        # `python -m package.module`, `-c "import module"`, `package.module:function`, an adapter's `import`.
        for name in dict.fromkeys(_apart(word)):
            for path in modules.imported(name):
                if _is_in(path, root):
                    yield path


def _is_in(path: str, root: str) -> bool:
    """Whether ``path`` lies in ``root`` by its name or by where it leads: the name is the project's to change."""
    spelled = path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)
    return spelled or is_inside(path, root)


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _words(item)


#: What separates words in a command line for a shell, in a list of paths, in an option and in a direct reference.
_SEPARATORS = " \t\r\n\"'`=:,;@&|<>()[]{}$"


def _spellings(word: str) -> Iterator[tuple[str, bool]]:
    """What of ``word`` could be a path, and whether it is all that is meant by the word or by an option's value."""
    texts = {word: True, word.partition("[")[0]: True, word.partition("=")[2]: True}
    if word[:1] == "-" and word[1:2] != "-":
        texts[word[2:]] = True  # -rrequirements.txt
    for part in (*_apart(word), word.partition("@")[2].strip()):
        texts.setdefault(part, False)
    for text, whole in texts.items():
        path = _without_scheme(text)
        if path and not is_remote(path) and "\0" not in path:
            yield path, whole


def _apart(word: str) -> list[str]:
    return word.translate(dict.fromkeys(map(ord, _SEPARATORS), " ")).split()


def _without_scheme(text: str) -> str:
    if not text.lower().startswith("file:"):
        return text
    from urllib.parse import unquote

    path = unquote(text[5:])
    return path[2:].removeprefix("localhost") if path.startswith("//") else path
