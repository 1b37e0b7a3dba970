"""Cache the last answers of workflow servers, so that the first answer need not wait for one.

They are in ``answers.json`` in the user's cache folder, which can be deleted at any time. An answer is valid for its
root, declaration and trust, and the environments that it names are checked again before use.
"""

from __future__ import annotations

import os

from workflow_helper.errors import WorkflowError
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.model import Environment, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host, Workflow
    from workflow_helper.state.record_reader import Record
else:
    from workflow_server.namedtuple import NamedTuple

FILE = "answers.json"
KIND = "answers"
#: The maximum number of environments in a stored answer, and of its bytes: a larger answer is queried again.
MOST, MOST_BYTES = 200, 512 * 1024
#: Bytes of all of them, far below what can be read.
ALL_BYTES = 8 * 1024 * 1024


class Query(NamedTuple):
    """The query that an answer is for: the environments of a workflow's server."""

    workflow: Workflow
    root: str
    #: Whether the server may run what the project holds.
    trusted: bool


def recall(query: Query, host: Host, disk: Disk) -> tuple[Environment, ...] | None:
    """Return the last answer to ``query``; ``None`` without one."""
    try:
        record = _records(host, disk).get(_key(query))
        return None if record is None else tuple(map(_environment, record["environments"]))
    except (WorkflowError, KeyError, TypeError, ValueError):
        return None  # a cache: what cannot be read is as good as not there


def keep(query: Query, environments: Sequence[Environment], host: Host, disk: Disk) -> None:
    """Remember the answer to ``query``; nothing is written when it is the same as before.

    An answer that is too large is not stored, and the previous one, which is outdated, is removed.
    """
    from workflow_helper.state.json_store import edit

    key = _key(query)
    record: Record | None = {
        "root": query.root,
        "workflow": query.workflow.name,
        "environments": [one.to_wire() for one in environments[:MOST]],
    }
    if _size(record) > MOST_BYTES:
        record = None

    def one(records: dict[str, Record]) -> None:
        records.pop(key, None)
        if record is not None:
            _make_room(records, _size(record))
            records[key] = record

    try:
        if _records(host, disk).get(key) != record:
            edit(_path(host), KIND, one)
    except WorkflowError:
        return  # a cache that cannot be written is one that is not there


def _size(record: object) -> int:
    import json

    return len(json.dumps(record, indent=1))


def _make_room(records: dict[str, Record], size: int) -> None:
    """Remove answers, the largest first, until there is room for another of ``size``."""
    left = ALL_BYTES - size - sum(map(_size, records.values()))
    for key in sorted(records, key=lambda key: _size(records[key]), reverse=True):
        if left >= 0:
            return
        left += _size(records.pop(key))


def _records(host: Host, disk: Disk) -> dict[str, Record]:
    from workflow_helper.state.record_reader import read

    def parse(path: str) -> dict[str, Record]:
        return read(path, KIND)

    return disk.parsed(KIND, _path(host), parse)


def _path(host: Host) -> str:
    return os.path.join(host.cache, FILE)


def _key(query: Query) -> str:
    import json

    from workflow_helper.filesystem.digest import sha256_of

    workflow = query.workflow
    launch = workflow.declaration.launch.to_wire()
    whole = [real_path(query.root), workflow.declared_in, launch, query.trusted]
    return sha256_of(json.dumps(whole, sort_keys=True).encode())[:32]


def _environment(wire: dict[str, Any]) -> Environment:
    status = wire["status"]
    return Environment(
        wire["id"],
        wire["name"],
        wire["kind"],
        wire["prefix"],
        wire["interpreter_path"],
        wire["python_version"],
        "workflow",
        wire["default"],
        Status(status["state"], status["message"]),
    )
