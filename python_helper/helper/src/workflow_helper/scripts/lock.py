"""Write the lock of a script, ``FILE.lock``: in the form of PEP 751, or uv's own if such a lock exists.

uv locks for every Python and system that the script allows. Without uv, pip's experimental command locks only for this
machine and the chosen Python. The script's ``[tool.uv]`` is used as when creating the environment.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress

from workflow_helper.discovery import script_metadata
from workflow_helper.errors import WorkflowError, unwritable
from workflow_helper.filesystem.reader import LOCK_LIMIT, Disk
from workflow_helper.filesystem.remove import remove_tree
from workflow_helper.install import cache, provision
from workflow_helper.install.installer import NOT_FOR_UV, InstallerCommand
from workflow_helper.scripts import state, uv_table
from workflow_helper.scripts.environment import Runner, lock_kind, python_for, without_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    from workflow_helper.discovery.script_metadata import Inline
    from workflow_helper.install.work import Work
    from workflow_helper.model import Host
    from workflow_helper.scripts.state import Script
else:
    from workflow_server.namedtuple import NamedTuple


class LockResult(NamedTuple):
    """The result of locking a script."""

    #: The lock file, absolute.
    path: str
    #: True if the content changed.
    changed: bool


def lock(path: str, host: Host, work: Work) -> LockResult:
    """Write the lock of the script at ``path`` (absolute), replacing the previous one.

    Raises:
        NotFound: the script has no inline metadata.
        UnusableFile: the script cannot be read, or its metadata is invalid.
        WorkflowError: it could not be locked, or its lock is a link.
    """
    disk = Disk()
    script = state.look(path, disk)
    if script is None:
        raise without_block(path)
    metadata = script_metadata.checked(path, script_metadata.text_of(path, disk))
    target = path + state.LOCK_SUFFIX
    if os.path.islink(target):
        # uv would follow it, and overwrite what it leads to.
        raise WorkflowError(f"{target} is a link, so it is not written", "Remove the link.")
    before = disk.read(target, LOCK_LIMIT)
    runner = Runner(script, host, work)
    work.report(f"Locking {script.name}")
    if lock_kind(script, disk) == "uv":
        _lock_with_uv(script, runner, host)
    else:
        from workflow_helper.filesystem.atomic import write_whole

        text = _pylock_text(script, metadata, runner, host, disk)
        write_whole(target, _without_comments(text).encode(), replace=True)
    return LockResult(target, disk.read(target, LOCK_LIMIT) != before)


def _lock_with_uv(script: Script, runner: Runner, host: Host) -> None:
    uv = runner.installer().uv
    if uv is None:
        reason = f"{script.lock} is uv's own lock file, and uv is not installed"
        raise WorkflowError(reason, "Install uv, or remove that file.")
    call = InstallerCommand(
        (uv, "lock", "--script", script.path, *_QUIET), dict.fromkeys(NOT_FOR_UV)
    )
    with _folder(host) as home:
        runner.run(f"locking {script.name}", call, home)


def _pylock_text(script: Script, metadata: Inline, runner: Runner, host: Host, disk: Disk) -> str:
    installer = runner.installer()
    python = python_for(metadata.requires_python, script.path, host, disk)
    what = f"locking {script.name}"
    with _folder(host) as home:
        if installer.uv is not None:
            argv = (installer.uv, "export", "--format", "pylock.toml", "--python", python.path)
            with _copy_for_uv(script, metadata, home) as path:
                call = (*argv, "--script", path, *_QUIET)
                return runner.run(what, InstallerCommand(call, dict.fromkeys(NOT_FOR_UV)), home)
        options = uv_table.for_pip(metadata, script)
        if not metadata.dependencies:
            return _EMPTY
        prefix, written = os.path.join(home, "env"), os.path.join(home, "pylock.toml")
        runner.run(what, installer.venv(python.path, prefix), home)
        words = (*options, "-o", written, "--", *metadata.dependencies)
        inner = provision.interpreter_of(prefix, host)
        runner.run(what, installer.lock(prefix, inner, words), home)
        return disk.text(written, LOCK_LIMIT) or ""


_QUIET = ("--color", "never", "--no-progress", "--no-python-downloads")
#: The lock of nothing, which pip does not write.
_EMPTY = 'lock-version = "1.0"\ncreated-by = "python-workflow"\npackages = []\n'


def _without_comments(text: str) -> str:
    """Return a lock without the comment about the command that created it.

    Raises:
        WorkflowError: the text holds no lock.
    """
    lines = text.splitlines(keepends=True)
    remainder = "".join(lines[next((at for at, one in enumerate(lines) if one[:1] != "#"), 0) :])
    if "lock-version" not in remainder:
        raise WorkflowError("the installer wrote no lock for the script")
    return remainder


@contextmanager
def _folder(host: Host) -> Iterator[str]:
    """Yield a temporary folder beside the environments of scripts in the cache, and remove it afterwards."""
    path = os.path.join(cache.folder(host), f".locking-{os.urandom(8).hex()}")
    try:
        os.makedirs(path)
    except OSError as error:
        raise unwritable(path, error, "cannot be created") from None
    try:
        yield path
    finally:
        remove_tree(path, ignore_errors=True)


@contextmanager
def _copy_for_uv(script: Script, metadata: Inline, home: str) -> Iterator[str]:
    """Yield the script's path, or that of a copy of its metadata, because uv rejects a script with a lock that is not uv's own."""
    if script.lock is None:
        yield script.path
        return
    # Paths in [tool.uv] are relative to the script.
    beside = uv_table.NAME in metadata.tool
    name = f".{os.urandom(4).hex()}.{script.name}" if beside else script.name
    copy = os.path.join(script.folder if beside else home, name)
    opening, closing = (
        f"{script_metadata.OPENING}{script_metadata.TYPE}\n",
        f"{script_metadata.CLOSING}\n",
    )
    content = "".join(f"# {line}".rstrip() + "\n" for line in script.block.content.split("\n"))
    try:
        with open(copy, "x", encoding="utf-8") as file:
            file.write(opening + content + closing)
    except OSError as error:
        if not isinstance(error, FileExistsError):
            with suppress(OSError):
                os.unlink(copy)
        raise WorkflowError(f"{copy} cannot be written ({error.strerror or error})") from None
    try:
        yield copy
    finally:
        with suppress(OSError):
            os.unlink(copy)
