"""The machine's Pythons, cached until one of the files that they were read from changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Stamp
    from workflow_helper.model import Host, Interpreter


class Pythons:
    """All Pythons of one machine, cached: checking for changes takes a tenth of the time of a search."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._disk = Disk()
        self._known: tuple[Interpreter, ...] | None = None
        self._stamps: dict[str, Stamp] = {}

    def all(self) -> tuple[Interpreter, ...]:
        """Return every Python, the best first."""
        if self._known is None or self._changed():
            from workflow_helper.discovery.interpreters.find import installed

            self._disk.seen.clear()
            self._known = installed(self._host, self._disk)
            self._stamps = dict(self._disk.seen)
        return self._known

    def forget(self) -> None:
        """Search again next time; changes in Windows' registry, for example, do not show in files."""
        self._known = None

    def _changed(self) -> bool:
        for path, before in self._stamps.items():
            self._disk.stat(path)
            if self._disk.seen[path] != before:
                return True
        return False
