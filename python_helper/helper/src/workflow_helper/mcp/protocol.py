"""The Model Context Protocol as spoken here: its revisions, the client, and the members that each revision adds.

Two kinds of revision are supported. In the older ones, a client identifies itself in ``initialize``, and the server
requests its roots. In the stateless ones, each request identifies the client in ``_meta``. If the server needs the
roots, its result says so, and the client repeats the call with them.

Source: https://modelcontextprotocol.io/specification (2024-11-05 to 2026-07-28).
"""

from __future__ import annotations

from workflow_helper import __version__
from workflow_helper.errors import InvalidParams, RequestFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple

#: Revisions with a handshake, the oldest first.
HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
#: Revisions without one.
STATELESS = ("2026-07-28",)

_VERSION = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
_SERVER = "io.modelcontextprotocol/serverInfo"
#: Milliseconds for which a client may keep what does not change while the server runs.
_CACHE_MILLISECONDS = 3_600_000


class UnsupportedVersion(RequestFailed):
    """The client uses a revision that is not supported."""

    code = "unsupported_version"
    wire_code = -32022


class McpClient(NamedTuple):
    """The client that sends a request."""

    #: Whether the request says so itself.
    stateless: bool
    #: Whether it tells which folders are open to it.
    has_roots: bool


def server_info() -> dict[str, str]:
    """Return this server's name and version."""
    return {"name": "python-workflow", "title": "Python Workflow", "version": __version__}


def negotiated(requested: object) -> str:
    """Return the revision to speak with a client that offers ``requested``: that one, or else the newest with a handshake."""
    return requested if isinstance(requested, str) and requested in HANDSHAKE else HANDSHAKE[-1]


def introduced(params: Mapping[str, Any]) -> McpClient:
    """Return the client that the ``params`` of ``initialize`` describe.

    Raises:
        InvalidParams: they are invalid.
    """
    return McpClient(stateless=False, has_roots="roots" in _object(params, "capabilities"))


def sender(params: Mapping[str, Any]) -> McpClient | None:
    """Return the client that a request names in its ``_meta``; ``None`` without one.

    Raises:
        InvalidParams: ``_meta`` is invalid.
        UnsupportedVersion: its revision is not supported.
    """
    meta = _object(params, "_meta")
    version = meta.get(_VERSION)
    if version is None:
        return None
    if version not in STATELESS:
        supported = [*HANDSHAKE, *STATELESS]
        reason = f"the revision {version!r} of the protocol is not supported"
        raise UnsupportedVersion(reason, data={"supported": supported, "requested": version})
    if _CAPABILITIES not in meta:
        raise InvalidParams(f"_meta lacks {_CAPABILITIES}")
    return McpClient(stateless=True, has_roots="roots" in _object(meta, _CAPABILITIES))


def initialized(version: str, instructions: str) -> dict[str, Any]:
    """Return the result of ``initialize``."""
    return {
        "protocolVersion": version,
        "capabilities": {"tools": {}},
        "serverInfo": server_info(),
        "instructions": instructions,
    }


def discovered(instructions: str) -> dict[str, Any]:
    """Return the result of ``server/discover``."""
    return lasting(
        {
            "supportedVersions": [*HANDSHAKE, *STATELESS],
            "capabilities": {"tools": {}},
            "instructions": instructions,
            "_meta": {_SERVER: server_info()},
        }
    )


def lasting(result: dict[str, Any]) -> dict[str, Any]:
    """Return ``result`` of a stateless request, which the client may cache."""
    return complete({**result, "ttlMs": _CACHE_MILLISECONDS, "cacheScope": "public"})


def complete(result: dict[str, Any]) -> dict[str, Any]:
    """Return ``result`` of a stateless request, which needs nothing more from the client."""
    return {**result, "resultType": "complete"}


def roots_needed() -> dict[str, Any]:
    """Return the result of a stateless call that the client must repeat with its roots."""
    return {"resultType": "input_required", "inputRequests": {"roots": {"method": "roots/list"}}}


def roots_given(params: Mapping[str, Any]) -> object | None:
    """Return the result of ``roots/list`` that came with a repeated call; ``None`` for a first call."""
    return _object(params, "inputResponses").get("roots")


def _object(params: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = params.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidParams(f"{name} is not an object")
    return value
