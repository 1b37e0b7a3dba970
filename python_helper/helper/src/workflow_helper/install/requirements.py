"""Read requirements files, as far as possible: the format is pip's own.

Options about where packages come from are skipped. Entries that only an installer understands, such as archives and
variables, are returned unchanged, and contents that files do not show are reported as :class:`Unread`.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.install import requirements_txt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple, TypeAlias

    from packaging.requirements import Requirement

    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

#: The most files that a requirements file may include, directly or through others.
MOST_FILES = 100


class LocalFolder(NamedTuple):
    """A folder that is to be installed."""

    path: str
    editable: bool
    marker: str = ""
    extras: tuple[str, ...] = ()


class Constraint(NamedTuple):
    """A constraint on the version of a package, if it is installed."""

    requirement: Requirement
    #: The file that says so.
    file: str


class Hashed(NamedTuple):
    """An archive that must have one of these digests."""

    #: The requirement, without its options.
    text: str
    #: As ``kind:digest``.
    hashes: tuple[str, ...]


class Unread(NamedTuple):
    """A part of a file whose packages are unknown, described in a few words."""

    what: str
    #: The reason why only an installer can read it.
    error: UnusableFile | None = None


if TYPE_CHECKING:
    FileEntry: TypeAlias = Requirement | LocalFolder | Constraint | Hashed | Unread | str

#: Options about sources and formats, which do not change the requested packages.
_IGNORED_OPTIONS = frozenset(
    (
        *("-i", "--index-url", "--extra-index-url", "--no-index", "-f", "--find-links"),
        *("--no-binary", "--only-binary", "--prefer-binary", "--pre", "--trusted-host"),
        *("--require-hashes", "--use-feature", "--no-build-isolation", "--pypi-url"),
    )
)


def read(file: str, root: str, disk: Disk) -> Iterator[FileEntry]:
    """Yield the entries of ``file`` and of the files that it includes; paths of folders are relative to ``root``."""
    todo, seen = [(os.path.normpath(os.path.join(root, file)), False)], set[tuple[str, bool]]()
    while todo:
        path, constrains = todo.pop()
        if (path, constrains) in seen:
            continue
        if len(seen) >= MOST_FILES:
            yield Unread(f"more than {MOST_FILES} files of requirements")
            return
        seen.add((path, constrains))
        lines = _lines(path, disk)
        if isinstance(lines, Unread):
            yield lines
            continue
        for option, value in lines:
            if option in _INCLUDES:
                below = constrains or option in ("-c", "--constraint")
                at = value if "://" in value else os.path.join(os.path.dirname(path), value)
                todo.append((at if "://" in at else os.path.normpath(at), below))
            elif option in ("-e", "--editable", ""):
                yield from _entries(value, root, path if constrains else "", editable=bool(option))
            elif option not in _IGNORED_OPTIONS:
                yield Unread(f"the option {option} of {path}")


_INCLUDES = ("-r", "--requirement", "-c", "--constraint")


def _lines(path: str, disk: Disk) -> Unread | list[tuple[str, str]]:
    """Return the option and value of each line of a file; :class:`Unread` if it cannot be read."""
    if "://" in path or is_remote(path) or "${" in path:
        return Unread(f"what {path} asks for")
    try:
        text = requirements_txt.read(path, disk)
    except UnusableFile as error:
        return _unread(error)
    if text is None:
        return _unread(UnusableFile(path, "does not exist"))
    return [requirements_txt.option_of(line) for line in requirements_txt.lines(text)]


def _unread(error: UnusableFile) -> Unread:
    return Unread(f"what {error.path} asks for, which {error.reason}", error)


def _entries(value: str, root: str, constraint: str, *, editable: bool) -> Iterator[FileEntry]:
    """Yield the entries of a line, and of its options."""
    text, *options = (word.strip() for word in value.split(" --"))
    entry = _entry(text, root, editable=editable)
    if constraint:
        if isinstance(entry, (str, LocalFolder)):
            yield Unread(f"{text} of {constraint}")
        else:
            yield Constraint(entry, constraint)
        return
    yield entry
    pairs = [option.replace("=", " ", 1).partition(" ") for option in options]
    hashes = tuple(digest.strip() for name, _, digest in pairs if name == "hash")
    if hashes:
        yield Hashed(text, hashes)
    for name, _, _ in pairs:
        if name != "hash":
            yield Unread(f"--{name} of {text}")


def _entry(text: str, root: str, *, editable: bool) -> Requirement | LocalFolder | str:
    from packaging.requirements import Requirement

    if "${" in text:
        return text
    if not editable:  # what is editable is a folder or an address, though it may look like a name
        try:
            return Requirement(text)
        except ValueError:
            pass
    if "://" in text or is_remote(text):
        return text
    word, marker, extras = split_requirement(text)
    path = os.path.normpath(os.path.join(root, word))
    return LocalFolder(path, editable, marker, extras) if os.path.isdir(path) else text


def split_requirement(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Split a requirement for an address or a path into the address, its marker, and its extras."""
    place, _, marker = text.replace(" ;", "; ").partition("; ")
    place = place.strip()
    extras: tuple[str, ...] = ()
    if place.endswith("]") and "[" in place:
        place, _, extras_text = place[:-1].rpartition("[")
        extras = tuple(one.strip() for one in extras_text.split(","))
    return place, marker.strip(), extras
