from __future__ import annotations

import pytest
from workflow_helper.lsp.toml_places import LIMIT, Spot, find, section, spell

TEXT = """\
# [no] = 1
[tool.x]
"a.b" = [1, {c = '''x
y'''}]

[workflow]
wsp = {cmd = ["a", "b"], requires = "r"}  # wsp = "no"
[[workflow.folder]]
path = "a"
[[workflow.folder]]
path = "b"
environment = '''c'''
"""


def test_every_name_and_value_has_its_place() -> None:
    """As they are written, items of lists by their number."""
    found = [
        (spell(entry.path), TEXT[slice(*entry.value)])
        for entry in find(TEXT).entries
        if entry.value is not None
    ]
    assert found == [
        ("tool.x.a.b", "[1, {c = '''x\ny'''}]"),
        ("tool.x.a.b[0]", "1"),
        ("tool.x.a.b[1]", "{c = '''x\ny'''}"),
        ("tool.x.a.b[1].c", "'''x\ny'''"),
        ("workflow.wsp", '{cmd = ["a", "b"], requires = "r"}'),
        ("workflow.wsp.cmd", '["a", "b"]'),
        ("workflow.wsp.cmd[0]", '"a"'),
        ("workflow.wsp.cmd[1]", '"b"'),
        ("workflow.wsp.requires", '"r"'),
        ("workflow.folder[0].path", '"a"'),
        ("workflow.folder[1].path", '"b"'),
        ("workflow.folder[1].environment", "'''c'''"),
    ]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("workflow", "workflow"),
        ("workflow.wsp.cmd[1]", '"b"'),
        ("workflow.wsp.module", "wsp"),
        ("workflow.folder[1].path", "path"),
        ("workflow.folder[0].environment", "folder"),
        ("workflow.wspx", "workflow"),
    ],
)
def test_an_error_s_key_is_found_or_the_nearest_around_it(key: str, name: str) -> None:
    """What is not there is shown where it should be."""
    entry = find(TEXT).of_key(key)
    assert entry is not None
    assert TEXT[slice(*entry.name)] == name


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", Spot("key", (), "", 0)),
        ("[a", Spot("header", (), "a", 1)),
        ("[a.", Spot("header", ("a",), "", 3)),
        ("[[a.b", Spot("header", ("a",), "b", 4, inline=True)),
        ("[a]\nb", Spot("key", ("a",), "b", 4)),
        ("[a]\nb.c", Spot("key", ("a", "b"), "c", 6)),
        ("[a]\nb = ", Spot("value", ("a", "b"), "", 8)),
        ("[a]\nb = tr", Spot("value", ("a", "b"), "tr", 8)),
        ('[a]\nb = "x', Spot("value", ("a", "b"), "x", 9, '"')),
        ("a = ['x', 'y", Spot("value", ("a", 1), "y", 11, "'", inline=True)),
        ("a = [1,\n", Spot("value", ("a", 1), "", 8, inline=True)),
        ("a = {b = 1, ", Spot("key", ("a",), "", 12, inline=True)),
        ("a = {b = [", Spot("value", ("a", "b", 0), "", 10, inline=True)),
        ("a = {b = 1\n[c]\nd", Spot("key", ("c",), "d", 15)),
        ("a = [1\n[c]\nd", Spot("key", ("c",), "d", 11)),
        ("a = [1\nd = 'x", Spot("value", ("d",), "x", 12, "'")),
        ("a = 1 ", None),
        ("a = 'x'", None),
        ("a # b", None),
        ("a = [ # b", None),
    ],
)
def test_what_is_being_written_is_known(text: str, end: Spot | None) -> None:
    """Behind what is not finished, too."""
    assert find(text).end == end


def test_a_table_is_found_without_reading_those_around_it() -> None:
    """From its header to the next, whatever precedes it."""
    offset = TEXT.index("requires")
    begin, end = section(TEXT, offset)
    assert TEXT[begin:end].startswith("[workflow]")
    assert TEXT[begin:end].endswith('"no"\n')
    assert section("a = 1\n", 3) == (0, 6)


@pytest.mark.parametrize(
    "part", ["[", "{", '"', "a=", "[[", "'''", 'a."', "{a=", "a=[\n", "#\n", "a.", "a=[1,\n"]
)
def test_a_text_that_means_harm_is_read_in_time(part: str) -> None:
    """Whatever it repeats."""
    find(part * (20_000 // len(part)))


def test_no_more_of_a_text_is_read_than_the_limit() -> None:
    """What follows has no places."""
    assert find(" " * LIMIT + "a = 1").entries == ()
