"""The folders of conda and its kin (mamba, micromamba), and of their environments.

The files and variables are those of conda's documentation of its configuration; ``conda info`` shows the same folders.
"""

from __future__ import annotations

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.filesystem.user_dirs import expand, is_absolute, join, name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

#: The usual names of conda's own folder, in the home folder and beside other programs.
INSTALLATIONS = (
    *("miniforge3", "miniconda3", "mambaforge", "anaconda3"),
    *("miniforge", "miniconda", "anaconda", "micromamba", ".micromamba", "conda"),
)
#: A variable that names folders of environments, in either of its spellings.
ENVS_VARIABLES = ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH")


def installations(host: Host) -> tuple[str, ...]:
    """Return the usual installation folders of conda, existing or not."""
    elsewhere = (
        (user_dirs.local_app_data(host), "C:\\ProgramData")
        if host.windows
        else (join(host, host.home, "opt"), "/opt", "/opt/homebrew", "/usr/local")
    )
    tops = (host.home, *elsewhere)
    return tuple(join(host, top, name) for top in tops for name in INSTALLATIONS)


def roots(host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the existing installation folders of conda and mamba, those in the shell's variables first."""
    environ = host.environ
    configured = [environ.get("MAMBA_ROOT_PREFIX", "")]
    if program := environ.get("CONDA_EXE"):
        configured.insert(0, parent(host, parent(host, program)))
    for entry in environ.get("PATH", "").split(_separator(host)):
        top = parent(host, entry.rstrip("/"))
        holds_programs = name_of(host, entry) in ("bin", "condabin", "Scripts")
        if holds_programs and _is_local(host, top) and disk.is_folder(join(host, top, "condabin")):
            configured.append(top)
    # mamba's own default: https://mamba.readthedocs.io, "root prefix".
    shared = environ.get("XDG_DATA_HOME", "")
    if not is_absolute(host, shared):
        shared = join(host, host.home, ".local", "share")
    usual = (*installations(host), join(host, shared, "mamba"))
    found = dict.fromkeys(top for top in (*configured, *usual) if _is_local(host, top))
    return tuple(top for top in found if disk.is_folder(top))


def environment_folders(host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the folders in which an environment's name is looked for, existing or not, in conda's order."""
    from workflow_helper.discovery import condarc

    tops = roots(host, disk)
    named: list[str] = []
    for variable in ENVS_VARIABLES:
        named += host.environ.get(variable, "").split(_separator(host))
    named += condarc.environment_folders(tops, host, disk)
    named += [join(host, top, "envs") for top in tops]
    named.append(join(host, host.home, ".conda", "envs"))
    if host.windows:
        named.append(join(host, user_dirs.data(host, "conda", "conda"), "envs"))
    expanded = (expand(host, text.strip(), variables=True) for text in named)
    return tuple(dict.fromkeys(path for path in expanded if _is_local(host, path)))


def registered(host: Host, disk: Disk) -> Iterator[str]:
    """Yield the prefixes in conda's list of the user's environments, existing or not."""
    path = join(host, host.home, ".conda", "environments.txt")
    try:
        text = disk.text(path) or ""
    except UnusableFile:
        return
    yield from (line for row in text.splitlines() if _is_local(host, line := row.strip()))


def _is_local(host: Host, path: str) -> bool:
    return is_absolute(host, path) and not is_remote(path)


def _separator(host: Host) -> str:
    return ";" if host.windows else ":"


def is_base(prefix: str, host: Host, disk: Disk) -> bool:
    """Return whether ``prefix`` is conda itself and not one of its environments."""
    return is_conda(prefix, host, disk) and disk.is_folder(join(host, prefix, "condabin"))


def is_conda(prefix: str, host: Host, disk: Disk) -> bool:
    """Return whether conda created ``prefix``."""
    return disk.is_folder(join(host, prefix, "conda-meta"))
