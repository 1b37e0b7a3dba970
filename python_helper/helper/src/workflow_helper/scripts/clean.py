"""Remove the environments of scripts that will not be used again."""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install import cache
from workflow_helper.scripts import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.install.cache import Pruned
    from workflow_helper.model import Host


def clean(host: Host, path: str | None = None) -> Pruned:
    """Remove the environments of scripts that were removed or changed, and incomplete ones.

    With the absolute ``path``, remove all environments of that script. Environments that are being created are kept.
    """
    disk = Disk()
    only = None if path is None else state.key_of(path)
    removed = kept = freed = 0
    for home in cache.homes(host):
        key = os.path.basename(home)
        if not key.startswith(state.PREFIX) or (only is not None and key != only):
            continue
        size = cache.remove_unused(
            home, lambda home: only is not None or _is_unused(home, host, disk)
        )
        if size is None:
            kept += 1
        else:
            removed += 1
            freed += size
    return cache.Pruned(removed, kept, freed)


def _is_unused(home: str, host: Host, disk: Disk) -> bool:
    path = cache.about_of(home).get("script")
    if not isinstance(path, str):
        return True
    try:
        script = state.look(path, disk)
    except UnusableFile:  # gone, or with a mistake that is being fixed, perhaps
        return not disk.exists(path)
    return script is None or state.existing(script, host, disk) is None
