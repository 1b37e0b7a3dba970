"""The local dependencies of a project, by path or ``file:`` URL, whose code is run when they are built.

Sources: PEP 508 (direct references), uv's ``sources`` and workspaces, hatch's workspaces and context formatting, and the
``path`` of a dependency in Poetry, pipenv and pixi.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_remote, path_of_file_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.filesystem.walk import Trees

#: The TOML files that name a tool's dependencies beside ``pyproject.toml``.
_DOCUMENTS = {
    "hatch": "hatch.toml",
    "pipenv": "Pipfile",
    "pixi": "pixi.toml",
    "tox": "tox.toml",
    "uv": "uv.toml",
}
#: The files that list requirements, a line each.
_LISTS = {"tox": ("tox.ini", "setup.cfg"), "conda": ("environment.yml", "environment.yaml")}
#: The tables of ``pyproject.toml`` that name them, beside the tool's own.
_TABLES = ("project", "dependency-groups")
#: Keys below which a path is a dependency's, and not a place where a tool keeps something.
_KEYS = frozenset({"sources", "members", "deps", "requires", *_TABLES})
_KEY_ENDINGS = ("dependencies", "plugins")
#: How tools spell the project's folder: hatch, tox, pdm.
_ROOT = r"\{root(?::real)?((?::parent)*)(:uri)?\}|\{(?:toxinidir|tox_root)\}|\$\{PROJECT_ROOT\}"


def paths(name: str, root: str, tables: object, trees: Trees) -> Iterator[str]:
    """Yield the local files and folders that the project ``root`` depends on, by ``tables`` and other files of the tool ``name``.

    Raises:
        UnusableFile: a folder has too many entries.
    """
    disk = trees.disk
    own = own_document(name, root, disk), _lines(name, root, disk)
    for text, keys in texts((tables, own, _declared(root, disk))):
        place = _place(_expanded(text, root), keys)
        if place and "\0" not in place and not is_remote(place):
            path = os.path.normpath(os.path.join(root, place))
            yield from (found for found in _matching(path, trees) if found != root)


def own_document(name: str, root: str, disk: Disk) -> object:
    """Return the contents of the tool's own file in ``root``; empty if there is none that can be read."""
    file = _DOCUMENTS.get(name)
    try:
        document = file and disk.toml(os.path.join(root, file))
    except UnusableFile:
        return None
    # Every table of a Pipfile may be a category of dependencies.
    return {"dependencies": document} if name == "pipenv" else document


def _lines(name: str, root: str, disk: Disk) -> object:
    """Return the requirements in the tool's files that are not TOML, and in the inline metadata of a noxfile, one on each line."""
    import re

    found: list[str] = []
    for file in _LISTS.get(name, ()):
        try:
            text = disk.text(os.path.join(root, file)) or ""
        except UnusableFile:
            continue
        for line in text.splitlines():
            # `deps = -e ./lib`, `- -e ./lib`, `-r requirements.txt`.
            words = re.sub(r"^\s*(?:\w+\s*=|-\s)?\s*(?:-[erc]\b)?\s*", "", line)
            found.append(words.strip().strip("\"'"))
    if name == "nox":
        from contextlib import suppress

        from workflow_helper.discovery.script_metadata import metadata

        with suppress(UnusableFile):  # nox cannot read it either
            found += metadata(os.path.join(root, "noxfile.py"), disk).dependencies
    return {"dependencies": found}


def texts(value: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every string in ``value``, with the keys that lead to it."""
    waiting: list[tuple[object, tuple[str, ...]]] = [(value, ())]
    while waiting:
        value, keys = waiting.pop()
        if isinstance(value, dict):
            waiting += ((item, (*keys, str(key))) for key, item in value.items())
        elif isinstance(value, (list, tuple)):
            waiting += ((item, keys) for item in value)
        elif isinstance(value, str):
            yield value, keys


def _declared(root: str, disk: Disk) -> object:
    try:
        document = disk.toml(os.path.join(root, "pyproject.toml")) or {}
    except UnusableFile:
        return None
    return {table: document.get(table) for table in _TABLES}


def _expanded(text: str, root: str) -> str:
    import re
    from urllib.parse import quote

    def spelled(match: re.Match[str]) -> str:
        folder = root
        for _ in range((match[1] or "").count(":")):
            folder = os.path.dirname(folder)
        in_url = "file:" in text[: match.start()].lower()
        if not match[2] and not in_url:
            return folder
        # As the tools do: what a URL cannot hold is escaped, and a drive stands behind a slash.
        escaped = "/" + quote(folder.replace(os.sep, "/"), safe="/:").lstrip("/")
        return escaped if in_url else f"file://{escaped}"

    return re.sub(_ROOT, spelled, text)


def _place(text: str, keys: tuple[str, ...]) -> str | None:
    """Return the path, relative to the project, of the dependency in ``text``; ``None`` if there is none."""
    start = text.lower().find("file:")
    if start >= 0:
        import re

        return path_of_file_url(re.split(r"[\s#;]", text[start:], maxsplit=1)[0])
    if not any(key in _KEYS or key.endswith(_KEY_ENDINGS) for key in keys):
        return None
    bare = text.removeprefix("-e").partition(";")[0].strip().partition("[")[0]
    is_path = bare.startswith((".", "~", "/")) or os.path.isabs(bare)
    return bare if is_path or keys[-1] in ("path", "file", "members") else None


def _matching(path: str, trees: Trees) -> Iterator[str]:
    """Yield the existing paths that match ``path``, any part of which may be a pattern."""
    from fnmatch import fnmatchcase

    drive, below_drive = os.path.splitdrive(path)
    found = [drive + os.sep]
    for part in below_drive.split(os.sep)[1:]:
        if not set(part) & set("*?["):
            found = [os.path.join(folder, part) for folder in found]
            continue
        below: list[str] = []
        for folder in filter(trees.disk.is_folder, found):
            names = trees.names(folder)
            below += (os.path.join(folder, one) for one in names if fnmatchcase(one, part))
        found = below
    yield from filter(trees.disk.exists, found)
