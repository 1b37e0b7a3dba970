"""An LSP client of the few lines that tests need, speaking with a real server process over pipes."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from support.editor_schema import assert_exchange, assert_notification
from support.forking import CAN_FORK, Process, forks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from typing_extensions import Self

    #: Whatever JSON holds; a test looks into it as it expects it to be.
    Json: TypeAlias = Any

#: Seconds after which a test has failed; nothing here takes a hundredth of it.
GUARD = 60.0

#: What VS Code says of itself, as far as the server looks at it.
CAPABILITIES = {
    "workspace": {
        "workspaceFolders": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
    },
    "window": {"workDoneProgress": True},
    "textDocument": {"synchronization": {"didSave": True}},
}


_GONE: dict[str, Any] = {"error": {"code": 0, "message": "the server has ended"}}


class ResponseError(Exception):
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.message: str = error["message"]
        self.data: Any = error.get("data")


#: Starts the server. Without it a server is a fork of a Python that has imported it, which takes a tenth of the time: for
#: tests that are not about how the process starts, and how much of the machine it takes.
LSP = (sys.executable, "-I", "-m", "workflow_helper", "lsp")
#: What the server imports before it hears anything.
MODULES = ("workflow_helper.cli.arguments", "workflow_helper.lsp.server")


class LanguageClient:
    """One server process and what it sent. Ends the process when left."""

    def __init__(self, environ: Mapping[str, str], *, command: Sequence[str] = ()) -> None:
        self.process: subprocess.Popen[bytes] | Process
        command = command or (() if CAN_FORK else LSP)
        if command:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environ),
            )
        else:
            self.process = Process(
                forks(modules=MODULES),
                ["workflow_helper", "lsp"],
                cwd=os.getcwd(),
                environ=environ,
                is_module=True,
            )
        self.notifications: queue.Queue[tuple[str, Any]] = queue.Queue()
        #: Every request of the server, each answered with null.
        self.requests: queue.Queue[tuple[str, Any]] = queue.Queue()
        #: What came on the server's standard output, byte by byte.
        self.stray = b""
        self.ended = False
        self.stderr = b""
        self._responses: dict[object, queue.Queue[dict[str, Any]]] = {}
        self._asked: dict[object, tuple[str, object]] = {}
        self._next = 0
        self._sending = threading.Lock()
        self._threads = [
            threading.Thread(target=self._receive, daemon=True),
            threading.Thread(target=self._drain, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.process.stdin and self.process.stdin.close()
        try:
            self.process.wait(GUARD)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            for thread in self._threads:
                thread.join(GUARD)

    # -- sending ------------------------------------------------------------------------------------------------

    def initialize(
        self,
        folders: Sequence[Path | str],
        *,
        context: object = None,
        capabilities: object = None,
        **more: object,
    ) -> Json:
        """``initialize`` with these workspace folders, and ``initialized``."""
        params = {
            "processId": os.getpid(),
            "rootUri": None,
            "capabilities": CAPABILITIES if capabilities is None else capabilities,
            "initializationOptions": context,
            "workspaceFolders": [{"uri": uri(folder), "name": str(folder)} for folder in folders],
            **more,
        }
        result = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def begin(self, method: str, params: object) -> int:
        """Send a request; :meth:`result` waits for its answer."""
        with self._sending:
            self._next += 1
            identity = self._next
        self._responses[identity] = queue.Queue()
        self._asked[identity] = (method, params)
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})
        return identity

    def result(self, identity: object) -> Json:
        """The answer to a request, which is of the shape that the protocol tells. Raises :class:`ResponseError`."""
        if self.ended and self._responses[identity].empty():
            raise ResponseError(_GONE["error"])
        answer = self._responses[identity].get(timeout=GUARD)
        if "error" in answer:
            raise ResponseError(answer["error"])
        if identity in self._asked:
            assert_exchange(*self._asked.pop(identity), answer["result"])
        return answer["result"]

    def request(self, method: str, params: object = None) -> Json:
        """Send a request and wait for its answer."""
        return self.result(self.begin(method, params))

    def notify(self, method: str, params: object = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: object) -> None:
        """Send any message."""
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send_bytes(self, data: bytes) -> None:
        """Send anything at all."""
        assert self.process.stdin is not None
        with self._sending:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    # -- receiving ----------------------------------------------------------------------------------------------

    def wait_for(self, method: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """The parameters of the next notification of this method that fits; others are dropped."""
        return _next_of(self.notifications, method, fits)

    def wait_for_request(self, method: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """The parameters of the next request of the server of this method that fits."""
        return _next_of(self.requests, method, fits)

    def null_response(self) -> dict[str, Any]:
        """The next response that names no request."""
        return self._responses.setdefault(None, queue.Queue()).get(timeout=GUARD)

    def _receive(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            while line := stream.readline():
                name, _, value = line.partition(b":")
                if name.lower() != b"content-length":
                    self.stray += line
                    continue
                while stream.readline() not in (b"\r\n", b""):
                    pass
                self._take(json.loads(stream.read(int(value))))
        self.ended = True
        for waiting in self._responses.values():
            waiting.put(_GONE)

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._responses.setdefault(message.get("id"), queue.Queue()).put(message)
        elif "id" in message:
            self.requests.put((message["method"], message.get("params")))
            with contextlib.suppress(OSError, ValueError):
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        else:
            self.notifications.put((message["method"], message.get("params")))

    def _drain(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            while part := os.read(stream.fileno(), 65536):
                self.stderr += part


def uri(path: Path | str) -> str:
    """A path as the URI that an editor sends."""
    from workflow_helper.lsp.uris import from_path

    return from_path(str(path))


def _next_of(
    source: queue.Queue[tuple[str, Any]], method: str, fits: Callable[[Json], bool]
) -> Json:
    while True:
        name, params = source.get(timeout=GUARD)
        if name == method and fits(params):
            assert_notification(method, params)
            return params
