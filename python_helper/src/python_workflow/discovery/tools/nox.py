"""nox: the environments that exist in ``.nox``; it never governs by recognition.

Checked against nox 2026. The sessions that a ``noxfile.py`` defines are known only by running it, so nothing that
does not exist yet is listed.
"""

from __future__ import annotations

from python_workflow.discovery.tools.contract import Place, Tool
from python_workflow.discovery.tools.files import is_conda, is_environment, subfolders
from python_workflow.discovery.tools.folders import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.tools.contract import Folder


def _places(folder: Folder) -> tuple[Place, ...]:
    top = join(folder.host, folder.root, ".nox")
    found = []
    for name in subfolders(folder, top):
        prefix = join(folder.host, top, name)
        if is_environment(folder, prefix):
            found.append(Place(name, prefix, "conda" if is_conda(folder, prefix) else "venv"))
    return tuple(found)


TOOL = Tool(name="nox", locks=(), files=("noxfile.py",), tables=(), places=_places, governs=False)
