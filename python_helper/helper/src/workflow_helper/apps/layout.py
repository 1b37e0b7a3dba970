"""The folders of installed tools and of their programs.

::

    <data>/tools/<name>/record.json    what is installed, and which folder holds it; written last
    <data>/tools/<name>/<random>/      the environment
    <state>/locks/tool-<name>          held while it is changed, gone afterwards

A process that is killed while it creates an environment leaves a folder that no record names. It is ignored, and the
next change of the tool removes it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.model import Host

RECORD = "record.json"


def folder(host: Host) -> str:
    """Return the folder of all tools."""
    return os.path.join(host.data, "tools")


def home(name: str, host: Host) -> str:
    """Return the folder of the tool ``name`` (normalized)."""
    return os.path.join(folder(host), name)


def record(name: str, host: Host) -> str:
    """Return the path of a tool's record, which exists if the tool is installed."""
    return os.path.join(home(name, host), RECORD)


def lock(name: str, host: Host) -> str:
    """Return the path of the lock that a process holds while it changes a tool."""
    return os.path.join(host.state, "locks", f"tool-{name}")


def link(program: str, folder: str, host: Host) -> str:
    """Return the path of the program ``name`` in the folder of programs ``folder``."""
    return os.path.join(folder, program + (".exe" if host.windows else ""))


def programs(host: Host) -> str:
    """Return the user's folder of programs, by the conventions that uv and pipx share."""
    for variable, *below in (("XDG_BIN_HOME",), ("XDG_DATA_HOME", os.pardir, "bin")):
        configured = host.environ.get(variable, "")
        if os.path.isabs(configured):
            return os.path.normpath(os.path.join(configured, *below))
    return os.path.join(host.home, ".local", "bin")
