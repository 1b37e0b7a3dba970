"""tox: the environments that exist in its work folder; it never governs by recognition.

Checked against tox 4.67. Environments that tox keeps for itself begin with a dot and are left out.
"""

from __future__ import annotations

from python_workflow.discovery.tools.contract import Place, Tool
from python_workflow.discovery.tools.files import (
    is_conda,
    is_environment,
    named,
    subfolders,
    text_at,
    text_of,
    toml_of,
)
from python_workflow.discovery.tools.folders import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.discovery.tools.contract import Folder

#: Where an ini file may hold tox's own section, and that section's name.
INI_SECTIONS = (("tox.ini", "[tox]"), ("setup.cfg", "[tox:tox]"))


def _places(folder: Folder) -> tuple[Place, ...]:
    work = _work_folder(folder)
    if work is None:
        return ()
    found = []
    for name in subfolders(folder, work):
        prefix = join(folder.host, work, name)
        if not name.startswith(".") and is_environment(folder, prefix):
            found.append(Place(name, prefix, "conda" if is_conda(folder, prefix) else "venv"))
    return tuple(found)


def _work_folder(folder: Folder) -> str | None:
    told = folder.host.environ.get("TOX_WORK_DIR")
    if told:
        return join(folder.host, folder.root, told)
    written = _written(folder)
    if written is not None:
        for name in ("{tox_root}", "{toxinidir}"):
            written = written.replace(name, folder.root)
        if "{" not in written:
            return named(folder, written)
    return join(folder.host, folder.root, ".tox")


def _written(folder: Folder) -> str | None:
    """The ``work_dir`` of the first file that tox would take as its configuration."""
    for file, section in INI_SECTIONS:
        lines = _section(folder, file, section)
        if lines is not None:
            for line in lines:
                key, equals, value = line.partition("=")
                if equals and key.strip() in ("work_dir", "toxworkdir"):
                    return value.strip()
            return None
    if (table := folder.table("tool", "tox")) is not None:
        return text_at(table, "work_dir")
    return text_at(toml_of(folder, join(folder.host, folder.root, "tox.toml")), "work_dir")


def _section(folder: Folder, file: str, section: str) -> list[str] | None:
    """The lines of an ini file's section; ``None`` when there is no such section."""
    text = text_of(folder, join(folder.host, folder.root, file))
    found: list[str] | None = None
    for line in (text or "").splitlines():
        if line.startswith("["):
            if found is not None:
                break
            if line.rstrip().startswith(section):
                found = []
        elif found is not None:
            found.append(line)
    return found


def _in_setup_cfg(folder: Folder) -> str | None:
    return None if _section(folder, "setup.cfg", "[tox:tox]") is None else "[tox:tox] in setup.cfg"


TOOL = Tool(
    name="tox",
    locks=(),
    files=("tox.ini", "tox.toml"),
    tables=(("tool", "tox"),),
    places=_places,
    governs=False,
    other_evidence=_in_setup_cfg,
)
