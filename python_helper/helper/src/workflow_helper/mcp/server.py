"""The server: the handler of each request, and the form of an answer or a failure."""

from __future__ import annotations

import sys
from threading import Event

from workflow_server.masking import masked

from workflow_helper.errors import InvalidParams, InvalidRequest, MethodNotFound, WorkflowError
from workflow_helper.mcp import protocol
from workflow_helper.mcp.bounds import FolderBounds, roots_of
from workflow_helper.mcp.connection import McpConnection
from workflow_helper.mcp.parameters import checked
from workflow_helper.mcp.servers import Backends
from workflow_helper.mcp.tools import INSTRUCTIONS, TOOLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from workflow_helper.mcp.connection import Act, RunningCall
    from workflow_helper.mcp.protocol import McpClient
    from workflow_helper.mcp.tools import McpTool
    from workflow_helper.model import Host, Question

#: Seconds that a client has to name its roots.
_ROOTS = 10.0
_BY_NAME = {tool.name: tool for tool in TOOLS}


def serve(question: Callable[[], Question], folders: tuple[str, ...], host: Host) -> int:
    """Serve the client at standard input and output until it disconnects, and return the exit status of the process.

    ``question`` returns the question about a folder. ``folders`` bound what may be accessed, in addition to the
    client's roots.
    """
    from workflow_server.streams import own_streams

    from workflow_helper.system.shutdown import end_in_order

    end_in_order()
    backends = Backends(host)
    service = McpService(question, folders, host, backends)
    connection = McpConnection(service, *own_streams())
    service.connection = connection
    try:
        connection.run()
    finally:
        backends.close()
    return 0


class ClientRoots:
    """The latest roots of a client with a handshake."""

    def __init__(self, connection: McpConnection) -> None:
        self._connection = connection
        self._has_roots = Event()
        self._found: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Request the client's roots; :meth:`get` then waits for the answer."""
        has_roots = self._has_roots = Event()

        def store(result: object) -> None:
            self._found = roots_of(result)
            has_roots.set()

        self._connection.ask("roots/list", store)

    def get(self) -> tuple[str, ...]:
        """Return the roots; none if the client does not answer."""
        return self._found if self._has_roots.wait(_ROOTS) else ()


class McpService:
    """The service for one client."""

    connection: McpConnection

    def __init__(
        self,
        question: Callable[[], Question],
        folders: tuple[str, ...],
        host: Host,
        backends: Backends,
    ) -> None:
        self._question = question
        self._folders = folders
        self._host = host
        self._backends = backends
        #: Introduced by a handshake.
        self._client: McpClient | None = None
        self._roots: ClientRoots | None = None

    def begin(self, method: str, params: dict[str, Any]) -> dict[str, Any] | Act:
        """Return the result of a request, or the action that computes it.

        Raises:
            RequestFailed: the request is invalid or not supported.
        """
        if method == "initialize":
            return self._initialize(params)
        if method == "ping":
            return {}
        client = protocol.sender(params) or self._client
        if method == "server/discover":
            return protocol.discovered(INSTRUCTIONS)
        if client is None:
            raise InvalidRequest("the client has not sent initialize")
        if method == "tools/list":
            listed = {"tools": [tool.to_wire() for tool in TOOLS]}
            return protocol.lasting(listed) if client.stateless else listed
        if method == "tools/call":
            return self._call(client, params)
        raise MethodNotFound(f"{method} is not supported")

    def notified(self, method: str) -> None:
        """Handle a notification."""
        if method == "notifications/roots/list_changed" and self._roots is not None:
            self._roots.refresh()
        elif method == "notifications/initialized" and self._client is not None:
            self._named()

    def _initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        if self._client is not None:
            raise InvalidRequest("the client has sent initialize already")
        self._client = protocol.introduced(params)
        return protocol.initialized(
            protocol.negotiated(params.get("protocolVersion")), INSTRUCTIONS
        )

    def _named(self) -> ClientRoots | None:
        """Return the roots of a client with a handshake, requesting them if needed; ``None`` if it does not support roots."""
        if self._roots is None and self._client is not None and self._client.has_roots:
            self._roots = ClientRoots(self.connection)
            self._roots.refresh()
        return self._roots

    def _call(self, client: McpClient, params: dict[str, Any]) -> dict[str, Any] | Act:
        tool = _BY_NAME.get(str(params.get("name")))
        if tool is None:
            raise InvalidParams(f"there is no tool {params.get('name')!r}")
        inline_roots = protocol.roots_given(params)
        if client.stateless and client.has_roots and inline_roots is None:
            return protocol.roots_needed()
        roots = None if client.stateless else self._named()

        def act(job: RunningCall) -> dict[str, Any]:
            named = roots_of(inline_roots) if roots is None else roots.get()
            result = self._outcome(
                tool, params.get("arguments"), FolderBounds(self._folders, named), job
            )
            return protocol.complete(result) if client.stateless else result

        return act

    def _outcome(
        self, tool: McpTool, raw_arguments: object, bounds: FolderBounds, job: RunningCall
    ) -> dict[str, Any]:
        from workflow_helper.filesystem.reader import Disk
        from workflow_helper.mcp.actions import ACTIONS
        from workflow_helper.mcp.call import ToolCall

        try:
            arguments = checked(tool.parameters, raw_arguments)
            folder = bounds.folder(arguments.get("folder"), Disk())
            question = self._question()._replace(folder=folder)
            call = ToolCall(arguments, question, self._host, bounds, self._backends, job)
            return _done(ACTIONS[tool.name](call))
        except WorkflowError as error:
            return _failed(error)
        except Exception as error:  # noqa: BLE001 - an agent gets a sentence, and the log the details
            import traceback

            sys.stderr.write(masked("".join(traceback.format_exception(error))))
            return _failed(WorkflowError(f"an internal error, {type(error).__name__}: {error}"))


def _done(document: Mapping[str, Any]) -> dict[str, Any]:
    import json

    text = json.dumps(document, ensure_ascii=False)
    return {
        "content": [{"type": "text", "text": text}],
        "structuredContent": document,
        "isError": False,
    }


def _failed(error: WorkflowError) -> dict[str, Any]:
    """Return a failure for an agent: the message, then the hint."""
    hint = error.hint or ""
    if error.code == "not_trusted":
        hint = f"{hint} Only the user can do that, in a terminal: tell them.".strip()
    text = f"{error.message}\n{hint}".strip()
    wire = {**error.to_wire(), "hint": hint or None}
    return {
        "content": [{"type": "text", "text": text}],
        "_meta": {"python-workflow/error": wire},
        "isError": True,
    }
