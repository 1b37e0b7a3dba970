"""The environments of pyenv-virtualenv: below the Python that each was made from, with a link to it among pyenv's versions."""

from __future__ import annotations

from python_workflow.discovery.elsewhere import Found
from python_workflow.discovery.folders import join
from python_workflow.discovery.pythons.pyenv import top
from python_workflow.discovery.tools.contract import Folder
from python_workflow.discovery.tools.files import is_environment, is_plain, subfolders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host


def find(host: Host, disk: Disk) -> Iterator[Found]:
    """Yield each environment by the name that pyenv takes: its link's first."""
    versions = join(host, top(host), "versions")
    folder = Folder(versions, (), host, disk)
    below = []
    for name in subfolders(folder, versions):
        prefix = join(host, versions, name)
        if disk.is_file(join(host, prefix, "pyvenv.cfg")):
            yield Found(name, prefix)
        below.append(join(host, prefix, "envs"))
    for envs in below:
        for name in subfolders(folder, envs):
            prefix = join(host, envs, name)
            if is_environment(folder, prefix):
                yield Found(name, prefix)


def named(name: str, host: Host, disk: Disk) -> str | None:
    """Return the prefix of the environment ``NAME`` or ``VERSION/envs/NAME``; ``None`` where it is none."""
    parts = name.split("/")
    if not all(map(is_plain, parts)) or (len(parts) > 1 and parts[1:-1] != ["envs"]):
        return None
    prefix = join(host, top(host), "versions", *parts)
    return prefix if disk.is_file(join(host, prefix, "pyvenv.cfg")) else None
