"""The extent of consent to a workflow: the declaration, and a set of files.

A ``script`` is run from a private copy (:mod:`trust.snapshot`) that contains exactly the set: the file, or the folder
with its contents, its declared ``files``, and the local dependencies of its inline metadata.

A ``cmd``, and the commands of a declarative adapter (``config``), run in place, which is weaker. A word counts as a
file's name wherever it stands: any argument, the part of an argument behind ``=``, a word of a command line for a
shell, a requirement that is a path or a ``file:`` URL. A file includes the adjacent files of its kind. A Python file
also includes its imports, those of adjacent files, and adjacent packages. A program includes the files that it is known
to read by default (a Makefile). A program of an environment includes the files that its Python runs at its start, and
``--find-links`` includes the packages there, wherever that is. Other files have to be declared in ``files``.

What runs on another machine (``ssh``) has no files here: host, folder and command are the declaration.

A bundled workflow's set consists of the project's files that its tool executes: :mod:`trust.executed_files`.

Folders include their contents, and links their targets.
"""

from __future__ import annotations

import os
import stat
from itertools import pairwise

from workflow_helper.discovery import roots
from workflow_helper.discovery.declarations import expand_home
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import (
    absolute,
    holds,
    is_inside,
    is_remote,
    path_of_file_url,
    program_name,
)
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.walk import Trees
from workflow_helper.model import AdapterLaunch, ProgramLaunch, ScriptLaunch
from workflow_helper.trust import executed_files, local_dependencies
from workflow_helper.trust.modules import ENDINGS, Modules
from workflow_helper.trust.startup_files import automatic_files, package_folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from hashlib import _Hash as Hash
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Declaration, Host
else:
    from workflow_server.namedtuple import NamedTuple

#: A declaration that names more than this covers the whole project: consent to it would be meaningless.
FILES_LIMIT = 20_000
BYTES_LIMIT = 512 * 1024 * 1024


class Covered(NamedTuple):
    """The extent of consent to a declaration."""

    #: Sorted.
    files: tuple[str, ...]
    #: A SHA-256 over the declaration and all that it names: another one means that something changed.
    digest: str


def cover(declaration: Declaration, root: str, host: Host, disk: Disk) -> Covered:
    """Return what consent to ``declaration`` of ``root`` covers, cached until one of the files changes.

    Raises:
        UnusableFile: there are too many files, or one is missing or cannot be read.
    """
    text = _text(declaration)

    def make() -> Covered:
        return read(declaration, root, host, disk)

    return disk.derived("covered", root, (text, declaration.declared_in), make)


def read(
    declaration: Declaration,
    root: str,
    host: Host,
    disk: Disk,
    keep: Callable[[str, bytes, bool], None] = lambda *_: None,
) -> Covered:
    """Return the same without a cache.

    ``keep`` is called with each file's path, the bytes that the digest is computed from, and whether it is
    executable.
    """
    from hashlib import sha256

    found = files(declaration, root, host, disk)
    whole = sha256()
    _add(whole, _text(declaration).encode())
    if declaration.bundled is not None:
        _add(whole, executed_files.tables_text(declaration.bundled, root, disk).encode())
    _add_files(whole, found, root, disk, keep)
    return Covered(found, whole.hexdigest())


