"""The unsaved text of files that are open in an editor, read in place of the files on disk."""

from __future__ import annotations

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import TOML_LIMIT, Disk, decode, parse_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from typing_extensions import override

    T = TypeVar("T")
else:

    def override(method: object) -> object:
        """Mark a method as overriding one of a base class, for type checkers."""
        return method


class Unsaved(Disk):
    """A disk on which the file at ``path`` contains ``text``. It is for one use: nothing of that file is cached."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self._path = path
        # An editor may hand on half of a surrogate pair, which no file holds.
        self._data = text.encode("utf-8", "replace")

    @override
    def is_present(self, path: str) -> bool:
        """Return whether the name exists; the name of the unsaved text always does."""
        return path == self._path or super().is_present(path)

    @override
    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of the file, those of the text where it is asked for; see :meth:`Disk.read`.

        Raises:
            UnusableFile: they are more than ``limit``, or the file cannot be read.
        """
        if path != self._path:
            return super().read(path, limit)
        if len(self._data) > limit:
            size = len(self._data)
            raise UnusableFile(path, f"is too large: {size} bytes, at most {limit} are read")
        return self._data

    @override
    def toml(self, path: str, limit: int = TOML_LIMIT) -> dict[str, Any] | None:
        """Return the tables of the file, those of the text where it is asked for; see :meth:`Disk.toml`."""
        if path != self._path:
            return super().toml(path, limit)
        return parse_toml(path, decode(path, self.read(path, limit) or b""))

    @override
    def parsed(self, kind: str, path: str, parse: Callable[[str], T]) -> T:
        """Return ``parse(path)``, called again for the unsaved text."""
        return parse(path) if path == self._path else super().parsed(kind, path, parse)
