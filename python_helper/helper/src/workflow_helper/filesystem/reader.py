"""Read the file system: every read is bounded, recorded, and safe on any file.

A :class:`Disk` records each path that it accessed with its state, so that an answer knows its dependencies
(:attr:`Disk.seen`). It keeps parsed contents until the file changes, so that a running helper answers repeated
questions with ``stat`` calls alone. It starts nothing and writes nothing.
"""

from __future__ import annotations

import os
import stat
import sys
from itertools import islice

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, TypeAlias, TypeVar

    T = TypeVar("T")
    #: What a change would show in: mode, inode, size and times; ``None`` where nothing is.
    Stamp: TypeAlias = tuple[int, int, int, int, int] | None
    #: A path, the same string at each request, and its state.
    _Looked: TypeAlias = tuple[str, os.stat_result | None, Stamp]

#: Size limits in bytes. Real files of these kinds are a thousand times smaller.
TOML_LIMIT = 1024 * 1024
TEXT_LIMIT = 1024 * 1024
#: Of a lock file, which may list a thousand packages with the digests of all their archives.
LOCK_LIMIT = 16 * 1024 * 1024
#: The maximum number of entries of a folder: a folder with more contains data, and listing it would take too long.
MOST_ENTRIES = 20_000
#: Nanoseconds within which two changes may bear the same time.
TICK = 100_000_000


