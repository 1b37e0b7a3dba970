"""Read the text of requirements files: decode it as pip does, split its lines, and convert it for installers that read only UTF-8.

pip goes by a byte order mark, else by a coding line like Python's own, else takes UTF-8, else the locale's encoding.
"""

from __future__ import annotations

import codecs
import os
import re

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import TEXT_LIMIT, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.filesystem.reader import Disk

#: That of UTF-32 begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_INCLUDES = {"-r": "-r", "--requirement": "-r", "-c": "-c", "--constraint": "-c"}
#: Their values may be paths that count from the file's folder.
_PATH_OPTIONS = frozenset(("-f", "--find-links", "-i", "--index-url", "--extra-index-url"))


def read(path: str, disk: Disk) -> str | None:
    """Return the text of the requirements file at ``path``; ``None`` if it does not exist.

    Raises:
        UnusableFile: pip could not decode it either.
    """
    data = disk.read(path, TEXT_LIMIT)
    return None if data is None else _decode(path, data)


def _decode(path: str, data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded_as(encoding, path, data[len(mark) :])
    for line in data.split(b"\n")[:2]:
        found = _CODING.search(line) if line.startswith(b"#") else None
        if found is not None:
            return _decoded_as(found[1].decode("ascii"), path, data)
    try:
        return decode(path, data)
    except UnusableFile:
        encoding = _of_locale()
        if _is_utf8(encoding) or 0 in data:
            raise
        return _decoded_as(encoding, path, data)


def _decoded_as(encoding: str, path: str, data: bytes) -> str:
    try:
        text = data.decode(encoding)
    except LookupError:
        raise UnusableFile(
            path, f"names an encoding that Python does not know: {encoding}"
        ) from None
    except ValueError:
        raise UnusableFile(path, f"is not {encoding} text, as it is marked") from None
    if "\0" in text:
        raise UnusableFile(path, "contains a NUL character")
    return text


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"


def _of_locale() -> str:
    import locale

    # `getencoding` came with Python 3.11, and leaves Python's UTF-8 mode aside.
    get = getattr(locale, "getencoding", None)
    return str(get() if get is not None else locale.getpreferredencoding(do_setlocale=False))


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a requirements file, continuation lines joined, without comments and empty lines."""
    joined = ""
    for line in text.splitlines():
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1]
            continue
        # A `#` inside a word is part of an address.
        whole = f" {joined}{line}".replace("\t", " ").partition(" #")[0].strip()
        joined = ""
        if whole:
            yield whole
    if joined.strip():
        yield joined.strip()


def option_of(line: str) -> tuple[str, str]:
    """Return the option at the beginning of a line, and its value; without an option, the line."""
    if not line.startswith("-"):
        return "", line
    if line.startswith("--"):
        word, _, value = line.replace("=", " ", 1).partition(" ")
        return word, value.strip()
    return line[:2], line[2:].lstrip(" =")


def in_utf8(words: Iterable[str], root: str, folder: str, disk: Disk) -> list[str]:
    """Return ``words`` for an installer that is started in ``root`` and reads only UTF-8.

    If a requirements file among them, or one that it includes, has another encoding, it is replaced by a copy in
    ``folder``, in which relative paths are spelled out.
    """
    copies = _Copies(folder, disk)
    arguments, follows = list[str](), False
    for word in words:
        path = os.path.normpath(os.path.join(root, word))
        arguments.append(copies.of(path) if follows and copies.are_needed(path) else word)
        follows = word in _INCLUDES
    return arguments


class _Copies:
    """Copies of requirements files in one folder."""

    def __init__(self, folder: str, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk
        self._copies: dict[str, str] = {}

    def are_needed(self, path: str) -> bool:
        """Return whether a file, or one that it includes, is not UTF-8."""
        todo, seen = [path], set[str]()
        while todo:
            at = todo.pop()
            text = None if at in seen else self._text(at)
            seen.add(at)
            if text is None:
                continue
            if text.encode("utf-8", "replace") != self._disk.read(at, TEXT_LIMIT):
                return True
            todo += (
                _path_beside(at, value) for option, value in _options(text) if option in _INCLUDES
            )
        return False

    def of(self, path: str) -> str:
        """Return the path of a file's copy, created if needed; the file's own path if it needs no copy."""
        if path in self._copies:
            return self._copies[path]
        text = self._text(path)
        if text is None:
            return path
        name = f"{len(self._copies) + 1}-{os.path.basename(path)}"
        copy = self._copies[path] = os.path.join(self._folder, name)
        lines = [self._line(option, value, path) for option, value in _options(text)]
        with open(copy, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        return copy

    def _line(self, option: str, value: str, path: str) -> str:
        if option in _INCLUDES:
            found = self.of(_path_beside(path, value))
            # Beside each other: the way to their folder may hold what a line cannot.
            name = os.path.basename(found) if os.path.dirname(found) == self._folder else found
            return f"{_INCLUDES[option]} {name}"
        if option in _PATH_OPTIONS and self._disk.exists(beside := _path_beside(path, value)):
            return f"{option} {beside}"
        return f"{option} {value}".strip()

    def _text(self, path: str) -> str | None:
        if "://" in path:
            return None
        try:
            return read(path, self._disk)
        except UnusableFile:
            return None  # the installer says it better


def _options(text: str) -> Iterator[tuple[str, str]]:
    return (option_of(line) for line in lines(text))


def _path_beside(path: str, value: str) -> str:
    return value if "://" in value else os.path.normpath(os.path.join(os.path.dirname(path), value))
