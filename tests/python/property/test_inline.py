"""The block of a script's metadata, held against the expression and the program that the standard gives."""

from __future__ import annotations

import re
import sys

from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from workflow_helper.discovery import script_metadata
from workflow_helper.discovery.script_metadata import CLOSING, find, read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: As it stands in "Inline script metadata", with the function that reads a block with it.
REFERENCE = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"


def reference(script: str) -> str | None:
    """What the standard's program takes for the content of the block; raises :class:`ValueError` for two."""
    matches = [one for one in re.finditer(REFERENCE, script) if one.group("type") == "script"]
    if len(matches) > 1:
        raise ValueError("Multiple script blocks found")
    if not matches:
        return None
    return "".join(
        line[2:] if line.startswith("# ") else line[1:]
        for line in matches[0].group("content").splitlines(keepends=True)
    )


LINES = st.sampled_from(
    [
        "# /// script",
        "# /// script",
        "# /// other",
        "# /// script ",
        "#/// script",
        "# ///",
        "# ///",
        "# /// ",
        "#",
        "# ",
        "# a = 1",
        "# dependencies = ['six']",
        "# requires-python = '>=3.10'",
        "# [tool.x]",
        "#a = 1",
        "",
        "x = 1",
        " # ///",
    ]
)
SCRIPTS = st.builds(
    lambda lines, end: "\n".join(lines) + end,
    st.lists(LINES, max_size=14),
    st.sampled_from(["", "\n"]),
)


def check(script: str) -> None:
    """What is found here is what the standard's program finds."""
    block, problems = find(script)
    try:
        expected = reference(script)
    except ValueError:
        assert any("another block" in one.message for one in problems)
        return
    if any("another block" in one.message for one in problems):
        # An empty one, of which the expression knows nothing, though the text of the standard allows it.
        assert f"script\n{CLOSING}" in script
        return
    if expected is None:
        assert block is None or block.content == ""
        return
    if block is not None and block.content == "" and expected != "":
        return  # an empty block before the one that the expression finds was told above
    assert block is not None
    assert block.content == expected.removesuffix("\n")
    assert script.split("\n")[block.first] == "# /// script"
    assert script.split("\n")[block.last] == CLOSING


@given(SCRIPTS)
@example("# /// other\n# /// script\n# a = 1\n# ///\n")
@example("# /// script\n# ///\n# a = 1\n# ///")
@example("# /// script\n# a = 1\n# ///\n#\n# ///\n# b")
def test_block_is_what_the_standard_s_expression_finds(script: str) -> None:
    """However comments follow each other, block and content are those of the reference."""
    check(script)


@given(st.text(alphabet=st.sampled_from("# /script\n='a\x0b\u2028\t"), max_size=200))
def test_block_is_what_the_standard_s_expression_finds_in_any_text(script: str) -> None:
    """No character but a line feed ends a line."""
    check(script)


@given(SCRIPTS)
def test_metadata_is_what_the_reference_reads(script: str) -> None:
    """The keys are those that the standard's program gives, where it gives any."""
    found, problems = read(script)
    try:
        expected = tomllib.loads(reference(script) or "")
    except ValueError:
        assert problems
        return
    if not problems and found.block is not None and found.block.content:
        assert found.requires_python == expected.get("requires-python")
        assert list(found.dependencies) == expected.get("dependencies", [])
        assert dict(found.tool) == expected.get("tool", {})


@given(SCRIPTS)
def test_every_problem_has_its_place_in_the_script(script: str) -> None:
    """A line is one of the script's, and a column is in it."""
    found, problems = read(script)
    lines = script.split("\n")
    for one in (*problems, *script_metadata.check(found)):
        assert 0 <= one.line < len(lines)
        assert one.column is None or 0 <= one.column <= len(lines[one.line])


@given(st.text("a.-_ 1=<>!~,[@;", max_size=12))
@example("a ~=1")
@example("a===1")
@example("a == 1.*")
@example("a >=1, <2")
def test_requirement_that_is_plain_is_valid(text: str) -> None:
    """What is seen to be valid without the library that parses requirements, the library takes too."""
    if script_metadata.is_plain(text):
        Requirement(text)


@given(
    st.from_regex(r"[a-z]([a-z0-9._-]{0,5}[a-z0-9])?", fullmatch=True),
    st.lists(st.sampled_from(["==1.0", ">= 2", "<3", "!=1.2.3", "~=1.4", ">0", "<=9"]), max_size=3),
)
def test_requirement_of_a_name_and_versions_is_plain(name: str, versions: list[str]) -> None:
    """Nearly all requirements of scripts take no library."""
    assert script_metadata.is_plain(f"{name} {', '.join(versions)}")
