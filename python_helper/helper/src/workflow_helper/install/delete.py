"""Delete an environment of a project, and never a folder that only looks like one."""

from __future__ import annotations

import os

from workflow_helper.errors import EnvironmentNotFound, ExecutionFailed, Protected
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.remove import remove_tree
from workflow_helper.install.guard import check_deletable, why_precious

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def delete(
    prefix: str,
    root: str,
    host: Host,
    disk: Disk,
    report: Callable[[str], None] = lambda _: None,
    *,
    allowed: Collection[str] = (),
) -> None:
    """Delete the environment whose folder is ``prefix``, of the project ``root``.

    It is first renamed, so that readers see either the whole environment or none. ``allowed`` are folders outside
    ``root`` that may be deleted too: where the governing tool keeps this project's environments, or what the user
    named.

    Raises:
        EnvironmentNotFound: there is no environment.
        Protected: it is neither inside ``root`` nor allowed, is reached through a link, or :func:`check_deletable`
        refuses it.
        Locked: another process is creating it.
        ExecutionFailed: the system cannot delete part of it.
    """
    from workflow_helper.install.claim import undisturbed

    check_exists(prefix)
    with undisturbed(prefix, host):
        seen = _look(prefix)
        check_deletable(prefix, root, host, disk)
        reason = _why_outside(prefix, root, allowed)
        if reason is not None:
            raise Protected(f"{prefix} is not deleted: {reason}")
        report(f"Deleting {prefix}")
        aside = os.path.join(
            os.path.dirname(prefix), f".{os.path.basename(prefix)}-deleted-{os.urandom(4).hex()}"
        )
        try:
            os.rename(prefix, aside)
            # Check it again under its temporary name, because it may have been replaced or changed meanwhile.
            reason = (
                why_precious(real_path(aside), root, host)
                if _look(aside) == seen
                else "it is another folder now"
            )
            if reason is not None:
                os.rename(aside, prefix)
                raise Protected(f"{prefix} is not deleted: {reason}")
            _unmark(aside)
            remove_tree(aside)
        except OSError as error:
            left = f", and {aside} is left of it" if os.path.lexists(aside) else ""
            raise ExecutionFailed(
                f"{prefix} could not be deleted ({error.strerror or error}){left}",
                "Make its folder writable, and end the programs that run in it.",
            ) from None


def check_exists(prefix: str, hint: str | None = None) -> None:
    """Raise :class:`EnvironmentNotFound` with ``hint`` where nothing is at ``prefix``."""
    if not os.path.lexists(prefix):
        raise EnvironmentNotFound(f"{prefix} does not exist, so there is nothing to delete", hint)


def _why_outside(prefix: str, root: str, allowed: Collection[str]) -> str | None:
    """Return why the environment is not the project's own, so that it is only deleted on explicit request."""
    spelled = os.path.normpath(prefix)
    if spelled in allowed:
        return None
    real, real_root = real_path(spelled), real_path(root)
    if not real.startswith(real_root.rstrip(os.sep) + os.sep):
        return f"it is not inside {root}"
    if real not in (spelled, os.path.join(real_root, os.path.relpath(spelled, root))):
        return "it is reached through a link"
    return None


def _look(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _unmark(folder: str) -> None:
    """Remove the marker files first, so that a killed deletion leaves a plain folder instead of a broken environment."""
    import contextlib

    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, "pyvenv.cfg"))
