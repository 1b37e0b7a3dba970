"""Throws any JSON at the language server and looks for what must not happen.

    python tests/fuzz/fuzz_language_server.py [--iterations N] [--seconds S] [--seed N]

Messages are made of the members that messages have and of values of any type, some of them damaged. Each that is a request is answered
once, none ends the server, and a good request after it is answered as ever. The first message that breaks a rule is printed.
"""

from __future__ import annotations

import io
import json
import logging
import os
import tempfile
from typing import TYPE_CHECKING, Any

from fuzzing import damaged, main

if TYPE_CHECKING:
    import random

#: A home and a folder that nobody needs: the server answers about them.
PLACE = tempfile.TemporaryDirectory(prefix="python-workflow-fuzz-")
os.environ["HOME"] = os.path.join(PLACE.name, "home")
os.environ.pop("VIRTUAL_ENV", None)
FOLDER = os.path.join(PLACE.name, "folder")
os.makedirs(os.path.join(FOLDER, ".git"))

from workflow_helper.lsp import actions, protocol, test_actions  # noqa: E402 - the home comes first
from workflow_helper.lsp.server import WorkflowLanguageServer  # noqa: E402

METHODS = [
    *(value for value in vars(protocol).values() if str(value).startswith(protocol.PREFIX)),
    *(value for value in vars(actions).values() if str(value).startswith(protocol.PREFIX)),
    *(value for value in vars(test_actions).values() if str(value).startswith(protocol.PREFIX)),
    "initialize",
    "initialized",
    "$/cancelRequest",
    "$/setTrace",
    "$/progress",
    "workspace/didChangeWorkspaceFolders",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeConfiguration",
    "workspace/executeCommand",
    "textDocument/didOpen",
    "window/workDoneProgress/cancel",
    "nonsense",
    "",
]
NAMES = [
    "uri",
    "uris",
    "id",
    "event",
    "changes",
    "trusted",
    "selection",
    "workDoneToken",
    "value",
    "command",
    "name",
]
PLAIN: list[Any] = [
    None, True, False, 0, -1, 1, 2**63, 10**400, 1.5, 1e308, float("inf"), float("nan"), "", "x", "\0", "\ud800",
    "untitled:Untitled-1", "file:///\0", "file:///%00", "file://elsewhere/x", "http://x/", "\x1b[2J", "x" * 5000,
]  # fmt: skip


class Quiet(io.BytesIO):
    """Takes what the server writes."""

    def messages(self) -> list[Any]:
        """What came since, as JSON."""
        data = self.getvalue()
        self.seek(0)
        self.truncate()
        found = []
        while data:
            head, _, data = data.partition(b"\r\n\r\n")
            size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            found.append(json.loads(data[:size]))
            data = data[size:]
        return found


OUTGOING = Quiet()
logging.disable(logging.CRITICAL)
SERVER = WorkflowLanguageServer(OUTGOING)


def value(random: random.Random, depth: int = 3) -> Any:
    """Any JSON."""
    kind = random.randrange(6)
    if depth == 0 or kind < 3:
        return random.choice(PLAIN)
    if kind == 3:
        return [value(random, depth - 1) for _ in range(random.randrange(4))]
    return {random.choice(NAMES): value(random, depth - 1) for _ in range(random.randrange(4))}


def message(random: random.Random) -> bytes:
    """A message, or what looks like one."""
    if random.randrange(50) == 0:
        return random.choice(
            (b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"", b"1e400", b"9" * 9999)
        )
    said: dict[str, Any] = {"jsonrpc": random.choice(("2.0", "2.0", "2.0", "2.0", 2.0, None))}
    if random.randrange(8):
        said["method"] = random.choice((*METHODS, *METHODS, value(random, 1)))
    if random.randrange(3):
        said["id"] = random.choice(
            (random.randrange(10**6), f"id{random.random()}", value(random, 1))
        )
    if random.randrange(4):
        said["params"] = value(random)
    for name in ("result", "error"):
        if random.randrange(12) == 0:
            said[name] = value(random)
    whole: Any = said if random.randrange(20) else random.choice(([said, said], [], value(random)))
    body = json.dumps(whole).encode()
    return damaged(body, random) if random.randrange(5) == 0 else body


def ask(method: str, params: object) -> Any:
    """The answer to a good request, sent after whatever came before."""
    SERVER.protocol.receive(  # type: ignore[attr-defined]
        json.dumps({"jsonrpc": "2.0", "id": "good", "method": method, "params": params}).encode()
    )
    return [one for one in OUTGOING.messages() if one.get("id") == "good" and "method" not in one]


def check(data: bytes, random: random.Random) -> None:
    """Raise :class:`AssertionError` where a rule is broken."""
    try:
        SERVER.protocol.receive(data)  # type: ignore[attr-defined]
    except SystemExit:
        raise AssertionError("the server ended") from None
    SERVER._watch()  # noqa: SLF001 - as after each message that it reads
    if random.randrange(10) == 0:
        answers = ask(protocol.RESOLVE, {"uris": [f"file://{FOLDER}"]})
        assert len(answers) == 1, "a good request is not answered once"
        assert "result" in answers[0], answers[0]


if __name__ == "__main__":
    FOLDERS = [{"uri": f"file://{FOLDER}", "name": "folder"}]
    START: dict[str, Any] = {
        "processId": None,
        "rootUri": None,
        "capabilities": {},
        "workspaceFolders": FOLDERS,
    }
    assert "result" in ask("initialize", START)[0]
    main(__doc__, "messages", message, check)
    SERVER._leave()  # noqa: SLF001 - it was never made to run
