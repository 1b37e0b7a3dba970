"""The lifecycle of a session, for both ends (``docs/spec/lifecycle.md``).

::

    UNINITIALIZED --initialize--> INITIALIZED --shutdown--> SHUTTING_DOWN --exit--> EXITED
          |                            |                                              ^
          +----------------------------+-------------------- exit --------------------+
"""

from __future__ import annotations

from workflow_server.errors import InvalidRequest, NotInitialized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from workflow_server.errors import RequestFailed

    State: TypeAlias = Literal["uninitialized", "initialized", "shutting down", "exited"]


class Lifecycle:
    """The state of a session. A server checks it before it handles a message, a client before it sends one."""

    def __init__(self) -> None:
        self.state: State = "uninitialized"
        self._orderly = False

    def refusal(self, method: str) -> RequestFailed | None:
        """Return why a request for ``method`` is not allowed now; ``None`` if it is.

        Notifications are not refused: ``exit`` is always allowed, and others are ignored.
        """
        if self.state == "uninitialized":
            return None if method == "initialize" else NotInitialized(f"{method} before initialize")
        if self.state == "initialized":
            return InvalidRequest("a second initialize") if method == "initialize" else None
        return InvalidRequest(f"{method} after shutdown")

    def passed(self, method: str) -> None:
        """Record that ``method`` succeeded; ``initialize``, ``shutdown`` and ``exit`` change the state."""
        if method == "initialize" and self.state == "uninitialized":
            self.state = "initialized"
        elif method == "shutdown" and self.state == "initialized":
            self.state = "shutting down"
        elif method == "exit" and self.state != "exited":
            self._orderly = self.state == "shutting down"
            self.state = "exited"

    def exit_code(self) -> int:
        """Return the server's exit status after ``exit``: 0 if ``shutdown`` came before, else 1."""
        return 0 if self._orderly else 1
