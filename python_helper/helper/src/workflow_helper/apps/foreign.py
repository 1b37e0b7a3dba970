"""The tools that uv and pipx installed: listed as theirs, and never changed.

Sources: the documentation of ``uv tool dir`` and of pipx's environment variables, and what both write there.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

_UV_RECEIPT = "uv-receipt.toml"
_PIPX_RECEIPT = "pipx_metadata.json"
_LIMIT = 4 * 1024 * 1024


class Other(NamedTuple):
    """A tool that uv or pipx installed."""

    #: ``"uv"`` or ``"pipx"``.
    by: str
    #: Normalized.
    name: str
    prefix: str
    requirement: str
    #: Its programs, where they are linked.
    programs: tuple[str, ...]


def found(host: Host, disk: Disk) -> tuple[Other, ...]:
    """Return all of them, by name; one that cannot be read is left out."""
    tools = (*_of_uv(host, disk), *_of_pipx(host, disk))
    return tuple(sorted(tools, key=lambda tool: (tool.name, tool.by)))


def owner(path: str, host: Host) -> tuple[str, str, str] | None:
    """Return who installed the program at ``path``, with which tool, and the command that uninstalls it."""
    real = real_path(path)
    tops = [("uv", top) for top in _uv_folders(host)] + [
        ("pipx", top) for top in _pipx_folders(host)
    ]
    for by, top in tops:
        within = os.path.relpath(real, real_path(top)).split(os.sep)
        if len(within) > 1 and within[0] != os.pardir:
            words = "uv tool uninstall" if by == "uv" else "pipx uninstall"
            return by, within[0], f"'{words} {within[0]}'"
    return None


def _of_uv(host: Host, disk: Disk) -> Iterator[Other]:
    for top in _uv_folders(host):
        for name in disk.names(top):
            prefix = os.path.join(top, name)
            try:
                tool = (disk.toml(os.path.join(prefix, _UV_RECEIPT)) or {}).get("tool")
            except UnusableFile:
                continue
            if isinstance(tool, dict):
                points = tool.get("entrypoints")
                programs = [one.get("install-path") for one in _tables(points)]
                texts = tuple(sorted(one for one in programs if isinstance(one, str)))
                yield Other("uv", normalized(name), prefix, _requirement(tool, name), texts)


def _requirement(tool: dict[str, object], name: str) -> str:
    for one in _tables(tool.get("requirements")):
        if normalized(str(one.get("name", ""))) == normalized(name):
            extras = one.get("extras")
            inner = f"[{','.join(map(str, extras))}]" if isinstance(extras, list) and extras else ""
            specifier = one.get("specifier")
            return f"{name}{inner}{specifier if isinstance(specifier, str) else ''}"
    return name


def _of_pipx(host: Host, disk: Disk) -> Iterator[Other]:
    import json

    for top in _pipx_folders(host):
        for name in disk.names(top):
            prefix = os.path.join(top, name)
            try:
                text = disk.text(os.path.join(prefix, _PIPX_RECEIPT), _LIMIT)
                document = json.loads(text) if text else None
            except (UnusableFile, ValueError, RecursionError):
                continue
            main = document.get("main_package") if isinstance(document, dict) else None
            if isinstance(main, dict):
                apps = main.get("apps")
                programs = [str(one) for one in apps] if isinstance(apps, list) else []
                bins = _pipx_bin(host)
                links = tuple(sorted(os.path.join(bins, one) for one in programs))
                recorded = main.get("package_or_url")
                requirement = recorded if isinstance(recorded, str) else name
                yield Other("pipx", normalized(name), prefix, requirement, links)


def _tables(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _uv_folders(host: Host) -> tuple[str, ...]:
    folder = host.environ.get("UV_TOOL_DIR", "")
    if os.path.isabs(folder):
        return (folder,)
    if host.windows:
        return (os.path.join(user_dirs.roaming_app_data(host), "uv", "data", "tools"),)
    # uv keeps to the XDG folders on macOS too.
    data = host.environ.get("XDG_DATA_HOME", "")
    base = data if os.path.isabs(data) else os.path.join(host.home, ".local", "share")
    return (os.path.join(base, "uv", "tools"),)


def _pipx_folders(host: Host) -> tuple[str, ...]:
    folder = host.environ.get("PIPX_HOME", "")
    if os.path.isabs(folder):
        return (os.path.join(folder, "venvs"),)
    tops = (
        os.path.join(host.home, ".local", "pipx"),
        user_dirs.data(host, "pipx", "pipx"),
        user_dirs.data(host, "pipx"),
        os.path.join(host.home, "pipx"),
    )
    return tuple(dict.fromkeys(os.path.join(top, "venvs") for top in tops))


def _pipx_bin(host: Host) -> str:
    folder = host.environ.get("PIPX_BIN_DIR", "")
    return folder if os.path.isabs(folder) else os.path.join(host.home, ".local", "bin")
