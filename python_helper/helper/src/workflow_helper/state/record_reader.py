"""Read a file of JSON records in the user's state folder; :mod:`workflow_helper.state.json_store` writes it.

::

    {"version": 1, "<kind>": {"<key>": {...}, ...}}
"""

from __future__ import annotations

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Record: TypeAlias = dict[str, Any]

VERSION = 1
LIMIT = 16 * 1024 * 1024


def read(path: str, kind: str) -> dict[str, Record]:
    """Return the records of the file at ``path``, by key; none without a file.

    Raises:
        UnusableFile: the file cannot be read, or is invalid.
    """
    import json

    data = Disk().read(path, LIMIT)
    if data is None:
        return {}
    hint = f"Fix the file, or remove it to forget all {kind} in it."
    try:
        document = json.loads(decode(path, data))
    except (ValueError, RecursionError) as error:
        raise UnusableFile(path, f"is not valid JSON: {error}", hint) from None
    records = document.get(kind) if isinstance(document, dict) else None
    if not isinstance(records, dict):
        raise UnusableFile(path, f"should contain an object with the key '{kind}'", hint)
    if document.get("version") != VERSION:
        raise UnusableFile(path, f"has 'version' {document.get('version')!r}, not {VERSION}", hint)
    for key, record in records.items():
        if not isinstance(record, dict):
            raise UnusableFile(path, f"'{kind}.{key}' should be an object", hint)
    return records
