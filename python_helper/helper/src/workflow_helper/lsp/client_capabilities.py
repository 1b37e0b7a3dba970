"""The capabilities of a client that this server uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsprotocol import types

#: The client's capabilities that are used here. A client like VS Code sends hundreds, and building lsprotocol's value
#: for each takes longer than the first answer.
_CAPABILITIES = {"workspace": ("didChangeWatchedFiles",), "window": ("workDoneProgress",)}


def supports(capabilities: types.ClientCapabilities, feature: str) -> bool:
    """Return whether the client supports dynamic registration of file watchers, with ``feature``."""
    workspace = capabilities.workspace
    watching_files = workspace.did_change_watched_files if workspace else None
    return bool(
        watching_files and watching_files.dynamic_registration and getattr(watching_files, feature)
    )


def pruned(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of ``initialize`` with only those capabilities of the client that this server uses."""
    known = params.get("capabilities")
    if not isinstance(known, dict):
        return params
    used = {
        area: {name: known[area][name] for name in names if name in known[area]}
        for area, names in _CAPABILITIES.items()
        if isinstance(known.get(area), dict)
    }
    return {**params, "capabilities": used}
