from __future__ import annotations

import pytest
from workflow_helper import errors
from workflow_server.error_codes import BY_CODE, from_response, to_response
from workflow_server.jsonrpc.messages import ErrorResponse


def test_every_code_has_one_class() -> None:
    """The codes of the protocol are those of the tree of errors, each once."""
    assert sorted(BY_CODE) == sorted(
        [-32600, -32601, -32602, -32002, *range(-31004, -31000), *range(-31014, -31009)]
    )


@pytest.mark.parametrize("kind", BY_CODE.values())
def test_a_servers_error_reaches_the_client_as_what_it_was(
    kind: type[errors.RequestFailed],
) -> None:
    """What a handler raises is raised at the client, with its hint and its data, and names the server."""
    sent = to_response(7, kind("no", "do", data={"violations": []}))
    received = from_response(sent, "it")
    assert type(received) is kind
    assert (received.message, received.hint, sent.id) == ("it: no", "do", 7)
    assert isinstance(received, errors.RequestFailed)
    assert received.data == {"violations": []}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("x"), -32602),
        (errors.NotFound("x"), -31001),
        (errors.AlreadyExists("x"), -31002),
        (errors.ProgramFailed("x"), -31004),
        (errors.CreateFailed("x"), -31004),
        (errors.Refused("x"), -31011),
        (errors.Cancelled("x"), -32800),
        (errors.RequestFailed("x"), -32603),
        (errors.WorkflowError("x"), -32603),
    ],
)
def test_the_rest_of_the_product_speaks_the_protocols_codes(
    error: errors.WorkflowError, code: int
) -> None:
    """Errors that know nothing of the protocol get the code that says the same."""
    assert to_response(1, error).code == code


def test_a_cancelled_request_is_cancelled() -> None:
    """LSP's code for a cancelled request is that of the protocol."""
    assert type(from_response(ErrorResponse(1, -32800, "x"), "it")) is errors.Cancelled