def files(declaration: Declaration, root: str, host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the files that consent to ``declaration`` of ``root`` covers, sorted.

    Raises:
        UnusableFile: there are more than :data:`FILES_LIMIT`, a folder has more entries or cannot be read, or a
        declared file is missing.
    """

    def make() -> tuple[str, ...]:
        trees = Trees(disk, FILES_LIMIT)
        seen: set[str] = set()
        found: set[str] = set()
        for path in dict.fromkeys(_named(declaration, root, host, trees)):
            ours = is_inside(path, root) if _is_whole(declaration) else _is_in(path, root)
            within = root if ours else path
            for file in trees.below(path, within, seen):
                found.add(file)
                if len(found) > FILES_LIMIT:
                    reason = f"contains more than {FILES_LIMIT} files, too many to consent to"
                    raise UnusableFile(path, reason)
        return tuple(sorted(found))

    return disk.derived("files", root, (repr(declaration.launch), declaration.declared_in), make)


def stamps(
    declaration: Declaration, root: str, host: Host, disk: Disk
) -> tuple[tuple[str, tuple[int, int] | None], ...]:
    """Return stamps of :func:`files`, which change when a file does, without reading them; none if they cannot be listed."""
    try:
        paths = files(declaration, root, host, disk)
    except UnusableFile:
        return ()
    looks = ((path, disk.stat(path)) for path in paths)
    return tuple((path, look and (look.st_mtime_ns, look.st_size)) for path, look in looks)


def digest(declaration: Declaration, root: str, host: Host, disk: Disk) -> str:
    """Return the digest of :func:`cover`."""
    return cover(declaration, root, host, disk).digest


def contents(path: str, disk: Disk) -> str:
    """Return a SHA-256 over the file at ``path``, or over all files below it, with their names.

    Raises:
        UnusableFile: there are too many files, or one cannot be read.
    """
    from hashlib import sha256

    whole = sha256()
    _add_files(whole, tuple(sorted(Trees(disk, FILES_LIMIT).below(path, path, set()))), path, disk)
    return whole.hexdigest()


def _text(declaration: Declaration) -> str:
    import json

    return json.dumps(declaration.launch.to_wire(), sort_keys=True)


def _add_files(
    whole: Hash,
    paths: tuple[str, ...],
    root: str,
    disk: Disk,
    keep: Callable[[str, bytes, bool], None] = lambda *_: None,
) -> None:
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
        runs = bool(found.st_mode & stat.S_IXUSR)
        _add(whole, b"x" if runs else b"-")
        if data is not None:
            keep(path, data, runs)


def _add(whole: Hash, part: bytes) -> None:
    # With its length, so that no two lists of parts run together to the same bytes.
    whole.update(len(part).to_bytes(8, "big") + part)


def script_of(declaration: Declaration, root: str, host: Host) -> str | None:
    """Return the path of the ``script`` that is declared; ``None`` for another form, and one on another machine."""
    launch = declaration.launch
    if not isinstance(launch, ScriptLaunch) or is_remote(launch.path):
        return None
    return absolute(declaration.base(root), expand_home(launch.path, host))


def _is_whole(declaration: Declaration) -> bool:
    """Return whether named files are covered wherever they are, because exactly these are copied and run."""
    return isinstance(declaration.launch, ScriptLaunch)


def _named(declaration: Declaration, root: str, host: Host, trees: Trees) -> Iterator[str]:
    """Yield the paths that the declaration, or its tool, would execute."""
    if declaration.bundled is not None:
        yield from executed_files.paths(declaration.bundled, root, trees)
        return
    if declaration.host is not None:
        return  # its files are on another machine; where, and what is started, the declaration says
    yield from declared(declaration, root, host)
    script = script_of(declaration, root, host)
    if script is not None:
        if trees.disk.exists(script):
            yield script
            yield from _installed_by(script, host, trees.disk)
        return
    folders = tuple(dict.fromkeys((root, declaration.base(root))))
    launch = declaration.launch
    words = (*_words(launch),)
    yield from _meant(words, folders, root, host, trees)
    for place in package_folders(words):
        for folder in folders:
            path = os.path.normpath(os.path.join(folder, expand_home(place, host)))
            if not is_remote(path) and trees.disk.is_folder(path):
                yield path
    if isinstance(launch, AdapterLaunch) and not is_remote(launch.path):
        for folder in folders:
            path = os.path.normpath(os.path.join(folder, expand_home(launch.path, host)))
            if trees.disk.is_file(path):
                yield path
                yield from _of_adapter(path, folders, root, host, trees)


def declared(declaration: Declaration, root: str, host: Host) -> Iterator[str]:
    """Yield the paths that ``files`` names.

    Raises:
        UnusableFile: one of them does not exist.
    """
    launch = declaration.launch
    if not isinstance(launch, (ProgramLaunch, ScriptLaunch, AdapterLaunch)):
        return
    for word in launch.files:
        path = absolute(declaration.base(root), expand_home(word, host))
        if is_remote(path) or not os.path.exists(path):
            where = declaration.declared_in or "the workflow"
            raise UnusableFile(where, f"'files' names {word}, which does not exist: {path}")
        yield path


def _installed_by(script: str, host: Host, disk: Disk) -> Iterator[str]:
    """Yield the local dependencies in the inline metadata of ``script``."""
    if not disk.is_file(script) or script.endswith((".pyz", ".pyzw")):
        return
    from workflow_helper.discovery.script_metadata import metadata

    try:
        dependencies = metadata(script, disk).dependencies
    except UnusableFile:  # it cannot be started either
        return
    for text in dependencies:
        path = path_of_requirement(text, os.path.dirname(script), host)
        if path is not None and disk.exists(path):
            yield path


def path_of_requirement(text: str, base: str, host: Host) -> str | None:
    """Return the local path that a requirement names, if any: as a path, or as a ``file:`` URL."""
    word = text.strip()
    bare = word.partition("[")[0]
    if looks_like_path(word):
        path = path_of_file_url(bare) or absolute(
            base, expand_home(bare.partition(";")[0].strip(), host)
        )
    else:
        path = (
            path_of_file_url(word.partition("@")[2].partition(";")[0].strip().partition("#")[0])
            or ""
        )
    return path if path and not is_remote(path) else None


def looks_like_path(word: str) -> bool:
    """Return whether ``word`` cannot be a requirement by name: those have no separator before ``@`` or a marker."""
    head = word.partition("@")[0].partition(";")[0]
    separators = {"/", os.sep}
    return word.startswith((".", "~")) or any(separator in head for separator in separators)


def _of_adapter(
    path: str, folders: tuple[str, ...], root: str, host: Host, trees: Trees
) -> Iterator[str]:
    """Yield the files that the declarative adapter at ``path`` names and imports."""
    beside = os.path.dirname(real_path(path))
    places = tuple(dict.fromkeys((*folders, os.path.dirname(path), beside)))
    yield from _meant(_words(_document(path, trees.disk)), places, root, host, trees)


def _document(path: str, disk: Disk) -> object:
    """Return the contents of the TOML or JSON file at ``path``; empty if it cannot be read, since no tool can read it either."""
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
    # What lies in a folder above, of the same repository, was brought by it as well.
    bounds = (root, *roots.around(root, host, trees.disk))[-1]
    words = tuple(dict.fromkeys(words))
    tasks = _of_tasks(words, folders, trees.disk)
    # What a task names as `package.module:function` is installed from there.
    sources = tuple(os.path.join(folder, "src") for folder in folders) if tasks else ()
    modules = Modules((*folders, *sources), trees)
    for word in (*words, *tasks):
        for text, whole in _spellings(word):
            for path in _there(text, folders, bounds, host, trees.disk):
                # In a longer text `.` is more often a shell's word than the project's folder.
                if whole or path != root:
                    yield path
                    yield from automatic_files(path, host, trees)
                    yield from _beside(path, folders, trees)
                    for name in _of_first_line(path, trees.disk):
                        for program in _there(name, folders, bounds, host, trees.disk):
                            yield program
                            yield from automatic_files(program, host, trees)
        program = program_name(word)
        automatic: dict[str, None] = {}
        for name in _READ_AUTOMATICALLY.get(program, ()):
            automatic.update(dict.fromkeys(_there(name, folders, bounds, host, trees.disk)))
        yield from _spelled_once(automatic, trees.disk)
        if program in executed_files.FILES:
            for folder in folders:
                yield from executed_files.paths(program, folder, trees)
        # `python -m package.module`, `-c "import module"`, `package.module:function`, an adapter's `import`.
        for name in dict.fromkeys(_apart(word)):
            yield from (path for path in modules.imported(name) if _is_in(path, bounds))


def _of_tasks(words: tuple[str, ...], folders: tuple[str, ...], disk: Disk) -> tuple[str, ...]:
    """Return the words of the tasks and entry points that ``words`` name in files of tools, and recursively of those they name."""
    declared: dict[str, list[str]] = {}
    for folder in folders:
        for file in _TASK_FILES:
            for text, keys in local_dependencies.texts(_document(os.path.join(folder, file), disk)):
                for table, name in pairwise(keys):
                    if table in _TASK_TABLES:
                        declared.setdefault(name, []).extend((text, *_apart(text)))
    found: dict[str, None] = {}
    # `hatch run docs:build`
    waiting = [part for word in words for part in (word, *_apart(word))] if declared else []
    while waiting:
        more = [part for part in declared.get(waiting.pop(), ()) if part not in found]
        found.update(dict.fromkeys(more))
        waiting += more
    return tuple(found)


def _there(
    text: str, folders: tuple[str, ...], bounds: str, host: Host, disk: Disk
) -> Iterator[str]:
    """Yield the files of the project at ``text``, relative to any of ``folders``."""
    for folder in folders:
        path = os.path.normpath(os.path.join(folder, expand_home(text, host)))
        if disk.is_present(path) and (
            _is_in(path, bounds) or (not os.path.isabs(text) and disk.is_file(path))
        ):
            yield path


def _spelled_once(paths: Iterable[str], disk: Disk) -> Iterator[str]:
    """Yield ``paths`` without duplicates that differ only in case, if the file system ignores case."""
    earlier: dict[str, os.stat_result] = {}
    for path in paths:
        found = disk.stat(path)
        known = earlier.get(path.lower())
        if found is None or known is None or not os.path.samestat(found, known):
            yield path
        if found is not None:
            earlier.setdefault(path.lower(), found)


_OF_NODE = ("package.json", ".npmrc")
#: Files in which tools keep tasks and entry points by name.
_TASK_FILES = ("pyproject.toml", "Pipfile", "pixi.toml", "hatch.toml", "package.json")
_TASK_TABLES = frozenset({"scripts", "gui-scripts", "tasks"})
#: What programs read of the current folder without being told.
_READ_AUTOMATICALLY = {
    **dict.fromkeys(("make", "gmake"), ("GNUmakefile", "Makefile", "makefile")),
    **dict.fromkeys(("just",), ("justfile", "Justfile", ".justfile")),
    **dict.fromkeys(("task", "go-task"), ("Taskfile.yml", "Taskfile.yaml")),
    **dict.fromkeys(("npm", "npx", "node"), _OF_NODE),
    **dict.fromkeys(("pnpm", "pnpx"), (*_OF_NODE, ".pnpmfile.cjs", "pnpm-workspace.yaml")),
    **dict.fromkeys(("yarn", "yarnpkg"), (*_OF_NODE, ".yarnrc", ".yarnrc.yml", ".pnp.cjs")),
    **dict.fromkeys(("bun", "bunx"), (*_OF_NODE, "bunfig.toml", ".env")),
    "deno": ("deno.json", "deno.jsonc"),
    "rake": ("Rakefile", "rakefile"),
    **dict.fromkeys(executed_files.FILES, ("pyproject.toml",)),
    "invoke": ("tasks.py",),
}
#: Endings of files that are of one kind, and find one another in a folder.
_KINDS = (
    ENDINGS,
    (".sh", ".bash", ".zsh", ".fish", ".env"),
    (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".node"),
    (".mk",),
    (".rb",),
    (".pl", ".pm"),
    (".ps1", ".psm1", ".bat", ".cmd"),
)


def _beside(path: str, folders: tuple[str, ...], trees: Trees) -> Iterator[str]:
    """Yield the files of the kind of ``path`` in its folder, and what Python files among them import."""
    folder = os.path.dirname(path)
    kind = next((kind for kind in _KINDS if path.lower().endswith(kind)), None)
    if kind is None or not trees.disk.is_file(path):
        return
    try:
        names = trees.names(folder)
    except OSError:
        return
    beside = [os.path.join(folder, name) for name in names if name.lower().endswith(kind)]
    yield from beside
    if kind is ENDINGS:
        modules = Modules(tuple(dict.fromkeys((folder, *folders))), trees)
        yield from modules.compiled(folder)
        yield from modules.imported_by(beside)
        # One of them may come before an installed package that is imported by another installed one.
        for name in modules.packages(folder):
            yield from modules.imported(name)


def _of_first_line(path: str, disk: Disk) -> list[str]:
    """Return the words of the shebang line of the file ``path``."""
    line = disk.head(path, 512).partition(b"\n")[0]
    return [os.fsdecode(word) for word in line[2:].split()] if line.startswith(b"#!") else []


def _is_in(path: str, root: str) -> bool:
    """Return whether ``path`` or its link target lies in ``root``, and so could be changed by the project."""
    return holds(root, path) or is_inside(path, root)


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
    """Yield the parts of ``word`` that could be a path, each with whether it is the whole word or an option's whole value."""
    texts = {word: True, word.partition("[")[0]: True, word.partition("=")[2]: True}
    if word[:1] == "-" and word[1:2] != "-":
        texts[word[2:]] = True  # -rrequirements.txt
    for part in (*_apart(word), word.partition("@")[2].strip()):
        texts.setdefault(part, False)
    for text, whole in texts.items():
        path = path_of_file_url(text) or text
        if path and not is_remote(path) and "\0" not in path:
            yield path, whole


def _apart(word: str) -> list[str]:
    return word.translate(dict.fromkeys(map(ord, _SEPARATORS), " ")).split()
