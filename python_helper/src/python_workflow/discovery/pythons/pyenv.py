"""The Pythons that pyenv, or pyenv-win, installed: what its shims would start."""

from __future__ import annotations

from python_workflow.discovery.folders import is_absolute, join
from python_workflow.discovery.pythons.describing import folders_like, interpreters_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """The interpreters in ``versions`` below pyenv's folder."""
    told = host.environ.get("PYENV_ROOT", "")
    if is_absolute(host, told):
        top = told
    else:
        top = join(host, host.home, ".pyenv", *(["pyenv-win"] if host.windows else []))
    below = ("versions", "*") if host.windows else ("versions", "*", "bin")
    for folder in folders_like(join(host, top, *below), host, disk):
        for path in interpreters_in(folder, host, disk):
            yield "pyenv", path
