from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tree import ROOT
from workflow_helper.filesystem import plain_toml

if TYPE_CHECKING or sys.version_info < (3, 11):
    import tomli as tomllib
else:
    import tomllib

_KEYS = st.sampled_from(
    ["a", "b", "a.b", "a.b.c", "b . c", '"a"', "'b'.a", "1", "-", "", "é", '"a.b"', '"\\n"', '"']
)
_TEXTS = [
    '"x"',
    "'x'",
    '""',
    "''",
    '"a\\"b"',
    '"\\u0041"',
    '"\\q"',
    "'\\'",
    '"#"',
    '"x',
    "'x",
    '"a\nb"',
]
_LONG_TEXTS = [
    '"""x"""',
    '"""\nx\\""""',
    '"""\\\\"""',
    '"""x\\\n y"""',
    '"""x""""',
    '"""x""',
    '""""""',
    "'''x\ny'''",
    "''''x'''",
    "'''x''''",
]
_NUMBERS = ["0", "-0", "+1", "01", "1_000", "0x1F", "1.5", "1.", ".5", "-0.0", "1e3", "9" * 30]
_OTHERS = ["true", "false", "True", "inf", "nan", "2026-11-21", "07:32:00", "", "é"]
_SIMPLE = st.sampled_from([*_TEXTS, *_LONG_TEXTS, *_NUMBERS, *_OTHERS])
_GAPS = st.sampled_from(["", " ", "\t", "\n", " # c\n", "\n\n", "\r", "\x00", "\u00a0"])


def _several(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    gap = st.one_of(st.just(""), _GAPS)
    item = st.tuples(gap, values, gap).map("".join)
    commas = st.sampled_from([",", ",", ",", ", ", ",,", ""])
    lists = st.tuples(st.lists(item, max_size=3), commas, st.sampled_from(["", ","])).map(
        lambda parts: f"[{parts[1].join(parts[0])}{parts[2]}]"
    )
    pairs = st.tuples(_KEYS, values).map(" = ".join)
    tables = st.tuples(st.lists(pairs, max_size=3), commas).map(
        lambda parts: f"{{{parts[1].join(parts[0])}}}"
    )
    return st.one_of(lists, tables)


_VALUES = st.recursive(_SIMPLE, _several, max_leaves=5)
_LINES = st.one_of(
    st.tuples(_KEYS, st.sampled_from(["=", " = ", " =\t", "==", " "]), _VALUES).map("".join),
    _KEYS.map("[{}]".format),
    _KEYS.map("[ {} ] # c".format),
    _KEYS.map("[[{}]]".format),
    st.sampled_from(["", "# c", "  ", "]", "[[a] ]", "[a]]", "a = 1 b = 2", "x"]),
)


def in_full(text: str) -> dict[str, Any] | None:
    """What the parser of all of TOML reads; ``None`` where it finds a mistake."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


@given(st.lists(_LINES, max_size=8).map("\n".join))
def test_what_is_read_of_toml_is_what_the_full_parser_reads(text: str) -> None:
    """A document of any lines, right or wrong, is read as the full parser reads it, or left to it."""
    read = plain_toml.read(text)
    # The texts tell 1 from 1.0 and from true, and the order of keys.
    assert read is None or repr(read) == repr(in_full(text))


@given(st.text(alphabet="ab.=[]{},\"'\\#\n 01-+t", max_size=40))
def test_any_signs_are_read_as_by_the_full_parser(text: str) -> None:
    """Signs that mean something to TOML, in any order, are read as the full parser reads them, or left to it."""
    read = plain_toml.read(text)
    assert read is None or repr(read) == repr(in_full(text))


@given(st.data())
def test_one_wrong_letter_is_left_to_the_full_parser(data: st.DataObject) -> None:
    """A real file with one letter changed, or cut short, is read as the full parser reads it, or left to it."""
    text = (ROOT / "python_helper" / "helper" / "pyproject.toml").read_text("utf-8")
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(
        st.sampled_from(["", '"', "'", "[", "]", "=", "\n", "\\", ",", "{", "0", "#"])
    )
    rest = text[at + 1 :] if data.draw(st.booleans()) else ""
    changed = text[:at] + letter + rest
    read = plain_toml.read(changed)
    assert read is None or repr(read) == repr(in_full(changed))


@pytest.mark.parametrize("name", ["pyproject.toml", "python_helper/helper/pyproject.toml"])
def test_a_real_file_is_read_without_the_full_parser(name: str) -> None:
    """The usual project file is of the common part of TOML."""
    text = (ROOT / name).read_text("utf-8")
    assert plain_toml.read(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a = "tab\\t, quote\\", \\\\"', {"a": 'tab\t, quote", \\'}),
        ("a.b = 1\na.c = [1, 2.5, # c\n -3,]\n", {"a": {"b": 1, "c": [1, 2.5, -3]}}),
        ("[a.b]\nx = true\n[a]\ny = {z = 'w'}", {"a": {"b": {"x": True}, "y": {"z": "w"}}}),
        ("[[a.b]]\nx = 1\n[[a.b]]\n", {"a": {"b": [{"x": 1}, {}]}}),
        ("a = '''\nx\\y\n'''\nb = " + '"""\\""""\n', {"a": "x\\y\n", "b": '"'}),
        ("", {}),
        ("\n # nothing\n", {}),
    ],
)
def test_the_common_part_is_read(text: str, value: dict[str, Any]) -> None:
    """Tables, strings, numbers, and lists and tables of them are what is common."""
    assert plain_toml.read(text) == value == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        'a = """x\\\n y"""',
        "a = 2026-11-21",
        'a = "\\u0041"',
        "a = 1_000",
        "a = 1\na = 2",
        "a",
        "[a",
        "[" * 90,
    ],
)
def test_the_rest_is_left_to_the_full_parser(text: str) -> None:
    """Rare forms, and every mistake, are not for this reader to judge."""
    assert plain_toml.read(text) is None
