"""Check that an environment's folders lie inside it: through a link, files outside of it would be changed."""

from __future__ import annotations

import os

from workflow_helper.discovery.environments import distributions
from workflow_helper.errors import Protected
from workflow_helper.filesystem.paths import is_inside
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

#: The folders where installers put programs and packages.
_INSTALL_FOLDERS = ("bin", "Scripts", "lib", "lib64", "Lib", "conda-meta")


def check_lies_within(prefix: str, host: Host, disk: Disk) -> None:
    """Raise :class:`Protected` where a folder of the environment at ``prefix`` is a link that leads out of it.

    Changing packages would change those of another environment, or whatever is there. ``prefix`` itself may be a link:
    that is how users share an environment.
    """
    for folder in _parts(prefix, host, disk):
        if not is_inside(folder, prefix):
            raise Protected(
                f"{prefix} is not changed: {os.path.relpath(folder, prefix)} in it leads to {real_path(folder)}, outside of it",
                "Delete it, then create it again.",
            )


def _parts(prefix: str, host: Host, disk: Disk) -> Iterator[str]:
    for name in _INSTALL_FOLDERS:
        folder = os.path.join(prefix, name)
        if os.path.lexists(folder):
            yield folder
    yield from distributions.folders(prefix, host, disk)
