"""A server that is a value: what it does with a request is told to it beforehand. No process, pipe or clock."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

from workflow_server.jsonrpc.framing import Decoder, Frame

if TYPE_CHECKING:
    from collections.abc import Callable

    #: From a message to what is written in answer, as JSON values or as bytes.
    Script = Callable[[dict[str, Any]], list[Any]]


class Scripted:
    """A transport to a server that follows ``script``, and initializes and shuts down by itself."""

    def __init__(
        self,
        script: Script = lambda message: [answer(message, None)],
        *,
        methods: tuple[str, ...] = (),
        capabilities: tuple[str, ...] = (),
        shuts_down: bool = True,
    ) -> None:
        self.script = script
        self.received: list[dict[str, Any]] = []
        self.dead = False
        self.ends = 0
        self._shuts_down = shuts_down
        self._methods = ["initialize", "shutdown", "exit", "environment/list", *methods]
        self._capabilities = dict.fromkeys(capabilities, True)
        self._decoder = Decoder()
        self._output: deque[bytes] = deque()

    def write(self, data: bytes) -> None:
        """Take a request, and have its answers ready; a dead server takes nothing."""
        if self.dead:
            return
        for event in self._decoder.feed(data):
            assert isinstance(event, Frame)
            message = json.loads(event.body)
            self.received.append(message)
            for reply in self._react(message):
                self.say(reply)

    def say(self, message: object) -> None:
        """Have something to be read: JSON as a line, bytes as they are."""
        self._output.append(
            message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        )

    def read(self, timeout: float) -> bytes | None:
        """What is ready; a dead server's output ends, a living one's is not waited for."""
        del timeout
        if self._output:
            return self._output.popleft()
        return b"" if self.dead else None

    def ended(self) -> bool:
        """Whether it died or was ended."""
        return self.dead

    def stderr_tail(self) -> bytes:
        """Words with a terminal's escape codes in them."""
        return b"last\x1b[31m words\r\n"

    def end(self, grace: float) -> int | None:
        """Count how often it was ended."""
        del grace
        self.ends += 1
        self.dead = True
        return 0

    def _react(self, message: dict[str, Any]) -> list[Any]:
        if message["method"] == "initialize":
            result: dict[str, Any] = {"methods": self._methods, "protocol_version": "0.1.0"}
            if self._capabilities:
                result["capabilities"] = self._capabilities
            return [answer(message, result)]
        if message["method"] == "shutdown":
            return [answer(message, None) if self._shuts_down else refusal(message, -32603)]
        return [] if message["method"] == "exit" else self.script(message)


def answer(message: dict[str, Any], result: object) -> dict[str, Any]:
    """A response to ``message``."""
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def refusal(
    message: dict[str, Any], code: int, text: str = "no", data: object = None
) -> dict[str, Any]:
    """An error response to ``message``."""
    error = {"code": code, "message": text, "data": data}
    return {"jsonrpc": "2.0", "id": message["id"], "error": error}
