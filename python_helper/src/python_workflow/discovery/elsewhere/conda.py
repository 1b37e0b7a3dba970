"""The environments of conda, mamba and micromamba: named ones, those that conda has written down, and conda itself."""

from __future__ import annotations

from python_workflow.discovery.conda_folders import environment_folders, registered, roots
from python_workflow.discovery.elsewhere import Found
from python_workflow.discovery.folders import join, name_of
from python_workflow.discovery.tools.contract import Folder
from python_workflow.discovery.tools.files import is_conda, subfolders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host

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
