"""Removing a folder with all that is in it."""

from __future__ import annotations

import os


def remove_tree(path: str, *, ignore_errors: bool = False) -> None:
    """Remove the folder ``path`` with all that is in it: links in it, but nothing that they lead to.

    Windows keeps what is read-only, as the objects of a git repository are, so that is made
    writable first.

    Raises:
        OSError: something is kept nevertheless, unless ``ignore_errors``, which leaves that.
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
