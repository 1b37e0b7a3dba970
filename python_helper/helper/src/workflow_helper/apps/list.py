"""List the installed tools: those of wsp with their state, and those of uv and pipx."""

from __future__ import annotations

from workflow_server.masking import masked

from workflow_helper.apps import foreign, layout, records, shims
from workflow_helper.discovery.environments import health as environments_health
from workflow_helper.errors import UnusableFile
from workflow_helper.model import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from workflow_helper.apps.foreign import Other
    from workflow_helper.apps.records import ToolRecord
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: The installer of our own tools.
OURS = "wsp"


class ListedTool(NamedTuple):
    """An installed tool."""

    name: str
    version: str | None
    #: As it was requested.
    requirement: str
    beside: tuple[str, ...]
    python_version: str | None
    prefix: str
    #: The paths of its programs.
    programs: tuple[str, ...]
    #: :data:`OURS`, ``"uv"`` or ``"pipx"``.
    by: str
    status: Status = Status()

    def to_wire(self) -> dict[str, Any]:
        """Return the tool object of the command line."""
        return {
            "name": self.name,
            "version": self.version,
            "requirement": self.requirement,
            "with": list(self.beside),
            "python_version": self.python_version,
            "prefix": self.prefix,
            "programs": list(self.programs),
            "by": self.by,
            "status": self.status.to_wire(),
        }


def installed(host: Host, disk: Disk) -> tuple[ListedTool, ...]:
    """Return all tools sorted by name, those of wsp first.

    Changes nothing, and starts no process.
    """
    ours = []
    for name in records.names(host, disk):
        try:
            record = records.read(name, host, disk)
        except UnusableFile as error:
            status = Status("broken", f"{error.message}. {error.hint}")
            place = layout.home(name, host)
            ours.append(ListedTool(name, None, name, (), None, place, (), OURS, status))
            continue
        if record is not None:  # else it was uninstalled this instant
            ours.append(of_record(record, host, disk))
    return (*ours, *(_foreign_tool(other, host, disk) for other in foreign.found(host, disk)))


def of_record(record: ToolRecord, host: Host, disk: Disk) -> ListedTool:
    """Return a tool that wsp installed, with its state."""
    health = environments_health.inspect(record.prefix, host, disk)
    version = records.version_in(record.prefix, record.name, host)
    status = Status()
    if health.status.state != "ok":
        reason = health.status.message.partition(environments_health.RECREATE)[0]
        status = Status("broken", f"{reason} ('wsp tool upgrade {record.name}' recreates it)")
    elif version is None:
        status = Status(
            "broken",
            f"{record.prefix} no longer contains {record.name} ('wsp tool upgrade {record.name}' recreates it)",
        )
    elif (path := next(shims.missing(record, host), None)) is not None:
        status = Status(
            "broken", f"{path} does not lead to it ('wsp tool upgrade {record.name}' fixes that)"
        )
    return ListedTool(
        record.name,
        version,
        masked(record.requirement),
        tuple(map(masked, record.beside)),
        health.python_version,
        record.prefix,
        record.links(host),
        OURS,
        status,
    )


def _foreign_tool(other: Other, host: Host, disk: Disk) -> ListedTool:
    health = environments_health.inspect(other.prefix, host, disk)
    status = health.status
    if status.state != "ok":
        status = Status("broken", status.message.partition(environments_health.RECREATE)[0])
    return ListedTool(
        other.name,
        records.version_in(other.prefix, other.name, host),
        other.requirement,
        (),
        health.python_version,
        other.prefix,
        other.programs,
        other.by,
        status,
    )
