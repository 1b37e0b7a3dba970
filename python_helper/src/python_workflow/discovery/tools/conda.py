"""conda and its kin (mamba, micromamba): the environment that ``environment.yml`` names.

Written from conda's documentation; it cannot be installed where this product is tested, so its tests are fixtures.
Of the file two top-level scalars count, ``name`` and ``prefix``. A name is looked for in the list of environments
that conda keeps, then in the usual folders; conda's ``base`` is nobody's project.
"""

from __future__ import annotations

from python_workflow.discovery.folders import expand, is_absolute, join, name_of, parent
from python_workflow.discovery.tools.contract import Place, Tool
from python_workflow.discovery.tools.files import is_conda, is_plain, named, subfolders, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.tools.contract import Folder
    from python_workflow.model import Host

FILES = ("environment.yml", "environment.yaml")

#: The usual names of conda's own folder, in the home folder and beside other programs.
INSTALLATIONS = (
    "miniforge3",
    "miniconda3",
    "mambaforge",
    "anaconda3",
    "micromamba",
    ".micromamba",
    "conda",
)


def installations(host: Host) -> tuple[str, ...]:
    """The usual places of conda itself; whether it is there, the caller looks."""
    elsewhere = ("C:\\ProgramData",) if host.windows else ("/opt", "/opt/homebrew", "/usr/local")
    return tuple(
        join(host, place, name) for place in (host.home, *elsewhere) for name in INSTALLATIONS
    )


def _places(folder: Folder) -> tuple[Place, ...]:
    host = folder.host
    told = settings(folder)
    listed = _listed(folder)
    default = named(folder, expand(host, told["prefix"])) if "prefix" in told else None
    if default is not None and not is_conda(folder, default):
        default = None  # an exported file names the place on the machine that it comes from
    name = told.get("name")
    if default is None and is_plain(name) and name is not None and name != "base":
        default = next(
            (prefix for prefix in listed if name_of(host, prefix) == name), None
        ) or _in_usual_folders(folder, name)
    found = {} if default is None else {default: name or name_of(host, default)}
    inside = [join(host, folder.root, child) for child in subfolders(folder, folder.root)]
    below = folder.root + ("\\" if host.windows else "/")
    for prefix in (*inside, *(prefix for prefix in listed if prefix.startswith(below))):
        if is_conda(folder, prefix):
            found.setdefault(prefix, name_of(host, prefix))
    if default is None and len(found) == 1:
        default = next(iter(found))
    # A name is how conda has a project say which of conda's own environments is its.
    pointed = default if default is not None and "prefix" in told else None
    return tuple(
        Place(name, prefix, "conda", default=prefix == default, pointed=prefix == pointed)
        for prefix, name in found.items()
    )


def settings(folder: Folder) -> dict[str, str]:
    """``name`` and ``prefix`` of the environment file, as far as they are plain scalars at the top level."""
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


def _listed(folder: Folder) -> tuple[str, ...]:
    """The environments that conda has written down for the user."""
    text = text_of(folder, join(folder.host, folder.host.home, ".conda", "environments.txt")) or ""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and is_absolute(folder.host, line))


def _in_usual_folders(folder: Folder, name: str) -> str | None:
    host = folder.host
    environ = host.environ
    separator = ";" if host.windows else ":"
    tops = [
        *environ.get("CONDA_ENVS_PATH", "").split(separator),
        *environ.get("CONDA_ENVS_DIRS", "").split(separator),
        join(host, host.home, ".conda", "envs"),
    ]
    if program := environ.get("CONDA_EXE"):
        tops.append(join(host, parent(host, parent(host, program)), "envs"))
    if top := environ.get("MAMBA_ROOT_PREFIX"):
        tops.append(join(host, top, "envs"))
    tops += [join(host, place, "envs") for place in installations(host)]
    for top in tops:
        if is_absolute(host, top) and is_conda(folder, join(host, top, name)):
            return join(host, top, name)
    return None


TOOL = Tool(name="conda", locks=(), files=FILES, tables=(), places=_places)
