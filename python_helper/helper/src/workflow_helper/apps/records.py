"""The record of each installed tool."""

from __future__ import annotations

import os

from workflow_helper.apps import layout
from workflow_helper.discovery.environments import distributions, health
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.cache import named_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NamedTuple

    from workflow_helper.apps.request import ToolRequest
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple


class ToolRecord(NamedTuple):
    """The record of an installed tool."""

    name: str
    prefix: str
    requirement: str
    beside: tuple[str, ...]
    #: The requested Python, if any.
    python: str | None
    #: The names of its programs, and the folder that they were linked into.
    programs: tuple[str, ...]
    folder: str

    def holds(self, tool: ToolRequest) -> bool:
        """Return whether the tool was installed for what is requested now."""
        return (self.requirement, self.beside, self.python) == (
            tool.requirement,
            tool.beside,
            tool.python,
        )

    def links(self, host: Host) -> tuple[str, ...]:
        """Return the paths at which its programs are found."""
        return tuple(layout.link(name, self.folder, host) for name in self.programs)


def read(name: str, host: Host, disk: Disk) -> ToolRecord | None:
    """Return the record of the tool ``name`` (normalized); ``None`` where it is not installed.

    Raises:
        UnusableFile: the record is invalid.
    """
    path = layout.record(name, host)
    text = disk.text(path)
    if text is None:
        return None
    import json

    hint = f"'wsp tool uninstall {name}' removes what is there."
    try:
        document = json.loads(text)
        folder = named_by(path, disk)
        if folder is None:
            raise UnusableFile(path, "names no environment", hint)
        prefix = os.path.join(layout.home(name, host), folder)
        return ToolRecord(
            name,
            prefix,
            str(document["requirement"]),
            tuple(map(str, document["with"])),
            None if document["python"] is None else str(document["python"]),
            tuple(os.path.basename(str(one)) for one in document["programs"]),
            str(document["bin"]),
        )
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise UnusableFile(path, f"is not the record of a tool ({error})", hint) from None


def write(record: ToolRecord, host: Host) -> None:
    """Write the record.

    Raises:
        WorkflowError: it cannot be written.
    """
    import json

    from workflow_helper.filesystem.atomic import write_whole

    document: dict[str, Any] = {
        # First, where it is found without a parser.
        "folder": os.path.basename(record.prefix),
        "requirement": record.requirement,
        "with": list(record.beside),
        "python": record.python,
        "programs": list(record.programs),
        "bin": record.folder,
    }
    data = (json.dumps(document, indent=1) + "\n").encode()
    write_whole(layout.record(record.name, host), data, replace=True, mode=0o600)


def names(host: Host, disk: Disk) -> Iterator[str]:
    """Yield the names of all installed tools, in order."""
    for name in sorted(disk.names(layout.folder(host))):
        if disk.is_present(layout.record(name, host)):
            yield name


def version_in(prefix: str, name: str, host: Host) -> str | None:
    """Return the version of the tool that an environment holds."""
    located = distributions.located(prefix, host, Disk()).get(name)
    return None if located is None else located.distribution.version


def usable(name: str, host: Host, disk: Disk) -> str | None:
    """Return the environment of the tool ``name`` if it is installed and works, without loading a parser."""
    try:
        folder = named_by(layout.record(name, host), disk)
    except UnusableFile:
        return None
    if folder is None:
        return None
    prefix = os.path.join(layout.home(name, host), folder)
    return prefix if health.inspect(prefix, host, disk).status.state == "ok" else None
