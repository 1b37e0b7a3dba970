"""What is remembered on this machine: the environment that the user selected for a root.

One file, ``selections.json`` in the user's state folder, read by every side and written by the helper alone::

    {"version": 1, "selections": {"/real/root": {"environment": "/abs/prefix"}, "/other": {"environment": null}}}

``null`` is the selection "no interpreter here". The keys are real paths, so that a project is one project by
whatever links it is opened.
"""

from __future__ import annotations

import os

from python_workflow.errors import UnusableFile
from python_workflow.files import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host
else:
    from python_workflow.light import NamedTuple

FILE = "selections.json"
LIMIT = 16 * 1024 * 1024
LOCK_SECONDS = 10


class Selection(NamedTuple):
    """One remembered choice."""

    #: The folder of an environment, or an interpreter; ``None``: no interpreter here.
    environment: str | None


def selection_of(root: str, host: Host, disk: Disk) -> Selection | None:
    """What was selected for ``root``; ``None`` when nothing was. Raises :class:`UnusableFile`."""
    path = os.path.join(host.state, FILE)
    key = os.path.realpath(root)
    # Importing `json` costs as much as reading a project: only where the root can be in the file. Keys are written
    # in ASCII by this module; a file that was edited by hand may spell them otherwise.
    if key.isascii() and '"' not in key and "\\" not in key and not _mentions(path, key, disk):
        return None
    return disk.parsed("selections", path, _parse).get(key)


def select(root: str, environment: str | None, host: Host) -> None:
    """Remember ``environment`` (``None``: no interpreter) for ``root``. Raises :class:`WorkflowError`."""
    _change(root, Selection(environment), host)


def forget(root: str, host: Host) -> bool:
    """Forget what was selected for ``root``; whether there was anything."""
    return _change(root, None, host)


def _mentions(path: str, key: str, disk: Disk) -> bool:
    data = disk.parsed("selections bytes", path, lambda path: disk.read(path, LIMIT) or b"")
    return key.encode() in data or b"\\u" in data


def _parse(path: str) -> dict[str, Selection]:
    import json

    from python_workflow.discovery.disk import Disk, decode

    data = Disk().read(path, LIMIT)
    if data is None:
        return {}
    hint = "Selections are kept there; mend the file, or remove it to forget them all."
    try:
        document = json.loads(decode(path, data))
    except (ValueError, RecursionError) as error:
        raise UnusableFile(path, f"is not valid JSON: {error}", hint) from None
    entries = document.get("selections") if isinstance(document, dict) else None
    if not isinstance(entries, dict):
        raise UnusableFile(path, "should hold an object with the key 'selections'", hint)
    found = {}
    for root, entry in entries.items():
        environment = entry.get("environment", 0) if isinstance(entry, dict) else 0
        if environment is not None and not (
            isinstance(environment, str) and os.path.isabs(environment)
        ):
            raise UnusableFile(
                path, f"'selections.{root}.environment' should be an absolute path or null", hint
            )
        found[root] = Selection(environment)
    return found


def _change(root: str, selection: Selection | None, host: Host) -> bool:
    import json

    from filelock import FileLock, Timeout

    path = os.path.join(host.state, FILE)
    key = os.path.realpath(root)
    os.makedirs(host.state, exist_ok=True)
    try:
        with FileLock(path + ".lock", timeout=LOCK_SECONDS):
            known = _parse(path)
            had = known.pop(key, None) is not None
            if selection is not None:
                known[key] = selection
            entries = {
                root: {"environment": entry.environment} for root, entry in sorted(known.items())
            }
            document = {"version": 1, "selections": entries}
            write_whole(
                path, (json.dumps(document, indent=1) + "\n").encode(), replace=True, mode=0o600
            )
            return had
    except Timeout:
        hint = "Another process holds it; try again."
        raise UnusableFile(path, f"stayed locked for {LOCK_SECONDS} s", hint) from None
