"""Workspaces of several projects, where the members share the environment of the top folder (uv, pdm)."""

from __future__ import annotations

from workflow_helper.discovery.tools.files import at, real_root, table_at, toml_of
from workflow_helper.filesystem.user_dirs import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.discovery.tools.contract import Folder


#: The maximum number of patterns of a workspace: each costs as much as reading a small file.
MOST_PATTERNS = 2000


def top_folder(folder: Folder, tool: str, *, nearest_only: bool) -> str:
    """Return the top folder of the workspace of ``tool`` that the root belongs to; the root itself when there is none.

    A workspace is the ``[tool.<tool>.workspace]`` table of an enclosing root's ``pyproject.toml`` whose ``members``
    cover the root and whose ``exclude`` does not. ``nearest_only``: the nearest enclosing ``pyproject.toml`` decides.
    """
    for enclosing in folder.enclosing:
        path = join(folder.host, enclosing, "pyproject.toml")
        if not folder.disk.is_file(path):
            continue
        # Parsing a large file is slow, and most enclosing projects declare no workspace.
        if folder.disk.mentions(path, b"workspace"):
            workspace = table_at(toml_of(folder, path), "tool", tool, "workspace")
            inside = _relative(folder, enclosing)
            if workspace and inside and _covers(workspace, inside):
                return enclosing
        if nearest_only:
            break
    return folder.root


def _covers(workspace: dict[str, object], inside: list[str]) -> bool:
    def any_of(key: str) -> bool:
        patterns = at(workspace, key)
        return isinstance(patterns, list) and any(
            isinstance(pattern, str) and matches(pattern, inside)
            for pattern in patterns[:MOST_PATTERNS]
        )

    return any_of("members") and not any_of("exclude")


def matches(pattern: str, parts: list[str]) -> bool:
    """Return whether the glob ``pattern`` names the folder at the relative path ``parts``.

    ``*``, ``?`` and ``[...]`` match text inside one part, and ``**`` any number of parts, but at the end at least one;
    ``.`` and ``..`` in the pattern are resolved first.
    """
    from fnmatch import fnmatchcase

    pattern_parts: list[str] = []
    for part in pattern.split("/"):
        if part == ".." and pattern_parts:
            pattern_parts.pop()
        elif part not in ("", ".") and not (part == "**" and pattern_parts[-1:] == ["**"]):
            pattern_parts.append(part)
    # reached[i]: the pattern up to here matches the first i parts.
    reached = [True] + [False] * len(parts)
    for number, part in enumerate(pattern_parts):
        if part == "**":
            first = reached.index(True) if True in reached else len(reached)
            least = first + (number == len(pattern_parts) - 1)
            reached = [i >= least for i in range(len(reached))]
        else:
            reached = [False] + [
                reached[i] and fnmatchcase(parts[i], part) for i in range(len(parts))
            ]
    return bool(pattern_parts) and reached[-1]


def _relative(folder: Folder, enclosing: str) -> list[str]:
    """Return the parts of the root below ``enclosing``; none when it is not below it."""
    separator = "\\" if folder.host.windows else "/"
    top = enclosing.rstrip(separator) + separator
    for root in (folder.root, real_root(folder)):
        if root.startswith(top):
            return root[len(top) :].split(separator)
    return []
