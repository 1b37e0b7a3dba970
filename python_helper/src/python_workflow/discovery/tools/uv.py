"""uv: one environment a project, or one for all members of a workspace.

Checked against uv 0.13. Its preview feature of centralized environments keeps a link at ``.venv``, so the place
is the same. A workspace is looked for among the enclosing roots, hence not beyond the folder that holds ``.git``.
"""

from __future__ import annotations

from python_workflow.discovery.folders import join, name_of
from python_workflow.discovery.tools.contract import Place, Tool
from python_workflow.discovery.tools.files import holds_only
from python_workflow.discovery.tools.workspaces import top_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.tools.contract import Folder

#: What of ``[tool.uv]`` only a build reads.
BUILDING = frozenset(("build-backend",))


def _places(folder: Folder) -> tuple[Place, ...]:
    told = folder.host.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    if folder.table("tool", "uv", "workspace") is None:
        top = top_folder(folder, "uv", nearest_only=True)
    else:
        top = folder.root
    return (Place(name_of(folder.host, told), join(folder.host, top, told), default=True),)


def _makes_it_govern(folder: Folder, _: str) -> bool:
    """Not where uv is told to leave the project alone, nor where nothing but its build backend is meant."""
    table = folder.table("tool", "uv") or {}
    if table.get("managed") is False:
        return False
    return any(map(folder.has, ("uv.lock", "uv.toml"))) or not holds_only(table, BUILDING)


TOOL = Tool(
    name="uv",
    locks=("uv.lock",),
    files=("uv.toml",),
    tables=(("tool", "uv"),),
    places=_places,
    makes_it_govern=_makes_it_govern,
)
