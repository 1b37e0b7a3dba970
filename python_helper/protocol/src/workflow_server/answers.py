"""Convert a handler's value into the result on the wire, checked against the method's shape."""

from __future__ import annotations

from workflow_server.errors import RequestFailed
from workflow_server.results import DETAILED, LISTED, RESULTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Methods that answer with one environment in detail.
_DETAILED_METHODS = (
    "environment/create",
    "environment/ensure",
    "environment/get",
    "script/environment",
)


def answer_of(method: str, params: object, value: object, *, extended: bool) -> object:
    """Return the result of ``method`` for a handler's ``value``.

    ``extended``: include what ``environment.details`` adds; else only the base profile (``profile-announced``).

    Raises:
        RequestFailed: the value is no valid result.
    """
    if method == "environment/list":
        return _environments(value, extended=extended)
    if method == "environment/delete":
        wire: object = {"id": getattr(params, "id", None)}
    elif method in _DETAILED_METHODS:
        wire = _details(to_wire(value), extended=extended)
    else:
        wire = to_wire(value)
    _hold(method, wire)
    return wire


def to_wire(value: object) -> Any:  # noqa: ANN401
    """Return a handler's value as JSON; values with ``to_wire`` are converted."""
    if hasattr(value, "to_wire"):
        return value.to_wire()
    if isinstance(value, (str, dict)) or not hasattr(value, "__iter__"):
        return value
    return [to_wire(one) for one in value]


def _details(wire: object, *, extended: bool) -> object:
    if not isinstance(wire, dict):
        return wire
    whole = {"installed_packages": [], "extra": {}, **wire}
    return whole if extended else {name: whole[name] for name in DETAILED if name in whole}


def _environments(value: object, *, extended: bool) -> object:
    entries = to_wire(value)
    _hold("environment/list", entries)
    unlisted = ("installed_packages", "extra")
    listed: list[dict[str, Any]] = [
        {name: one[name] for name in one if (name not in unlisted if extended else name in LISTED)}
        for one in entries
    ]
    listed.sort(key=lambda one: str(one["id"]))
    ids = [one["id"] for one in listed]
    found = [
        f"two environments have the id {one}" for one in sorted(set(ids)) if ids.count(one) > 1
    ]
    defaults = [str(one["id"]) for one in listed if one.get("default")]
    if len(defaults) > 1:
        found.append(f"more than one default: {', '.join(defaults)}")
    if found:
        raise _wrong("environment/list", found)
    return listed


def _hold(method: str, wire: object) -> None:
    check = RESULTS.get(method)
    found = [] if check is None else [one.sentence for one in check(wire, "")]
    if found:
        raise _wrong(method, found)


def _wrong(method: str, found: list[str]) -> RequestFailed:
    return RequestFailed(f"{method}: this server's own answer is wrong: {'; '.join(found[:5])}")
