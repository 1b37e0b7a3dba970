"""The Pythons that Windows' registry lists (PEP 514).

The registry is passed as an argument, so that the rules can be tested on any platform; the real one exists on Windows
only.
"""

from __future__ import annotations

import sys

from workflow_helper.filesystem.user_dirs import is_absolute, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

    class Keys(Protocol):
        r"""The registry as far as it is read; a key is a path: ``HKEY_CURRENT_USER\Software\Python``."""

        def below(self, key: str) -> list[str]:
            """Return the names of the keys right below ``key``; none when there is no such key."""

        def value(self, key: str, name: str) -> str | None:
            """Return the text of a value of ``key``, with ``""`` as the key's default value; ``None`` when there is none."""


#: The keys where installers write; the second holds what 32-bit programs wrote for all users.
TOPS = (
    "HKEY_CURRENT_USER\\Software\\Python",
    "HKEY_LOCAL_MACHINE\\Software\\Python",
    "HKEY_LOCAL_MACHINE\\Software\\Wow6432Node\\Python",
)
#: Not a company: where the old launcher keeps its settings.
LAUNCHER = "PyLauncher"


def find(host: Host, _disk: Disk, keys: Keys | None = None) -> Iterator[tuple[str, str]]:
    """Yield the interpreters that the registry names; ``keys`` stands for the registry of this machine."""
    if not host.windows or (keys := keys or this_registry()) is None:
        return
    for top in TOPS:
        for company in keys.below(top):
            for tag in keys.below(f"{top}\\{company}") if company != LAUNCHER else ():
                key = f"{top}\\{company}\\{tag}\\InstallPath"
                path = keys.value(key, "ExecutablePath")
                if not path and (folder := keys.value(key, "")):
                    path = join(host, folder, "python.exe")
                if path and is_absolute(host, path):
                    yield "registry", path


if sys.platform == "win32":
    import winreg

    class _Registry:
        """The registry of this machine."""

        def below(self, key: str) -> list[str]:
            found: list[str] = []
            try:
                with self._open(key) as opened:
                    while True:
                        found.append(winreg.EnumKey(opened, len(found)))
            except OSError:  # there is no such key, or no further one
                return found

        def value(self, key: str, name: str) -> str | None:
            try:
                with self._open(key) as opened:
                    value, kind = winreg.QueryValueEx(opened, name)
            except OSError:
                return None
            if not isinstance(value, str):
                return None
            # As the launcher reads it that comes with Python.
            return winreg.ExpandEnvironmentStrings(value) if kind == winreg.REG_EXPAND_SZ else value

        def _open(self, key: str) -> winreg.HKEYType:
            hive, _, path = key.partition("\\")
            found: winreg.HKEYType = winreg.OpenKey(getattr(winreg, hive), path)
            return found

    def this_registry() -> Keys | None:
        """Return the registry of this machine; ``None`` where there is none."""
        return _Registry()

else:

    def this_registry() -> Keys | None:
        """Return the registry of this machine; ``None`` where there is none."""
        return None
