"""What the public implementation says on the wire, replayed: to our servers, and to our client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.scripted import Scripted
from support.servers import GUARD, SERVERS
from support.tree import ROOT
from workflow_helper.errors import EnvironmentNotFound
from workflow_server.client import Session, default_of
from workflow_server.jsonrpc.framing import Decoder, Frame

if TYPE_CHECKING:
    from pathlib import Path

RECORDED = ROOT / "test-fixtures" / "transcripts"
MEMORY = SERVERS / "good" / "memory.py"
#: Where we are more tolerant than what was recorded, with what is answered instead.
TOLERATED = {
    '{"jsonrpc":"2.0","id":12,"method":"environment/list","params":null}': (12, "result"),
    '{"jsonrpc":"2.0","id":13,"method":"environment/list","params":{"x":1}}': (13, "result"),
}


def recorded(name: str) -> Any:
    """One of the transcripts."""
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


def framed(body: str) -> bytes:
    """A body as the recorded peers frame it: without a line break at its end."""
    data = body.encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


def outcome(answer: Any) -> Any:
    """What counts in an answer: whose it is, and whether it is a result, or which error."""
    if isinstance(answer, list):
        return [outcome(one) for one in answer]
    return answer["id"], answer["error"]["code"] if "error" in answer else "result"


def environ(home: Path) -> dict[str, str]:
    """The variables of a server: where its user's home is, and what programs need on Windows."""
    kept = ("PATH", "SYSTEMROOT", "PATHEXT")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **dict.fromkeys(("HOME", "USERPROFILE"), str(home)),
    }


def answers_of(
    data: bytes, argv: list[str], cwd: Path, *, last: bytes = b"", after: int = 0
) -> tuple[list[Any], int]:
    """Return the answers of a server to all of ``data``, and to ``last`` once ``after`` answers are there, and how it ends."""
    decoder = Decoder()
    answers: list[Any] = []
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=environ(cwd),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(data)
        process.stdin.flush()
        while len(answers) < after and (chunk := os.read(process.stdout.fileno(), 65536)):
            answers += decoder.feed(chunk)
        process.stdin.write(last)
        process.stdin.close()
        answers += decoder.feed(process.stdout.read())
        status = process.wait(GUARD)
    assert all(isinstance(one, Frame) for one in answers), answers
    return [json.loads(one.body) for one in answers if isinstance(one, Frame)], status


def conversed(session: bytes, argv: list[str], cwd: Path) -> tuple[list[Any], int]:
    """What a server answers to a session whose client waits for each answer, and the status that it ends with."""
    answers: list[Any] = []
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=environ(cwd),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for frame in Decoder().feed(session):
            assert isinstance(frame, Frame)
            process.stdin.write(framed(frame.body.decode()))
            process.stdin.flush()
            decoder = Decoder()
            while "id" in json.loads(frame.body):
                found = decoder.feed(os.read(process.stdout.fileno(), 65536))
                if found:
                    answers += [json.loads(one.body) for one in found if isinstance(one, Frame)]
                    break
        return answers, process.wait(GUARD)


def by_id(answers: list[Any]) -> list[Any]:
    """Answers in an order of their own: a server may answer one request before another."""
    return sorted(map(outcome, answers), key=repr)


def test_our_server_answers_each_recorded_message_alike(tmp_path: Path) -> None:
    """A server made with the SDK gives every recorded message the recorded kind of answer, or a more tolerant one."""
    exchanges = recorded("of-server")
    expected = [
        TOLERATED.get(one["sent"], outcome(json.loads(one["answered"])))
        for one in exchanges
        if one["answered"] is not None
    ]
    *data, last = (framed(one["sent"]) for one in exchanges)
    # The last one ends the server, whatever it still works at.
    argv = [sys.executable, "-I", str(MEMORY)]
    answers, status = answers_of(b"".join(data), argv, tmp_path, last=last, after=len(expected) - 1)
    assert by_id(answers) == sorted(expected, key=repr)
    assert status == 0


@pytest.mark.parametrize(
    "argv",
    [
        [sys.executable, "-I", str(MEMORY)],
        [sys.executable, "-I", "-m", "workflow_helper", "serve", "venv"],
    ],
    ids=["sdk", "venv"],
)
def test_our_servers_serve_the_recorded_client(argv: list[str], tmp_path: Path) -> None:
    """Each session of the recorded client is served to its end: greeted, answered, and ended in order."""
    for session in recorded("of-client"):
        if argv[-1] == "venv" and '"environment/create"' in session:
            continue  # it names a Python that is not everywhere
        (greeting, answer, goodbye), status = conversed(session.encode(), argv, tmp_path)
        assert "methods" in greeting["result"]
        assert (goodbye["id"], goodbye["result"], status) == (3, None, 0)
        code = answer.get("error", {}).get("code")
        assert code in ((-32601,) if "no/such" in session else (None, -31001)), session


def test_our_client_understands_the_recorded_server() -> None:
    """Our client lists, makes, looks at and deletes environments by what was recorded, and knows the default's interpreter."""
    answers = {(one["method"], json.dumps(one["params"])): one for one in recorded("with-client")}

    def script(message: dict[str, Any]) -> list[Any]:
        one = answers[message["method"], json.dumps(message.get("params"))]
        return [framed(json.dumps({**json.loads(one["answered"]), "id": message["id"]}))]

    methods = json.loads(answers["initialize", "null"]["answered"])["result"]["methods"]
    assert "exit" not in methods
    with Session(Scripted(script, methods=tuple(methods)), "recorded") as session:
        made = session.create("default", "3.11")
        (listed,) = session.environments()
        assert default_of([listed], session.capabilities) == listed
        assert (made.id, made.name, made.interpreter_path) == (
            listed.id,
            "default",
            listed.interpreter_path,
        )
        with pytest.raises(EnvironmentNotFound, match="'none' not found"):
            session.get("none")
        session.delete(made.id)
