"""Settings of editors that name a path: ``python.defaultInterpreterPath`` and ``python.envFile``."""

from __future__ import annotations

import os
import re

from workflow_helper.filesystem.paths import is_remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.model import Host

NAME = "python.defaultInterpreterPath"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def path_of(text: str, folder: str, host: Host) -> str | None:
    """Return the absolute path of an interpreter or an environment, as seen from ``folder``, which the editor has open.

    ``None`` for a bare name, such as the setting's default ``python``, and for a value that cannot be resolved.
    """
    path = _substitute(text, folder, host)
    return None if os.path.basename(path) == path else _absolute(path, folder)


def env_file_of(text: str, folder: str, host: Host) -> str | None:
    """Return the absolute path of a file of variables, as seen from ``folder``, which the editor has open; ``None`` if it cannot be resolved."""
    return _absolute(_substitute(text, folder, host), folder)


def _absolute(path: str, folder: str) -> str | None:
    if not path or "${" in path or "\0" in path:
        return None
    return path if is_remote(path) else os.path.normpath(os.path.join(folder, path))


def _substitute(text: str, folder: str, host: Host) -> str:
    """Return ``text`` with ``${workspaceFolder}``, ``${userHome}``, ``${env:NAME}`` and ``~`` replaced, as VS Code documents them."""

    def value(match: re.Match[str]) -> str:
        name, _, rest = match[1].partition(":")
        if name in ("workspaceFolder", "workspaceRoot"):
            return folder
        if name == "userHome":
            return host.home
        return host.environ.get(rest, "") if name == "env" else match[0]

    path = _VARIABLE.sub(value, text.strip())
    return host.home + path[1:] if path == "~" or path.startswith(("~/", "~\\")) else path
