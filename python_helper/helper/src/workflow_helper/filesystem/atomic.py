"""Write a file completely or not at all."""

from __future__ import annotations

import os
import time

from workflow_helper.errors import AlreadyExists, unwritable

#: How long to wait for a reader on Windows, in seconds.
_READER_TIMEOUT = 2.0


def write_whole(path: str, data: bytes, *, replace: bool, mode: int = 0o644) -> None:
    """Put ``data`` at ``path``: a reader sees the old bytes or the new ones, even if the write is interrupted.

    Missing parent folders are created. With ``replace=False``, a file that appears meanwhile is not overwritten.

    Raises:
        AlreadyExists: with ``replace=False``, something has that name, even a dead link.
        WorkflowError: it cannot be written; the error names the file.
    """
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error, "could not be written") from None
    try:
        temporary = os.path.join(
            folder, f".{os.path.basename(path)}.{os.getpid()}.{os.urandom(4).hex()}"
        )
        handle = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode
        )
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                _replace(temporary, path)
            else:
                _publish(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except FileExistsError:
        raise AlreadyExists(f"{path} exists already", "Nothing was written.") from None
    except OSError as error:
        raise unwritable(path, error, "could not be written") from None


def _replace(temporary: str, path: str) -> None:
    """Rename the finished file, replacing any existing file.

    Windows refuses that while a program has the file open, as a reader has for a moment.
    """
    end = time.monotonic() + (_READER_TIMEOUT if os.name == "nt" else 0.0)
    while True:
        try:
            os.replace(temporary, path)
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.01)
        else:
            return


def _publish(temporary: str, path: str) -> None:
    """Give the finished file its name, failing with ``FileExistsError`` where the name is taken."""
    try:
        os.link(temporary, path)  # unlike a rename, never replaces
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links has no such call, so checking and renaming are two steps.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(temporary, path)
    else:
        os.unlink(temporary)
