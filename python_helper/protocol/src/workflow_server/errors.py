"""The errors that both ends of a session raise.

::

    WorkflowError            exit 1
    - UsageError             exit 2
    - ServerFailed           exit 1
      - ServerNotStarted, ServerExited, ServerTimedOut, ServerBrokeProtocol, ServerBackingOff
      - HostFailed: HostUnreachable, HostRefused, HostUnfit
    - RequestFailed          exit 1, one class a code of the protocol
    - Cancelled              exit 130

``code`` is the stable name of the class on the wire (``{"error": {"code", "message", "hint"}}``).
"""

from __future__ import annotations

from workflow_server.masking import masked, masked_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class WorkflowError(Exception):
    """Something failed: ``message`` says what, ``hint`` what to do; neither contains a secret."""

    code = "failed"
    exit_code = 1
    #: JSON-RPC error code of the editor protocol.
    wire_code = -32803  # LSP's RequestFailed
    #: JSON-RPC error code that a workflow server answers with when a handler raises it.
    server_code = -32603  # an internal error

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message = masked(message)
        self.hint = None if hint is None else masked(hint)
        super().__init__(self.message)

    def to_wire(self) -> dict[str, object]:
        """Return ``{"code", "message", "hint"}``."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class UsageError(WorkflowError):
    """Invalid arguments of a command, or params of a request."""

    code = "usage"
    exit_code = 2
    wire_code = -32602
    server_code = -32602


class ServerFailed(WorkflowError):
    """A workflow server failed: ``message`` is ``reason`` with its name, followed by the tail of its stderr."""

    code = "server_failed"
    #: The words before its name in a sentence.
    title = "the workflow server "

    def __init__(self, server: str, reason: str, stderr: str = "", hint: str | None = None) -> None:
        tail = f"; it wrote:\n{stderr}" if stderr else ""
        super().__init__(f"{self.title}{server} {reason}{tail}", hint)
        self.server = server
        #: What it did, in a few words that follow its name.
        self.reason = reason
        #: Both, as one sentence.
        self.sentence = f"{self.title}{server} {reason}"
        #: The last that it wrote to its standard error, as text.
        self.stderr = masked(stderr)


class ServerNotStarted(ServerFailed):
    """The server did not answer ``initialize``."""

    code = "server_not_started"


class ServerExited(ServerFailed):
    """The server ended, or closed its output, while it was needed."""

    code = "server_exited"


class ServerTimedOut(ServerFailed):
    """The server did not answer in time."""

    code = "server_timed_out"


class ServerBrokeProtocol(ServerFailed):
    """The server violated the protocol: no message, an unexpected answer, a result of another shape."""

    code = "server_broke_protocol"


class ServerBackingOff(ServerFailed):
    """The server failed repeatedly, and is not started again before some seconds have passed."""

    code = "server_backing_off"


class HostFailed(ServerFailed):
    """The other machine that a workflow runs on, or the connection to it, failed; ``server`` is that machine."""

    code = "host_failed"
    title = ""


class HostUnreachable(HostFailed):
    """The other machine does not answer, or no longer does."""

    code = "host_unreachable"


class HostRefused(HostFailed):
    """The other machine has an unknown key, or refuses the login."""

    code = "host_refused"


class HostUnfit(HostFailed):
    """The other machine lacks the folder, or the program, that is declared."""

    code = "host_unfit"


class RequestFailed(WorkflowError):
    """A workflow server answered a request with an error: raised by a server's handlers, and by the client.

    ``wire_code`` is the JSON-RPC error code. ``data`` has its other members, without ``code`` and ``hint``; at the
    client, ``server`` names the server.
    """

    code = "request_failed"
    wire_code = -32603

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        *,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.data: dict[str, object] = {key: masked_all(one) for key, one in (data or {}).items()}
        self.server: str | None = None


class InvalidRequest(RequestFailed):
    """The request is invalid, or not possible now."""

    code = "invalid_request"
    wire_code = -32600


class MethodNotFound(RequestFailed):
    """The server does not offer the method, or a part of the request."""

    code = "method_not_found"
    wire_code = -32601


class InvalidParams(RequestFailed):
    """The parameters are invalid; ``data["violations"]`` lists every ``{"path", "message"}``."""

    code = "invalid_params"
    wire_code = -32602


def invalid_param(path: str, message: str) -> InvalidParams:
    """Return the error for the member ``path`` of the params."""
    return InvalidParams(
        f"{path}: {message}", data={"violations": [{"path": path, "message": message}]}
    )


class NotInitialized(RequestFailed):
    """The request came before ``initialize``."""

    code = "not_initialized"
    wire_code = -32002


class EnvironmentNotFound(RequestFailed):
    """No environment has this id."""

    code = "environment_not_found"
    wire_code = -31001


class NameConflict(RequestFailed):
    """An environment of this name exists already."""

    code = "name_conflict"
    wire_code = -31002


class PythonUnavailable(RequestFailed):
    """No Python of this version is installed, and none can be installed."""

    code = "python_unavailable"
    wire_code = -31003


class ExecutionFailed(RequestFailed):
    """A command could not be started, took too long, or wrote too much."""

    code = "execution_failed"
    wire_code = -31004


class ToolNotInstalled(RequestFailed):
    """The workflow's tool is not installed."""

    code = "tool_not_installed"
    wire_code = -31010


class Protected(RequestFailed):
    """The path is protected, or not an environment; nothing was changed."""

    code = "protected"
    wire_code = -31011


class OutsideProject(Protected):
    """The environment belongs neither to the project nor to its workflow, and its deletion was not requested explicitly."""

    code = "outside_project"


class Locked(RequestFailed):
    """Another process is changing it."""

    code = "locked"
    wire_code = -31012


class LockOutdated(RequestFailed):
    """The lock file no longer matches the project."""

    code = "lock_outdated"
    wire_code = -31013


class NetworkUnavailable(RequestFailed):
    """Something needed from the network is unavailable."""

    code = "network_unavailable"
    wire_code = -31014


class Cancelled(WorkflowError):
    """Stopped on request; nothing incomplete is left behind."""

    code = "cancelled"
    exit_code = 130
    wire_code = -32800
