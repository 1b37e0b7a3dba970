"""The environments of conda, mamba and micromamba: named ones, those in conda's own list, and conda's base."""

from __future__ import annotations

from workflow_helper.discovery.conda_folders import environment_folders, registered, roots
from workflow_helper.discovery.environments.elsewhere.found import Found
from workflow_helper.discovery.tools.contract import Folder
from workflow_helper.discovery.tools.files import is_conda, subfolders
from workflow_helper.filesystem.user_dirs import join, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

BASE = "base"


def find(host: Host, disk: Disk) -> Iterator[Found]:
    """Yield conda itself as ``base``, then each environment by its folder's name."""
    folder = Folder(host.home, (), host, disk)
    for root in roots(host, disk):
        if is_conda(folder, root):
            yield Found(BASE, root)
    for top in environment_folders(host, disk):
        for name in subfolders(folder, top):
            prefix = join(host, top, name)
            if is_conda(folder, prefix):
                yield Found(name, prefix)
    for prefix in registered(host, disk):
        if is_conda(folder, prefix):
            yield Found(name_of(host, prefix), prefix)
