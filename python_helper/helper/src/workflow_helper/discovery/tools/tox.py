"""tox: the environments that exist in its work folder; it never governs by recognition.

Checked against tox 4.67. Environments that tox keeps for itself begin with a dot and are left out. The default is the
one that tox's ``.venv`` redirects to for editors: ``venv_redirect_env``, else ``dev``. Without ``dev``, tox uses the
first that installs the project as editable, which only tox itself knows.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import (
    is_conda,
    is_environment,
    named,
    subfolders,
    text_at,
    text_of,
    toml_of,
)
from workflow_helper.filesystem.user_dirs import config, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from workflow_helper.discovery.tools.contract import Folder

#: The environment that tox takes for the one to develop in.
DEFAULT = "dev"
#: The ini files that may hold tox's own section, and that section's name.
INI_SECTIONS = (("tox.ini", "[tox]"), ("setup.cfg", "[tox:tox]"))


def _places(folder: Folder) -> tuple[Place, ...]:
    work = work_folder(folder)
    if work is None:
        return ()
    default = _written(folder, "venv_redirect_env") or DEFAULT
    found = []
    for name in subfolders(folder, work):
        prefix = join(folder.host, work, name)
        if not name.startswith(".") and is_environment(folder, prefix):
            kind = "conda" if is_conda(folder, prefix) else "venv"
            found.append(Place(name, prefix, kind, default=name == default, pointed=True))
    return tuple(found)


def work_folder(folder: Folder) -> str | None:
    """Return the folder of tox's environments, from its files; ``None`` if they name an invalid one."""
    configured = _by_user(folder)
    if configured:
        return named(folder, configured)
    written = _written(folder, "work_dir", "toxworkdir")
    if written is not None:
        written = _filled(written, folder)
        if "{" not in written:
            return named(folder, written)
    return join(folder.host, folder.root, ".tox")


def _filled(written: str, folder: Folder) -> str:
    """Return ``written`` with the substitutions that need only the folder and the variables."""
    for name, text in (("{tox_root}", folder.root), ("{toxinidir}", folder.root), ("{/}", os.sep)):
        written = written.replace(name, text)
    # The innermost first: a default may ask for another variable.
    while (begin := written.rfind("{env:")) >= 0 and (end := written.find("}", begin)) >= 0:
        name, _, default = written[begin + len("{env:") : end].partition(":")
        substitute = folder.host.environ.get(name, default)
        written = written[:begin] + substitute.replace("{", "") + written[end + 1 :]
    return written


def _by_user(folder: Folder) -> str | None:
    """Return the default of the option ``--workdir``: from a variable in either spelling, or from the user's own file."""
    environ = folder.host.environ
    for variable in ("TOX_WORK_DIR", "TOXWORK_DIR"):
        if variable in environ:
            return environ[variable]
    lines = _section(folder, user_file(folder), "[tox]") or ()
    return _value(lines, ("work_dir",))


def user_file(folder: Folder) -> str:
    """Return the file of the user's own settings for tox, absolute."""
    file = folder.host.environ.get("TOX_USER_CONFIG_FILE")
    if file is None:
        return join(folder.host, config(folder.host, "tox", "tox"), "config.ini")
    return join(folder.host, folder.root, file)


def _value(lines: Iterable[str], names: tuple[str, ...]) -> str | None:
    """Return the value of the first line ``NAME = VALUE`` with one of these names."""
    for line in lines:
        key, equals, value = line.partition("=")
        if equals and key.strip() in names:
            return value.strip()
    return None


def _written(folder: Folder, *names: str) -> str | None:
    """Return the setting of one of these names from the first file that tox would use as its configuration.

    The variable for the option ``--override``, which names the setting's ini section, takes precedence.
    """
    for file, section in INI_SECTIONS:
        lines = _section(folder, file, section)
        if lines is not None:
            return _overridden(folder, f"{section[1:-1]}.", names) or _value(lines, names)
    overridden = _overridden(folder, "", names)
    if overridden is not None:
        return overridden
    if (table := folder.table("tool", "tox")) is not None:
        return _toml_text(folder, table, names[0])
    table = toml_of(folder, join(folder.host, folder.root, "tox.toml"))
    return _toml_text(folder, table, names[0])


def _toml_text(folder: Folder, table: dict[str, object], key: str) -> str | None:
    """Return the text at ``key``, or the value of the variable that a table there names."""
    if text_at(table, key, "replace") == "env" and (name := text_at(table, key, "name")):
        return folder.host.environ.get(name) or text_at(table, key, "default")
    return text_at(table, key)


def _overridden(folder: Folder, section: str, names: tuple[str, ...]) -> str | None:
    overrides = folder.host.environ.get("TOX_OVERRIDE", "").split(";")
    return _value(overrides, tuple(section + name for name in names))


def _section(folder: Folder, file: str, section: str) -> list[str] | None:
    """Return the lines of an ini file's section; ``None`` when there is no such section."""
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
