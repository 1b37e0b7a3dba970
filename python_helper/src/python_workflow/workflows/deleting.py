"""Deleting an environment of a project: that, and nothing that only looks like it."""

from __future__ import annotations

import os
import sys

from python_workflow.discovery import validity
from python_workflow.errors import ExecutionFailed, Protected, WorkflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host


def delete(
    prefix: str,
    root: str,
    host: Host,
    disk: Disk,
    report: Callable[[str], None] = lambda _: None,
    *,
    allowed: Collection[str] = (),
) -> None:
    """Delete the environment whose folder is ``prefix``, and what makes it known in ``root``.

    Its name is gone at once: a reader sees the whole environment or none. ``allowed`` are folders outside ``root`` that
    may be deleted all the same: where the governing tool keeps this project's environments, or what the user named.
    Raises :class:`Protected` for anything else that is no environment inside ``root``, or is reached through a link;
    :class:`Locked` while it is being made; and :class:`ExecutionFailed` for what the system does not let go of.
    """
    import shutil

    from python_workflow.workflows.claim import undisturbed
    from python_workflow.workflows.known import forget

    reason = _why_not(prefix, root, host, disk, allowed)
    if reason is not None:
        raise Protected(f"{prefix} is not deleted: {reason}")
    with undisturbed(prefix, host):
        report(f"Deleting {prefix}")
        aside = os.path.join(
            os.path.dirname(prefix), f".{os.path.basename(prefix)}-deleted-{os.urandom(4).hex()}"
        )
        try:
            os.rename(prefix, aside)
            _unmark(aside)
            shutil.rmtree(aside)
        except OSError as error:
            left = f", and {aside} is left of it" if os.path.lexists(aside) else ""
            raise ExecutionFailed(
                f"{prefix} could not be deleted ({error.strerror or error}){left}",
                "Make its folder writable for you, and end the programs that run in it.",
            ) from None
    try:
        forget(root, prefix, host, disk)
    except (WorkflowError, OSError) as error:  # what was asked for is done
        report(f"{error}; the name of {prefix} is still there")


def _why_not(
    prefix: str, root: str, host: Host, disk: Disk, allowed: Collection[str]
) -> str | None:
    from python_workflow.discovery.pythons.conda import is_base

    real_root = os.path.realpath(root)
    spelled = os.path.normpath(prefix)
    if os.path.islink(spelled):
        return "it is a link"
    real = os.path.realpath(spelled)
    if spelled not in allowed:
        if not real.startswith(real_root.rstrip(os.sep) + os.sep):
            return f"it is not inside {root}"
        if real not in (spelled, os.path.join(real_root, os.path.relpath(spelled, root))):
            return "it is reached through a link"
    if not disk.is_folder(spelled) or not validity.is_environment(spelled, disk):
        return "it is no environment"
    if is_base(spelled, host, disk):
        return "it is conda's base environment"
    if real == os.path.realpath(sys.prefix):
        return "this very process runs in it"
    return None


def _unmark(folder: str) -> None:
    """See that what is left after a kill is taken for no environment: a folder of files, and not a broken one."""
    import contextlib

    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, "pyvenv.cfg"))
