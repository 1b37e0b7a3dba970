"""The setting ``python.defaultInterpreterPath`` of editors: which interpreter it means."""

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
    """The absolute path of an interpreter or an environment, as seen from ``folder``, which the editor has open.

    ``${workspaceFolder}``, ``${userHome}``, ``${env:NAME}`` and ``~`` are replaced, as VS Code documents them. ``None`` for a
    mere name, such as the ``python`` that the setting has by default, and for what no one knows.
    """

    def value(match: re.Match[str]) -> str:
        name, _, rest = match[1].partition(":")
        if name in ("workspaceFolder", "workspaceRoot"):
            return folder
        if name == "userHome":
            return host.home
        return host.environ.get(rest, "") if name == "env" else match[0]

    path = _VARIABLE.sub(value, text.strip())
    if path == "~" or path.startswith(("~/", "~\\")):
        path = host.home + path[1:]
    if "${" in path or "\0" in path or os.path.basename(path) == path:
        return None
    return path if is_remote(path) else os.path.normpath(os.path.join(folder, path))
