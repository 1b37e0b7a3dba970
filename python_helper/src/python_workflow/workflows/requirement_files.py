"""What requirements files ask for, as far as that can be read: the format is pip's own.

Options that say how something is found or installed are passed over. What only an installer can make out, such as an archive
or a variable, is given as it stands there.
"""

from __future__ import annotations

import os

from python_workflow.discovery.paths import is_remote
from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple, TypeAlias

    from packaging.requirements import Requirement

    from python_workflow.discovery.disk import Disk
else:
    from python_workflow.light import NamedTuple

#: How many files one may include, and these again.
FILES = 100


class LocalFolder(NamedTuple):
    """A folder that is to be installed."""

    path: str
    editable: bool


if TYPE_CHECKING:
    Wanted: TypeAlias = Requirement | LocalFolder | str


def read(file: str, root: str, disk: Disk) -> Iterator[Wanted]:
    """What ``file`` asks for, and what it includes; paths of folders in it are relative to ``root``.

    Raises :class:`UnusableFile` where it, or what it includes, cannot be read.
    """
    todo, seen = [os.path.normpath(os.path.join(root, file))], set[str]()
    while todo:
        path = todo.pop()
        if path in seen or is_remote(path) or len(seen) >= FILES:
            continue
        seen.add(path)
        text = disk.text(path)
        if text is None:
            raise UnusableFile(path, "does not exist")
        for line in _lines(text):
            option, value = _option(line)
            if option in ("-r", "--requirement"):
                if "://" not in value:
                    todo.append(os.path.normpath(os.path.join(os.path.dirname(path), value)))
            elif option in ("-e", "--editable", ""):
                yield _wanted(value, root, editable=bool(option))


def _lines(text: str) -> Iterator[str]:
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


def _option(line: str) -> tuple[str, str]:
    """The option that a line begins with, and its value; without one, the line less the options at its end."""
    if not line.startswith("-"):
        return "", line.partition(" --")[0].strip()
    if line.startswith("--"):
        word, _, value = line.replace("=", " ", 1).partition(" ")
        return word, value.strip()
    return line[:2], line[2:].lstrip(" =")


def _wanted(text: str, root: str, *, editable: bool) -> Wanted:
    from packaging.requirements import InvalidRequirement, Requirement

    if "${" in text:
        return text
    if not editable:  # what is editable is a folder or an address, though it may look like a name
        try:
            return Requirement(text)
        except InvalidRequirement:
            pass
    if "://" in text or is_remote(text):
        return text
    word = text.partition(";")[0].partition("[")[0].strip()
    path = os.path.normpath(os.path.join(root, word))
    return LocalFolder(path, editable) if os.path.isdir(path) else text
