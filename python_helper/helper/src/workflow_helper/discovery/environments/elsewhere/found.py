"""An environment that a source found."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple


class Found(NamedTuple):
    """An environment, and the name that its source has for it."""

    name: str
    prefix: str
