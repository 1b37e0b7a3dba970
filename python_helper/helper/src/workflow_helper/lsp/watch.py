"""The places that an editor is asked to watch, so that outdated answers are noticed without polling.

Inside the workspace, fixed globs are enough for every project. Other files that answers depend on (the user's own
files, environments outside of projects, base interpreters) are watched individually, if the client supports it. On
window focus and on each request, all files of the answers are checked, which finds the other changes.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from workflow_helper.discovery.roots import DECLARATIONS, WEAK
from workflow_helper.discovery.tools import MARKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Names that matter in any folder. ``.venv`` itself is one: when a folder goes, editors report the folder alone.
NAMES = tuple(dict.fromkeys((".venv", "pyvenv.cfg", "conda-meta", *DECLARATIONS, *WEAK, *MARKERS)))
#: The globs for all of the workspace: the names above, and the interpreters of environments.
GLOBS = (f"**/{{{','.join(NAMES)}}}", "**/{bin,Scripts}/python*")

#: Folders outside the globs' reach that are watched at most; each costs the editor a watcher.
MOST = 256

_SPECIAL = re.compile(r"[*?\[\]{},!\\]")


class WatchedPlace(NamedTuple):
    """Names to watch directly in one existing folder."""

    folder: str
    #: A glob of one segment.
    glob: str


def places(used: Iterable[str], workspace: Sequence[str]) -> tuple[WatchedPlace, ...]:
    """Return those of ``used`` (absolute paths) that the :data:`GLOBS` do not cover, sorted, at most :data:`MOST` folders.

    For a path in a missing folder, the first missing part of the path is watched.
    """
    names: dict[str, set[str]] = {}
    tops = _outermost(workspace)
    for path in dict.fromkeys(used):
        if _is_seen(path, tops):
            continue
        folder, name = os.path.split(path)
        while name and not os.path.isdir(folder):
            folder, name = os.path.split(folder)
        if name and (folder in names or len(names) < MOST):
            names.setdefault(folder, set()).add(_SPECIAL.sub("?", name))
    return tuple(
        WatchedPlace(folder, _glob(sorted(found))) for folder, found in sorted(names.items())
    )


def _outermost(folders: Iterable[str]) -> tuple[str, ...]:
    """Return the ``folders`` that lie in no other one, each with a separator at its end."""
    found: list[str] = []
    for folder in sorted(one.rstrip(os.sep) + os.sep for one in folders):
        if not found or not folder.startswith(found[-1]):
            found.append(folder)
    return tuple(found)


def _is_seen(path: str, tops: tuple[str, ...]) -> bool:
    if not path.startswith(tops):
        return False
    folder, name = os.path.split(path)
    if name in NAMES:
        return True
    return os.path.basename(folder) in ("bin", "Scripts") and name.startswith("python")


def _glob(names: list[str]) -> str:
    return names[0] if len(names) == 1 else "{" + ",".join(names) + "}"
