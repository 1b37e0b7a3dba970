"""Where a project begins: the nearest folder that says so, and those that enclose it."""

from __future__ import annotations

import os

from python_workflow.discovery import owners
from python_workflow.discovery.paths import remote_target
from python_workflow.discovery.tools import MARKERS, is_marked
from python_workflow.real import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host
else:
    from python_workflow.light import NamedTuple

#: Files that make the folder that holds them a root whatever they contain. A broken one is worth telling of, so their
#: name is enough.
DECLARATIONS = ("pyproject.toml", "pyworkflow.toml", ".python-envs")


class Roots(NamedTuple):
    """The project root of a folder and the roots around it."""

    root: str
    #: The name of the marker in ``root``; ``None`` when nothing marks it, and the folder stands for itself.
    marker: str | None
    #: Nearest first, up to and including the boundary.
    enclosing: tuple[str, ...]
    #: Marked folders above that belong to somebody else.
    foreign: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """The root and those that enclose it, nearest first."""
        return (self.root, *self.enclosing)


def find(folder: str, host: Host, disk: Disk) -> Roots:
    """The roots of ``folder`` (absolute; a file's own folder is meant when it names a file).

    The search ends at the folder that holds ``.git``, before the home folder, and at the file system's root. A folder
    above that belongs to neither the user, nor root, nor the owner of the folder asked about is passed over, as git
    does (:mod:`python_workflow.discovery.owners`).
    """
    start = os.path.normpath(folder)
    if not disk.is_folder(start):
        start = os.path.dirname(start)
    homes = {host.home, real_path(host.home)}
    found: list[tuple[str, str]] = []
    foreign: list[str] = []
    ours = owners.trusted(start, host)
    current = start
    while current == start or current not in homes:
        marker = marker_of(current, host, disk)
        if marker is not None:
            if current == start or owners.belong(current, marker, ours):
                found.append((current, marker))
            else:
                foreign.append(current)
        above = os.path.dirname(current)
        if above == current or current in homes or disk.is_present(os.path.join(current, ".git")):
            break
        current = above
    if not found:
        return Roots(start, None, (), tuple(foreign))
    return Roots(found[0][0], found[0][1], tuple(path for path, _ in found[1:]), tuple(foreign))


def marker_of(folder: str, host: Host, disk: Disk) -> str | None:
    """The name in ``folder`` that makes it a root, or ``None``."""
    for name in DECLARATIONS:
        if disk.is_present(os.path.join(folder, name)):
            return name
    dot_venv = os.path.join(folder, ".venv")
    if disk.is_present(dot_venv) and (
        remote_target(dot_venv) is not None
        or not disk.is_folder(dot_venv)
        or disk.is_file(os.path.join(dot_venv, "pyvenv.cfg"))
    ):
        return ".venv"
    for name in MARKERS:
        if disk.is_file(os.path.join(folder, name)):
            return name
    return is_marked(folder, host, disk)
