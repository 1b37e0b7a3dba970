"""What consent to a declared workflow covers: the declaration, and every file of the project that it names.

A word of the declaration counts as a file's name wherever it stands: the script itself, any argument of a command, the
part of an argument behind ``=``, a requirement that is a path or a ``file:`` URL, a declarative adapter and the words in
it. Folders count with all that is in them. Only what lies inside the root counts: what is outside was not brought by
the project.
"""

from __future__ import annotations

import os
import stat

from python_workflow.discovery.declarations import expand_home
from python_workflow.discovery.paths import is_inside, is_remote
from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from hashlib import _Hash as Hash

    from python_workflow.discovery.disk import Disk
    from python_workflow.discovery.wsp_table import Declaration
    from python_workflow.model import Host

#: A declaration that names more than this is the whole project and more: consent to it would say nothing.
FILES_LIMIT = 20_000
BYTES_LIMIT = 512 * 1024 * 1024
#: Never run: version control's own, and byte code, which servers are started without (``pycache_prefix``).
LEFT_OUT = (".git", "__pycache__")


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
        if os.path.islink(path):
            _add(whole, os.fsencode(os.readlink(path)))
        data = disk.read(path, left)
        left -= len(data or b"")
        _add(whole, b"gone" if data is None else sha256(data).digest())
        # Whether a file may be executed decides what a command does with it.
        found = disk.stat(path)
        _add(whole, b"x" if found is not None and found.st_mode & stat.S_IXUSR else b"-")


def _add(whole: Hash, part: bytes) -> None:
    # With its length, so that no two lists of parts run together to the same bytes.
    whole.update(len(part).to_bytes(8, "big") + part)


def _named(declaration: Declaration, root: str, host: Host, disk: Disk) -> Iterator[str]:
    """The existing paths inside ``root`` that the words of the declaration could mean."""
    origin = declaration.declared_in
    folders = dict.fromkeys((root, os.path.dirname(origin) if origin else root))
    words = list(_words(declaration.launch))
    config = declaration.launch.get("config")
    if isinstance(config, str):
        for folder in tuple(folders):
            path = os.path.join(folder, config)
            if disk.is_file(path):
                folders[os.path.dirname(path)] = None
                words += _words(disk.toml(path) or {})
    for word in words:
        for text in _spellings(word):
            for folder in folders:
                path = os.path.normpath(os.path.join(folder, expand_home(text, host)))
                if path != root and is_inside(path, root) and disk.is_present(path):
                    yield path


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _words(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _words(item)


def _spellings(word: str) -> Iterator[str]:
    """What of ``word`` could be a path: all of it, an option's value, a direct reference, a module."""
    for text in (
        word,
        word.partition("=")[2],
        word.partition("@")[2].strip(),
        word.partition(" ")[0],
    ):
        for plain in (text, text.partition("[")[0]):
            path = plain.removeprefix("file://").removeprefix("localhost")
            if path and not is_remote(path) and "\0" not in path:
                yield path
    # `module:function`, and `package.module` as files beside the adapter that imports them.
    module = word.partition(":")[0]
    if module and all(part.isidentifier() for part in module.split(".")):
        parts = module.split(".")
        yield parts[0]
        yield parts[0] + ".py"


def _below(path: str, root: str) -> Iterator[str]:
    """``path`` itself, or all files below it; links are followed as long as they stay inside ``root``."""
    if not os.path.isdir(path):
        yield path
        return
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen or not is_inside(folder, root):
            continue
        seen.add(real)
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            raise UnusableFile(folder, f"cannot be read ({error.strerror or error})") from None
        for name in names:
            below = os.path.join(folder, name)
            if name in LEFT_OUT:
                continue
            if os.path.isdir(below):
                waiting.append(below)
            elif os.path.isfile(below) or os.path.islink(below):
                yield below
