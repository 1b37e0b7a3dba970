from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from workflow_server.methods import CAPABILITIES, METHODS, PROTOCOL_VERSION
from workflow_server.shapes import ShapeError, Violation
from workflow_server.values import (
    Changes,
    Command,
    Execution,
    InSync,
    Package,
    ProgressReport,
    ServerEnvironment,
    Task,
    each,
    interpreter_from_wire,
)

SCHEMA = json.loads(
    (Path(__file__).parents[4] / "docs" / "spec" / "schema.json").read_text(encoding="utf-8")
)


def members_in_schema(reference: dict[str, str]) -> tuple[set[str], set[str]]:
    """The members that params have by the schema, and those of them that are required."""
    shape = SCHEMA["$defs"][reference["$ref"].rpartition("/")[2]]
    return set(shape.get("properties", {})), set(shape.get("required", []))


def test_the_methods_are_those_of_the_schema() -> None:
    """Every request of the schema is known here with its capability, and no other is."""
    requests = {
        name: one["capability"]
        for name, one in SCHEMA["methods"].items()
        if one["kind"] == "request"
    }
    assert {name: method.capability for name, method in METHODS.items()} == requests
    assert SCHEMA["protocol_version"] == PROTOCOL_VERSION


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_params_are_those_of_the_schema(name: str) -> None:
    """Each method has the members that the schema gives it, and requires the same ones, in both profiles."""
    in_schema, method = SCHEMA["methods"][name], METHODS[name]
    profiles = {"params": frozenset[str](), "extended_params": frozenset(CAPABILITIES)}
    for profile, offered in profiles.items():
        known = in_schema.get(profile) or (in_schema["params"] if offered else None)
        if known is None or (not offered and (method.capability or name == "initialize")):
            continue
        members = [one for one in method.params if one.capability in (None, *offered)]
        required = {one.name for one in members if one.required and one.waived_by not in offered}
        assert ({one.name for one in members}, required) == members_in_schema(known)


def test_every_violation_is_listed_by_its_path() -> None:
    """All that is wrong with params is told at once, down to elements and members of members."""
    params = {"id": "x" * 129, "argv": ["a", 1], "env": {"HOME": None}, "cwd": 3, "more": 0}
    assert METHODS["environment/execute"].violations(params) == (
        Violation("id", "at most 128 characters are allowed"),
        Violation("argv[1]", "a string is expected"),
        Violation("cwd", "a string is expected"),
        Violation("env.HOME", "a string is expected"),
        Violation("more", "no such member is known"),
    )
    assert METHODS["environment/execute"].violations([]) == (
        Violation("", "an object is expected"),
    )
    assert METHODS["environment/list"].violations(None) == ()


@pytest.mark.parametrize(
    ("version", "valid"),
    [
        ("3.12", True),
        ("3.12.4", True),
        ("3", False),
        ("3.12.4.1", False),
        ("3.12rc1", False),
        ("3.", False),
        ("٣.١٢", False),
        ("3." + "1" * 40, False),
        (3.12, False),
    ],
)
def test_versions_have_two_or_three_numbers(version: object, *, valid: bool) -> None:
    """``X.Y`` and ``X.Y.Z`` are versions, and nothing else is."""
    params = {"name": "a", "python_version": version}
    assert (METHODS["environment/create"].violations(params) == ()) is valid


@pytest.mark.parametrize("path", ["a", "", "C:x", "./a", "~/a", 1])
def test_a_relative_interpreter_is_never_taken(path: object) -> None:
    """An interpreter's path is absolute, or there is none: a relative one would be found in the current folder."""
    wire = {"id": "a", "name": "a", "python_version": "3.12", "interpreter_path": path}
    if path == "":
        assert ServerEnvironment.from_wire(wire).interpreter_path is None
        return
    with pytest.raises(ShapeError, match="an absolute path is expected"):
        ServerEnvironment.from_wire(wire)


VALUES: list[tuple[Any, dict[str, Any]]] = [
    (Package, {"name": "a", "version": "1"}),
    (Execution, {"exit_code": -9, "stdout": "a", "stderr": ""}),
    (InSync, {"in_sync": False, "message": "old"}),
    (Task, {"name": "a"}),
    (Task, {"name": "a", "description": "b"}),
    (ProgressReport, {"kind": "report", "message": "m", "percentage": 0}),
    (Changes, {"changed": True, "installed": [{"name": "a", "version": "1"}], "removed": []}),
    (
        Command,
        {
            "argv": ["C:\\py.exe"],
            "cwd": "C:\\x",
            "env": {"unset": ["A"], "set": {"B": "c"}, "prepend_path": ["/d"]},
        },
    ),
    (
        ServerEnvironment,
        {
            "id": "a",
            "name": "a",
            "python_version": "3.12",
            "interpreter_path": None,
            "installed_packages": [],
            "extra": {"x": 1},
        },
    ),
]


@pytest.mark.parametrize(("kind", "wire"), VALUES)
def test_a_value_survives_the_wire(kind: Any, wire: dict[str, Any]) -> None:
    """What is read is written as it was, whatever else came with it."""
    assert kind.from_wire({**wire, "more": 1}).to_wire() == wire


@pytest.mark.parametrize(("kind", "wire"), VALUES)
def test_a_value_of_another_shape_is_refused(kind: Any, wire: dict[str, Any]) -> None:
    """A member that is missing or of the wrong type is told by its path."""
    first = next(iter(wire))
    for broken in ({**wire, first: object()}, {k: v for k, v in wire.items() if k != first}):
        with pytest.raises(ShapeError) as caught:
            kind.from_wire(broken)
        assert caught.value.violations[0].path == first
    with pytest.raises(ShapeError, match="an object is expected"):
        kind.from_wire([])


def test_elements_are_told_by_their_place() -> None:
    """What is wrong within an array is told with its index."""
    with pytest.raises(ShapeError) as caught:
        each([{"name": "a", "version": "1"}, {"name": 1}, 2], Package.from_wire)
    assert [one.path for one in caught.value.violations] == ["[1].name", "[1].version"]
    with pytest.raises(ShapeError, match="an array is expected"):
        each({}, Package.from_wire)


def test_an_interpreter_is_read() -> None:
    """An interpreter's version may not be known."""
    wire = {"path": "/p", "version": None, "implementation": "cpython", "source": "path"}
    assert interpreter_from_wire(wire).to_wire() == wire
