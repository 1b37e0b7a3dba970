"""Between the errors of :mod:`python_workflow.errors` and those of the wire (``docs/spec/errors.md``).

JSON-RPC reserves -32768 to -32000; the protocol's own codes are -31999 to -31000, and ``$/cancelRequest`` borrows LSP's -32800.
"""

from __future__ import annotations

from python_workflow.errors import (
    AlreadyExists,
    Cancelled,
    CreateFailed,
    EnvironmentNotFound,
    ExecutionFailed,
    InvalidParams,
    InvalidRequest,
    Locked,
    LockOutdated,
    MethodNotFound,
    NameConflict,
    NetworkUnavailable,
    NotFound,
    NotInitialized,
    ProgramFailed,
    Protected,
    PythonUnavailable,
    Refused,
    RequestFailed,
    ToolNotInstalled,
    UsageError,
)
from python_workflow.jsonrpc.messages import INTERNAL_ERROR, ErrorResponse
from python_workflow.wsp.saying import said

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from python_workflow.errors import WorkflowError
    from python_workflow.jsonrpc.messages import Id

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

#: What the rest of the product raises, in the protocol's words.
_SAME_AS: tuple[tuple[type[WorkflowError], int], ...] = (
    (UsageError, InvalidParams.wire_code),
    (NotFound, EnvironmentNotFound.wire_code),
    (AlreadyExists, NameConflict.wire_code),
    (ProgramFailed, ExecutionFailed.wire_code),
    (CreateFailed, ExecutionFailed.wire_code),
    (Refused, Protected.wire_code),
)


def wire_code(error: WorkflowError) -> int:
    """The code that a server answers with when a handler raised ``error``."""
    if isinstance(error, (RequestFailed, Cancelled)):
        return error.wire_code
    return next((code for kind, code in _SAME_AS if isinstance(error, kind)), INTERNAL_ERROR)


def to_response(request: Id, error: WorkflowError) -> ErrorResponse:
    """The answer to ``request``: ``data`` is ``{"code", "hint"}`` and what the error has of its own."""
    data: dict[str, Any] = {"code": error.code, "hint": error.hint}
    if isinstance(error, RequestFailed):
        data.update(error.data)
    return ErrorResponse(request, wire_code(error), error.message, data)


def from_response(answer: ErrorResponse, server: str) -> WorkflowError:
    """The error that ``answer`` stands for, whoever wrote the server called ``server``.

    An unknown code makes a plain :class:`RequestFailed` whose ``wire_code`` is that code.
    """
    given = answer.data if isinstance(answer.data, dict) else {}
    hint = given.get("hint")
    hint = said(hint) if isinstance(hint, str) else None
    message = f"{server}: {said(answer.message) or 'an error without a message'}"
    if answer.code == Cancelled.wire_code:
        return Cancelled(message, hint)
    own = {name: value for name, value in given.items() if name not in ("code", "hint")}
    if answer.data is not None and not isinstance(answer.data, dict):
        own["data"] = answer.data
    error = BY_CODE.get(answer.code, RequestFailed)(message, hint, data=own)
    error.wire_code = answer.code
    error.server = server
    return error
