"""The immutable values of both ends of a session, each with its wire shape."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, NamedTuple, TypeAlias

    State: TypeAlias = Literal["ok", "broken", "unsupported"]
else:
    from workflow_server.namedtuple import NamedTuple


class Status(NamedTuple):
    """The state of an environment, and in one sentence why it cannot be used and how to fix it."""

    state: State = "ok"
    message: str = ""

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"state": ..., "message": ...}``."""
        return self._asdict()


class Interpreter(NamedTuple):
    """A Python installed on this machine, outside any project."""

    path: str
    #: ``"3.12.4"``, ``"3.12"`` where the patch cannot be read without starting it, or ``None``.
    version: str | None
    #: ``"cpython"``, ``"pypy"``, ``"graalpy"``; free-threaded CPython is ``"cpython+freethreaded"``.
    implementation: str
    #: Who put it there: ``"path"``, ``"pyenv"``, ``"uv"``, ``"registry"``, ``"install folder"``, ...
    source: str

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"path", "version", "implementation", "source"}``."""
        return self._asdict()
