"""Change a file of JSON records in the user's state folder, one writer at a time.

An invalid file is never overwritten, so that it can be repaired by hand.
"""

from __future__ import annotations

from workflow_helper.errors import UnusableFile, WorkflowError
from workflow_helper.filesystem.atomic import write_whole
from workflow_helper.state.record_reader import LIMIT, VERSION, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow_helper.state.record_reader import Record

LOCK_SECONDS = 10
#: Readable by the user alone: the keys are the paths of their projects.
MODE = 0o600


def put(path: str, kind: str, key: str, record: Record | None) -> bool:
    """Store ``record`` for ``key``, or remove it for ``None``; return whether there was one before.

    Raises:
        UnusableFile: the file cannot be read, stays locked, or would become too large.
        WorkflowError: the file cannot be written.
    """
    return change(path, kind, key, lambda _: record)


def change(path: str, kind: str, key: str, to: Callable[[Record | None], Record | None]) -> bool:
    """Replace the record for ``key`` by the result of ``to``, with ``None`` for no record; return whether there was one before.

    Raises:
        UnusableFile: the file cannot be read, stays locked, or would become too large.
        WorkflowError: the file cannot be written.
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
    """Replace the records, by key, by the result of ``work``.

    Raises:
        UnusableFile: the file cannot be read, stays locked for too long, or would become too large to be read again.
        WorkflowError: the file cannot be written.
    """
    import json
    from copy import deepcopy

    from workflow_helper.filesystem.locks import hold, patience

    def stayed_locked() -> UnusableFile:
        reason = f"stayed locked for {LOCK_SECONDS} s"
        return UnusableFile(path, reason, "Another process holds it. Try again.")

    try:
        with hold(f"{path}.lock", patience(LOCK_SECONDS, stayed_locked)):
            before = read(path, kind)
            records = deepcopy(before)
            work(records)
            if records != before:
                document = {"version": VERSION, kind: dict(sorted(records.items()))}
                data = (json.dumps(document, indent=1) + "\n").encode()
                if len(data) > LIMIT:
                    hint = f"Nothing was written. Remove {kind} that you no longer need."
                    raise UnusableFile(path, "would become too large to be read again", hint)
                write_whole(path, data, replace=True, mode=MODE)
    except OSError as error:
        raise WorkflowError(f"{path} could not be written ({error.strerror or error})") from None
