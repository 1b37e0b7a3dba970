"""An agent's client: ``wsp mcp`` over its pipes, message by message, and by the official client."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.command import GUARD, WSP
from support.machine import TREE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from support.machine import Machine

DRIVER = TREE / "test-fixtures" / "mcp" / "client.py"


class Agent:
    """A server, and what it said. A context: afterwards the server is over."""

    def __init__(self, machine: Machine, *words: str) -> None:
        self.process = subprocess.Popen(
            [*WSP, "mcp", *words],
            cwd=machine.home,
            env=machine.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._count = 0
        #: What came in between, in its order.
        self.others: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def write(self, line: bytes) -> None:
        """Write a line, whatever it is."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def send(self, **message: Any) -> None:
        """Write a message."""
        self.write(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def hear(self) -> Any:
        """Return the next message."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server hung up"
        return json.loads(line)

    def begin(self, method: str, **params: Any) -> int:
        """Ask, and return the request's id."""
        self._count += 1
        self.send(id=self._count, method=method, params=params)
        return self._count

    def answer(self, request: int) -> Any:
        """Return the answer to a request; what comes in between is kept."""
        while (message := self.hear()).get("id") != request or "method" in message:
            self.others.append(message)
        return message

    def request(self, method: str, **params: Any) -> Any:
        """Ask, and return the whole answer."""
        return self.answer(self.begin(method, **params))

    def introduce(self, version: str = "2025-11-25", **capabilities: Any) -> Any:
        """Shake hands; the result of that."""
        client = {"name": "a test", "version": "1"}
        params = {"protocolVersion": version, "capabilities": capabilities, "clientInfo": client}
        result = self.request("initialize", **params)["result"]
        self.send(method="notifications/initialized")
        return result

    def call(self, tool: str, **arguments: Any) -> Any:
        """Return what comes of a tool."""
        return self.request("tools/call", name=tool, arguments=arguments)["result"]


def official(
    machine: Machine,
    calls: Sequence[tuple[str, dict[str, Any]]],
    *,
    mode: str,
    roots: Sequence[str] | None,
    words: Sequence[str] = (),
    patience: float = GUARD,
) -> Any:
    """Return what the official client says of a session with these calls; ``mode`` is its own.

    ``patience``: seconds for which it waits for what a server of the newest revision answers.
    """
    tools = json.loads((TREE / ".cache" / "paths.json").read_text())["tools"]
    params = {
        "command": [*WSP, "mcp", *words],
        "env": machine.environ,
        "cwd": str(machine.home),
        "mode": mode,
        "patience": patience,
        "roots": roots,
        "calls": calls,
    }
    done = subprocess.run(
        [Path(tools["mcp"]).parent / "python", "-I", DRIVER],
        input=json.dumps(params),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=GUARD * 2,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
