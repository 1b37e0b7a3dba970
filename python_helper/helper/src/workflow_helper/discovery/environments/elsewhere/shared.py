"""Folders in which people keep the environments of several projects side by side.

virtualenvwrapper and pipenv keep environments in ``WORKON_HOME``, each with the folder of its project in a file
``.project``. Poetry and pdm name environments after the projects' paths, so that those of a moved project belong to no
project. The other folders are those that editors look into.
"""

from __future__ import annotations

from workflow_helper.discovery.environments.elsewhere.found import Found
from workflow_helper.discovery.tools.contract import Folder
from workflow_helper.discovery.tools.files import is_environment, subfolders
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import expand, is_absolute, join, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

#: Folders of environments in the home folder, by habit.
USUAL = (".venvs", "envs", "Envs", ".direnv")
PROJECT = ".project"


def find(host: Host, disk: Disk) -> Iterator[Found]:
    """Yield the environments in the usual folders, in those that ``WORKON_HOME`` names, and in Poetry's and pdm's."""
    from workflow_helper.discovery.tools import pdm, poetry

    usual = tuple(join(host, host.home, name) for name in USUAL)
    nowhere = Folder(host.home, (), host, disk)  # by the user's settings, not by a project's
    tools = (poetry.shared_folder(nowhere), pdm.shared_folder(nowhere))
    tops = (*_binding(host), *usual, *(path for path in tools if path and not is_remote(path)))
    return _inside(tops, host, disk)


def inside(tops: Iterable[str], host: Host, disk: Disk) -> Iterator[Found]:
    """Yield the environments in the folders ``tops``, which may be environments themselves."""
    for top in tops:
        path = expand(host, top)
        if is_absolute(host, path) and not is_remote(path):
            if is_environment(Folder(path, (), host, disk), path):
                yield Found(name_of(host, path), path)
            yield from _inside((path,), host, disk)


def bound(root: str, host: Host, disk: Disk) -> Iterator[Found]:
    """Yield the environments whose ``.project`` names ``root``."""
    real = None  # followed once, and only where there is something to compare it with
    for one in _inside(_binding(host), host, disk):
        project = _project(join(host, one.prefix, PROJECT), disk)
        if not is_absolute(host, project) or is_remote(project):
            continue
        if project != root:
            real = real or real_path(root)
        if project == root or real_path(project) == real:
            yield one


def _binding(host: Host) -> tuple[str, ...]:
    """Return the folders whose environments may be bound to a project: virtualenvwrapper's and pipenv's."""
    workon_home = expand(host, host.environ.get("WORKON_HOME", ""), variables=True)
    usual = (join(host, host.home, ".virtualenvs"), user_dirs.data(host, "virtualenvs"))
    found = dict.fromkeys((workon_home, *usual))
    return tuple(path for path in found if is_absolute(host, path) and not is_remote(path))


def _project(path: str, disk: Disk) -> str:
    try:
        text = disk.text(path) if disk.is_file(path) else None
    except UnusableFile:
        return ""
    return (text or "").partition("\n")[0].strip()


def _inside(tops: Iterable[str], host: Host, disk: Disk) -> Iterator[Found]:
    for top in tops:
        folder = Folder(top, (), host, disk)
        for name in subfolders(folder, top):
            prefix = join(host, top, name)
            if is_environment(folder, prefix):
                yield Found(name, prefix)
