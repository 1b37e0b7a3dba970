from __future__ import annotations

from typing import Any

import pytest
from workflow_helper.errors import RequestFailed
from workflow_server.answers import answer_of
from workflow_server.params import IdParams, NoParams, SyncParams, params_of
from workflow_server.values import Package, ServerEnvironment

FULL = ServerEnvironment(
    id="a",
    name="a",
    python_version="3.12",
    interpreter_path="/a/bin/python",
    installed_packages=(Package("p", "1"),),
    extra={"x": 1},
    default=True,
    prefix="/a",
    kind="venv",
    managed_by="t",
)


def test_details_are_filled_up() -> None:
    """An environment without packages has none, and nothing extra, in its details."""
    bare = ServerEnvironment("a", "a", "3.12", "/a/bin/python")
    wire = answer_of("environment/get", IdParams("a"), bare, extended=True)
    assert isinstance(wire, dict)
    assert (wire["installed_packages"], wire["extra"]) == ([], {})


def test_a_list_leaves_out_what_belongs_to_details() -> None:
    """Entries of a list carry neither packages nor what is extra, and in the base profile only three members."""
    listed: Any = answer_of("environment/list", None, [FULL], extended=True)
    assert set(listed[0]) == {
        "id",
        "name",
        "python_version",
        "interpreter_path",
        "default",
        "prefix",
        "kind",
        "managed_by",
    }
    listed = answer_of("environment/list", None, (FULL,), extended=False)
    assert listed == [{"id": "a", "name": "a", "python_version": "3.12"}]


def test_plain_json_is_an_answer_too() -> None:
    """A handler may return the shapes of the protocol as they are."""
    entries = [
        {"id": "b", "name": "b", "python_version": "3.12"},
        {"id": "a", "name": "a", "python_version": "3.13"},
    ]
    assert answer_of("environment/list", None, entries, extended=True) == entries[::-1]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([FULL, FULL], "two environments have the id a; more than one default: a, a"),
        ([FULL, FULL._replace(id="b")], "more than one default: a, b"),
        ([FULL._replace(name="")], "[0].name: at least 1 character is needed"),
        (None, "an array is expected"),
        ("text", "an array is expected"),
    ],
)
def test_a_wrong_list_is_the_servers_own_failure(entries: object, message: str) -> None:
    """A list that contradicts itself, or is none, is an internal error that says what is wrong."""
    with pytest.raises(RequestFailed) as caught:
        answer_of("environment/list", None, entries, extended=True)
    assert message in caught.value.message
    assert caught.value.wire_code == -32603


def test_a_deletion_answers_with_the_id() -> None:
    """A handler of ``environment/delete`` returns nothing; the answer is the id that was asked for."""
    assert answer_of("environment/delete", IdParams("a"), None, extended=False) == {"id": "a"}


def test_params_are_named_tuples() -> None:
    """Params become the method's named tuple: arrays are tuples, what was left out is its default, the token is not in it."""
    wire = {"id": "a", "groups": ["x", "y"], "progress_token": 4}
    assert params_of("environment/sync", wire) == SyncParams("a", ("x", "y"))
    assert params_of("environment/list", {}) == NoParams("environment/list")
