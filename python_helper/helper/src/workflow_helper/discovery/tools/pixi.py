"""pixi: environments of conda's kind in ``.pixi/envs``.

Written from pixi's documentation; it cannot be installed where this product is tested, so its tests are fixtures.
With *detached environments* pixi puts a link at ``.pixi/envs``, so the place is the same, save on Windows.
"""

from __future__ import annotations

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import is_conda, is_plain, subfolders, table_at, toml_of
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.discovery.tools.contract import Folder


def _places(folder: Folder) -> tuple[Place, ...]:
    host = folder.host
    top = join(host, folder.root, ".pixi", "envs")
    # pixi.toml takes precedence over pyproject.toml.
    if folder.has("pixi.toml"):
        declared = table_at(toml_of(folder, join(host, folder.root, "pixi.toml")), "environments")
    else:
        declared = folder.table("tool", "pixi", "environments") or {}
    existing = [name for name in subfolders(folder, top) if is_conda(folder, join(host, top, name))]
    names = dict.fromkeys(["default", *filter(is_plain, declared), *existing])
    return tuple(
        Place(name, join(host, top, name), "conda", default=name == "default") for name in names
    )


TOOL = Tool(
    name="pixi",
    locks=("pixi.lock",),
    files=("pixi.toml",),
    tables=(("tool", "pixi"),),
    places=_places,
)
