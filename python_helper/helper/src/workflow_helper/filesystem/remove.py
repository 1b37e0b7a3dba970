"""Remove a folder with its contents."""

from __future__ import annotations

import errno
import os


def remove_tree(path: str, *, ignore_errors: bool = False) -> None:
    """Remove the folder ``path`` with its contents; links in it are removed, but not their targets.

    Windows refuses to remove read-only files, such as a git repository's objects, so they are made writable first.

    Raises:
        OSError: something cannot be removed. With ``ignore_errors``, it is left instead.
    """
    import shutil
    import stat

    if os.name != "nt":
        # Before Python 3.13, rmtree opens whatever it is given, and waits until somebody writes into a FIFO.
        if os.path.lexists(path) and stat.S_ISFIFO(os.lstat(path).st_mode):
            if not ignore_errors:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            return
        shutil.rmtree(path, ignore_errors=ignore_errors)
        return
    import sys
    from contextlib import suppress

    def again(remove: object, place: str, _error: object) -> None:
        with suppress(*((OSError,) if ignore_errors else ())):
            os.chmod(place, stat.S_IWRITE)
            if callable(remove):
                remove(place)

    if sys.version_info >= (3, 12):
        shutil.rmtree(path, onexc=again)
    else:
        shutil.rmtree(path, onerror=again)
