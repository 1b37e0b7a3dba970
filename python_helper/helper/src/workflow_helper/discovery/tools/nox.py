"""nox: the environments that exist in its folder; it never governs by recognition.

Checked against nox 2026. The sessions that a ``noxfile.py`` defines are known only by running it, so only existing
environments are listed. nox has no default session; here it is the one called ``dev``, if any.
"""

from __future__ import annotations

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import (
    is_conda,
    is_environment,
    named,
    subfolders,
    text_of,
)
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.discovery.tools.contract import Folder

#: The session that counts as the one to develop in.
DEFAULT = "dev"
NOXFILE = "noxfile.py"
#: The environment that nox makes to run itself in, with what the noxfile names as its dependencies (PEP 723).
INNER = "_nox_script_mode"


def _places(folder: Folder) -> tuple[Place, ...]:
    location = environments_folder(folder)
    top = None if location is None else named(folder, location)
    if top is None:
        return ()
    found = []
    for name in subfolders(folder, top):
        prefix = join(folder.host, top, name)
        if name != INNER and is_environment(folder, prefix):
            kind = "conda" if is_conda(folder, prefix) else "venv"
            found.append(Place(name, prefix, kind, default=name == DEFAULT, pointed=True))
    return tuple(found)


def environments_folder(folder: Folder) -> str | None:
    """Return the folder of nox's environments, as nox spells it: ``.nox``, or a literal in the noxfile.

    ``None`` if the noxfile computes it.
    """
    location: str | None = ".nox"
    for line in (text_of(folder, join(folder.host, folder.root, NOXFILE)) or "").splitlines():
        target, equals, value = line.partition("=")
        if equals and target.strip() == "nox.options.envdir":
            location = None if target[:1].isspace() else _literal(value.strip())
    return location


def _literal(value: str) -> str | None:
    """Return the value of a string literal; ``None`` for anything else."""
    for quote in ("'", '"'):
        if value.startswith(quote):
            text, _, rest = value[1:].partition(quote)
            if text and "\\" not in text and not rest.partition("#")[0].strip():
                return text
    return None


TOOL = Tool(name="nox", locks=(), files=(NOXFILE,), tables=(), places=_places, governs=False)
