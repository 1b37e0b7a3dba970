"""Parse the first line of a script for the Python that it requests.

As in PEP 397, the usual paths are not used as files: ``#!/usr/bin/python3.12`` requests any Python 3.12.
"""

from __future__ import annotations

import os
import posixpath

from workflow_helper.discovery.interpreters.describe import STEMS, parse_name
from workflow_helper.filesystem.paths import is_remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

#: In bytes: systems read no more of such a line.
LIMIT = 512
#: Folders that do not name a particular file.
_USUAL = ("", "/usr/bin", "/usr/local/bin", "/bin")
#: Options of Python that take the next word when they end one.
_TAKING = "WX"


class Shebang(NamedTuple):
    """The request of a script's first line."""

    #: The line, for people.
    line: str
    #: ``"3.12"``, ``"pypy3"``; empty where any will do.
    version: str
    #: The very interpreter, where one is named and is there.
    program: str | None = None
    #: Its arguments before the script.
    options: tuple[str, ...] = ()


def script_of(arguments: Sequence[str]) -> str | None:
    """Return the script in a Python's arguments; ``None`` for a module, a command, standard input, or no arguments."""
    words = iter(arguments)
    for word in words:
        if word == "-" or not word:
            return None
        if word == "--":
            return next(words, None)
        if not word.startswith("-"):
            return word
        if word.startswith("--"):
            if word == "--check-hash-based-pycs":
                next(words, None)
            continue
        letters = word[1:]
        for place, letter in enumerate(letters):
            if letter in "cm":
                return None
            if letter in _TAKING:
                if place == len(letters) - 1:
                    next(words, None)
                break
    return None


def read(path: str, disk: Disk) -> Shebang | None:
    """Return the request of the script at ``path``; ``None`` without such a line, or for another language."""
    if is_remote(path):
        return None
    head = disk.head(path, LIMIT).removeprefix(b"\xef\xbb\xbf")
    if not head.startswith(b"#!"):
        return None
    return parse(head.partition(b"\n")[0].decode("utf-8", "surrogateescape"), disk)


def parse(line: str, disk: Disk) -> Shebang | None:
    """Parse ``line``, which begins with ``#!``."""
    words = line[2:].split()
    if words and _stem(words[0]) == "env":
        words = _command_of_env(words[1:])
        if words and posixpath.dirname(words[0].replace("\\", "/")):
            return None  # not what `env` is for
    if not words:
        return None
    path, options = words[0], tuple(words[1:])
    stem = _stem(path)
    text = line.strip()
    if stem == "python2" or stem.startswith("python2."):
        return Shebang(text, stem.removeprefix("python"), None, options)
    name = parse_name(stem)
    if name is None:
        return None
    version = next(word for word in STEMS if stem.startswith(word))
    version = stem.removeprefix("python") if version == "python" else stem
    folder = posixpath.dirname(path.replace("\\", "/"))
    exact = os.path.isabs(path) and folder not in _USUAL and not is_remote(path)
    return Shebang(text, version, path if exact and disk.is_program(path) else None, options)


def _stem(path: str) -> str:
    """Return the name of a program, without Windows' suffix."""
    name = posixpath.basename(path.replace("\\", "/"))
    return name[:-4] if name.lower().endswith(".exe") else name


def _command_of_env(words: list[str]) -> list[str]:
    """Return the command that ``env`` starts, without its option ``-S`` and its variables."""
    rest = list(words)
    while rest:
        word = rest[0]
        if word in ("-S", "-vS", "--split-string"):
            rest.pop(0)
        elif word.startswith("-S"):
            rest[0] = word[2:]
        elif word.startswith("--split-string="):
            rest[0] = word.partition("=")[2]
        elif word.startswith("-"):
            return []
        elif "=" in word:
            rest.pop(0)
        else:
            return rest
    return []
