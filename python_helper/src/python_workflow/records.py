"""A file of JSON records in the user's state folder: read by every side, changed by one writer at a time.

::

    {"version": 1, "<kind>": {"<key>": {...}, ...}}

A file that is not so is never overwritten: what it holds may be mended by hand.
"""

from __future__ import annotations

from python_workflow.discovery.disk import Disk, decode
from python_workflow.errors import UnusableFile, WorkflowError
from python_workflow.files import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Record: TypeAlias = dict[str, Any]

VERSION = 1
LIMIT = 16 * 1024 * 1024
LOCK_SECONDS = 10
#: Readable by the user alone: the keys are the paths of their projects.
MODE = 0o600


def read(path: str, kind: str) -> dict[str, Record]:
    """The records of the file at ``path``, by key; none where there is no file. Raises :class:`UnusableFile`."""
    import json

    data = Disk().read(path, LIMIT)
    if data is None:
        return {}
    hint = f"Mend the file, or remove it to forget all {kind} in it."
    try:
        document = json.loads(decode(path, data))
    except (ValueError, RecursionError) as error:
        raise UnusableFile(path, f"is not valid JSON: {error}", hint) from None
    records = document.get(kind) if isinstance(document, dict) else None
    if not isinstance(records, dict):
        raise UnusableFile(path, f"should hold an object with the key '{kind}'", hint)
    if document.get("version") != VERSION:
        raise UnusableFile(path, f"has 'version' {document.get('version')!r}, not {VERSION}", hint)
    for key, record in records.items():
        if not isinstance(record, dict):
            raise UnusableFile(path, f"'{kind}.{key}' should be an object", hint)
    return records


def put(path: str, kind: str, key: str, record: Record | None) -> bool:
    """Keep ``record`` for ``key``, or nothing for ``None``; whether there was one before. Raises as :func:`change`."""
    return change(path, kind, key, lambda _: record)


def change(path: str, kind: str, key: str, to: Callable[[Record | None], Record | None]) -> bool:
    """Keep what ``to`` makes of the record for ``key``, where ``None`` is none; whether there was one before.

    Raises as :func:`edit` does.
    """
    was_there = False

    def one(records: dict[str, Record]) -> None:
        nonlocal was_there
        before = records.pop(key, None)
        was_there = before is not None
        record = to(before)
        if record is not None:
            records[key] = record

    edit(path, kind, one)
    return was_there


def edit(path: str, kind: str, work: Callable[[dict[str, Record]], None]) -> None:
    """Keep what ``work`` makes of the records, by key, in its place.

    Raises :class:`UnusableFile` as :func:`read` does, when another process holds the file for too long, or when it would
    become too large to be read again, and :class:`WorkflowError` when it cannot be written.
    """
    import json
    from copy import deepcopy

    from python_workflow.locks import held, patience

    def stayed_locked() -> UnusableFile:
        reason = f"stayed locked for {LOCK_SECONDS} s"
        return UnusableFile(path, reason, "Another process holds it; try again.")

    try:
        with held(f"{path}.lock", patience(LOCK_SECONDS, stayed_locked)):
            before = read(path, kind)
            records = deepcopy(before)
            work(records)
            if records != before:
                document = {"version": VERSION, kind: dict(sorted(records.items()))}
                data = (json.dumps(document, indent=1) + "\n").encode()
                if len(data) > LIMIT:
                    hint = f"Nothing was written. Take out {kind} that you do not need any more."
                    raise UnusableFile(path, "would become too large to be read again", hint)
                write_whole(path, data, replace=True, mode=MODE)
    except OSError as error:
        raise WorkflowError(f"{path} could not be written ({error.strerror or error})") from None
