"""What editors and the helper say to each other, as ``docs/editor-protocol.schema.json`` has it, held against what is sent."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from support.machine import TREE

PATH = TREE / "docs" / "editor-protocol.schema.json"


@cache
def document() -> dict[str, Any]:
    """The document as it stands."""
    schema: dict[str, Any] = json.loads(PATH.read_text())
    return schema


@cache
def _closed_document() -> dict[str, Any]:
    """The document with every object closed: what the helper sends, the extension has to know."""
    closed: dict[str, Any] = _closed(document())
    return closed


def assert_exchange(method: str, params: object, result: object) -> None:
    """Both are of the shapes that the document tells, where it knows the method."""
    if method in document()["requests"]:
        _assert_fits(f"the parameters of {method}", ("requests", method, "params"), params)
        _assert_fits(f"the result of {method}", ("requests", method, "result"), result)


def assert_notification(method: str, params: object) -> None:
    """The same of a notification."""
    if method in document()["notifications"]:
        _assert_fits(method, ("notifications", method, "params"), params)


def assert_partial_result(method: str, value: object) -> None:
    """What comes before the result of a request."""
    _assert_fits(f"what comes of {method}", ("partialResults", method), value)


@cache
def _validator(*place: str) -> Draft202012Validator:
    # Tests say more than they have to.
    whole = document() if place[-1] == "params" else _closed_document()
    schema = whole
    for key in place:
        schema = schema[key]
    return Draft202012Validator({**schema, "$defs": whole["$defs"]})


def _assert_fits(what: str, place: tuple[str, ...], value: object) -> None:
    errors = sorted(_validator(*place).iter_errors(value), key=lambda error: error.json_path)
    assert not errors, f"{what}: {errors[0].json_path}: {errors[0].message}"


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    is_object = closed.get("type") == "object" and isinstance(closed.get("properties"), dict)
    return {**closed, "additionalProperties": False} if is_object else closed


def without_references(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the document, or the definition that it stands for."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    found: dict[str, Any] = document()["$defs"][name] if name else schema
    return found
