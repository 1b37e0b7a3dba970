"""Convert between the errors of :mod:`workflow_server.errors` and those of the wire (``docs/spec/errors.md``).

JSON-RPC reserves -32768 to -32000; the protocol's own codes are -31999 to -31000, and ``$/cancelRequest`` borrows LSP's -32800.
"""

from __future__ import annotations

from workflow_server.display import printable
from workflow_server.errors import (
    Cancelled,
    EnvironmentNotFound,
    ExecutionFailed,
    InvalidParams,
    InvalidRequest,
    Locked,
    LockOutdated,
    MethodNotFound,
    NameConflict,
    NetworkUnavailable,
    NotInitialized,
    Protected,
    PythonUnavailable,
    RequestFailed,
    ToolNotInstalled,
)
from workflow_server.jsonrpc.messages import ErrorResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_server.errors import WorkflowError
    from workflow_server.jsonrpc.messages import Id

#: Each code that has a class of its own.
BY_CODE: dict[int, type[RequestFailed]] = {
    one.wire_code: one
    for one in (
        InvalidRequest,
        MethodNotFound,
        InvalidParams,
        NotInitialized,
        EnvironmentNotFound,
        NameConflict,
        PythonUnavailable,
        ExecutionFailed,
        ToolNotInstalled,
        Protected,
        Locked,
        LockOutdated,
        NetworkUnavailable,
    )
}


def wire_code(error: WorkflowError) -> int:
    """Return the code that a server answers with when a handler raised ``error``."""
    if isinstance(error, (RequestFailed, Cancelled)):
        return error.wire_code
    return error.server_code


def to_response(request: Id, error: WorkflowError) -> ErrorResponse:
    """Return the answer to ``request``: ``data`` is ``{"code", "hint"}`` and the error's own data."""
    data: dict[str, Any] = {"code": error.code, "hint": error.hint}
    if isinstance(error, RequestFailed):
        data.update(error.data)
    return ErrorResponse(request, wire_code(error), error.message, data)


def from_response(answer: ErrorResponse, server: str) -> WorkflowError:
    """Return the error in ``answer`` of the server called ``server``.

    An unknown code makes a plain :class:`RequestFailed` whose ``wire_code`` is that code.
    """
    given = answer.data if isinstance(answer.data, dict) else {}
    hint = given.get("hint")
    hint = printable(hint) if isinstance(hint, str) else None
    message = f"{server}: {printable(answer.message) or 'an error without a message'}"
    if answer.code == Cancelled.wire_code:
        return Cancelled(message, hint)
    own = {name: value for name, value in given.items() if name not in ("code", "hint")}
    if answer.data is not None and not isinstance(answer.data, dict):
        own["data"] = answer.data
    error = BY_CODE.get(answer.code, RequestFailed)(message, hint, data=own)
    error.wire_code = answer.code
    error.server = server
    return error
