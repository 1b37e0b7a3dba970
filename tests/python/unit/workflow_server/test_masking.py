"""What is taken out of texts, by the cases that the editor's side reads too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.machine import TREE
from workflow_helper.errors import RequestFailed, ServerExited, UnusableFile, WorkflowError
from workflow_server.masking import masked, masked_all
from workflow_server.masking_rules import HIDDEN

CASES: dict[str, Any] = json.loads((TREE / "test-fixtures" / "masking.json").read_text("utf-8"))
SECRET: str = CASES["secret"]


@pytest.mark.parametrize("text", CASES["hidden"])
def test_a_secret_is_hidden_wherever_it_stands(text: str) -> None:
    """No part of it is left, what is around it can be read, and masking again changes nothing."""
    result = masked(f"before {text}\nafter")
    assert SECRET not in result
    assert SECRET[:7] not in result
    assert SECRET[7:] not in result
    assert result.startswith("before ")
    assert HIDDEN in result
    assert masked(result) == result


@pytest.mark.parametrize("text", CASES["kept"])
def test_what_is_no_secret_stays(text: str) -> None:
    """Names of packages, files and addresses are told as they are."""
    assert masked(text) == text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", CASES["endless"])
def test_a_text_that_goes_on_without_end_is_read_in_one_go(piece: str) -> None:
    """A hundred thousand characters of anything are read in time that grows with their number alone."""
    assert masked(piece * (100_000 // len(piece))) is not None


def test_every_error_is_masked_when_it_is_made() -> None:
    """Its message, its hint, what a server wrote, and what comes with it."""
    text = f"http://me:{SECRET}@host/x"
    results = [
        WorkflowError(text, text).to_wire(),
        str(WorkflowError(text)),
        UnusableFile(text, text, text).reason,
        ServerExited("serve", "ended", text).stderr,
        ServerExited("serve", "ended", text).message,
        RequestFailed("x", data={"violations": [{"path": "x", "message": text}]}).data,
    ]
    assert SECRET not in repr(results)
    assert repr(results).count("http://***@host/x") == 7


def test_values_are_masked_by_the_names_that_they_stand_behind() -> None:
    """All of what is read of JSON is looked at, and what is no text stays as it is."""
    result = masked_all(
        {"wants": [f"x @ http://{SECRET}@h/x"], "TOKEN": SECRET, "auth": [SECRET], "n": [1, None]}
    )
    assert result == {
        "wants": ["x @ http://***@h/x"],
        "TOKEN": HIDDEN,
        "auth": [HIDDEN],
        "n": [1, None],
    }


def test_a_value_is_masked_by_the_name_beside_it() -> None:
    """As configurations list variables, of which each is an object of its own."""
    result = masked_all(
        [{"name": "API_TOKEN", "value": SECRET}, {"key": "PATH", "value": "/bin"}, {"value": 1}]
    )
    assert result == [
        {"name": "API_TOKEN", "value": HIDDEN},
        {"key": "PATH", "value": "/bin"},
        {"value": 1},
    ]
