"""The built-in fallback: ``.venv``, and for lists every virtual environment that lies right inside the root."""

from __future__ import annotations

from python_workflow.discovery.folders import join
from python_workflow.discovery.tools.contract import Place, Tool
from python_workflow.discovery.tools.files import subfolders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.tools.contract import Folder


def _places(folder: Folder) -> tuple[Place, ...]:
    found = [Place(".venv", join(folder.host, folder.root, ".venv"), default=True)]
    for name in subfolders(folder, folder.root):
        prefix = join(folder.host, folder.root, name)
        if name != ".venv" and folder.disk.is_file(join(folder.host, prefix, "pyvenv.cfg")):
            found.append(Place(name, prefix))
    return tuple(found)


TOOL = Tool(name="venv", locks=(), files=(), tables=(), places=_places, governs=False)
