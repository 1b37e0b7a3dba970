"""What consent to a declared workflow covers: the declaration, and every file of the project that it names.

A word of the declaration counts as a file's name wherever it stands: the script itself, any argument of a command or a
piece of one, a requirement that is a path or a ``file:`` URL, a declarative adapter and the words in it. Folders count
with all that is in them. Only what lies inside the root counts: what is outside was not brought by the project. A link
that leads there was: it counts with where it points.
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
#: Version control's own.
LEFT_OUT = ".git"
#: What Python compiled. It checks against the source what it writes there of its own accord, and that changes at a run.
COMPILED = "__pycache__"
#: Links in a row, beyond which systems do not follow them either.
MOST_LINKS = 40
#: What stands between the names in a word: ``--files=a:b``, ``sh -c "exec python3 serve.py"``, ``module:function``.
_BETWEEN = str.maketrans(dict.fromkeys("=:,;@'\"()[]{}|&<>", " "))


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
        for link, target in _links(path, root):
            _add(whole, os.fsencode(link))
            _add(whole, os.fsencode(target))
        if not is_inside(path, root):
            _add(whole, b"outside")
            continue
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
                # By its spelling, too: a link that leads out of the root is the project's.
                inside = _below_root(path, root) is not None or is_inside(path, root)
                if inside and path != root and disk.is_present(path):
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
    """What of ``word`` could be a path: all of it, a direct reference, each of its pieces, a module."""
    pieces = word.translate(_BETWEEN).split()
    for text in (word, word.partition("=")[2], word.partition("@")[2].strip(), *pieces):
        for plain in (text, text.partition("[")[0]):
            path = plain.removeprefix("file://").removeprefix("localhost")
            if path and not is_remote(path) and "\0" not in path:
                yield path
    for piece in pieces:
        if piece[:1] == "-" and piece[2:] and not is_remote(piece[2:]):
            yield piece[2:]  # the value of an option of one letter: `-fserve.mk`
        # `package.module` as files beside the adapter or in the folder that imports them.
        parts = piece.split(".")
        if all(part.isidentifier() for part in parts):
            yield parts[0]
            yield parts[0] + ".py"


def _below_root(path: str, root: str) -> str | None:
    """``path`` relative to ``root`` when its spelling lies below that, links not followed."""
    for top in (root, os.path.realpath(root)):
        above = top if top.endswith(os.sep) else top + os.sep
        if path.startswith(above):
            return path[len(above) :]
    return None


def _links(path: str, root: str) -> Iterator[tuple[str, str]]:
    """Each link inside ``root`` that ``path`` goes through, relative to it, and where it points."""
    real = os.path.realpath(root)
    current = path
    for _ in range(MOST_LINKS):
        inside = _below_root(current, root)
        if inside is None:
            return
        parts = inside.split(os.sep)
        for count in range(1, len(parts) + 1):
            link = os.path.join(real, *parts[:count])
            if os.path.islink(link):
                break
        else:
            return
        target = os.readlink(link)
        yield os.path.relpath(link, real), target
        current = os.path.normpath(os.path.join(os.path.dirname(link), target, *parts[count:]))


def _below(path: str, root: str) -> Iterator[str]:
    """``path`` itself, or all files below it; links are followed as long as they stay inside ``root``."""
    if not os.path.isdir(path) or not is_inside(path, root):
        yield path
        return
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        if not is_inside(folder, root):
            yield folder  # for where the link points
            continue
        seen.add(real)
        if len(seen) > FILES_LIMIT:
            raise UnusableFile(
                path, f"holds more than {FILES_LIMIT} folders, too many to consent to"
            )
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
            elif os.path.isfile(below) or os.path.islink(below):
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
