"""Remove a folder with its contents."""

from __future__ import annotations

import os


def remove_tree(path: str, *, ignore_errors: bool = False) -> None:
    """Remove the folder ``path`` with its contents; links in it are removed, but not their targets.

    Windows refuses to remove read-only files, such as a git repository's objects, so they are made writable first.

    Raises:
        OSError: something cannot be removed. With ``ignore_errors``, it is left instead.
    """
    import shutil

    if os.name != "nt":
        shutil.rmtree(path, ignore_errors=ignore_errors)
        return
    import stat
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
