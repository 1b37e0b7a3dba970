"""Find the installed tools of the bundled workflows, without starting one."""

from __future__ import annotations

import os

from workflow_helper.discovery.environments import distributions
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple


class InstalledTool(NamedTuple):
    """An installed tool."""

    #: The workflow's name.
    name: str
    #: Its program's absolute path.
    program: str
    #: ``None`` where no file tells.
    version: str | None

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"name", "program", "version"}``."""
        return {"name": self.name, "program": self.program, "version": self.version}


def installed(host: Host, disk: Disk, outside: Sequence[str] = ()) -> tuple[InstalledTool, ...]:
    """Return the tools whose programs are on PATH, by name; none from the folders ``outside``."""
    from workflow_helper.backends.registry import WORKFLOWS
    from workflow_helper.system.which import find_program

    found = []
    for name in sorted(WORKFLOWS):
        word = WORKFLOWS[name].program
        program = None if word is None else find_program(word, host, outside=outside)
        if program is not None:
            found.append(InstalledTool(name, program, _version(name, program, host, disk)))
    return tuple(found)


def _version(name: str, program: str, host: Host, disk: Disk) -> str | None:
    """Return the version in the metadata of the distribution that installed the program, if it is a Python package."""
    prefix = os.path.dirname(os.path.dirname(real_path(program)))
    for folder in distributions.folders(prefix, host, disk):
        for entry in disk.names(folder):
            distribution, _, version = entry.removesuffix(distributions.SUFFIX).partition("-")
            if entry.endswith(distributions.SUFFIX) and distribution.lower() == name:
                return version or None
    return None
