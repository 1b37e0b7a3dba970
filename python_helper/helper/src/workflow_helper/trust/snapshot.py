"""Private copies of the files with consent, so that no other file can be imported, and none can be changed.

Below the user's cache folder, by the digest of the set::

    consented/<digest>/...      the files of one declaration, laid out as they lie to one another

The copied bytes are those that the digest was computed from. An existing copy is compared with them.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from workflow_helper.errors import UnusableFile, WorkflowError
from workflow_helper.filesystem.paths import holds
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.remove import remove_tree
from workflow_helper.trust import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.model import Declaration, Host
else:
    from workflow_server.namedtuple import NamedTuple

FOLDER = "consented"
_DAY = 86400.0


class Snapshot(NamedTuple):
    """A private copy."""

    #: The digest of the consent that it needs.
    digest: str
    #: Where the script is in it.
    script: str
    #: Where the script came from.
    origin: str


def take(declaration: Declaration, root: str, host: Host) -> Snapshot:
    """Copy the current files of ``declaration`` of ``root``, a ``script``.

    Raises:
        UnusableFile: there are too many files, or one is missing or cannot be read.
        WorkflowError: the copy cannot be written.
    """
    origin = fingerprint.script_of(declaration, root, host)
    if origin is None:
        raise UnusableFile(declaration.declared_in or root, "declares no script of this machine")
    contents: dict[str, tuple[bytes, bool]] = {}

    def keep(path: str, data: bytes, runs: bool) -> None:  # noqa: FBT001 - as the bytes go by
        contents[path] = data, runs

    # What is installed from this machine is not run from here: it counts, and is not copied.
    digest = fingerprint.read(declaration, root, host, Disk(), keep).digest
    places = [origin, *fingerprint.declared(declaration, root, host)]
    own = {path: what for path, what in contents.items() if any(holds(one, path) for one in places)}
    top = os.path.commonpath([os.path.dirname(path) for path in (origin, *own)])
    home = os.path.join(host.cache, FOLDER, digest)
    _write(home, {os.path.relpath(path, top): what for path, what in own.items()})
    return Snapshot(digest, os.path.join(home, os.path.relpath(origin, top)), origin)


def prune(host: Host, *, days: float, now: float) -> int:
    """Remove the copies that were not used for ``days`` before ``now`` (seconds since the epoch), and incomplete ones.

    Return the number of freed bytes.
    """
    freed, top = 0, os.path.join(host.cache, FOLDER)
    for name in Disk().names(top):
        home = os.path.join(top, name)
        with suppress(OSError):
            about = os.lstat(home)
            if stat.S_ISDIR(about.st_mode) and now - about.st_mtime > days * _DAY:
                # At once, so that no incomplete copy is started.
                gone = os.path.join(top, f"{name.partition('.')[0]}.{os.urandom(4).hex()}")
                os.rename(home, gone)
                freed += sum(
                    os.lstat(os.path.join(folder, name)).st_size
                    for folder, _, names in os.walk(gone)
                    for name in names
                )
                remove_tree(gone, ignore_errors=True)
    return freed


def _write(home: str, files: dict[str, tuple[bytes, bool]]) -> None:
    if _holds(home, files):
        with suppress(OSError):  # a cache that cannot be written can still be used
            os.utime(home)
        return
    temporary = f"{home}.{os.urandom(4).hex()}"
    try:
        os.makedirs(os.path.dirname(home), mode=0o700, exist_ok=True)
        os.mkdir(temporary, 0o700)
        for name, (data, runs) in files.items():
            path = os.path.join(temporary, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o500 if runs else 0o400)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        if os.path.lexists(home):  # another process changed it, so consent does not cover it
            os.rename(home, f"{temporary}.old")
            remove_tree(f"{temporary}.old", ignore_errors=True)
        os.rename(temporary, home)
    except OSError as error:
        remove_tree(temporary, ignore_errors=True)
        if not _holds(home, files):  # else another process made the same
            raise WorkflowError(
                f"{home} could not be written ({error.strerror or error})"
            ) from None


def _holds(home: str, files: dict[str, tuple[bytes, bool]]) -> bool:
    """Return whether the copy at ``home`` consists of exactly ``files``."""
    found = {
        os.path.relpath(os.path.join(folder, name), home)
        for folder, _, names in os.walk(home)
        for name in names
    }
    return found == files.keys() and all(
        Disk().read(os.path.join(home, name), len(data)) == data
        for name, (data, _) in files.items()
    )
