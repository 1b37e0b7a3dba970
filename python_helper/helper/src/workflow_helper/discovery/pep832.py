"""The files in which a folder names its environments: ``.venv`` and ``.python-envs`` (PEP 832).

The PEP's draft changed shape, and tools follow different texts, so each form is read: the ``.venv`` folder, the
``.venv`` redirect file (January to April 2026, and again since September 2026), and ``.python-envs`` (July and
August 2026).
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import absolute, is_address, is_remote, remote_target
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

DOT_VENV = ".venv"
PYTHON_ENVS = ".python-envs"

#: The most bytes that are read: each line costs an access to the disk, and a folder has few environments.
PYTHON_ENVS_LIMIT = 64 * 1024


class RedirectEntry(NamedTuple):
    """One environment that a file names: its path, or the reason why the text does not name a usable one."""

    #: The text as written.
    text: str
    #: Absolute; the text itself if it is not a path of this machine.
    path: str
    #: Counted from 1; 0 for the ``.venv`` folder.
    line: int = 0
    #: What is wrong with the entry, as a sentence. It does not say whether the environment works.
    problem: str | None = None
    #: The text is an address or a path of another machine, which this product cannot use.
    unsupported: bool = False


def dot_venv(root: str, disk: Disk) -> RedirectEntry | None:
    """Return the environment of ``.venv`` in ``root``: the folder itself, or the target of a redirect; ``None`` without one.

    A redirect is followed once, never in a chain; a symbolic link is kept as it is.
    """
    path = os.path.join(root, DOT_VENV)
    if not disk.is_present(path):
        return None
    elsewhere = remote_target(path)
    if elsewhere is not None:
        reason = f"{path} leads to another machine ({elsewhere}), which is not accessed"
        return RedirectEntry(DOT_VENV, elsewhere, 0, reason, unsupported=True)
    if disk.is_folder(path):
        return RedirectEntry(DOT_VENV, path)
    try:
        text = disk.text(path)
    except UnusableFile as error:
        return RedirectEntry(DOT_VENV, path, 1, str(error))
    line = (text or "").partition("\n")[0].removesuffix("\r")
    if not line.strip():
        return RedirectEntry(
            line,
            path,
            1,
            f"{path} is an empty redirect file: its first line should be an environment's path",
        )
    if is_remote(line):
        return RedirectEntry(
            line,
            line,
            1,
            f"{path} redirects to another machine ({line}), which is not accessed",
            unsupported=True,
        )
    target = absolute(root, line)
    if disk.is_file(target):
        if os.path.basename(target) == DOT_VENV:
            reason = "which is a redirect file itself, and redirects are followed once only"
        else:
            reason = "which is a file, where an environment's folder was expected"
        return RedirectEntry(line, target, 1, f"{path} redirects to {target}, {reason}")
    if not disk.is_folder(target):
        return RedirectEntry(line, target, 1, f"{path} redirects to {target}, which does not exist")
    return RedirectEntry(line, target, 1)


def python_envs(root: str, disk: Disk) -> tuple[RedirectEntry, ...] | None:
    """Return the environments that ``.python-envs`` in ``root`` lists; ``None`` without one.

    Each is returned once, at the position of the last line that names it. The last is the default.

    Raises:
        UnusableFile: the file cannot be read as UTF-8 text.
    """
    path = os.path.join(root, PYTHON_ENVS)
    text = disk.text(path, PYTHON_ENVS_LIMIT)
    if text is None:
        return None
    found: dict[str, RedirectEntry] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        if line.strip():
            entry = _entry_of_line(root, path, line, number, disk)
            # A later line of the same environment takes the place of an earlier one.
            key = entry.path if entry.unsupported else real_path(entry.path)
            found.pop(key, None)
            found[key] = entry
    return tuple(found.values())


def _entry_of_line(root: str, file: str, line: str, number: int, disk: Disk) -> RedirectEntry:
    where = f"{file}, line {number}"
    if is_remote(line):
        return RedirectEntry(
            line,
            line,
            number,
            f"{where}: {line} is on another machine, which is not accessed",
            unsupported=True,
        )
    target = absolute(root, line)
    if is_address(line) and not disk.exists(target):
        return RedirectEntry(
            line,
            line,
            number,
            f"{where}: {line} is an address, not a path, and is not supported",
            unsupported=True,
        )
    if not disk.is_present(target):
        return RedirectEntry(line, target, number, f"{where}: {target} does not exist")
    return RedirectEntry(line, target, number)
