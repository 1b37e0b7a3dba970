"""The language server takes what ``docs/editor-protocol.schema.json`` says that it is asked; what it answers every test looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.editor_schema import document, without_references
from support.language_client import LanguageClient, ResponseError, uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine import Machine

#: JSON-RPC's "invalid params".
INVALID = -32602
REQUESTS = document()["requests"]


@pytest.fixture
def client(machine: Machine) -> Iterator[LanguageClient]:
    """A server for a folder without trust, where nothing is started."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace])
        yield client


@pytest.mark.parametrize("method", REQUESTS)
def test_a_member_that_is_missing_or_of_another_type_is_named(
    machine: Machine, client: LanguageClient, method: str
) -> None:
    """Each that the document asks for has to be there, and each is of its type."""
    schema = without_references(REQUESTS[method]["params"])
    required = schema.get("required", [])
    right = {name: _sample(schema["properties"][name], uri(machine.workspace)) for name in required}
    # Tokens are LSP's, and of every request.
    members = {k: v for k, v in schema.get("properties", {}).items() if not k.endswith("Token")}
    for name, member in members.items():
        wrong: list[dict[str, Any]] = [{**right, name: one} for one in _others(member)]
        if name in required:
            wrong.append({key: value for key, value in right.items() if key != name})
        for params in wrong:
            with pytest.raises(ResponseError) as caught:
                client.request(method, params)
            assert caught.value.code == INVALID, (name, params, caught.value.message)
            assert name in caught.value.message, params


def _sample(schema: dict[str, Any], text: str) -> object:
    """Return a value that a schema takes."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _sample(schema["anyOf"][-1], text)
    samples: dict[str, object] = {
        "string": text,
        "array": [text],
        "boolean": False,
        "null": None,
        "object": {},
    }
    return samples[schema["type"]]


def _others(schema: dict[str, Any]) -> list[object]:
    """Return values that a schema does not take, of every type that it does not name."""
    kinds = [without_references(one).get("type", "string") for one in schema.get("anyOf", [schema])]
    values: dict[str, object] = {"boolean": True, "array": [{}], "object": {"odd": 1}}
    others = [value for kind, value in values.items() if kind not in kinds]
    return [*others, *(["not one of these"] if "enum" in schema else [])]
