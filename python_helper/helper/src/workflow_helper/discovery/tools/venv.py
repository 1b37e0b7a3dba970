"""The built-in fallback: ``.venv``, and for lists every virtual environment directly inside the root."""

from __future__ import annotations

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import subfolders
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.discovery.tools.contract import Folder


def _places(folder: Folder) -> tuple[Place, ...]:
    found = [Place(".venv", join(folder.host, folder.root, ".venv"), default=True)]
    for name in subfolders(folder, folder.root):
        prefix = join(folder.host, folder.root, name)
        if name != ".venv" and folder.disk.is_file(join(folder.host, prefix, "pyvenv.cfg")):
            found.append(Place(name, prefix))
    return tuple(found)


TOOL = Tool(name="venv", locks=(), files=(), tables=(), places=_places, governs=False)
