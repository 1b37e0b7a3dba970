"""The environments of pyenv-virtualenv: below the Python that each was made from, with a link to it among pyenv's versions."""

from __future__ import annotations

from workflow_helper.discovery.environments.elsewhere.found import Found
from workflow_helper.discovery.interpreters.pyenv import top
from workflow_helper.discovery.tools.contract import Folder
from workflow_helper.discovery.tools.files import is_environment, is_plain, subfolders
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def find(host: Host, disk: Disk) -> Iterator[Found]:
    """Yield each environment under pyenv's name for it, preferring the name of its link."""
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
    """Return the prefix of the environment ``NAME`` or ``VERSION/envs/NAME``; ``None`` if there is none."""
    parts = name.split("/")
    if not all(map(is_plain, parts)) or (len(parts) > 1 and parts[1:-1] != ["envs"]):
        return None
    prefix = join(host, top(host), "versions", *parts)
    return prefix if disk.is_file(join(host, prefix, "pyvenv.cfg")) else None
