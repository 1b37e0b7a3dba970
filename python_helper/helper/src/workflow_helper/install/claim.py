"""Claim a folder while it is created, so that no other process uses it and nothing incomplete remains.

Meanwhile, this process and the tool that it started hold a lock on a note in the user's state folder
(:mod:`workflow_helper.discovery.environments.in_progress`). A killed process leaves the note without a lock: readers
then know that the environment is incomplete, and the next process that creates it removes the remains.

This process creates the folder itself (:func:`claimed`), and then exclusively, or a tool creates it
(:func:`unfinished`). In the latter case the note first says that there is no folder, and identifies the folder as soon
as it exists. Only the folder that a note identifies is removed, and no other.

Changing the packages of an environment is noted too (:func:`changing`): a tool that is killed meanwhile leaves packages
with missing files, which all tools take for installed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import threading
import time

from workflow_helper.discovery.environments import distributions, health
from workflow_helper.discovery.environments import in_progress as notes
from workflow_helper.errors import (
    AlreadyExists,
    Locked,
    Protected,
    RequestFailed,
    WorkflowError,
)
from workflow_helper.filesystem.locks import opened, take
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.remove import remove_tree
from workflow_helper.install import guard
from workflow_helper.install.within import check_lies_within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.discovery.environments.in_progress import Note
    from workflow_helper.model import Host

#: Seconds between two looks for the folder that a tool makes, and how many of them make a sign of life.
_LOOK, _ALIVE = 0.01, 20
#: The number of times, and the seconds after which, a lock is tried again: readers hold it for an instant.
_TRIES, _PAUSE = 5, 0.02


@contextlib.contextmanager
def claimed(path: str, host: Host, *, filled: bool = False) -> Iterator[int]:
    """Create the folder ``path`` for the caller to fill; an exception in the body removes it again.

    ``filled``: it looks like a complete environment before its packages are installed. Yields the descriptor of the
    lock, for a tool to inherit.

    Raises:
        AlreadyExists: something has that name, even a dead link.
        Protected: the parent folder is not writable.
        WorkflowError: the folder cannot be created for another reason.
    """
    with _lock(path, host) as (lock, before):
        _make(path, before, host)
        bound = _bind(path)
        try:
            _overwrite(lock, notes.FILLED if filled else notes.MADE, bound)
            yield lock
            _unmark(path)
        except BaseException:
            if notes.identity(path) == bound:  # else another process moved ours away
                _discard(path)
            raise


@contextlib.contextmanager
def unfinished(path: str, host: Host) -> Iterator[int]:
    """Let the caller's tool create the folder ``path``; an exception in the body removes it again.

    Yields the descriptor of the lock, for the tool to inherit.

    Raises:
        AlreadyExists: something has that name, and is not the remains of a killed process.
    """
    with _lock(path, host) as (lock, before):
        if os.path.lexists(path):
            if not _is_left_over(path, before, host):
                raise _exists(path)
            _discard(path)
        _overwrite(lock, notes.FILLED)
        try:
            with _watch(path, lock):
                yield lock
            _unmark(path)
        except BaseException:
            _discard(path)
            raise


@contextlib.contextmanager
def _watch(path: str, lock: int) -> Iterator[None]:
    """Note the identity of the folder at ``path`` as soon as it exists, and again whenever a tool replaces it."""
    ended = threading.Event()

    def watch() -> None:
        seen, looks = None, 0
        while not ended.wait(_LOOK):
            looks += 1
            with contextlib.suppress(OSError):
                if os.path.lexists(path):
                    found = os.lstat(path)
                    if (found.st_dev, found.st_ino) != seen and stat.S_ISDIR(found.st_mode):
                        _overwrite(lock, notes.FILLED, _bind(path))
                        seen = found.st_dev, found.st_ino
                elif looks % _ALIVE == 0 and seen is None:
                    _overwrite(lock, notes.FILLED)

    watcher = threading.Thread(target=watch, daemon=True, name=f"watch {path}")
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


@contextlib.contextmanager
def changing(path: str, host: Host) -> Iterator[int]:
    """Let the caller's tool change the packages of the environment at ``path``.

    Yields the descriptor of the lock, for the tool to inherit. An interrupted change remains noted, unless the tool had
    not begun. A tool that failed by itself is assumed to have left complete packages.

    Raises:
        Locked: another process is changing it.
        Protected: a part of the environment lies elsewhere.
    """
    check_lies_within(path, host, Disk())
    with contextlib.ExitStack() as locks:
        try:
            lock, _ = locks.enter_context(_lock(path, host))
        except AlreadyExists:
            raise Locked(f"{path} is being changed already") from None
        seen = _look(path, host)
        _overwrite(lock, notes.CHANGED, _bind(path))
        try:
            yield lock
            _unmark(path)
        except BaseException as error:
            if _ended_by_itself(error) or _look(path, host) == seen:
                _unmark(path)
                _overwrite(lock)
            raise


@contextlib.contextmanager
def undisturbed(path: str, host: Host) -> Iterator[None]:
    """Keep other processes from creating ``path`` while the body runs.

    Raises:
        Locked: another process is creating it.
    """
    with contextlib.ExitStack() as locks:
        try:
            locks.enter_context(_lock(path, host))
        except AlreadyExists:
            raise Locked(f"{path} is still being created") from None
        yield


def _ended_by_itself(error: BaseException) -> bool:
    """Return whether ``error`` means that a tool failed by itself, rather than being killed or stopped."""
    code = error.data.get("exit_code") if isinstance(error, RequestFailed) else None
    return isinstance(code, int) and code >= 0


def _look(path: str, host: Host) -> list[tuple[str, int]]:
    """Return when the folders of packages last changed."""
    folders = [os.path.join(path, name) for name in ("", "bin", "Scripts", "lib", "conda-meta")]
    found = []
    for folder in (*folders, *distributions.folders(path, host, Disk())):
        with contextlib.suppress(OSError):
            found.append((folder, os.stat(folder).st_mtime_ns))
    return found


def _make(path: str, before: Note | None, host: Host) -> None:
    try:
        try:
            os.mkdir(path)
        except FileExistsError:
            if not _is_left_over(path, before, host):
                raise
            remove_tree(path)
            os.mkdir(path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            reason = f"{path} could not be created: its folder is not writable"
            raise Protected(reason, "Make that folder writable.") from None
        raise WorkflowError(f"{path} could not be created ({error.strerror or error})") from None


def _is_left_over(path: str, before: Note | None, host: Host) -> bool:
    """Return whether ``path`` was left by a killed process, and was not completed or replaced since."""
    if before is None or before.kind == notes.CHANGED or not before.is_about(path):
        return False
    if before.kind != notes.FILLED and health.written(path, host, Disk()).status.state == "ok":
        return False
    reason = guard.why_kept(path, host, Disk())
    if reason is not None:
        raise Protected(
            f"{path} is unfinished, and was not removed: {reason}",
            "Move what you want to keep elsewhere, then delete the folder.",
        )
    return True


def _exists(path: str) -> AlreadyExists:
    return AlreadyExists(
        f"{path} exists already", "Choose another name, or remove it yourself first."
    )


def _bind(path: str) -> str:
    """Return the identity of the folder at ``path``; a token is put into it where nothing else identifies it."""
    known = notes.identity(path)
    if known is not None:
        return known
    with contextlib.suppress(OSError), open(os.path.join(path, notes.MARKER), "xb") as marker:
        marker.write(os.urandom(16).hex().encode())
    return notes.identity(path) or ""


def _unmark(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(path, notes.MARKER))


def _discard(path: str) -> None:
    try:
        if os.path.islink(path) or not os.path.isdir(path):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(path)
        else:
            remove_tree(path)
    except OSError as error:
        raise WorkflowError(
            f"{path} is unfinished and cannot be removed ({error.strerror or error})",
            "Remove the folder yourself.",
        ) from error


@contextlib.contextmanager
def _lock(path: str, host: Host) -> Iterator[tuple[int, Note | None]]:
    """Hold the lock for ``path``; yields it with the note of its last holder."""
    name = notes.note(path, host)
    tries = _TRIES
    while True:
        lock = opened(name)
        try:
            is_locked = take(lock)
            current = is_locked and _is_still(lock, name)
        except BaseException:
            os.close(lock)
            raise
        if current:
            break
        os.close(lock)
        if not is_locked:
            tries -= 1
            if not tries:
                raise AlreadyExists(f"{path} is already being created")
            time.sleep(_PAUSE)
        # Its holder finished, and removed the file, between the opening and the lock.
    stays = False
    try:
        yield lock, notes.parse(_content(lock), os.fstat(lock).st_mtime_ns)
    except BaseException:
        # An unfinished folder that could not be removed remains noted.
        stays = bool(_content(lock)) and os.path.lexists(path)
        raise
    finally:
        if sys.platform == "win32":
            os.close(lock)  # an open file cannot be removed there
        if not stays:
            with contextlib.suppress(OSError):
                os.unlink(name)
        if sys.platform != "win32":
            os.close(lock)


def _content(lock: int) -> bytes:
    os.lseek(lock, 0, os.SEEK_SET)
    return os.read(lock, 1024)


def _overwrite(lock: int, *words: str) -> None:
    # Replace the file, so that it always exists: another process may be reading.
    data = " ".join(words).encode()
    os.lseek(lock, 0, os.SEEK_SET)
    os.write(lock, data)
    os.truncate(lock, len(data))


def _is_still(lock: int, name: str) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), os.stat(name))
    except OSError:
        return False
