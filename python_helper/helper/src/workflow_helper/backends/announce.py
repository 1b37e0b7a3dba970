"""Record an environment in the files of PEP 832, and remove that record.

Files of others are not overwritten, links are not followed, and each file is written completely or not at all.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager

from workflow_helper.discovery import pep832
from workflow_helper.errors import UnusableFile, WorkflowError
from workflow_helper.filesystem.paths import same
from workflow_helper.filesystem.reader import TEXT_LIMIT
from workflow_helper.system.output import decode_output

#: Seconds to wait for another process that changes the same file.
LOCK_SECONDS = 10

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workflow_helper.backends.context import BackendContext, Redirect
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def announce(context: BackendContext, name: str) -> None:
    """Call :func:`make_known` for a new environment, where the context wants it; a failure is reported, not raised."""
    if context.redirect == "none":
        return
    try:
        context.report(make_known(context.root, name, context.redirect, context.host, context.disk))
    except WorkflowError as error:
        context.report(f"{error.message}, so {name} is not the default")


def make_known(root: str, name: str, redirect: Redirect, host: Host, disk: Disk) -> str:
    """Name the environment ``name`` of ``root`` in a file, and return a sentence about what was done.

    Raises:
        AlreadyExists: the file appeared meanwhile.
        UnusableFile: there is a file that cannot be changed.
        WorkflowError: the file cannot be written.
    """
    from workflow_helper.filesystem.atomic import write_whole

    envs = os.path.join(root, pep832.PYTHON_ENVS)
    if os.path.lexists(envs):
        _append(envs, name, host, disk)
        return f"Added {name} to {pep832.PYTHON_ENVS}"
    if redirect == "python-envs":
        write_whole(envs, f"{name}\n".encode(), replace=False)
        return f"Wrote {pep832.PYTHON_ENVS}, which names {name}"
    dot_venv = os.path.join(root, pep832.DOT_VENV)
    if os.path.lexists(dot_venv):
        return f"{pep832.DOT_VENV} stays the default"
    write_whole(dot_venv, f"{name}\n".encode(), replace=False)
    return f"Wrote {pep832.DOT_VENV}, which redirects to {name}"


def forget(root: str, prefix: str, host: Host, disk: Disk) -> None:
    """Remove what records the environment that was at ``prefix``: a redirect to it, or a line of ``.python-envs``.

    Raises:
        UnusableFile: the file cannot be read or changed.
        WorkflowError: the file cannot be written.
    """
    dot_venv = os.path.join(root, pep832.DOT_VENV)
    named = pep832.dot_venv(root, disk)
    if (
        named is not None
        and named.line
        and same(named.path, prefix)
        and _is_own_file(dot_venv, host)
    ):
        os.unlink(dot_venv)
    lines = [line for line in pep832.python_envs(root, disk) or () if same(line.path, prefix)]
    envs = os.path.join(root, pep832.PYTHON_ENVS)
    if lines and _is_own_file(envs, host):
        _drop(envs, {line.text for line in lines}, host, disk)


def forget_deleted(
    root: str, prefix: str, host: Host, disk: Disk, report: Callable[[str], None]
) -> None:
    """Call :func:`forget` for a deleted environment; a failure is reported, not raised."""
    try:
        forget(root, prefix, host, disk)
    except (WorkflowError, OSError) as error:  # what was asked for is done
        report(f"{error}, so {prefix} is still listed")


def _append(path: str, name: str, host: Host, disk: Disk) -> None:
    """Add a line to the ``.python-envs`` at ``path``, its bytes kept.

    Raises:
        UnusableFile: the file cannot be read or changed.
        WorkflowError: the file cannot be written.
    """
    with _changing(path, host, disk) as (before, mode):
        newline = b"" if not before or before.endswith(b"\n") else b"\n"
        _rewrite(path, before + newline + os.fsencode(name) + b"\n", mode)


def _drop(path: str, texts: set[str], host: Host, disk: Disk) -> None:
    """Remove the lines that read as any of ``texts``, the other bytes kept."""
    with _changing(path, host, disk) as (before, mode):
        remaining = [
            line
            for line in before.removeprefix(b"\xef\xbb\xbf").split(b"\n")
            if decode_output(line.removesuffix(b"\r")) not in texts
        ]
        _rewrite(path, b"\n".join(remaining), mode)


@contextmanager
def _changing(path: str, host: Host, disk: Disk) -> Iterator[tuple[bytes, int]]:
    """Yield the bytes and the mode of the file at ``path``, locked against other processes of this product."""
    from hashlib import sha256

    from workflow_helper.filesystem.locks import hold, patience

    def stayed_locked() -> UnusableFile:
        return UnusableFile(
            path, "could not be changed: another process is changing it", "Try again."
        )

    lock = os.path.join(host.state, sha256(os.fsencode(path)).hexdigest()[:32] + ".lock")
    try:
        with hold(lock, patience(LOCK_SECONDS, stayed_locked)):
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode):
                raise UnusableFile(path, "is not a regular file, so it was not changed")
            if host.uid is not None and found.st_uid != host.uid:
                raise UnusableFile(path, "belongs to another user, so it was not changed")
            disk.text(path)  # a line added to what is not UTF-8 would not be read
            yield disk.read(path, TEXT_LIMIT) or b"", stat.S_IMODE(found.st_mode)
    except OSError as error:
        raise UnusableFile(path, f"could not be changed ({error})") from None


def _rewrite(path: str, data: bytes, mode: int) -> None:
    from workflow_helper.filesystem.atomic import write_whole

    write_whole(path, data, replace=True, mode=mode)


def _is_own_file(path: str, host: Host) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and host.uid in (None, found.st_uid)
