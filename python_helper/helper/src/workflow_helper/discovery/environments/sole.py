"""The environments directly inside a root, whatever their names: a single one is the folder's default (E7)."""

from __future__ import annotations

from workflow_helper.discovery.environments import health
from workflow_helper.discovery.tools.files import subfolders
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.discovery.tools.contract import Folder

#: Folders right inside a root in which direnv and pixi keep environments, and what those are called.
_DEEPER = ((".direnv", "python-"), (".pixi/envs", "default"))


def prefixes(folder: Folder) -> Iterator[str]:
    """Yield the folders of the environments, working or broken, in any order."""
    host, disk, root = folder.host, folder.disk, folder.root
    for name in subfolders(folder, root):
        prefix = join(host, root, name)
        if health.is_environment(prefix, disk):
            yield prefix
    for below, begin in _DEEPER:
        top = join(host, root, *below.split("/"))
        if not disk.is_folder(top):
            continue
        for name in subfolders(folder, top):
            prefix = join(host, top, name)
            if name.startswith(begin) and health.is_environment(prefix, disk):
                yield prefix
