"""Project roots: the nearest folder that a file or folder marks as one, and those that enclose it."""

from __future__ import annotations

import os

from workflow_helper.discovery import folder_mapping
from workflow_helper.discovery.tools import MARKERS, is_marked
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import ownership
from workflow_helper.filesystem.paths import holds, remote_target
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.state import choices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host, Question
else:
    from workflow_server.namedtuple import NamedTuple

#: Files that make the folder that holds them a root whatever they contain. A broken one is worth telling of, so their
#: name is enough.
DECLARATIONS = ("pyproject.toml", "pyworkflow.toml", ".python-envs")

#: Files that many folders of one project may hold. They make a root only where nothing stronger does, from the folder
#: that holds them to the boundary.
WEAK = (
    "requirements.txt",
    "setup.py",
    "setup.cfg",
    "manage.py",
    "environment.yml",
    "environment.yaml",
    "conda.yml",
    "conda.yaml",
    ".python-version",
)
_STRONG = tuple(name for name in MARKERS if name not in WEAK)
GIT = ".git"
#: The maximum number of parent folders to check. No project is that deep, and without a limit a thousand nested
#: folders, all open in an editor, would all be compared with each other.
MOST_FOLDERS = 64
#: The root and the nearest of those that enclose it.
MOST_ROOTS = 16


class Roots(NamedTuple):
    """The project root of a folder and the roots around it."""

    root: str
    #: The name in ``root`` that marks it; ``None`` when nothing does.
    marker: str | None
    #: The reason why it is the root, as the end of a sentence.
    because: str
    #: Nearest first, up to and including the boundary.
    enclosing: tuple[str, ...]
    #: Marked parent folders that belong to another user.
    foreign: tuple[str, ...]
    #: The mappings of folders in the files of all of them, those of the nearest first.
    mapped: tuple[folder_mapping.MappedFolder, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """The root and those that enclose it, nearest first."""
        return (self.root, *self.enclosing)


class _Found(NamedTuple):
    """A folder that may be a root."""

    path: str
    marker: str | None
    because: str
    is_weak: bool


def find(folder: str, host: Host, disk: Disk, *, opened: tuple[str, ...] = ()) -> Roots:
    """Return the roots of ``folder`` (absolute; a file's own folder is meant when it names a file).

    The search ends at the folder with ``.git``, before the home folder, at the file system's root, and after
    :data:`MOST_FOLDERS`; the nearest :data:`MOST_ROOTS` roots count. As in git, a parent folder that belongs neither to
    the user, nor to root, nor to the owner of ``folder`` is skipped (:mod:`workflow_helper.filesystem.ownership`). If
    nothing marks a root, it is the folder of ``opened``, the editor's open folders, that contains ``folder``, else the
    folder with ``.git``, else ``folder`` itself.
    """
    start = os.path.normpath(folder)
    if not disk.is_folder(start):
        start = os.path.dirname(start)
    foreign: list[str] = []
    marked = list(_marked(start, host, disk, foreign))
    mapped = tuple(entry for one in marked for entry in folder_mapping.read(one.path, disk).entries)
    found = _strongest(_with_mapped(start, marked, mapped))
    if found:
        first, *others = found[:MOST_ROOTS]
        above = tuple(one.path for one in others)
        return Roots(first.path, first.marker, first.because, above, tuple(foreign), mapped)
    root, marker, because = start, None, "no file marks a project, so the folder itself is the root"
    for current in upwards(start, host, disk):
        if current in opened:
            root, marker, because = current, None, "it is open, and no file marks a project"
            break
        holds_git = disk.is_present(os.path.join(current, GIT))
        if holds_git and current not in foreign and _is_own(current, start, host, disk):
            root, marker, because = current, GIT, f"it holds {GIT}"
    return Roots(root, marker, because, (), tuple(foreign))


def of(question: Question, host: Host, disk: Disk) -> Roots:
    """Return the roots of the question's folder."""
    opened = question.opened or ((question.folder,) if question.editor else ())
    return find(question.folder, host, disk, opened=opened)


def around(root: str, host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the roots that enclose ``root``, which is one, nearest first."""
    return tuple(path for path in find(root, host, disk).all if path != root)


def upwards(start: str, host: Host, disk: Disk) -> Iterator[str]:
    """Yield ``start`` and the folders above it, up to the boundary: see :func:`find`."""
    homes = {host.home, real_path(host.home)}
    current = start
    for _ in range(MOST_FOLDERS):
        yield current
        above = os.path.dirname(current)
        if (
            above == current
            or homes & {current, above}
            or disk.is_present(os.path.join(current, GIT))
        ):
            break
        current = above


def marker_of(folder: str, host: Host, disk: Disk) -> str | None:
    """Return the name of the entry in ``folder`` that makes it a root, or ``None``."""
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
    return _holds(folder, _STRONG, disk) or is_marked(folder, host, disk)


def _marked(start: str, host: Host, disk: Disk, foreign: list[str]) -> Iterator[_Found]:
    """Yield possible roots, nearest first; skipped folders are added to ``foreign``."""
    ours = ownership.trusted(start, host)
    for current in upwards(start, host, disk):
        strong = marker_of(current, host, disk)
        if strong is None and _is_chosen_for(current, host, disk):
            chosen = "an environment or a workflow was chosen for it"
            yield _Found(current, None, chosen, is_weak=False)
            continue
        marker = strong or _holds(current, WEAK, disk)
        if marker is None:
            continue
        if current == start or ownership.belong(current, marker, ours, disk):
            yield _Found(current, marker, f"it holds {marker}", is_weak=strong is None)
        else:
            foreign.append(current)


def _strongest(found: list[_Found]) -> list[_Found]:
    """Return ``found`` without weak roots that have a stronger one above them."""
    strong = [index for index, one in enumerate(found) if not one.is_weak]
    last = strong[-1] if strong else -1
    return [one for index, one in enumerate(found) if index > last or not one.is_weak]


def _with_mapped(
    start: str, found: list[_Found], mapped: tuple[folder_mapping.MappedFolder, ...]
) -> list[_Found]:
    """Return ``found``, and the folders around ``start`` that a mapping gives an environment of their own."""
    known = {one.path: one for one in found}
    for entry in mapped:
        if entry.folder not in known and holds(entry.folder, start):
            because = f"{entry.file} maps it to an environment"
            known[entry.folder] = _Found(entry.folder, folder_mapping.FILE, because, is_weak=False)
    return sorted(known.values(), key=lambda one: len(one.path), reverse=True)


def _holds(folder: str, names: tuple[str, ...], disk: Disk) -> str | None:
    return next((name for name in names if disk.is_file(os.path.join(folder, name))), None)


def _is_chosen_for(folder: str, host: Host, disk: Disk) -> bool:
    try:
        return choices.chosen(folder, host, disk) != choices.Chosen()
    except UnusableFile:
        return False


def _is_own(folder: str, start: str, host: Host, disk: Disk) -> bool:
    return folder == start or ownership.belong(folder, GIT, ownership.trusted(start, host), disk)
