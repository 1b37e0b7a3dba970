from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import workflow_server
from support.tree import supported_pythons
from workflow_server.jsonrpc.messages import (
    INVALID_REQUEST,
    PARSE_ERROR,
    Batch,
    ErrorResponse,
    Invalid,
    Notification,
    Request,
    Response,
    from_wire,
    id_key,
    parse,
)

MESSAGES = [
    Request(1, "a"),
    Request("1", "a", {"b": None}),
    Request(None, "a", [1, 2]),
    Notification("a"),
    Notification("a", {}),
    Response(1, None),
    Response("x", {"a": [1]}),
    ErrorResponse(1, -32601, "no"),
    ErrorResponse(None, -32700, "no", {"violations": []}),
    Batch((Request(1, "a"), Notification("b"), Response(2, 3))),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_survives_the_wire(message: Request) -> None:
    """What is written is read as what it was."""
    assert parse(json.dumps(message.to_wire()).encode()) == message


def test_members_that_are_not_known_are_passed_over() -> None:
    """A message may carry more than the specification names."""
    assert from_wire({"jsonrpc": "2.0", "method": "a", "more": 1}) == Notification("a")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b"{} {}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b"NaN",
        b'{"jsonrpc": "2.0", "id": 1, "result": Infinity}',
        b"[" + b"1" * 5000 + b"]",
        b'"\xed\xa0\x80"',
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_json_is_a_parse_error(body: bytes) -> None:
    """Bad syntax, another encoding, what only Python takes for JSON, and too much nesting are parse errors."""
    message = parse(body)
    assert isinstance(message, Invalid)
    assert message.code == PARSE_ERROR
    assert message.id is None


def test_only_nesting_ends_the_conversation() -> None:
    """Beyond a limit nothing further is exchanged, while bad syntax may be followed by better."""
    deep, bad = parse(b"[" * 65 + b"]" * 65), parse(b"{")
    assert isinstance(deep, Invalid)
    assert isinstance(bad, Invalid)
    assert (deep.fatal, bad.fatal) == (True, False)


def test_sixty_four_levels_are_read() -> None:
    """As many arrays and objects as the limit says may lie within each other."""
    inner = b"[" * 63 + b"]" * 63
    message = parse(b'{"jsonrpc":"2.0","method":"a","params":%s}' % inner)
    assert isinstance(message, Notification)


@pytest.mark.parametrize(
    ("wire", "known"),
    [
        (1, None),
        ({}, None),
        ({"jsonrpc": "2.0"}, None),
        ({"jsonrpc": "1.0", "id": 3, "method": "a"}, 3),
        ({"id": "x", "method": "a"}, "x"),
        ({"jsonrpc": "2.0", "id": 3, "method": 1}, 3),
        ({"jsonrpc": "2.0", "id": 3, "method": "a", "params": "b"}, 3),
        ({"jsonrpc": "2.0", "id": 1.0, "method": "a"}, None),
        ({"jsonrpc": "2.0", "id": True, "method": "a"}, None),
        ({"jsonrpc": "2.0", "id": [1], "method": "a"}, None),
        ([], None),
    ],
)
def test_json_that_is_no_request_is_answered_with_its_id(wire: object, known: object) -> None:
    """An invalid request is answered with its id where that is legal, else with null."""
    message = from_wire(wire)
    assert isinstance(message, Invalid)
    assert not message.response
    assert message.answer() == ErrorResponse(known, INVALID_REQUEST, message.detail)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [
        {"result": 1, "error": {"code": 1, "message": ""}, "id": 1},
        {"error": {"code": "1", "message": ""}, "id": 1},
        {"error": {"code": True, "message": ""}, "id": 1},
        {"error": {"code": 1}, "id": 1},
        {"error": "failed", "id": 1},
        {"result": 1},
        {"result": 1, "id": 1.0},
        {"result": 1, "id": False},
    ],
)
def test_a_bad_response_is_told_apart_from_a_bad_request(more: dict[str, object]) -> None:
    """What was meant as a response is invalid, and is marked as nothing to answer."""
    message = from_wire({"jsonrpc": "2.0", **more})
    assert isinstance(message, Invalid)
    assert message.response


def test_a_batch_keeps_its_good_messages_beside_its_bad_ones() -> None:
    """Each element of a batch is a message or invalid for itself, in its place."""
    message = from_wire([{"jsonrpc": "2.0", "method": "a"}, 1])
    assert isinstance(message, Batch)
    assert message.messages[0] == Notification("a")
    assert isinstance(message.messages[1], Invalid)


def test_ids_are_the_same_only_if_their_json_is() -> None:
    """Numbers, strings, booleans and null never pass for each other."""
    ids = [1, "1", 0, "", None, "null"]
    assert len({id_key(one) for one in ids}) == len(ids)  # type: ignore[arg-type]
    assert id_key(1) != id_key(1.0)  # type: ignore[arg-type]
    assert id_key(1) != id_key(True)  # noqa: FBT003 - an id, as a bad server sends it


@pytest.mark.parametrize("python", supported_pythons())
def test_bad_syntax_is_refused_before_anything_loaded_json(python: str) -> None:
    """A body that is no JSON is invalid on every Python, also as the first message of a process."""
    code = f"""
import sys
sys.path.append({str(Path(workflow_server.__file__).parents[1])!r})
from workflow_server.jsonrpc.messages import Invalid, parse
for body in (b'{{a', b'{{"a" 1}}', b'"x', b'[1,', b'', b'nope'):
    for name in [name for name in sys.modules if name.split('.')[0] == 'json']:
        del sys.modules[name]
    assert isinstance(parse(body), Invalid), body
"""
    subprocess.run([python, "-I", "-S", "-c", code], check=True, timeout=60)
