"""conda and its kin (mamba, micromamba): the environment that ``environment.yml`` names.

Written from conda's documentation; it cannot be installed where this product is tested, so its tests are fixtures. Only
two top-level scalars of the file are read, ``name`` and ``prefix``. A name is looked up in conda's folders of
environments, in conda's order; conda's ``base`` belongs to no project.
"""

from __future__ import annotations

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import is_conda, is_plain, named, subfolders, text_of
from workflow_helper.filesystem.user_dirs import expand, join, name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.discovery.tools.contract import Folder

FILES = ("environment.yml", "environment.yaml")


def _places(folder: Folder) -> tuple[Place, ...]:
    host = folder.host
    document = settings(folder)
    default = named(folder, expand(host, document["prefix"])) if "prefix" in document else None
    if default is not None and not is_conda(folder, default):
        default = None  # an exported file names the place on the machine that it comes from
    name = document.get("name")
    if default is None and is_plain(name) and name is not None and name != "base":
        default = _named(folder, name)
    found = {} if default is None else {default: name or name_of(host, default)}
    for place in inside(folder):
        found.setdefault(place.prefix, place.name)
    if default is None and len(found) == 1:
        default = next(iter(found))
    # A name is how conda has a project say which of conda's own environments is its.
    pointed = default if default is not None and "prefix" in document else None
    return tuple(
        Place(name, prefix, "conda", default=prefix == default, pointed=prefix == pointed)
        for prefix, name in found.items()
    )


def inside(folder: Folder) -> Iterator[Place]:
    """Yield the environments in the root: directly inside it, or deeper if they are in conda's list."""
    from workflow_helper.discovery.conda_folders import registered

    host = folder.host
    below = folder.root + ("\\" if host.windows else "/")
    children = [join(host, folder.root, child) for child in subfolders(folder, folder.root)]
    deeper = (prefix for prefix in registered(host, folder.disk) if prefix.startswith(below))
    for prefix in dict.fromkeys((*children, *deeper)):
        if is_conda(folder, prefix):
            yield Place(name_of(host, prefix), prefix, "conda")


def settings(folder: Folder) -> dict[str, str]:
    """Return ``name`` and ``prefix`` of the environment file, as far as they are plain scalars at the top level."""
    text = next(
        (text for file in FILES if (text := text_of(folder, join(folder.host, folder.root, file)))),
        "",
    )
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key in ("name", "prefix"):
            value = value.strip()
            if value[:1] in ('"', "'"):
                value = value[1:].partition(value[0])[0]
            else:
                value = value.partition(" #")[0].rstrip()
            if value and value[0] not in "#&*|>{[!":
                found.setdefault(key, value)
    return found


def _named(folder: Folder, name: str) -> str | None:
    """Return conda's environment ``name``: from conda's folders, else from its list if not all folders are known."""
    from workflow_helper.discovery.conda_folders import environment_folders, registered

    host, disk = folder.host, folder.disk
    known = [join(host, top, name) for top in environment_folders(host, disk)]
    # Of a conda that is nowhere usual; an environment of some other folder is only called so.
    known += [
        prefix
        for prefix in registered(host, disk)
        if name_of(host, prefix) == name and name_of(host, parent(host, prefix)) == "envs"
    ]
    return next((prefix for prefix in known if is_conda(folder, prefix)), None)


TOOL = Tool(name="conda", locks=(), files=FILES, tables=(), places=_places)
