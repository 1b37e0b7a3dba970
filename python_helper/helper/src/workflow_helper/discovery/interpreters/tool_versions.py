"""The Python that the shims of asdf and mise would start in a folder, from the files that they read.

asdf: https://asdf-vm.com/manage/configuration.html. mise: https://mise.jdx.dev/configuration.html.
"""

from __future__ import annotations

from workflow_helper.discovery.interpreters.describe import newest_in
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.user_dirs import is_absolute, join, name_of, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

TOOL_VERSIONS = ".tool-versions"
#: mise's own files in a folder, those that count more first.
MISE = (
    *("mise.local.toml", "mise.toml", ".mise.local.toml", ".mise.toml"),
    *("mise/config.toml", ".mise/config.toml", ".config/mise.toml", ".config/mise/config.toml"),
)


def behind(shims: str, folder: str, words: tuple[str, ...], host: Host, disk: Disk) -> str | None:
    """Return the interpreter that the shim of the first of ``words`` would start in ``folder``; ``None`` for the system's, or none.

    A variable takes precedence, then the nearest file that names a Python, then the user's own file.
    """
    top = parent(host, shims)
    versions = join(host, top, "installs", "python")
    is_mise = name_of(host, top) == "mise" or host.environ.get("MISE_DATA_DIR") == top
    for version in (_of_mise if is_mise else _of_asdf)(folder, host, disk):
        if version == "system":
            return None
        found = _installed(versions, version, host, disk)
        for word in words if found else ():
            path = join(host, found or "", *([f"{word}.exe"] if host.windows else ["bin", word]))
            if disk.is_program(path):
                return path
    return None


def _of_asdf(folder: str, host: Host, disk: Disk) -> tuple[str, ...]:
    listed = host.environ.get("ASDF_PYTHON_VERSION", "").split()
    if listed:
        return tuple(listed)
    name = host.environ.get("ASDF_TOOL_VERSIONS_FILENAME") or TOOL_VERSIONS
    for above in (*_upwards(folder, host), host.home):
        if words := _tool_versions(join(host, above, name), disk):
            return words
    return ()


def _of_mise(folder: str, host: Host, disk: Disk) -> tuple[str, ...]:
    listed = host.environ.get("MISE_PYTHON_VERSION", "").split()
    if listed:
        return tuple(listed)
    for above in _upwards(folder, host):
        for name in MISE:
            if words := _mise_toml(join(host, above, *name.split("/")), disk):
                return words
        if words := _tool_versions(join(host, above, TOOL_VERSIONS), disk):
            return words
    own = host.environ.get("MISE_CONFIG_DIR", "")
    if not is_absolute(host, own):
        own = user_dirs.config(host, "mise")
    return _mise_toml(join(host, own, "config.toml"), disk)


def _upwards(folder: str, host: Host) -> Iterator[str]:
    while True:
        yield folder
        above = parent(host, folder)
        if above == folder:
            return
        folder = above


def _tool_versions(path: str, disk: Disk) -> tuple[str, ...]:
    """Return the words after ``python``."""
    try:
        text = disk.text(path) or ""
    except UnusableFile:
        return ()
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["python"]:
            return tuple(words[1:])
    return ()


def _mise_toml(path: str, disk: Disk) -> tuple[str, ...]:
    """Return ``python`` of ``[tools]``: a version, a table with one, or a list of either."""
    if not disk.is_file(path):
        return ()
    try:
        tools = (disk.toml(path) or {}).get("tools")
    except UnusableFile:
        return ()
    value = tools.get("python") if isinstance(tools, dict) else None
    every = value if isinstance(value, list) else [value]
    found = (one.get("version") if isinstance(one, dict) else one for one in every)
    return tuple(one for one in found if isinstance(one, str))


def _installed(versions: str, version: str, host: Host, disk: Disk) -> str | None:
    """Return the folder of ``version``, else of the newest that begins with it, as mise understands ``3.12`` and ``latest``."""
    version = version.removeprefix("prefix:")
    if version.startswith("path:"):
        path = version.removeprefix("path:")
        return path if is_absolute(host, path) else None
    if version in (".", "..") or any(mark in version for mark in "/\\:\0"):
        return None
    exact = join(host, versions, version)
    if disk.is_folder(exact):
        return exact
    return newest_in(versions, "" if version == "latest" else f"{version}.", host, disk)
