"""Repair an environment whose packages were being changed when the tool was killed.

Files of a package may be missing while its record says that it is installed, so that every tool takes it for complete.
So packages that do not match their record lose it, and the next installation installs them again.

Source: the specification "Recording installed projects"; pip's own names for what it is about to remove.
"""

from __future__ import annotations

import csv
import os
from contextlib import suppress

from workflow_helper.discovery.environments import distributions, in_progress
from workflow_helper.discovery.environments import health as environments_health
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.remove import remove_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.model import Environment, Host

RECORD_LIMIT = 64 * 1024 * 1024
#: pip gives what it is about to remove a name that begins with this.
_REMOVED_PREFIX = "~"


def as_before(environment: Environment, host: Host, disk: Disk) -> Environment:
    """Return ``environment`` with its status from before an interrupted change of packages, if nothing else is wrong."""
    noted = (
        None
        if environment.ok or environment.kind == "remote"
        else in_progress.read(environment.prefix, host, disk)
    )
    if noted is None or noted.kind != in_progress.CHANGED or noted.held:
        return environment
    health = environments_health.written(environment.prefix, host, disk)
    return environment._replace(
        status=health.status,
        interpreter_path=health.interpreter_path,
        python_version=health.python_version,
    )


def repair(prefix: str, host: Host) -> None:
    """Remove the record of each package of the environment at ``prefix`` whose files do not match it."""
    disk = Disk()
    for folder in distributions.folders(prefix, host, disk):
        for name in disk.names(folder):
            path = os.path.join(folder, name)
            half = name.endswith(distributions.SUFFIX) and not _is_whole(path, folder, disk)
            if (half or name.startswith(_REMOVED_PREFIX)) and not os.path.islink(path):
                if os.path.isdir(path):
                    remove_tree(path, ignore_errors=True)
                else:
                    with suppress(OSError):
                        os.unlink(path)


def lost(prefix: str, host: Host, disk: Disk) -> Iterator[str]:
    """Yield the ``*.dist-info`` of each package of the environment at ``prefix`` whose module or folder is gone.

    Only the entries directly in ``site-packages`` are checked: checking every file would take as long as installing.
    """
    for folder in distributions.folders(prefix, host, disk):
        names = frozenset(disk.names(folder))
        for name in sorted(names):
            record = os.path.join(folder, name)
            if name.endswith(distributions.SUFFIX) and any(
                not os.path.lexists(os.path.join(folder, top))
                for top in _tops(os.path.join(record, "RECORD"), disk) - names
            ):
                yield record


def forget(records: Iterable[str]) -> None:
    """Remove the ``*.dist-info`` at each of ``records``, so that the next installation installs the packages again."""
    for record in records:
        if not os.path.islink(record):
            remove_tree(record, ignore_errors=True)


def _tops(path: str, disk: Disk) -> frozenset[str]:
    """Return the first part of each path in the ``RECORD`` at ``path``, without files outside, or compiled by Python."""
    try:
        data = disk.read(path, RECORD_LIMIT) or b""
    except UnusableFile:
        return frozenset()
    # Not as CSV, which takes ten times as long: a path with a comma is quoted, and is skipped.
    if os.sep != "/":  # virtualenv writes the system's own
        data = data.replace(os.sep.encode(), b"/")
    found = {line.partition(b",")[0].partition(b"/")[0] for line in data.split(b"\n")}
    return frozenset(
        os.fsdecode(top)
        for top in found - {b"", b"..", b"__pycache__"}
        if not top.startswith(b'"') and not top.endswith(b".pyc")
    )


def _is_whole(record: str, folder: str, disk: Disk) -> bool:
    """Return whether all files that the ``*.dist-info`` at ``record`` lists exist."""
    rows = list(rows_of(os.path.join(record, "RECORD"), disk))
    return (
        bool(rows)
        and os.path.exists(os.path.join(record, "METADATA"))
        and all(_is_there(os.path.join(folder, row[0]), row[2:3]) for row in rows)
    )


def rows_of(path: str, disk: Disk) -> Iterator[list[str]]:
    """Yield the rows of the ``RECORD`` at ``path``, each with a path; none if it cannot be read."""
    try:
        text = (disk.read(path, RECORD_LIMIT) or b"").decode("utf-8", "surrogateescape")
        yield from (row for row in csv.reader(text.splitlines()) if row)
    except (UnusableFile, csv.Error):
        return


def _is_there(path: str, size: list[str]) -> bool:
    if path.endswith((".pyc", "__pycache__")):  # Python makes it when it is missing
        return True
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    # Compare as strings: Python does not convert numbers of thousands of digits.
    return not (size and size[0].isdecimal()) or size[0] == str(found.st_size)
