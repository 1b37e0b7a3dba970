"""pygls' protocol, adapted to this server: how a message is read, and how each request of a client is answered."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCRequestMessage, LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification

from workflow_helper.lsp import documents, protocol
from workflow_helper.lsp.client_capabilities import pruned

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer
    from typing_extensions import override
else:
    from workflow_server.namedtuple import override

log = logging.getLogger("workflow_helper.lsp")

# Codes of JSON-RPC and LSP.
_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
_INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
_NOT_INITIALIZED = -32002


class EditorRequest(NamedTuple):
    """One request of this product, with unchanged parameters."""

    id: int | str
    params: object
    #: Set when the client cancels the request.
    cancelled: threading.Event


class Protocol(LanguageServerProtocol):
    """pygls' protocol, which leaves this product's messages unchanged, and answers each request of a client."""

    def __init__(self, server: LanguageServer, converter: Any) -> None:  # noqa: ANN401 - cattrs is pygls' business
        super().__init__(server, converter)
        self.initialized = False
        self.ended = False
        #: The requests that run beside others, and can be cancelled.
        self.long: frozenset[str] = frozenset()
        #: Request id -> set to cancel it.
        self.running: dict[int | str, threading.Event] = {}
        # pygls' own copies of documents; the few that are read here are kept by `documents`.
        for method in list(self.fm.builtin_features):
            if method.startswith(("textDocument/", "notebookDocument/")):
                del self.fm.builtin_features[method]

    def receive(self, body: bytes) -> None:
        """Handle one message, valid or not.

        Raises:
            SystemExit: the message is ``exit``.
        """
        try:
            self._receive(body)
        except Exception:
            # pygls, for example, does not handle all JSON values; the next message must still be handled.
            log.exception("unexpected error in a message that begins with %.500r", body[:500])
            self._refuse(None, _INVALID_REQUEST, "the message could not be processed")

    def _receive(self, body: bytes) -> None:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            return self._refuse(None, _PARSE_ERROR, "the message is not JSON")
        if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
            return self._refuse(None, _INVALID_REQUEST, "the message is not a JSON-RPC 2.0 object")
        method = data.get("method")
        identity = data.get("id") if "method" in data else None
        if method == types.EXIT:
            raise SystemExit(0 if self.ended else 1)
        if not _is_message(data):
            return self._refuse(
                None, _INVALID_REQUEST, "the message has a method or an id of a wrong type"
            )
        untimely = self._untimely(method)
        if untimely is not None:
            return None if identity is None else self._refuse(identity, *untimely)
        try:
            message = self.structure_message(data)
        except JsonRpcException:
            sentence = f"{method}: the parameters are not what LSP says"
            return None if identity is None else self._refuse(identity, _INVALID_PARAMS, sentence)
        self.handle_message(message)
        return None

    def _untimely(self, method: str | None) -> tuple[int, str] | None:
        if self.ended:
            return _INVALID_REQUEST, "the server was shut down"
        if method is None:  # an answer to one of the server's own requests
            return None
        if self.initialized == (method == types.INITIALIZE):
            if self.initialized:
                return _INVALID_REQUEST, "the server is initialized already"
            return _NOT_INITIALIZED, "the first request must be initialize"
        return None

    @override
    def structure_message(self, data: dict[str, Any]) -> object:
        """Return one message as pygls' value, with the parameters of this product's methods unchanged."""
        method = data.get("method", "")
        if method.startswith(protocol.PREFIX) or method in documents.METHODS:
            params = data.get("params")
            if "id" not in data:
                return JsonRPCNotification(method, "2.0", params)
            request = EditorRequest(data["id"], params, threading.Event())
            if method in self.long:
                self.running[request.id] = request.cancelled
            return JsonRPCRequestMessage(request.id, method, "2.0", request)
        if method == types.INITIALIZE and isinstance(data.get("params"), dict):
            data["params"] = pruned(data["params"])
        return super().structure_message(data)

    def send(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification of LSP with parameters that are already in wire form."""
        self._send_data(JsonRPCNotification(method, "2.0", params))

    @override
    def handle_message(self, message: object) -> None:
        """Handle one message; ``$/cancelRequest`` also reaches running actions."""
        if isinstance(message, types.CancelNotification):
            cancelled = self.running.get(message.params.id)
            if cancelled is not None:
                cancelled.set()
            # Else it was answered already: a client that types on cancels each completion, and that is nothing to log.
            return
        super().handle_message(message)  # type: ignore[arg-type]  # of pygls' own making

    @override
    def _send_response(
        self, msg_id: object, result: object = None, error: types.ResponseError | None = None
    ) -> None:
        # pygls sends the traceback of what it did not expect.
        if error is not None and isinstance(error.data, dict) and "traceback" in error.data:
            error = unexpected().to_response_error()
        super()._send_response(msg_id, result, error)  # type: ignore[arg-type]  # null ids, too

    def _refuse(self, identity: int | str | None, code: int, sentence: str) -> None:
        # What was no request is answered with a null id, as JSON-RPC has it.
        error = types.ResponseError(code, sentence, {"code": "protocol", "hint": None})
        self._send_response(identity, error=error)


def _is_message(data: dict[str, Any]) -> bool:
    """Return whether the method and the id, if present, have the types of JSON-RPC."""
    if not isinstance(data.get("method", ""), str):
        return False
    identity = data.get("id")
    return identity is None or (isinstance(identity, str | int) and not isinstance(identity, bool))


def unexpected() -> JsonRpcException:
    """Return the error that answers a request after an unexpected failure."""
    return JsonRpcException(
        "an internal error in Python Workflow's helper",
        INTERNAL_ERROR,
        {"code": "internal", "hint": "The helper's log says more."},
    )
