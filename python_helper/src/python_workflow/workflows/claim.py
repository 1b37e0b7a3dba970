"""Claiming a folder that is to be made, so that no two makers meet and nothing half-made is left for good.

The folder is made exclusively. While it is being filled, a lock in the user's state folder is held by the maker and by
the tool it started, and one token stands both in that lock's file and in the folder. A maker that was killed leaves
both tokens and no lock: by that the next maker knows the folder to be its own kind's, unfinished, and takes it away.
Nothing else that exists is ever touched.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from hashlib import sha256

from python_workflow.discovery import validity
from python_workflow.discovery.disk import Disk
from python_workflow.errors import AlreadyExists, Locked, WorkflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.model import Host

#: Stands in a claimed folder until it is finished.
MARKER = ".python-workflow-unfinished"


@contextlib.contextmanager
def claimed(path: str, host: Host) -> Iterator[int]:
    """Make the folder ``path`` for the caller to fill; an exception in the body takes it away again.

    Gives the descriptor of the lock, for a tool to inherit. Raises :class:`AlreadyExists` when anything has that
    name, be it a link to nowhere, and :class:`WorkflowError` when the folder cannot be made.
    """
    with _lock(path, host) as (lock, before):
        _make(path, before, host)
        token = os.urandom(16).hex().encode()
        try:
            _overwrite(lock, token)
            with open(os.path.join(path, MARKER), "xb") as marker:
                marker.write(token)
            yield lock
            os.unlink(os.path.join(path, MARKER))
        except BaseException:
            _remove(path, token)
            raise


@contextlib.contextmanager
def undisturbed(path: str, host: Host) -> Iterator[None]:
    """Keep everybody from making ``path`` meanwhile. Raises :class:`Locked` while somebody is at it."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(_lock(path, host))
        except AlreadyExists:
            raise Locked(f"{path} is being made by another process") from None
        yield


def _make(path: str, before: bytes, host: Host) -> None:
    try:
        try:
            os.mkdir(path)
        except FileExistsError:
            if not _is_left_over(path, before, host):
                raise
            shutil.rmtree(path)
            os.mkdir(path)
    except FileExistsError:
        raise AlreadyExists(
            f"{path} exists already", "Choose another name, or remove it yourself first."
        ) from None
    except OSError as error:
        raise WorkflowError(f"{path} cannot be made ({error.strerror or error})") from None


def _is_left_over(path: str, token: bytes, host: Host) -> bool:
    """Whether ``path`` is what a killed maker left, and no environment that somebody completed since."""
    if not token or not _is_marked(path, token):
        return False
    return validity.inspect(path, host, Disk()).status.state != "ok"


def _is_marked(path: str, token: bytes) -> bool:
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            return False
        return Disk().read(os.path.join(path, MARKER), 1024) == token
    except (OSError, WorkflowError):
        return False


def _remove(path: str, token: bytes) -> None:
    with contextlib.suppress(OSError):
        os.rmdir(path)  # nothing was put into it yet, not even the marker
        return
    if not _is_marked(path, token):
        return  # somebody moved ours away
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise WorkflowError(
            f"{path} is unfinished and cannot be removed ({error.strerror or error})",
            "Remove the folder yourself.",
        ) from error


@contextlib.contextmanager
def _lock(path: str, host: Host) -> Iterator[tuple[int, bytes]]:
    """The lock for ``path``, and the token that its last holder left behind."""
    folder = os.path.join(host.state, "unfinished")
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    name = os.path.join(folder, sha256(os.fsencode(real)).hexdigest()[:32])
    while True:
        try:
            os.makedirs(folder, exist_ok=True)
            lock = os.open(name, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise WorkflowError(f"{name} cannot be written ({error.strerror or error})") from None
        try:
            held = _try_lock(lock)
            current = held and _is_still(lock, name)
        except BaseException:
            os.close(lock)
            raise
        if current:
            break
        os.close(lock)
        if not held:
            raise AlreadyExists(f"{path} is being made already")
        # Its holder finished, and removed the file, between the opening and the lock.
    try:
        yield lock, os.read(lock, 1024)
    finally:
        if sys.platform == "win32":
            os.close(lock)  # an open file cannot be removed there
        with contextlib.suppress(OSError):
            os.unlink(name)
        if sys.platform != "win32":
            os.close(lock)


def _overwrite(lock: int, token: bytes) -> None:
    os.lseek(lock, 0, os.SEEK_SET)
    os.truncate(lock, 0)
    os.write(lock, token)


def _is_still(lock: int, name: str) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), os.stat(name))
    except OSError:
        return False


def _try_lock(lock: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            # Far behind the token: Windows' locks keep others from reading what they cover.
            os.lseek(lock, 1 << 20, os.SEEK_SET)
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
            os.lseek(lock, 0, os.SEEK_SET)
        else:
            import fcntl

            # Of the open file, not of the process: a tool that inherits it holds it too.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
