"""The Pythons of conda itself; those of its environments belong to projects and are no machine Pythons."""

from __future__ import annotations

from python_workflow.discovery.conda_folders import roots
from python_workflow.discovery.folders import join
from python_workflow.discovery.pythons.describing import interpreters_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """The interpreters of conda's base, in the usual folders and where the shell's conda says."""
    for base in roots(host, disk):
        if is_base(base, host, disk):
            for path in interpreters_in(
                base if host.windows else join(host, base, "bin"), host, disk
            ):
                yield "conda", path


def is_base(prefix: str, host: Host, disk: Disk) -> bool:
    """Whether ``prefix`` is conda itself and not one of its environments."""
    return is_conda(prefix, host, disk) and disk.is_folder(join(host, prefix, "condabin"))


def is_conda(prefix: str, host: Host, disk: Disk) -> bool:
    """Whether ``prefix`` is of conda's making."""
    return disk.is_folder(join(host, prefix, "conda-meta"))
