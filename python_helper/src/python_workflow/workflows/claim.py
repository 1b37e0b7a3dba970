"""Claiming a folder that is to be made, so that no two makers meet and nothing half-made is left for good.

While it is being made, a lock on a note in the user's state folder is held by the maker and by the tool it started
(:mod:`python_workflow.discovery.unfinished`). A maker that was killed leaves the note and no lock: by that readers know the
environment not to be whole, and the next maker takes it away.

Where the maker makes the folder itself (:func:`claimed`), it does so exclusively, and one token stands both in the note
and in the folder. Where a tool does (:func:`unfinished`), the note says that there was nothing before. Nothing else that
exists is ever touched.

Changing the packages of an environment is noted as well (:func:`changing`): a tool that is killed meanwhile leaves packages
of which half the files are there, and takes them for installed ever after.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
import time

from python_workflow.discovery import packages, validity
from python_workflow.discovery import unfinished as notes
from python_workflow.discovery.disk import Disk
from python_workflow.errors import AlreadyExists, Locked, Protected, RequestFailed, WorkflowError
from python_workflow.locks import take

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.model import Host

#: Stands in a claimed folder until it is finished.
MARKER = ".python-workflow-unfinished"
#: Follows the token in the note of an environment that cannot be told from a whole one by its files.
_FILLED = b" filled"
#: The note of a folder that a tool makes.
_BY_TOOL = b"made by a tool"
#: How often, and after how many seconds, a lock is tried again: readers hold it for an instant.
_TRIES, _PAUSE = 5, 0.02


@contextlib.contextmanager
def claimed(path: str, host: Host, *, filled: bool = False) -> Iterator[int]:
    """Make the folder ``path`` for the caller to fill; an exception in the body takes it away again.

    ``filled``: what is made looks like a whole environment before it is one, since packages are still to come.
    Gives the descriptor of the lock, for a tool to inherit. Raises :class:`AlreadyExists` when anything has that
    name, be it a link to nowhere, :class:`Protected` when the folder above may not be written, and
    :class:`WorkflowError` when the folder cannot be made for another reason.
    """
    with _lock(path, host) as (lock, before):
        _make(path, before, host)
        token = os.urandom(16).hex().encode()
        try:
            _overwrite(lock, token + _FILLED if filled else token)
            with open(os.path.join(path, MARKER), "xb") as marker:
                marker.write(token)
            yield lock
            os.unlink(os.path.join(path, MARKER))
        except BaseException:
            _remove(path, token)
            raise


@contextlib.contextmanager
def unfinished(path: str, host: Host) -> Iterator[int]:
    """Let the caller have a tool make the folder ``path``; an exception in the body takes it away again.

    Gives the descriptor of the lock, for the tool to inherit. Raises :class:`AlreadyExists` when anything has that
    name that is not what a killed maker left.
    """
    with _lock(path, host) as (lock, before):
        if os.path.lexists(path):
            if before != _BY_TOOL and not _is_left_over(path, before, host):
                raise _exists(path)
            _discard(path)
        _overwrite(lock, _BY_TOOL)
        try:
            yield lock
        except BaseException:
            _discard(path)
            raise


@contextlib.contextmanager
def changing(path: str, host: Host) -> Iterator[int]:
    """Let the caller have a tool change what is installed in the environment at ``path``.

    Gives the descriptor of the lock, for the tool to inherit. What is stopped in the middle stays noted, unless the tool
    had not begun; a tool that failed by itself is trusted to have come to an end. Raises :class:`Locked` while somebody
    is at it.
    """
    with contextlib.ExitStack() as held:
        try:
            lock, _ = held.enter_context(_lock(path, host))
        except AlreadyExists:
            raise Locked(f"another process is at work on {path}") from None
        seen = _look(path, host)
        _overwrite(lock, notes.changing(path))
        try:
            yield lock
        except BaseException as error:
            if _ended_by_itself(error) or _look(path, host) == seen:
                _overwrite(lock, b"")
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


def _ended_by_itself(error: BaseException) -> bool:
    """Whether ``error`` tells of a tool that failed, and not of one that was killed or stopped."""
    code = error.data.get("exit_code") if isinstance(error, RequestFailed) else None
    return isinstance(code, int) and code >= 0


def _look(path: str, host: Host) -> list[tuple[str, int]]:
    """When the folders last changed in which every package has an entry."""
    folders = [os.path.join(path, name) for name in ("", "bin", "Scripts", "lib", "conda-meta")]
    found = []
    for folder in (*folders, *packages.folders(path, host, Disk())):
        with contextlib.suppress(OSError):
            found.append((folder, os.stat(folder).st_mtime_ns))
    return found


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
        raise _exists(path) from None
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            reason = f"{path} cannot be made: its folder may not be written"
            raise Protected(reason, "Make that folder writable for you.") from None
        raise WorkflowError(f"{path} cannot be made ({error.strerror or error})") from None


def _is_left_over(path: str, note: bytes, host: Host) -> bool:
    """Whether ``path`` is what a killed maker left, and no environment that somebody completed since."""
    token = note.removesuffix(_FILLED)
    if not token or not _is_marked(path, token):
        return False
    return token != note or validity.written(path, host, Disk()).status.state != "ok"


def _exists(path: str) -> AlreadyExists:
    return AlreadyExists(
        f"{path} exists already", "Choose another name, or remove it yourself first."
    )


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
    if _is_marked(path, token):  # else somebody moved ours away
        _discard(path)


def _discard(path: str) -> None:
    try:
        if os.path.islink(path) or not os.path.isdir(path):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(path)
        else:
            shutil.rmtree(path)
    except OSError as error:
        raise WorkflowError(
            f"{path} is unfinished and cannot be removed ({error.strerror or error})",
            "Remove the folder yourself.",
        ) from error


@contextlib.contextmanager
def _lock(path: str, host: Host) -> Iterator[tuple[int, bytes]]:
    """The lock for ``path``, and the token that its last holder left behind."""
    name = notes.note(path, host)
    tries = _TRIES
    while True:
        try:
            os.makedirs(os.path.dirname(name), exist_ok=True)
            lock = os.open(name, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise WorkflowError(f"{name} cannot be written ({error.strerror or error})") from None
        try:
            held = take(lock)
            current = held and _is_still(lock, name)
        except BaseException:
            os.close(lock)
            raise
        if current:
            break
        os.close(lock)
        if not held:
            tries -= 1
            if not tries:
                raise AlreadyExists(f"{path} is being made already")
            time.sleep(_PAUSE)
        # Its holder finished, and removed the file, between the opening and the lock.
    stays = False
    try:
        yield lock, _content(lock)
    except BaseException:
        # What is unfinished, and could not be taken away, stays noted.
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


def _overwrite(lock: int, token: bytes) -> None:
    os.lseek(lock, 0, os.SEEK_SET)
    os.truncate(lock, 0)
    os.write(lock, token)


def _is_still(lock: int, name: str) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), os.stat(name))
    except OSError:
        return False
