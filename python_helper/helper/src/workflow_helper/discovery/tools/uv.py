"""uv: one environment for each project, or one for all members of a workspace.

Checked against uv 0.13. Its preview feature of centralized environments creates a link at ``.venv``, so the place is
the same. A workspace is also looked for above the folder with ``.git``, since a member may be a submodule, and in the
home folder.
"""

from __future__ import annotations

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import holds_only, is_environment
from workflow_helper.discovery.tools.workspaces import top_folder
from workflow_helper.filesystem import ownership
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import join, name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.discovery.tools.contract import Folder

#: The keys of ``[tool.uv]`` that only a build reads.
BUILDING = frozenset(("build-backend",))
#: The variable that names the environment.
VARIABLE = "UV_PROJECT_ENVIRONMENT"


def _places(folder: Folder) -> tuple[Place, ...]:
    value = folder.host.environ.get(VARIABLE) or ".venv"
    prefix = join(folder.host, _top(folder), value)
    # uv takes a Python's own folder too, as in a container: /usr/local.
    is_python = not is_environment(folder, prefix) and _is_python(folder, prefix)
    kind = "system" if is_python else "venv"
    return (Place(name_of(folder.host, value), prefix, kind, default=True),)


def _is_python(folder: Folder, prefix: str) -> bool:
    """Return whether a Python is installed at ``prefix``: an environment that is half created has a program, and no library."""
    host, disk = folder.host, folder.disk
    if host.windows:
        return disk.is_program(join(host, prefix, "python.exe")) and disk.is_file(
            join(host, prefix, "Lib", "os.py")
        )
    library = join(host, prefix, "lib")
    return any(
        disk.is_program(join(host, prefix, "bin", name)) for name in ("python", "python3")
    ) and any(disk.is_file(join(host, library, name, "os.py")) for name in disk.names(library))


def _top(folder: Folder) -> str:
    """Return the top folder of the root's workspace; without one, the root itself."""
    if folder.table("tool", "uv", "workspace") is not None:
        return folder.root
    return top_folder(folder._replace(enclosing=_above(folder)), "uv", nearest_only=True)


def _above(folder: Folder) -> tuple[str, ...]:
    """Return the enclosing roots, and the folders above the repository, which may be a submodule of the workspace's.

    The home folder is included, because ``uv init`` adds every project below a workspace there to it.
    """
    host, disk = folder.host, folder.disk
    homes = (host.home, real_path(host.home))
    users = ownership.trusted(folder.root, host)
    found, current, outside = [], folder.root, False
    while True:
        outside = outside or disk.is_present(join(host, current, ".git"))
        current, below = parent(host, current), current
        if current == below:
            break
        outside = outside or current in homes
        if current in folder.enclosing or (
            outside
            and disk.is_file(join(host, current, "pyproject.toml"))
            and ownership.belong(current, "pyproject.toml", users, folder.disk)
        ):
            found.append(current)
    return (*found, *(root for root in folder.enclosing if root not in found))


def _membership(folder: Folder) -> str | None:
    """Return the workspace above the repository, which is not among the enclosing roots."""
    if folder.table("project") is None:
        return None
    top = _top(folder)
    if top == folder.root or top in folder.enclosing:
        return None
    return f"[tool.uv.workspace] in {join(folder.host, top, 'pyproject.toml')}"


def _makes_it_govern(folder: Folder, shown: str) -> bool:
    """Return whether the evidence makes the tool govern: not where uv is configured to leave the project alone, or only builds it."""
    table = folder.table("tool", "uv") or {}
    if table.get("managed") is False:
        return False
    return not (shown == "[tool.uv] in pyproject.toml" and holds_only(table, BUILDING))


def _keeps_elsewhere(folder: Folder) -> bool:
    return bool(folder.host.environ.get(VARIABLE))


TOOL = Tool(
    name="uv",
    locks=("uv.lock",),
    files=("uv.toml",),
    tables=(("tool", "uv"),),
    places=_places,
    other_evidence=_membership,
    makes_it_govern=_makes_it_govern,
    keeps_elsewhere=_keeps_elsewhere,
)
