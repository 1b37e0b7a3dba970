"""The Pythons of conda itself; those of its environments belong to projects and are no machine Pythons."""

from __future__ import annotations

from workflow_helper.discovery.conda_folders import is_base, roots
from workflow_helper.discovery.interpreters.describe import interpreters_in
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the interpreters of conda's base, in the usual folders and where the shell's conda says."""
    for base in roots(host, disk):
        if is_base(base, host, disk):
            for path in interpreters_in(
                base if host.windows else join(host, base, "bin"), host, disk
            ):
                yield "conda", path
