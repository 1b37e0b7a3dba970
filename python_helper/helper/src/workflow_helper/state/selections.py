"""Store the user's choices for a root; :mod:`workflow_helper.state.choices` describes their form, and reads them."""

from __future__ import annotations

import os

from workflow_helper.filesystem import file_id
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.state.choices import FILE, KIND, MARK, moved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow_helper.model import Host
    from workflow_helper.state.record_reader import Record


def select(root: str, environment: str | None, host: Host) -> None:
    """Remember ``environment`` (``None``: no interpreter) for ``root``.

    Raises:
        WorkflowError: it cannot be remembered.
    """
    _change(root, host, lambda record: {**record, "environment": environment})


def forget(root: str, host: Host) -> bool:
    """Forget the selection for ``root``, and return whether there was one.

    Raises:
        WorkflowError: it cannot be forgotten.
    """
    return _take_out(root, "environment", host)


def choose_workflow(root: str, workflow: str, host: Host) -> None:
    """Remember ``workflow`` for ``root``, and forget the environment that was selected for it before.

    Raises:
        WorkflowError: it cannot be remembered.
    """
    _change(root, host, lambda record: {**_without("environment", record), "workflow": workflow})


def forget_workflow(root: str, host: Host) -> bool:
    """Forget the workflow that was chosen for ``root``, and return whether there was one.

    An environment that was selected after it stays selected.

    Raises:
        WorkflowError: it cannot be forgotten.
    """
    return _take_out(root, "workflow", host)


def _take_out(root: str, field: str, host: Host) -> bool:
    """Remove ``field`` from the stored choices for ``root``, and return whether it was there."""
    was_there = False

    def without(record: Record) -> Record:
        nonlocal was_there
        was_there = field in record
        return _without(field, record)

    _change(root, host, without)
    return was_there


def _without(field: str, record: Record) -> Record:
    return {name: value for name, value in record.items() if name != field}


def _change(root: str, host: Host, to: Callable[[Record], Record]) -> None:
    from workflow_helper.state.json_store import edit

    path = os.path.join(host.state, FILE)
    key = real_path(root)
    mark = file_id.of(key)

    def work(records: dict[str, Record]) -> None:
        earlier = [old for old, record in records.items() if mark and record.get(MARK) == mark]
        before = records.pop(key, None)
        for old in earlier:
            record = records.pop(old, None)
            before = before or (record and moved(record, old, key))
        after = to(_without(MARK, before or {}))
        if after:
            records[key] = {**after, MARK: mark} if mark else after

    edit(path, KIND, work)
