"""The environments of this machine that nothing in a folder names: one module for each source, with one interface.

Each source yields :class:`Found` values. None of them is ever a default automatically: they can be listed, and selected
by name.
"""

from __future__ import annotations

from workflow_helper.discovery.tools.files import MOST_FOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from workflow_helper.discovery.environments.elsewhere.found import Found
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

#: The number of environments that are listed.
MOST_FOUND = 10 * MOST_FOLDERS


def find(
    folders: Iterable[str], besides: Iterable[str], host: Host, disk: Disk
) -> tuple[Found, ...]:
    """Return every environment that is not in ``besides``, each once.

    ``folders`` are the user's own folders to search in addition.
    """
    from itertools import islice

    from workflow_helper.discovery.environments.elsewhere import conda, pyenv, shared

    sources = (
        shared.find(host, disk),
        pyenv.find(host, disk),
        conda.find(host, disk),
        shared.inside(folders, host, disk),
    )
    # By what the system calls a folder: to follow hundreds of paths would take most of the time.
    known = {_identity(prefix, disk) for prefix in besides}
    found: dict[tuple[int, int] | None, Found] = {}
    for one in islice((one for source in sources for one in source), MOST_FOUND):
        # A person, and a tool's record, may have written it with slashes.
        prefix = one.prefix.replace("/", "\\") if host.windows else one.prefix
        found.setdefault(_identity(prefix, disk), one._replace(prefix=prefix))
    return tuple(one for identity, one in found.items() if identity not in known)


def _identity(prefix: str, disk: Disk) -> tuple[int, int] | None:
    found = disk.stat(prefix)
    return None if found is None else (found.st_dev, found.st_ino)


def bound(root: str, host: Host, disk: Disk) -> tuple[Found, ...]:
    """Return the environments that virtualenvwrapper has bound to the folder ``root``."""
    from workflow_helper.discovery.environments.elsewhere import shared

    return tuple(shared.bound(root, host, disk))


def named(name: str, host: Host, disk: Disk) -> str | None:
    """Return the prefix of the environment that pyenv means by ``name``, as in ``.python-version``."""
    from workflow_helper.discovery.environments.elsewhere import pyenv

    return pyenv.named(name, host, disk)
