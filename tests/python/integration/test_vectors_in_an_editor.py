"""The cases of ``test-fixtures/vectors`` that no variable of a terminal decides, through the language server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from support.answers import answer_of, prefix_of
from support.language_client import LanguageClient
from support.vectors import build, cases_of

if TYPE_CHECKING:
    from support.machine import Machine

CASES = [
    case
    for name in ("ladder", "elsewhere", "tool-places")
    for case in cases_of(name)
    if {"default", "root", "source"} & case["expect"].keys()
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_the_language_server_says_what_the_case_expects(
    case: dict[str, Any], machine: Machine
) -> None:
    """An editor that has the whole project open says what the command line says."""
    built = build(case, machine)
    with LanguageClient(built.machine.environ) as client:
        client.initialize([built.root], context={"trusted": True, "preference": None})
        answer = answer_of(client, built.cwd)
    expect = built.expect
    if "default" in expect:
        expected = expect["default"]
        path = None if expected is None else os.path.normpath(built.root / expected)
        assert prefix_of(answer) == path
    if "root" in expect:
        assert answer["root"] == os.path.normpath(built.root / expect["root"])
    if "source" in expect:
        assert answer["environment"]["source"] == expect["source"]
