"""Which Pythons a ``.python-version`` names, for every caller: as pyenv, uv and people write it."""

from __future__ import annotations

import os

from python_workflow.discovery import owners, roots
from python_workflow.errors import UnusableFile, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.discovery.elsewhere import Found
    from python_workflow.model import Host, Interpreter
else:
    from python_workflow.light import NamedTuple

FILE = ".python-version"
#: The variable that says the same for one process, in uv's words.
VARIABLE = "UV_PYTHON"
#: In bytes; pyenv reads a kilobyte.
LIMIT = 64 * 1024
#: How a file begins that is not in UTF-8.
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_RANGE = ("<", ">", "=", "!", "~")


class Pin(NamedTuple):
    """What one file, or the variable, asks for."""

    #: The path of the file, or the name of the variable.
    said_by: str
    #: Any will do, an earlier one first.
    words: tuple[str, ...]
    #: Why the file cannot be read, as a sentence.
    problem: str | None = None

    @property
    def unfit(self) -> str:
        """What to say where no Python is what it asks for."""
        return self.problem or f"no Python on this machine fits {self.told}"

    @property
    def told(self) -> str:
        """The words, and whose they are."""
        return f"{' or '.join(self.words)} ({self.said_by})"


def pinned(root: str, host: Host, disk: Disk) -> Pin | None:
    """That of ``root``, else of the nearest folder above; ``None`` where there is none.

    The folder that holds ``.git`` is the last one, as for roots: the home folder and files of other users do not count.
    """
    users = owners.trusted(root, host)
    for folder in roots.upwards(root, host, disk):
        if folder != root and not owners.belong(folder, "", users, disk):
            break
        if folder == root or owners.belong(folder, FILE, users, disk):
            found = _read(os.path.join(folder, FILE), disk)
            if found is not None:
                return found
    return None


def asked(root: str, host: Host, disk: Disk) -> Pin | None:
    """What counts where an environment is made: the variable, else :func:`pinned`."""
    told = host.environ.get(VARIABLE, "").strip()
    return Pin(VARIABLE, (told,)) if told else pinned(root, host, disk)


def meant(
    pin: Pin, pythons: Iterable[Interpreter], root: str, host: Host, disk: Disk
) -> tuple[Interpreter, ...]:
    """Those of ``pythons`` that the first word with any means, the best first; none where no word has any.

    An interpreter by its path needs not be among them, but may not lie in ``root``.
    """
    known = tuple(pythons)
    for word in pin.words:
        found = _meant(word, known, root, host, disk)
        if found:
            return found
    return ()


def environment(pin: Pin, host: Host, disk: Disk) -> Found | None:
    """The environment of pyenv-virtualenv that the first word which names one means."""
    from python_workflow.discovery import elsewhere

    named = ((word, elsewhere.named(word, host, disk)) for word in pin.words)
    return next((elsewhere.Found(word, prefix) for word, prefix in named if prefix), None)


def release(pin: Pin) -> str | None:
    """The first release that ``pin`` names by its number alone, to be installed: ``3.12``, ``3.12.4``."""
    from python_workflow.discovery.requires import is_release

    return next(filter(is_release, map(_plain, pin.words)), None)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a ``.python-version``: on any lines, without comments; a path or a range is a line of its own."""
    found: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        if os.path.isabs(line) or line.startswith(_RANGE):
            found.append(line)
        else:
            found += line.partition("#")[0].split()
    return tuple(found)


def _read(path: str, disk: Disk) -> Pin | None:
    try:
        data = disk.read(path, LIMIT)
        if data is None:
            return None
        coding = _MARKS.get(data[:2])
        words = words_of(
            (disk.text(path) or "") if coding is None else data[2:].decode(coding).replace("\0", "")
        )
    except UnusableFile as error:
        return Pin(path, (), str(error))
    except UnicodeDecodeError:
        return Pin(path, (), f"{path} is no text, though it begins as one in UTF-16")
    return Pin(path, words) if words else None


def _meant(
    word: str, pythons: tuple[Interpreter, ...], root: str, host: Host, disk: Disk
) -> tuple[Interpreter, ...]:
    from python_workflow.discovery import interpreters
    from python_workflow.discovery.paths import is_remote
    from python_workflow.discovery.pythons import path

    if is_remote(word):
        return ()
    if word == "system" or os.path.isabs(word):
        place = path.system_python(host, disk) if word == "system" else word
        found = interpreters.inspect(place, host, disk) if place else None
        return interpreters.outside((found,), (root,), host) if found else ()
    # The name of one that pyenv has says more than any number in it.
    own = os.path.join("versions", word, "")
    exact = tuple(one for one in pythons if one.source == "pyenv" and own in one.path)
    if exact:
        return exact
    try:
        return interpreters.matching(_plain(word), pythons)
    except UsageError:
        return ()


def _plain(word: str) -> str:
    """``word`` as we ask for a Python: ``3.11`` of ``3.11-dev``, ``pypy3.10`` of ``pypy3.10-7.3.12``.

    Of ``cpython-3.11.7-linux-x86_64-gnu`` it is ``cpython@3.11.7``.
    """
    if word.startswith(_RANGE):
        return word
    first, dash, rest = word.partition("-")
    if not dash:
        return word
    if first[-1:].isdigit() or first[-2:-1].isdigit():
        # What follows a version is its state, the release of its implementation, or a platform.
        return first
    return f"{first}@{rest.partition('-')[0].partition('+')[0]}"
