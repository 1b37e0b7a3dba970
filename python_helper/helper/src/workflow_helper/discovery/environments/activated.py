"""The activated environment, from ``VIRTUAL_ENV`` and then ``CONDA_PREFIX``, and whether it counts for a folder (E2)."""

from __future__ import annotations

import os

from workflow_helper.discovery import roots as project_roots
from workflow_helper.discovery.environments.health import is_base
from workflow_helper.filesystem.paths import is_inside, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple


class Activated(NamedTuple):
    """An environment that a variable of the process names."""

    variable: str
    prefix: str
    #: The reason why it does not count for this root, as a sentence; ``None`` when it does.
    passed_over: str | None


def activated(
    root: str, own: Iterable[str], host: Host, disk: Disk, *, editor: bool
) -> tuple[Activated, ...]:
    """Return the activated environments, in the order in which they are tried.

    ``own`` are the prefixes that the folder itself names. A terminal may have been activated for another project than
    the folder of the question, so it is checked where the environment belongs.
    """
    found = []
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        prefix = host.environ.get(variable)
        if prefix and os.path.isabs(prefix):
            reason = _why_excluded(variable, prefix, root, host, disk)
            if reason is None and not any(same(prefix, path) for path in own):
                reason = _why_foreign(prefix, root, host, disk, editor=editor)
            passed_over = None if reason is None else f"{variable}={prefix} {reason}"
            found.append(Activated(variable, os.path.normpath(prefix), passed_over))
    return tuple(found)


def _why_excluded(variable: str, prefix: str, root: str, host: Host, disk: Disk) -> str | None:
    """Return why an activated environment does not count, even if the folder itself names it."""
    if variable == "CONDA_PREFIX" and is_base(prefix, host, disk):
        return "is conda's base environment, which belongs to no project"
    for_root = host.environ.get("PYTHON_WORKFLOW_ROOT")
    if for_root and not same(for_root, root):
        return f"was activated for {for_root}"
    return None


def _why_foreign(prefix: str, root: str, host: Host, disk: Disk, *, editor: bool) -> str | None:
    """Return why an activated environment that the folder does not name is not for it."""
    elsewhere = project_roots.find(os.path.dirname(prefix), host, disk)
    if elsewhere.marker is not None and not same(elsewhere.root, root):
        return f"belongs to another project, {elsewhere.root}"
    if editor and not is_inside(prefix, root):
        return f"was activated where the editor was started, and lies outside {root}"
    return None
