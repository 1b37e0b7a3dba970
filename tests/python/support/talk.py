"""Talking to a server over its pipes, message by message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from workflow_helper.system.output import decode_output
from workflow_server.jsonrpc.framing import Decoder, Frame

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

#: Seconds after which a server hangs; none takes a hundredth of it.
GUARD = 60.0
CLIENT = {"client_name": "a test", "client_protocol_version": "0.1.0"}
ANNOUNCED = {
    "client_capabilities": {
        "progress": True,
        "log": True,
        "environment.watch": True,
        "test.run": True,
    }
}


class Talk:
    """A server and what it said. A context: afterwards the server is over."""

    def __init__(self, script: Path, cwd: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(script)],
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", "")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._decoder = Decoder()
        self._heard: list[Any] = []
        self.notifications: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def send(self, *messages: Any) -> None:
        """Write messages, all at once."""
        assert self.process.stdin is not None
        for message in messages:
            whole = message if isinstance(message, list) else {"jsonrpc": "2.0", **message}
            self.process.stdin.write(json.dumps(whole).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        """The next message that is no notification."""
        assert self.process.stdout is not None
        while not self._heard:
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the server hung up"
            self._take(data)
        return self._heard.pop(0)

    def ask(self, method: str, params: Any = None, number: Any = 1) -> Any:
        """Send one request and hear its answer."""
        self.send(
            {"id": number, "method": method, **({} if params is None else {"params": params})}
        )
        return self.hear()

    def initialize(self, **more: Any) -> dict[str, Any]:
        """The result of ``initialize``."""
        result: dict[str, Any] = self.ask("initialize", {**CLIENT, **more})["result"]
        return result

    def end(self) -> tuple[int, list[Any], str]:
        """Close its input: its status, what else it answered, and its log."""
        output, log = self.process.communicate(timeout=GUARD)
        self._take(output)
        return self.process.returncode, self._heard, decode_output(log)

    def _take(self, data: bytes) -> None:
        for event in self._decoder.feed(data):
            assert isinstance(event, Frame), event
            message = json.loads(event.body)
            alone = isinstance(message, dict) and "method" in message
            (self.notifications if alone else self._heard).append(message)
