"""JSON is read and written as the standard library's ``json`` does, without loading it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.imports import SYS_PATH
from workflow_server.jsonrpc.messages import dumps, loads

SPACE = st.text(" \t\r\n", max_size=3)
#: With what JSON cannot say, and keys that it turns into text.
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(b"")
KEYS = st.text() | st.integers() | st.booleans() | st.none() | st.just((1,))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner) | st.tuples(inner)
)
PIECES = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"', "\\", "\\u00", "1", "-", ".5", "e9", "null", "NaN", " "]
)


def refuse(name: str) -> object:
    """Refuse a constant that Python reads and JSON has not."""
    raise ValueError(f"{name} is not JSON")


def outcome(act: object, value: object) -> tuple[str, str]:
    """Return what comes of a function, or how it fails."""
    try:
        return "value", repr(act(value))  # type: ignore[operator]
    except (TypeError, ValueError, RecursionError) as error:
        return type(error).__name__, str(error)


def read(text: str) -> object:
    """Read as ``json`` does."""
    return json.JSONDecoder(parse_constant=refuse).decode(text)


def written(value: object) -> str:
    """Write as ``json`` does."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


@given(SPACE, VALUES, SPACE)
def test_values_are_written_and_read_alike(before: str, value: object, behind: str) -> None:
    """What is written is the same to the letter, what is read the same value, and what fails fails with the same words."""
    assert outcome(dumps, value) == outcome(written, value)
    text = before + json.dumps(value, skipkeys=True, default=repr) + behind
    assert outcome(loads, text) == outcome(read, text)


@given(st.lists(PIECES).map("".join) | st.text())
@example("\ufeff{}")
@example('{"a": 1} x')
@example('{"a": 1, "a": 2}')
@example("9" * 5000)
@example('"\ud800 \t"')
@example("[" * 200_000)
def test_any_text_is_read_alike(text: str) -> None:
    """A text that is no JSON is refused with the same words."""
    assert outcome(loads, text) == outcome(read, text)


def test_what_holds_itself_is_refused_alike() -> None:
    """A list within itself is told of, and does not end the process."""
    endless: list[object] = []
    endless.append(endless)
    assert outcome(dumps, endless) == outcome(written, endless)


PROGRAM = """
import sys
sys.path[:0] = {source!r}
{before}
from workflow_server.jsonrpc.messages import dumps, loads
print(dumps(loads(' {{"a": [1.5, "\\u00e4", null]}} ')), "json" in sys.modules, "re" in sys.modules)
"""


@pytest.mark.parametrize(
    ("before", "loaded"), [("", "False False"), ("sys.modules['_json'] = None", "True True")]
)
def test_json_is_loaded_only_where_its_parts_are_not_there(before: str, loaded: str) -> None:
    """CPython's parts in C do without the rest; another Python has ``json`` alone."""
    if sys.implementation.name != "cpython":
        loaded = "True True"
    program = PROGRAM.format(source=SYS_PATH, before=before)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == f'{{"a":[1.5,"\\u00e4",null]}} {loaded}\n'
