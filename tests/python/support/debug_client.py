"""A client of the Debug Adapter Protocol over a child's pipes, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: Seconds after which an adapter that says nothing hangs.
PATIENCE = 60.0


class DebugClient:
    """Sends requests to a debug adapter, and waits for its answers and events."""

    def __init__(self, adapter: subprocess.Popen[bytes]) -> None:
        self._adapter = adapter
        self._sent = 0
        self._seen: list[dict[str, Any]] = []
        self._inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def request(self, command: str, arguments: dict[str, Any] | None = None) -> int:
        """Send a request; returns its number, for `answer`."""
        self._sent += 1
        message = {
            "seq": self._sent,
            "type": "request",
            "command": command,
            "arguments": arguments or {},
        }
        body = json.dumps(message).encode()
        assert self._adapter.stdin is not None
        self._adapter.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._adapter.stdin.flush()
        return self._sent

    def answer(self, number: int) -> dict[str, Any]:
        """The body of the answer to a request, which must have succeeded."""
        message = self._wait("response", "request_seq", number)
        assert message["success"], message.get("message")
        body: dict[str, Any] = message.get("body") or {}
        return body

    def event(self, name: str) -> dict[str, Any]:
        """The body of the next event of that name."""
        body: dict[str, Any] = self._wait("event", "event", name).get("body") or {}
        return body

    def close(self) -> None:
        """Wait until all that the adapter wrote is read; it must have ended."""
        self._reader.join()

    def _wait(self, kind: str, key: str, value: object) -> dict[str, Any]:
        for message in self._messages():
            if message["type"] == kind and message[key] == value:
                self._seen.remove(message)
                return message
        ending = f"the adapter ended before {kind} {value}; it sent {self._seen}"
        raise AssertionError(ending)

    def _messages(self) -> Iterator[dict[str, Any]]:
        yield from list(self._seen)
        while (message := self._inbox.get(timeout=PATIENCE)) is not None:
            self._seen.append(message)
            yield message

    def _read(self) -> None:
        stream = self._adapter.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.partition(b":")[2])
            stream.readline()
            self._inbox.put(json.loads(stream.read(length)))
        self._inbox.put(None)


@contextlib.contextmanager
def debug_adapter(argv: Sequence[str], cwd: Path, environ: dict[str, str]) -> Iterator[DebugClient]:
    """Start a debug adapter that speaks over its standard streams; it ends with the block."""
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as adapter:
        client = DebugClient(adapter)
        try:
            yield client
        finally:
            os.killpg(adapter.pid, signal.SIGKILL)
            client.close()
