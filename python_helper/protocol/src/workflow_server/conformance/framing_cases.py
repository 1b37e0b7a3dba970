"""The conversations about framing: unusual frames, and invalid bytes."""

from __future__ import annotations

import json

from workflow_server.conformance.client import Probe, shown
from workflow_server.conformance.runner import NOBODY
from workflow_server.jsonrpc.messages import ErrorResponse, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.conformance.runner import Stage


def _over_lines(message: object) -> bytes:
    return _with_header(json.dumps(message, indent=1).encode())


def _beyond_ascii(message: object) -> bytes:
    return _with_header(json.dumps(message, ensure_ascii=False).encode())


def _other_fields(message: object) -> bytes:
    fields = b"content-type: application/json; charset=utf-8\r\ncontent-length: %d\r\n\r\n"
    return _with_header(json.dumps(message).encode(), fields)


def _line(message: object) -> bytes:
    return json.dumps(message).encode() + b"\n"


_WAYS = {
    "a body over several lines": _over_lines,
    "characters beyond ASCII": _beyond_ascii,
    "other header fields": _other_fields,
    "a line": _line,
}


def any_framing(stage: Stage) -> None:
    """Check messages in unusual but valid frames."""
    judge = stage.findings.judge
    clause = "framing-server-any"
    for what, way in _WAYS.items():
        with stage.peer() as peer, stage.against(clause):
            peer.probe = Probe(clause, what)
            params = {**stage.greeting(), "client_name": "wsp ch\u00ebck \U0001f40d"}
            message = peer.request("initialize", params)
            answer = peer.ask_raw(message, way(message))
            judge(clause, isinstance(answer, Response), f"{what}: {shown(answer)}")


def _with_header(body: bytes, header: bytes = b"Content-Length: %d\r\n\r\n") -> bytes:
    return header % len(body) + body


def not_json(stage: Stage) -> None:
    """Check a body that is not JSON."""
    _survives(stage, "message-not-json", -32700, b'{"jsonrpc": "2.0", "id": 5, \n')


def not_a_request(stage: Stage) -> None:
    """Check JSON that is no request."""
    _survives(stage, "message-not-request", -32600, b'{"jsonrpc": "2.0", "method": 5}\n')


def _survives(stage: Stage, clause: str, code: int, body: bytes) -> None:
    with stage.session() as peer, stage.against(clause):
        peer.probe = Probe(clause, shown(body))
        peer.send(data=_with_header(body))
        came = peer.error_of_nobody()
        detail = f"{shown(body)}: error {code} is expected, and {came or 'none'} came"
        if stage.findings.judge(clause, came == code, detail):
            stage.need(peer.ask("environment/list"))


def batches(stage: Stage) -> None:
    """Check several messages in an array."""
    judge = stage.findings.judge
    clause = "batch-answer"
    with stage.session() as peer, stage.against(clause):
        peer.probe = Probe(clause, "a batch")
        # What takes a server no time: it is waited for less long than for what it must answer.
        wire = [peer.request(NOBODY), peer.request(NOBODY)]
        body = json.dumps([*wire, {"jsonrpc": "2.0", "method": NOBODY}]).encode() + b"\n"
        peer.send(*wire, data=_with_header(body))
        found = peer.batch()
        ids = [one.id for one in found if isinstance(one, (Response, ErrorResponse))]
        right = len(found) == 2 and ids == [one["id"] for one in wire]
        judge(clause, right, f"a batch: {', '.join(shown(one) for one in found)}")
        peer.send(data=_with_header(b"[]\n"))
        judge(clause, peer.error_of_nobody() == -32600, "an empty batch is no error -32600")


def too_large(stage: Stage) -> None:
    """Check a length beyond the limit."""
    judge = stage.findings.judge
    clause = "limits-receive"
    with stage.session() as peer, stage.against(clause):
        peer.probe = Probe(clause, "a message of 64 GiB is announced")
        peer.send(data=b"Content-Length: 68719476736\r\n\r\n{")
        came = peer.error_of_nobody()
        judge(clause, came is not None, "a message of 64 GiB is announced, and no error comes")
        judge(clause, peer.gone(), "a message of 64 GiB is announced, and it goes on")
