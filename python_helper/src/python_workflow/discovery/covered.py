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
from python_workflow.discovery.modules import imported
from python_workflow.discovery.paths import is_inside, is_remote
from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from hashlib import _Hash as Hash

    from python_workflow.discovery.disk import Disk
    from python_workflow.discovery.wsp_table import Declaration
    from python_workflow.model import Host

#: A declaration that names more than this is the whole project and more: consent to it would say nothing.
FILES_LIMIT = 20_000
BYTES_LIMIT = 512 * 1024 * 1024
#: Version control's own.
LEFT_OUT = ".git"
#: What Python compiled. It checks against the source what it writes there of its own accord, and that changes at a run.
COMPILED = "__pycache__"


def files(declaration: Declaration, root: str, host: Host, disk: Disk) -> tuple[str, ...]:
    """The files inside ``root`` that ``declaration`` names, sorted.

    Raises :class:`UnusableFile` when there are more than :data:`FILES_LIMIT`, or a folder cannot be read.
    """
    found: set[str] = set()
    for path in _named(declaration, root, host, disk):
        for file in _below(path, root):
            found.add(file)
            if len(found) > FILES_LIMIT:
                raise UnusableFile(
                    path, f"holds more than {FILES_LIMIT} files, too many to consent to"
                )
    return tuple(sorted(found))


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
    """A SHA-256 over the declaration and all that it names: another one means that something changed.

    Raises :class:`UnusableFile` as :func:`files` does, and for a file that cannot be read.
    """
    import json
    from hashlib import sha256

    whole = sha256()
    _add(whole, json.dumps(declaration.launch, sort_keys=True).encode())
    _add_files(whole, files(declaration, root, host, disk), root, disk)
    return whole.hexdigest()


def contents(path: str, disk: Disk) -> str:
    """A SHA-256 over the file at ``path``, or over all files below it, with their names. Raises as :func:`digest`."""
    from hashlib import sha256

    whole = sha256()
    _add_files(whole, tuple(sorted(_below(path, path))), path, disk)
    return whole.hexdigest()


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
            _add(whole, os.fsencode(os.path.relpath(os.path.realpath(path), root)))
            continue
        data = disk.read(path, left)
        left -= len(data or b"")
        _add(whole, b"gone" if data is None else sha256(data).digest())
        # Whether a file may be executed decides what a command does with it.
        _add(whole, b"x" if found.st_mode & stat.S_IXUSR else b"-")


def _add(whole: Hash, part: bytes) -> None:
    # With its length, so that no two lists of parts run together to the same bytes.
    whole.update(len(part).to_bytes(8, "big") + part)


def _named(declaration: Declaration, root: str, host: Host, disk: Disk) -> Iterator[str]:
    """The existing paths inside ``root`` that the words of the declaration could mean."""
    origin = declaration.declared_in
    folders = dict.fromkeys((root, os.path.dirname(origin) if origin else root))
    yield from _meant(_words(declaration.launch), tuple(folders), root, host, disk)
    config = declaration.launch.get("config")
    if isinstance(config, str) and not is_remote(config):
        for folder in folders:
            path = os.path.normpath(os.path.join(folder, expand_home(config, host)))
            if disk.is_file(path) and is_inside(path, root):
                yield from _of_adapter(path, tuple(folders), root, host, disk)


def _of_adapter(
    path: str, folders: tuple[str, ...], root: str, host: Host, disk: Disk
) -> Iterator[str]:
    """What the declarative adapter at ``path`` names and imports."""
    beside = os.path.dirname(os.path.realpath(path))
    places = tuple(dict.fromkeys((*folders, os.path.dirname(path), beside)))
    yield from _meant(_words(_document(path, disk)), places, root, host, disk)


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
    words: Iterable[str], folders: tuple[str, ...], root: str, host: Host, disk: Disk
) -> Iterator[str]:
    for word in words:
        for text, whole in _spellings(word):
            for folder in folders:
                path = os.path.normpath(os.path.join(folder, expand_home(text, host)))
                # In a longer text `.` is more often a shell's word than the project's folder.
                if _is_in(path, root) and disk.is_present(path) and (whole or path != root):
                    yield path
        # `python -m package.module`, `-c "import module"`, `package.module:function`, an adapter's `import`.
        for name in dict.fromkeys(_apart(word)):
            for path in imported(name, folders, disk):
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


def _below(path: str, root: str) -> Iterator[str]:
    """``path`` itself, or all files below it; links count, and are followed as long as they stay inside ``root``."""
    if os.path.islink(path) or not os.path.isdir(path) or not is_inside(path, root):
        yield path
    if not os.path.isdir(path):
        return
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen or not is_inside(folder, root):
            continue
        seen.add(real)
        if len(seen) > FILES_LIMIT:
            reason = f"holds more than {FILES_LIMIT} folders, too many to consent to"
            raise UnusableFile(path, reason)
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            raise UnusableFile(folder, f"cannot be read ({error.strerror or error})") from None
        compiled = os.path.basename(folder) == COMPILED
        for name in names:
            below = os.path.join(folder, name)
            if name == LEFT_OUT or (compiled and _is_checked(below)):
                continue
            if os.path.isdir(below):
                waiting.append(below)
            if os.path.isfile(below) or os.path.islink(below):
                yield below


def _is_checked(path: str) -> bool:
    """Whether ``path`` is compiled code that Python runs only while its source is as it was when compiled.

    What bears a hash in place of a time (PEP 552) was not written by a run, and may be anything.
    """
    if not path.endswith(".pyc") or not os.path.isfile(path):
        return False
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        return os.read(handle, 8)[4:] == b"\0\0\0\0"
    except OSError:
        return False
    finally:
        os.close(handle)
