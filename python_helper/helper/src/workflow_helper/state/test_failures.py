"""Remember the last failed tests of a project, for frameworks that do not do so themselves."""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.state.json_store import put
from workflow_helper.state.record_reader import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_helper.model import Host

KIND = "failures"
#: Tests that are remembered: where more fail, the next run is one of all.
LIMIT = 2000


def remember(key: str, failed: Sequence[str], host: Host) -> None:
    """Remember the ids ``failed`` for ``key``, a project and an environment.

    Raises:
        WorkflowError: they cannot be remembered.
    """
    record = {"ids": list(failed)} if 0 < len(failed) <= LIMIT else None
    put(_file(host), KIND, key, record)


def remembered(key: str, host: Host) -> tuple[str, ...]:
    """Return the stored ids for ``key``; none if there are none, or they cannot be read."""
    try:
        ids = read(_file(host), KIND).get(key, {}).get("ids")
    except UnusableFile:
        return ()
    return tuple(one for one in ids if isinstance(one, str)) if isinstance(ids, list) else ()


def _file(host: Host) -> str:
    return os.path.join(host.state, "test-failures.json")
