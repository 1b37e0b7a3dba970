"""pipenv: ``.venv`` in the project, or an environment named after it in one folder of the user's.

Checked against pipenv 2026. An environment outside the project has the project's path in its ``.project`` file; thus
those created under another setting are listed too. Variables in the project's ``.env`` also decide the place.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import (
    flag_at,
    is_plain,
    named,
    real_root,
    subfolders,
    text_of,
    toml_of,
)
from workflow_helper.discovery.tools.naming import replaced, sha256_mark
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.filesystem.user_dirs import join, name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.discovery.tools.contract import Folder


_TRUE_VALUES = ("1", "true", "yes", "on")


def environment_name(folder_name: str, path: str) -> str:
    """Return the name of the environment of the Pipfile at ``path`` in the folder named ``folder_name``."""
    return f"{_short(folder_name)}-{sha256_mark(path, of_bytes=6)}"


def _places(folder: Folder) -> tuple[Place, ...]:
    plain = folder
    folder = _with_variables(plain)
    host = folder.host
    root = real_root(folder)
    home = _home(folder)
    if is_remote(home):
        return ()
    own_name = _own_name(folder, root)
    outside = join(host, home, own_name) if is_plain(own_name) else None
    default = _default(folder, home, outside)
    found = {} if default is None else {default: name_of(host, default)}
    for name in subfolders(folder, home):
        prefix = join(host, home, name)
        if prefix not in found and (
            name == own_name
            or (
                name.startswith(f"{_short(name_of(host, root))}-")
                and _belongs(folder, prefix, root)
            )
        ):
            found[prefix] = name
    return tuple(
        Place(
            name,
            prefix,
            default=prefix == default,
            # A file of the project may give a name that another project's has.
            pointed=(name != own_name or folder is not plain)
            and not _belongs(folder, prefix, root),
        )
        for prefix, name in found.items()
    )


def _with_variables(folder: Folder) -> Folder:
    """Return ``folder`` with the variables of the project's ``.env`` added to those of the machine, and preferred."""
    host = folder.host
    if host.environ.get("PIPENV_DONT_LOAD_ENV", "").lower() in _TRUE_VALUES:
        return folder
    configured = host.environ.get("PIPENV_DOTENV_LOCATION") or ".env"
    path = join(host, folder.root, configured)
    # A virtual environment may be called so, too.
    text = None if is_remote(path) or not folder.disk.is_file(path) else text_of(folder, path)
    if not text:
        return folder
    from workflow_helper.discovery.tools.dotenv import variables

    environ = {**host.environ, **variables(text, host.environ)}
    return folder._replace(host=host._replace(environ=environ))


def _default(folder: Folder, home: str, outside: str | None) -> str | None:
    dot_venv = join(folder.host, folder.root, ".venv")
    if folder.disk.is_file(dot_venv):
        text = (text_of(folder, dot_venv) or "").strip()
        if is_plain(text):
            return join(folder.host, home, text)
        return named(folder, text) if text else outside
    in_project = _in_project(folder)
    if in_project is None:
        # Without a setting: pipenv's own environment takes precedence over one of another tool.
        found = folder.disk.is_folder(dot_venv) and not (outside and folder.disk.exists(outside))
        return dot_venv if found else outside
    return dot_venv if in_project else outside


def _in_project(folder: Folder) -> bool | None:
    """Return whether pipenv is configured to keep the environment in the project; ``None`` where it is not configured."""
    setting = _switch(folder, "PIPENV_VENV_IN_PROJECT")
    if setting is None and "PIPENV_VENV_IN_PROJECT" not in folder.host.environ:
        refused = _switch(folder, "PIPENV_NO_VENV_IN_PROJECT")
        setting = None if refused is None else not refused
    if setting is None:
        path = join(folder.host, folder.root, "Pipfile")
        if folder.disk.mentions(path, b"venv_in_project"):
            setting = flag_at(toml_of(folder, path), "pipenv", "venv_in_project")
    return setting


def _switch(folder: Folder, variable: str) -> bool | None:
    value = folder.host.environ.get(variable, "").lower()
    if value in _TRUE_VALUES:
        return True
    return False if value in ("0", "false", "no", "off") else None


def _own_name(folder: Folder, root: str) -> str:
    environ = folder.host.environ
    if custom := environ.get("PIPENV_CUSTOM_VENV_NAME"):
        return custom
    path = pipfile(folder, root)
    name = environment_name(name_of(folder.host, parent(folder.host, path)), path)
    python = environ.get("PIPENV_PYTHON")
    return f"{name}-{name_of(folder.host, python)}" if python else name


def pipfile(folder: Folder, root: str) -> str:
    """Return the project's Pipfile, directly inside the project; a variable may name it. ``root`` is a real path."""
    configured = folder.host.environ.get("PIPENV_PIPFILE")
    if configured and parent(folder.host, os.path.abspath(configured)) in (folder.root, root):
        return os.path.abspath(configured)
    return join(folder.host, root, "Pipfile")


def _home(folder: Folder) -> str:
    """Return the folder of the environments that are not in their projects."""
    host = folder.host
    configured = host.environ.get("WORKON_HOME")
    if not configured and host.windows:
        return join(host, host.home, ".virtualenvs")
    if not configured:
        configured = join(
            host, host.environ.get("XDG_DATA_HOME") or "~/.local/share", "virtualenvs"
        )
    return join(host, folder.root, user_dirs.expand(host, configured, variables=True))


def _belongs(folder: Folder, prefix: str, root: str) -> bool:
    project = text_of(folder, join(folder.host, prefix, ".project"))
    return project is not None and project.strip() in (root, folder.root)


def _short(name: str) -> str:
    return replaced(name, ' &$`!*@"()[]\\\r\n\t', "_")[:42]


def _keeps_elsewhere(folder: Folder) -> bool:
    if not folder.has("Pipfile"):
        return False
    folder = _with_variables(folder)
    return _in_project(folder) is False


TOOL = Tool(
    name="pipenv",
    locks=("Pipfile.lock",),
    files=("Pipfile",),
    tables=(),
    places=_places,
    keeps_elsewhere=_keeps_elsewhere,
)
