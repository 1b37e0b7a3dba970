"""Compute the user's folders for data, configuration and caches on a :class:`Host`, and join paths in its spelling.

These are the rules of ``platformdirs``. That library is not used, because importing it costs more than the rest of an
answer, and because it answers only for the running process.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from workflow_helper.model import Host


def join(host: Host, first: str, *rest: str) -> str:
    """Join the parts to one path in the host's spelling; an absolute part starts over."""
    joined = str(_rules(host).join(first, *rest))
    # Files and tools' own defaults spell paths for every system: one place has one spelling here.
    return joined.replace("/", "\\") if host.windows else joined


def parent(host: Host, path: str) -> str:
    """Return the folder that holds ``path``."""
    return str(_rules(host).dirname(path))


def name_of(host: Host, path: str) -> str:
    """Return the last part of ``path``."""
    return str(_rules(host).basename(path.rstrip("/\\" if host.windows else "/")))


def is_absolute(host: Host, path: str) -> bool:
    """Return whether ``path`` depends on no current folder (nor, on Windows, on a current drive)."""
    rules = _rules(host)
    return bool(rules.isabs(path)) and (not host.windows or bool(rules.splitdrive(path)[0]))


def expand(host: Host, path: str, *, variables: bool = False) -> str:
    """Return ``path`` with a leading ``~`` and, on request, ``$NAME`` and ``${NAME}`` expanded.

    As in :mod:`os.path`, an unset variable is left as it is written. On Windows, ``%NAME%`` is expanded too.
    """
    if variables:
        path = _fill(host, path)
    if path == "~" or path.startswith(("~/", "~\\") if host.windows else "~/"):
        return host.home + path[1:]
    return path


def data(host: Host, application: str, author: str | None = None) -> str:
    """Return the user's data folder of ``application``; ``author`` is a folder that only Windows puts before it."""
    if host.windows:
        return _windows_folder(host, local_app_data(host), application, author)
    return _unix_folder(host, "XDG_DATA_HOME", (".local", "share"), application)


def config(
    host: Host, application: str, author: str | None = None, *, roaming: bool = False
) -> str:
    """Return the user's configuration folder of ``application``."""
    if host.windows:
        base = roaming_app_data(host) if roaming else local_app_data(host)
        return _windows_folder(host, base, application, author)
    return _unix_folder(host, "XDG_CONFIG_HOME", (".config",), application)


def cache(host: Host, application: str, author: str | None = None) -> str:
    """Return the user's cache folder of ``application``."""
    if host.windows:
        return join(host, data(host, application, author), "Cache")
    if host.platform == "darwin" and not _absolute_value(host, "XDG_CACHE_HOME"):
        return join(host, host.home, "Library", "Caches", application)
    return _unix_folder(host, "XDG_CACHE_HOME", (".cache",), application)


def local_app_data(host: Host) -> str:
    """Return Windows' folder for programs and data of one user on one machine."""
    return _absolute_value(host, "LOCALAPPDATA") or join(host, host.home, "AppData", "Local")


def roaming_app_data(host: Host) -> str:
    """Return Windows' folder for data that follows the user."""
    return _absolute_value(host, "APPDATA") or join(host, host.home, "AppData", "Roaming")


def _windows_folder(host: Host, base: str, application: str, author: str | None) -> str:
    return join(host, base, *([author] if author else []), application)


def _unix_folder(host: Host, variable: str, usual: tuple[str, ...], application: str) -> str:
    """Return the folder of ``application`` where ``variable`` says, else in ``usual`` below the home folder, but on macOS."""
    if folder := _absolute_value(host, variable):
        return join(host, folder, application)
    if host.platform == "darwin":
        return join(host, host.home, "Library", "Application Support", application)
    return join(host, host.home, *usual, application)


def _absolute_value(host: Host, variable: str) -> str | None:
    """Return a variable's path; a relative one counts as not set, as the XDG specification asks."""
    value = host.environ.get(variable, "").strip()
    return value if value and is_absolute(host, value) else None


def _fill(host: Host, text: str) -> str:
    filled = []
    at = 0
    while at < len(text):
        mark = text[at]
        name, end = "", at
        if mark == "$":
            if text[at + 1 : at + 2] == "{":
                end = text.find("}", at) + 1
                name = text[at + 2 : end - 1] if end else ""
            else:
                end = at + 1
                while (
                    end < len(text)
                    and text[end].isascii()
                    and (text[end].isalnum() or text[end] == "_")
                ):
                    end += 1
                name = text[at + 1 : end]
        elif mark == "%" and host.windows:
            end = text.find("%", at + 1) + 1
            name = text[at + 1 : end - 1] if end else ""
        value = host.environ.get(name) if name else None
        filled.append(mark if value is None else value)
        at = at + 1 if value is None else end
    return "".join(filled)


def _rules(host: Host) -> ModuleType:
    """Return the path module of the host's platform, which differs from this process's own only in tests."""
    if host.windows == (os.name == "nt"):
        return os.path
    if host.windows:
        import ntpath

        return ntpath
    import posixpath

    return posixpath