class Disk:
    """Careful reading of one machine's files. Not safe for use by several threads at once."""

    def __init__(self) -> None:
        #: path -> what the last look saw there.
        self.seen: dict[str, Stamp] = {}
        self._parsed: dict[tuple[str, str], tuple[Stamp, Any]] = {}
        self._derived: dict[tuple[str, str], tuple[object, dict[str, Stamp], Any]] = {}
        #: What paths lead to, and what they are, while :meth:`once` holds.
        self._stats: dict[str, _Looked] | None = None
        self._entries: dict[str, _Looked] | None = None

    def once(self) -> ReadOnce:
        """Return a context in which each path is read once, however often it is requested."""
        return ReadOnce(self)

    def stat(self, path: str) -> os.stat_result | None:
        """Return the ``stat`` result of ``path``, links followed; ``None`` if it is missing, a loop, or not permitted."""
        path, found, self.seen[path] = self._looked(path, os.stat, self._stats)
        return found

    def is_file(self, path: str) -> bool:
        """Return whether ``path`` leads to a regular file."""
        found = self.stat(path)
        return found is not None and stat.S_ISREG(found.st_mode)

    def is_folder(self, path: str) -> bool:
        """Return whether ``path`` leads to a folder."""
        found = self.stat(path)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def exists(self, path: str) -> bool:
        """Return whether ``path`` leads to anything."""
        return self.stat(path) is not None

    def is_program(self, path: str) -> bool:
        """Return whether ``path`` leads to a regular file that may be executed."""
        return self.is_file(path) and os.access(path, os.X_OK)

    def is_present(self, path: str) -> bool:
        """Return whether ``path`` exists, even as a dead link."""
        path, found, stamp = self._looked(path, os.lstat, self._entries)
        if found is None:
            self.seen[path] = None
            return False
        self.seen.setdefault(path, stamp)
        return True

    def entry(self, path: str) -> os.stat_result | None:
        """Return the ``lstat`` result of ``path``, links not followed; ``None`` if it is missing or not permitted."""
        return self._looked(path, os.lstat, self._entries)[1]

    def _looked(
        self, path: str, look: Callable[[str], os.stat_result], cache: dict[str, _Looked] | None
    ) -> _Looked:
        known = None if cache is None else cache.get(path)
        if known is not None:
            return known
        try:
            found = look(path)
            known = path, found, _stamp(found)
        except (OSError, ValueError):
            known = path, None, None
        if cache is not None:
            cache[path] = known
        return known

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in ``folder``, sorted; none where it cannot be read.

        Of more than :data:`MOST_ENTRIES`, only the first that the system returns.
        """
        if self.stat(folder) is None:
            return ()
        try:
            with os.scandir(folder) as entries:
                return tuple(sorted(entry.name for entry in islice(entries, MOST_ENTRIES)))
        except (OSError, ValueError):
            return ()

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of the regular file at ``path``; ``None`` if it does not exist.

        Never blocks: a FIFO is not opened.

        Raises:
            UnusableFile: it is a dead link, a loop, a folder, a FIFO, a device, larger than ``limit`` bytes, or not
            readable.
        """
        found = self.stat(path)
        if found is None:
            if self.is_present(path):
                raise UnusableFile(path, _why_unreachable(path))
            return None
        if not stat.S_ISREG(found.st_mode):
            raise UnusableFile(path, f"is {_kind(found.st_mode)}, where a file was expected")
        if found.st_size > limit:
            raise UnusableFile(
                path, f"is too large: {found.st_size} bytes, at most {limit} are read"
            )
        data = _begin(path, limit + 1)
        if len(data) > limit:
            raise UnusableFile(path, f"is too large: more than {limit} bytes")
        return data

    def head(self, path: str, size: int) -> bytes:
        """Return up to the first ``size`` bytes of the regular file at ``path``, however large it is.

        Raises nothing, never blocks.
        """
        if not self.is_file(path):
            return b""
        try:
            return _begin(path, size)
        except UnusableFile:
            return b""

    def text(self, path: str, limit: int = TEXT_LIMIT) -> str | None:
        """Return the text of the UTF-8 file at ``path``, a byte-order mark left out; ``None`` when there is none.

        Raises:
            UnusableFile: it cannot be read, is not UTF-8, or holds a NUL; the error names the line.
        """
        data = self.read(path, limit)
        return None if data is None else decode(path, data)

    def toml(self, path: str, limit: int = TOML_LIMIT) -> dict[str, Any] | None:
        """Return the tables of the TOML file at ``path``, of at most ``limit`` bytes; ``None`` when there is none.

        Raises:
            UnusableFile: it is no text, or has a syntax error; the error names the line.
        """
        kind = "toml" if limit == TOML_LIMIT else f"toml {limit}"
        return self.parsed(kind, path, lambda path: _parse_toml(path, limit))

    def mentions(self, path: str, *words: bytes) -> bool:
        """Return whether the file at ``path`` contains any of ``words``, so that it has to be parsed.

        True if the file cannot be read: the parser then reports the problem.
        """

        def search(path: str) -> bytes:
            return self.read(path, TOML_LIMIT) or b""

        try:
            data = self.parsed("bytes", path, search)
        except UnusableFile:
            return True
        # A quoted key may spell a letter as an escape.
        return (
            any(word in data for word in words)
            or b"\\u" in data
            or b"\\U" in data
            or b"\\x" in data
        )

    def parsed(self, kind: str, path: str, parse: Callable[[str], T]) -> T:
        """Return ``parse(path)``, cached until the file at ``path`` changes.

        An :class:`UnusableFile` that ``parse`` raises is cached too, and raised again.
        """
        found = self.stat(path)
        stamp = None if found is None else _stamp(found)
        known = self._parsed.get((kind, path))
        if known is None or known[0] != stamp or stamp is None:
            value: T | UnusableFile
            try:
                value = parse(path)
            except UnusableFile as error:
                value = error
            known = (stamp, value)
            self._parsed[kind, path] = known
        if isinstance(known[1], UnusableFile):
            raise known[1].with_traceback(None)
        result: T = known[1]
        return result

    def derived(self, kind: str, place: str, of: object, make: Callable[[], T]) -> T:
        """Return ``make()``, cached until something that it read through this disk changes.

        One value is cached for each ``kind`` and ``place``; a different ``of`` discards it. A value is not cached if
        ``make`` raises, or if one of its files changed so recently that another change might not show.
        """
        known = self._derived.get((kind, place))
        if known is not None and known[0] == of and self._are_as(known[1]):
            unchanged: T = known[2]
            return unchanged
        before, self.seen = self.seen, {}
        try:
            value = make()
        finally:
            looks = self.seen
            before.update(looks)
            self.seen = before
        if is_settled(looks.values()):
            self._derived[kind, place] = of, looks, value
        return value

    def _are_as(self, looks: Mapping[str, Stamp]) -> bool:
        return all(self._is_as(path, stamp) for path, stamp in looks.items())

    def _is_as(self, path: str, stamp: Stamp) -> bool:
        self.stat(path)
        if self.seen[path] == stamp:
            return True
        # It was only looked at by name, perhaps, and is a link.
        del self.seen[path]
        self.is_present(path)
        return self.seen[path] == stamp


