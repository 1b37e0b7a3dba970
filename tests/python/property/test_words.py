"""Argument lists and JSON of any content."""

from __future__ import annotations

import json
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.folders import fresh_machine
from workflow_helper.cli.arguments import COMMANDS, COMMON, Action, parse, usage
from workflow_helper.cli.completion import candidates
from workflow_helper.errors import UsageError
from workflow_helper.terminal.json_encoder import to_json

WORDS = sorted(
    {word for command in COMMANDS for word in command.words}
    | {option.name for command in COMMANDS for option in (*command.options, *COMMON)}
    | {"--", "-", "-v", "-h", "--json=1", "--folder=", "--nonsense", "", "none"}
)
words = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), max_size=7)

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
plain: st.SearchStrategy[Json] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(words)
def test_any_words_are_an_action_or_a_usage_error(argv: list[str]) -> None:
    """Parsing ends in one of two ways, and leaves the list as it was."""
    before = list(argv)
    parsed: Action | UsageError
    try:
        parsed = parse(argv)
    except UsageError as error:
        parsed = error
    if isinstance(parsed, Action):
        assert usage(parsed.operand if parsed.command == "help" else parsed.command)
    else:
        assert parsed.message
    assert argv == before


@given(words)
def test_any_words_can_be_completed(argv: list[str]) -> None:
    """Every candidate begins with what is typed, and none comes twice."""
    with fresh_machine() as machine:
        found = candidates(list(argv), machine.host, str(machine.workspace))
        assert all(word.startswith(argv[-1] if argv else "") for word in found)
        assert len(set(found)) == len(found)


@given(plain)
def test_json_is_the_standard_library_s(value: Json) -> None:
    """The light encoder writes what ``json.dumps`` writes, to the byte."""
    assert to_json(value) == json.dumps(value)


@given(
    st.one_of(
        st.sampled_from([float("nan"), float("inf"), -float("inf")]),
        st.binary(),
        st.sets(st.integers(), min_size=1),
    )
)
def test_json_has_no_other_values(value: object) -> None:
    """What has no form on the wire is refused rather than guessed."""
    with pytest.raises(TypeError):
        to_json([value])
