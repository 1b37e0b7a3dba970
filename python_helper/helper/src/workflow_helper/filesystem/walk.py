"""List the folders of a project, each once, and with a limit on their size."""

from __future__ import annotations

import os
from itertools import islice

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_inside
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk

#: Version control's own.
LEFT_OUT = ".git"
#: Files that Python compiled. Python checks the ones that it writes itself against the source, and they change during a
#: run.
COMPILED = "__pycache__"


class Trees:
    """Lists folders. ``limit`` is the maximum number of entries of one folder, and of all below a path together."""

    def __init__(self, disk: Disk, limit: int) -> None:
        self.disk = disk
        self._limit = limit
        self._listed: dict[str, tuple[str, ...]] = {}

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in ``folder``, sorted.

        Raises:
            OSError: the folder cannot be read.
            UnusableFile: there are too many names.
        """
        names = self._listed.get(folder)
        if names is None:
            self.disk.stat(folder)
            with os.scandir(folder) as entries:
                names = tuple(sorted(entry.name for entry in islice(entries, self._limit + 1)))
            self._listed[folder] = names
        self._check(folder, len(names))
        return names

    def below(self, path: str, root: str, seen: set[str]) -> Iterator[str]:
        """Yield ``path`` itself, or all files below it; links are included, and followed as long as they stay in ``root``.

        Folders in ``seen`` (real paths) are left out, and visited ones are added to it.

        Raises:
            UnusableFile: a folder has too many entries, or cannot be read.
        """
        disk = self.disk
        is_folder = disk.is_folder(path)
        if os.path.islink(path) or not is_folder or not is_inside(path, root):
            yield path
        if not is_folder:
            return
        waiting = [path]
        count = 0
        while waiting:
            folder = waiting.pop()
            real = real_path(folder)
            if real in seen or not is_inside(folder, root):
                continue
            seen.add(real)
            try:
                names = self.names(folder)
            except OSError as error:
                raise UnusableFile(folder, f"cannot be read ({error.strerror or error})") from None
            count += len(names)
            self._check(path, count)
            compiled = os.path.basename(folder) == COMPILED
            for name in names:
                below = os.path.join(folder, name)
                is_file = disk.is_file(below)
                if name == LEFT_OUT or (compiled and is_file and _is_checked(below)):
                    continue
                if disk.is_folder(below):
                    waiting.append(below)
                if is_file or os.path.islink(below):
                    yield below

    def _check(self, path: str, count: int) -> None:
        if count > self._limit:
            reason = f"contains more than {self._limit} entries, too many to consent to"
            raise UnusableFile(path, reason)


def _is_checked(path: str) -> bool:
    """Return whether the file ``path`` is compiled code that Python only runs while its source file is unchanged.

    A file with a hash in place of a time (PEP 552) is not written by a run, and may contain anything.
    """
    if not path.endswith(".pyc"):
        return False
    try:
        # The first line ends within these bytes, which Windows would change in a text.
        binary = getattr(os, "O_BINARY", 0)
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | binary)
    except OSError:
        return False
    try:
        return os.read(handle, 8)[4:] == b"\0\0\0\0"
    except OSError:
        return False
    finally:
        os.close(handle)