class ReadOnce:
    """See :meth:`Disk.once`."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._paths = real_path.FollowOnce()

    def __enter__(self) -> None:
        self._paths.__enter__()
        self._before = self._disk._stats, self._disk._entries  # noqa: SLF001 - a part of it
        if self._disk._stats is None:  # noqa: SLF001 - else within another one, which goes on
            self._disk._stats, self._disk._entries = {}, {}  # noqa: SLF001

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._disk._stats, self._disk._entries = self._before  # noqa: SLF001
        self._paths.__exit__(kind, error, trace)


def is_settled(stamps: Iterable[Stamp]) -> bool:
    """Return whether another change of the files with ``stamps`` would show.

    Two changes within one clock tick have the same time. It is always false on Windows, where programs can set every
    time of a file.
    """
    import time

    now = time.time_ns()
    newest = max((max(stamp[3:]) for stamp in stamps if stamp is not None), default=0)
    return os.name != "nt" and newest + TICK < now


def decode(path: str, data: bytes) -> str:
    """Return ``data`` as UTF-8 text without a byte-order mark.

    Raises:
        UnusableFile: ``data`` is not UTF-8, or holds a NUL; the error names the line.
    """
    hint = None
    # A mark, a first letter, or a line's end of two bytes: `>>` leaves such lines after others in UTF-8.
    ends = b"\n\0" in data or b"\0\n" in data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or 0 in data[:2] or ends:
        hint = "It looks like UTF-16, which some shells' >> writes. Save it as UTF-8."
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnusableFile(
            path, f"is not UTF-8 (line {line}, byte {data[error.start]:#04x})" + _aside(hint), hint
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise UnusableFile(
            path,
            f"contains a NUL character (line {line}), so it is not UTF-8 text" + _aside(hint),
            hint,
        )
    return text.removeprefix("\ufeff")


def _aside(hint: str | None) -> str:
    return f". {hint}" if hint else ""


def _parse_toml(path: str, limit: int) -> dict[str, Any] | None:
    data = Disk().read(path, limit)
    if data is None:
        return None
    return parse_toml(path, decode(path, data))


def parse_toml(path: str, text: str) -> dict[str, Any]:
    """Return the tables of ``text``, which the file at ``path`` holds.

    Raises:
        UnusableFile: ``text`` has a syntax error.
    """
    from workflow_helper.filesystem import plain_toml
    from workflow_helper.filesystem.toml_keys import line_over_limit

    line = line_over_limit(text)
    if line is not None:
        raise UnusableFile(path, f"has keys of too many parts (line {line})", line=line)
    lines = text.replace("\r\n", "\n")
    plain = plain_toml.read(lines)
    if plain is not None:
        return plain
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(lines)
    except ValueError as error:  # a number of thousands of digits is no TOMLDecodeError
        raise UnusableFile(path, f"is not valid TOML: {error}") from None
    except RecursionError:
        raise UnusableFile(path, "is not valid TOML: nested too deeply") from None


def _stamp(found: os.stat_result) -> Stamp:
    return (found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"


def _begin(path: str, size: int) -> bytes:
    """Return the first ``size`` bytes of a regular file. Never blocks.

    Raises:
        UnusableFile: it is not a regular file, or cannot be read.
    """
    try:
        # Between a look and the opening the file may have become another one: look again, never block.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except (OSError, ValueError) as error:
        raise UnusableFile(path, f"cannot be read ({_reason(error)})") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnusableFile(path, "is not a regular file")
        parts = []
        left = size
        while left > 0 and (part := os.read(handle, min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
    except OSError as error:
        raise UnusableFile(path, f"cannot be read ({_reason(error)})") from None
    finally:
        os.close(handle)
    return b"".join(parts)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _why_unreachable(path: str) -> str:
    try:
        os.stat(path)
    except (OSError, ValueError) as error:
        import errno

        if isinstance(error, OSError) and error.errno == errno.ELOOP:
            return "is a symbolic link in a loop"
        if isinstance(error, OSError) and error.errno == errno.ENOENT and os.path.islink(path):
            return f"is a symbolic link to {os.readlink(path)}, which does not exist"
        return f"cannot be read ({_reason(error)})"
    return "cannot be read"
