"""``[tool.uv]`` in a script's block: uv reads it itself; without uv, pip gets the settings that it supports.

Settings that only uv supports, and that change what is installed (such as sources), are an error without uv, because
other packages would be installed silently.
"""

from __future__ import annotations

import os

from workflow_helper.errors import ToolNotInstalled, UnusableFile
from workflow_helper.filesystem.paths import is_remote, path_of_file_url
from workflow_helper.install.installer import NOT_FOR_UV, InstallerCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from workflow_helper.discovery.script_metadata import Inline
    from workflow_helper.scripts.state import Script

NAME = "uv"
#: Settings of uv's that change how it works, and not what is installed.
_HARMLESS = frozenset(
    (
        "allow-insecure-host",
        "cache-dir",
        "cache-keys",
        "compile-bytecode",
        "concurrent-builds",
        "concurrent-downloads",
        "concurrent-installs",
        "keyring-provider",
        "link-mode",
        "native-tls",
        "no-cache",
        "offline",
        "preview",
        "python-downloads",
        "python-preference",
        "reinstall",
        "upgrade",
        "required-version",
    )
)
#: The settings for which pip has an option of the same name.
_LISTS = {"extra-index-url": "--extra-index-url", "find-links": "--find-links"}


def sync(uv: str, script: Script, python: str, prefix: str, *, locked: bool) -> InstallerCommand:
    """Return the command by which uv creates the environment at ``prefix`` as the script says.

    ``locked``: by the script's lock, which is uv's and has to be up to date.
    """
    argv = (
        *(uv, "sync", "--script", script.path, "--active", "--python", python),
        *("--color", "never", "--no-progress", "--no-python-downloads"),
        *(("--locked",) if locked else ()),
    )
    # The one that is active is the one to make.
    return InstallerCommand(argv, {**dict.fromkeys(NOT_FOR_UV), "VIRTUAL_ENV": prefix})


def for_pip(metadata: Inline, script: Script) -> tuple[str, ...]:
    """Return options for pip that match the script's ``[tool.uv]``.

    Raises:
        ToolNotInstalled: a setting needs uv.
        UnusableFile: a setting has a wrong type.
    """
    table = metadata.tool.get(NAME, {})
    if not isinstance(table, dict):
        raise UnusableFile(script.path, "its inline metadata: 'tool.uv' should be a table")
    words: list[str] = []
    for key, value in table.items():
        if key in _HARMLESS:
            continue
        arguments = _words(key, value)
        if arguments is None:
            raise ToolNotInstalled(
                f"{script.path} has {key!r} in [tool.uv], which only uv supports, and uv is not installed",
                "Install uv.",
            )
        words += arguments
    return tuple(words)


def _words(key: str, value: object) -> list[str] | None:
    """Return one setting as options for pip; ``None`` if pip does not support it."""
    if key == "index-url" and isinstance(value, str):
        return ["--index-url", value]
    if key == "no-index" and isinstance(value, bool):
        return ["--no-index"] if value else []
    if key in _LISTS and isinstance(value, list):
        return [word for one in value for word in (_LISTS[key], str(one))]
    if key == "index" and isinstance(value, list):
        return _indexes(value)
    return None


def _indexes(tables: list[object]) -> list[str] | None:
    """Return ``[[tool.uv.index]]``; ``None`` if one is only for packages that name it explicitly."""
    words: list[str] = []
    for table in tables:
        if not isinstance(table, dict) or not isinstance(table.get("url"), str):
            return None
        if table.get("explicit") or table.get("format") == "flat":
            return None
        words += ["--index-url" if table.get("default") else "--extra-index-url", table["url"]]
    return words


def local_paths(metadata: Inline, folder: str) -> Iterator[str]:
    """Yield the local paths that packages are installed from; ``folder`` is the script's."""
    urls = [_url(text) for text in metadata.dependencies if "@" in text]
    for path in map(path_of_file_url, urls):
        if path is not None and not is_remote(path):
            yield path
    for source in _sources(metadata.tool):
        named = source.get("path")
        if isinstance(named, str) and not is_remote(named):
            yield os.path.normpath(os.path.join(folder, named))


def _url(requirement: str) -> str:
    from packaging.requirements import Requirement

    return Requirement(requirement).url or ""


def _sources(tool: Mapping[str, Any]) -> Iterator[Mapping[str, object]]:
    table = tool.get(NAME)
    sources = table.get("sources") if isinstance(table, dict) else None
    for one in (sources if isinstance(sources, dict) else {}).values():
        for each in one if isinstance(one, list) else (one,):
            if isinstance(each, dict):
                yield each
