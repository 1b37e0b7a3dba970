"""pdm: the interpreter it remembers in ``.pdm-python``, an environment in the project, and named ones elsewhere.

Checked against pdm 2.29. ``requires-python`` is not checked: pdm uses the environment that it remembers, and forgets it
only if it does not fit.
"""

from __future__ import annotations

from workflow_helper.discovery.tools.contract import Place, Tool
from workflow_helper.discovery.tools.files import (
    at,
    holds_only,
    is_conda,
    is_environment,
    is_plain,
    named,
    real_root,
    subfolders,
    text_at,
    text_of,
    toml_of,
)
from workflow_helper.discovery.tools.naming import md5_mark
from workflow_helper.discovery.tools.workspaces import top_folder
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.user_dirs import join, name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.discovery.tools.contract import Folder

#: The folders inside a project in which pdm looks, first match.
IN_PROJECT = (".venv", "venv", "env")
#: What of ``[tool.pdm]`` only a build reads: pdm-backend the first two, the older pdm-pep517 all.
BUILDING = frozenset(
    (
        *("build", "version"),
        *(
            "includes",
            "excludes",
            "source-includes",
            "package-dir",
            "is-purelib",
            "editable-backend",
        ),
    )
)


def project(folder: Folder) -> Folder:
    """Return the project that pdm acts in: the top of a workspace, for its members too."""
    return folder._replace(root=top_folder(folder, "pdm", nearest_only=False))


def place_of(folder: Folder, name: str) -> str | None:
    """Return where pdm creates the environment ``name`` of a :func:`project`: ``.venv`` in it, or one in its central folder.

    ``None`` where that cannot be worked out.
    """
    if name == IN_PROJECT[0]:
        return join(folder.host, folder.root, name)
    central, mark = shared_folder(folder), _mark(folder)
    if central is None or not is_plain(mark) or not is_plain(name):
        return None
    return join(folder.host, central, mark + name)


def keeps_in_project(folder: Folder) -> bool:
    """Return whether an environment without a name is made in the project."""
    return _flag(folder, "venv", "in_project", "PDM_VENV_IN_PROJECT")


def selected(folder: Folder) -> str | None:
    """Return the environment that pdm is configured to use in a :func:`project`, or used before; ``None`` if there is none."""
    interpreter = _remembered(folder)
    if interpreter is None or not folder.disk.is_file(interpreter):
        return None
    return _environment_of(folder, interpreter)


def lock_file(folder: Folder) -> str:
    """Return the name of the lock file of a :func:`project`, existing or not."""
    value = folder.host.environ.get("PDM_LOCK_FORMAT")
    for settings in (_project_settings, _user_settings):
        value = value or text_at(settings(folder), "lock", "format")
    has_only_the_other = folder.has("pdm.lock") and not folder.has("pylock.toml")
    return "pylock.toml" if value == "pylock" and not has_only_the_other else "pdm.lock"


def _mark(folder: Folder) -> str:
    """Return the common beginning of the names of the project's environments in the central folder."""
    host, real = folder.host, real_root(folder)
    hashed = real.replace("\\", "/") if host.windows else real
    return f"{name_of(host, real)}-{md5_mark(hashed)}-"


def _places(folder: Folder) -> tuple[Place, ...]:
    folder = project(folder)
    host = folder.host
    found = {}
    for name in IN_PROJECT:
        prefix = join(host, folder.root, name)
        if is_environment(folder, prefix):
            found[prefix] = name
            break
    central, mark = shared_folder(folder), _mark(folder)
    if central is not None and is_plain(mark):
        for name in subfolders(folder, central):
            if name.startswith(mark):
                found[join(host, central, name)] = name[len(mark) :]
    remembered = None
    default = (
        next(iter(found), None) if _flag(folder, "python", "use_venv", "PDM_USE_VENV") else None
    )
    interpreter = _remembered(folder)
    if interpreter is not None and folder.disk.is_file(interpreter):
        # Outside any environment it is pdm's other mode, packages in __pypackages__: no environment is the default.
        default = _environment_of(folder, interpreter)
        if default is not None and default not in found:
            found[default] = name_of(host, default)
            remembered = default
    if not found and keeps_in_project(folder):
        default = join(host, folder.root, ".venv")
        found[default] = ".venv"
    return tuple(
        Place(
            name,
            prefix,
            "conda" if is_conda(folder, prefix) else "venv",
            default=prefix == default,
            pointed=prefix == remembered,
        )
        for prefix, name in found.items()
    )


def _remembered(folder: Folder) -> str | None:
    """Return the interpreter that pdm is configured to use, or used before."""
    environ = folder.host.environ
    if _truthy(environ.get("PDM_IGNORE_SAVED_PYTHON", "")):
        return None
    if value := environ.get("PDM_PYTHON"):
        return join(folder.host, folder.root, value)
    written = text_of(folder, join(folder.host, folder.root, ".pdm-python"))
    return None if written is None else named(folder, written.strip())


def _environment_of(folder: Folder, interpreter: str) -> str | None:
    """Return the environment that contains ``interpreter``, found as pdm does."""
    beside = parent(folder.host, interpreter)
    if is_conda(folder, beside):
        return beside
    above = parent(folder.host, beside)
    return above if is_environment(folder, above) else None


def shared_folder(folder: Folder) -> str | None:
    """Return the folder of the named environments: the project's, the user's, or pdm's own choice."""
    host = folder.host
    if value := text_at(_project_settings(folder), "venv", "location"):
        inside = user_dirs.expand(host, value)
        return named(folder, inside)
    if value := text_at(_user_settings(folder), "venv", "location"):
        return join(host, folder.root, user_dirs.expand(host, value))
    return join(host, user_dirs.data(host, "pdm", "pdm"), "venvs")


def _flag(folder: Folder, table: str, key: str, variable: str) -> bool:
    """Return a setting that is on unless the environment, the project or the user says otherwise."""
    setting: object = folder.host.environ.get(variable)
    for settings in (_project_settings, _user_settings):
        if setting is None:
            setting = at(settings(folder), table, key)
    return _truthy(setting) if isinstance(setting, str) else setting is not False


def _truthy(text: str) -> bool:
    return text.lower() not in ("", "false", "no", "0")


def _project_settings(folder: Folder) -> dict[str, object]:
    return toml_of(folder, join(folder.host, folder.root, "pdm.toml"))


def _user_settings(folder: Folder) -> dict[str, object]:
    host = folder.host
    value = host.environ.get("PDM_CONFIG_FILE")
    path = (
        join(host, folder.root, value)
        if value
        else join(host, user_dirs.config(host, "pdm", "pdm"), "config.toml")
    )
    return toml_of(folder, path)


def _makes_it_govern(folder: Folder, shown: str) -> bool:
    """Return whether the evidence makes the tool govern: a table that only pdm-backend, or its predecessor, reads does not."""
    table = folder.table("tool", "pdm") or {}
    return not (shown.startswith("[") and holds_only(table, BUILDING))


def _keeps_elsewhere(folder: Folder) -> bool:
    """Return whether pdm is configured to use another environment, or used another one before."""
    return _remembered(folder) is not None


TOOL = Tool(
    name="pdm",
    locks=("pdm.lock",),
    files=(),
    tables=(("tool", "pdm"),),
    places=_places,
    makes_it_govern=_makes_it_govern,
    keeps_elsewhere=_keeps_elsewhere,
)
