"""Find the mistakes in a project's declaration files, with their places, so that an editor can show them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from workflow_helper.discovery.roots import DECLARATIONS
from workflow_helper.errors import UnusableFile

if TYPE_CHECKING:
    from typing import Any

    from workflow_helper.filesystem.reader import Disk

#: The form in which the parsers and this product name the place of a mistake.
_LINE = re.compile(r"\s*\(?(?:at )?line (\d+)(?:, column (\d+))?\)?")
_AT_END = re.compile(r"\s*\(at end of document\)")


class FileProblem(NamedTuple):
    """One file that cannot be read."""

    path: str
    #: The mistake, without the place.
    message: str
    #: Counted from 0; ``None`` where that is not known.
    line: int | None
    column: int | None

    def to_wire(self) -> dict[str, Any]:
        """Return an object with these members."""
        return self._asdict()


def of_root(root: str, disk: Disk) -> tuple[FileProblem, ...]:
    """Return the TOML declaration files in ``root`` that do not parse. Only reads files."""
    found = []
    for name in DECLARATIONS:
        if not name.endswith(".toml"):
            continue
        path = os.path.join(root, name)
        try:
            disk.toml(path)
        except UnusableFile as error:
            reason = error.reason.removeprefix("is not valid TOML: ")
            found.append(_placed(path, reason, disk))
    return tuple(found)


def _placed(path: str, reason: str, disk: Disk) -> FileProblem:
    at = _LINE.search(reason)
    if at is not None:
        column = None if at.group(2) is None else int(at.group(2)) - 1
        return FileProblem(path, _without(reason, at), int(at.group(1)) - 1, column)
    end = _AT_END.search(reason)
    if end is not None:
        text = (disk.read(path, 1 << 20) or b"").rstrip()
        return FileProblem(path, _without(reason, end), text.count(b"\n"), None)
    return FileProblem(path, reason, None, None)


def _without(reason: str, place: re.Match[str]) -> str:
    return (reason[: place.start()] + reason[place.end() :]).strip()
