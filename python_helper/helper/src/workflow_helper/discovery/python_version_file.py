"""The Pythons that a ``.python-version`` names, for every caller: as pyenv, uv and people write it."""

from __future__ import annotations

import os

from workflow_helper.discovery import roots
from workflow_helper.discovery.python_version_words import plain, words_of
from workflow_helper.discovery.requires_python import is_release
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import ownership

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.discovery.environments.elsewhere.found import Found
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

FILE = ".python-version"
#: The variable that says the same for one process, in uv's words.
VARIABLE = "UV_PYTHON"
#: In bytes; pyenv reads a kilobyte.
LIMIT = 64 * 1024
#: The first bytes of a file that is not in UTF-8.
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class Pin(NamedTuple):
    """The request of one file, or of the variable."""

    #: The path of the file, or the name of the variable.
    source: str
    #: Any will do, an earlier one first.
    words: tuple[str, ...]
    #: The reason why the file cannot be read, as a sentence.
    problem: str | None = None

    @property
    def unfit(self) -> str:
        """The error message if no Python of the machine fits."""
        return self.problem or f"no Python on this machine fits {self.description}"

    @property
    def description(self) -> str:
        """The words and their source, for messages."""
        return f"{' or '.join(self.words)} ({self.source})"


def pinned(root: str, host: Host, disk: Disk) -> Pin | None:
    """Return the pin of ``root``, else of the nearest folder above; ``None`` where there is none.

    As for roots, the search ends at the folder with ``.git``, and the home folder and files of other users are ignored.
    """
    users = ownership.trusted(root, host)
    for folder in roots.upwards(root, host, disk):
        if folder != root and not ownership.belong(folder, "", users, disk):
            break
        if folder == root or ownership.belong(folder, FILE, users, disk):
            found = _read(os.path.join(folder, FILE), disk)
            if found is not None:
                return found
    return None


def requested(root: str, host: Host, disk: Disk) -> Pin | None:
    """Return the pin for creating an environment: that of the variable, else that of :func:`pinned`."""
    value = host.environ.get(VARIABLE, "").strip()
    return Pin(VARIABLE, (value,)) if value else pinned(root, host, disk)


def environment(pin: Pin, host: Host, disk: Disk) -> Found | None:
    """Return the environment of pyenv-virtualenv for the first word that names one."""
    from workflow_helper.discovery.environments import elsewhere
    from workflow_helper.discovery.environments.elsewhere.found import Found

    named = ((word, elsewhere.named(word, host, disk)) for word in pin.words)
    return next((Found(word, prefix) for word, prefix in named if prefix), None)


def release(pin: Pin) -> str | None:
    """Return the first plain version in ``pin``, such as ``3.12`` or ``3.12.4``, as the release to install."""
    return next(filter(is_release, map(plain, pin.words)), None)


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
        return Pin(path, (), f"{path} is not a text file, though it begins as one in UTF-16")
    return Pin(path, words) if words else None
