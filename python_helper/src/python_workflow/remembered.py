"""What a workflow's server said last, so that the first answer need not wait for it.

One file, ``answers.json`` in the user's cache folder: losing it costs a moment, no more. An answer counts for the root,
the declaration and the trust it was given for, and what it names is looked at again before it is used.
"""

from __future__ import annotations

import os

from python_workflow.errors import WorkflowError
from python_workflow.model import Environment, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host, Workflow
    from python_workflow.records import Record

FILE = "answers.json"
KIND = "answers"
#: Environments that are kept of one answer.
MOST = 200


def recall(
    workflow: Workflow, root: str, host: Host, disk: Disk, *, trusted: bool
) -> tuple[Environment, ...] | None:
    """What ``workflow`` said last for ``root``, the project being ``trusted`` or not; ``None`` when not known."""
    try:
        record = _records(host, disk).get(_key(workflow, root, trusted=trusted))
        return None if record is None else tuple(map(_environment, record["environments"]))
    except (WorkflowError, KeyError, TypeError, ValueError):
        return None  # a cache: what cannot be read is as good as not there


def keep(
    workflow: Workflow,
    root: str,
    said: Sequence[Environment],
    host: Host,
    disk: Disk,
    *,
    trusted: bool,
) -> None:
    """Remember what ``workflow`` said for ``root`` with that trust; nothing is written when it said the same before."""
    from python_workflow.records import put

    key = _key(workflow, root, trusted=trusted)
    record: Record = {
        "root": root,
        "workflow": workflow.name,
        "environments": [one.to_wire() for one in said[:MOST]],
    }
    try:
        if _records(host, disk).get(key) != record:
            put(_path(host), KIND, key, record)
    except WorkflowError:
        return  # a cache that cannot be written is one that is not there


def _records(host: Host, disk: Disk) -> dict[str, Record]:
    from python_workflow.records import read

    def parse(path: str) -> dict[str, Record]:
        return read(path, KIND)

    return disk.parsed(KIND, _path(host), parse)


def _path(host: Host) -> str:
    return os.path.join(host.cache, FILE)


def _key(workflow: Workflow, root: str, *, trusted: bool) -> str:
    import json
    from hashlib import sha256

    whole = [os.path.realpath(root), workflow.declared_in, workflow.launch, trusted]
    return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]


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
