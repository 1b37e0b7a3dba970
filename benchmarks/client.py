"""The editor's end of a language server's pipes: as little as can be, so that it is the server that is timed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

#: What VS Code's client says of itself in those of its capabilities that make a server do something.
CAPABILITIES = {
    "workspace": {
        "workspaceFolders": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
    },
    "window": {"workDoneProgress": True},
}


class Client:
    """One server, from its start to its end. It is asked one thing at a time."""

    def __init__(self, argv: Sequence[str], environ: dict[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, cwd=folder
        )
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._process.kill()
        self._process.communicate(timeout=60)

    def initialize(self, folders: Iterable[Path]) -> None:
        """Begin, with ``folders`` open and trusted."""
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": None,
                "capabilities": CAPABILITIES,
                "initializationOptions": {"trusted": True, "preference": None},
                "workspaceFolders": [
                    {"uri": folder.as_uri(), "name": folder.name} for folder in folders
                ],
            },
        )
        self._send({"method": "initialized", "params": {}})

    def resolve(self, folders: Iterable[Path]) -> list[dict[str, Any]]:
        """The answers for ``folders``."""
        asked = {"uris": [folder.as_uri() for folder in folders]}
        answers: list[dict[str, Any]] = self.request("pythonWorkflow/resolve", asked)["answers"]
        return answers

    def request(self, method: str, params: object) -> dict[str, Any]:
        """Ask, and wait for the result; what the server asks meanwhile is answered with null."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message:
                if "id" in message:
                    self._send({"id": message["id"], "result": None})
            elif message["id"] == self._asked:
                result: dict[str, Any] = message["result"]
                return result

    def megabytes(self) -> float:
        """The memory of the server that is in use now (its resident set), in units of 1,000,000 bytes."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as file:
            line = next(line for line in file if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the server ended early")
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message
