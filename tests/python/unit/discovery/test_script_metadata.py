from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.discovery import script_metadata
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_helper.discovery.script_metadata import Inline, MetadataProblem


def metadata(tmp_path: Path, text: str | bytes) -> Inline:
    """The metadata of a script with this text."""
    return script_metadata.metadata(str(write(tmp_path / "script.py", text)), Disk())


def problems(text: str) -> list[MetadataProblem]:
    """All that is wrong with a script's metadata."""
    found, wrong = script_metadata.read(text)
    return [*wrong, *script_metadata.check(found)]


@pytest.mark.parametrize(
    "text",
    [
        "# /// script\n# requires-python = '>=3.11'\n# dependencies = ['a', 'b>1']\n# ///\n",
        "#!/usr/bin/env python3\n'''doc'''\n# /// script\n# requires-python = '>=3.11'\n#\n# dependencies = [\n#   'a',\n#   'b>1',\n# ]\n# ///\nimport x\n",
        "# /// script\r\n# requires-python = '>=3.11'\r\n# dependencies = ['a', 'b>1']\r\n# ///\r\n",
        "\ufeff# /// script\n# requires-python = '>=3.11'\n# dependencies = ['a', 'b>1']\n# ///",
        "# /// other\n# x = 1\n# ///\n\n# /// script\n# requires-python = '>=3.11'\n# dependencies = ['a', 'b>1']\n# [tool.x]\n# y = 1\n# ///\n",
        "# /// script\n# requires-python = '>=3.11' # \u2028\n# dependencies = ['a', 'b>1']\n# ///\n",
    ],
)
def test_metadata_is_read(tmp_path: Path, text: str) -> None:
    """The block is found wherever it stands, with empty comment lines, other blocks and tables of tools."""
    found = metadata(tmp_path, text)
    assert (found.requires_python, found.dependencies) == (">=3.11", ("a", "b>1"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "print(1)\n",
        "#/// script\n# dependencies = ['a']\n",
        " # /// script\n # dependencies = ['a']\n # ///\n",
        "# /// Script\n# dependencies = ['a']\n# ///\n",
        "# /// other\n# /// script\n# dependencies = ['a']\n# ///\n",
    ],
)
def test_script_without_metadata_asks_for_nothing(tmp_path: Path, text: str) -> None:
    """What is no block by the standard is a comment."""
    assert metadata(tmp_path, text) == script_metadata.Inline()


def test_empty_block_asks_for_nothing(tmp_path: Path) -> None:
    """A block is there, and says nothing."""
    found = metadata(tmp_path, "import x\n# /// script\n# ///\n")
    assert found == script_metadata.Inline(script_metadata.Block("", 1, 2))


def test_block_ends_with_the_comment(tmp_path: Path) -> None:
    """A closing line inside the comment does not end the block: the last one does."""
    text = "# /// script\n# x = '''\n# ///\n# '''\n# dependencies = ['a']\n# ///\n"
    assert metadata(tmp_path, text).dependencies == ("a",)


@pytest.mark.parametrize(
    ("text", "expected", "line", "column"),
    [
        ("x\n# /// script\n# dependencies = ['a']\n", "has no end", 1, None),
        ("x\n# /// script\n# dependencies = ['a']\ny\n# ///\n", "has no end", 1, None),
        ("x\n# /// script", "has no end", 1, None),
        ("# /// script\n# ///\nx\n# /// script\n# ///\n", "another block .* on line 1", 3, None),
        ("x\n# /// script\n# a = 1\n# b = = 2\n# ///\n", "not valid TOML: Invalid value", 3, 6),
        ("x\n# /// script\n# dependencies = [\n# ///\n", "not valid TOML", 3, None),
        ("# /// script\n# a = 1\n# a = 2\n# ///\n", "not valid TOML", 2, 7),
        ("x\n# /// script\n# dependencies = 'a'\n# ///\n", "'dependencies' should be", 2, 2),
        ("# /// script\n# dependencies = [\n#   1,\n# ]\n# ///\n", "'dependencies'", 1, 2),
        ("# /// script\n#\n# requires-python = 3.12\n# ///\n", "'requires-python'", 2, 2),
        ("# /// script\n# tool = 1\n# ///\n", "'tool' should be a table", 1, 2),
        ("# /// script\n# [dependencies]\n# a = 1\n# ///\n", "'dependencies'", 1, 2),
        ("# /// script\n# requires-python = '3.12'\n# ///\n", "'3.12' is not a range", 1, 20),
        (
            "# /// script\n# dependencies = [\n#   'a',\n#   'b c',\n# ]\n# ///\n",
            "'b c' is no",
            3,
            4,
        ),
        (
            "# /// script\n# dependencies = ['\\u0061', \"\\u0061 b\"]\n# ///\n",
            "'\\\\\\\\u0061'",
            1,
            18,
        ),
        ('# /// script\n# dependencies = ["\\u0061 b"]\n# ///\n', "'a b' is no", 1, 2),
        ("# /// script\n# dependencies = ['./a.whl']\n# ///\n", "'./a.whl' is no", 1, 18),
    ],
)
def test_mistake_is_told_with_its_place(
    text: str, expected: str, line: int, column: int | None
) -> None:
    """Every breach of the standard is one sentence, with its line and column in the script."""
    found = problems(text)
    assert found
    assert (found[0].line, found[0].column) == (line, column)
    with pytest.raises(UnusableFile, match=expected) as caught:
        raise script_metadata.unusable("/x.py", found)
    assert f"(line {line + 1})" in caught.value.message


def test_every_mistake_is_told() -> None:
    """One mistake does not hide the next."""
    text = "# /// script\n# requires-python = '3'\n# dependencies = ['a b', 'a b', 'c']\n# ///\n\n# /// script\n# ///\n"
    assert [(one.line, one.column) for one in problems(text)] == [
        (5, None),
        (1, 20),
        (2, 18),
        (2, 25),
    ]


def test_script_of_nothing_but_openings_is_read_at_once() -> None:
    """Many blocks without an end cost as much as other comments."""
    assert len(problems("# /// script\n" * 200_000)) == 1


@pytest.mark.parametrize("text", [b"\xff\xfe", "# /// script\n# x\n# ///\n"])
def test_error_names_the_script(tmp_path: Path, text: str | bytes) -> None:
    """Metadata that cannot be read is an error that names the file."""
    with pytest.raises(UnusableFile) as caught:
        metadata(tmp_path, text)
    assert caught.value.path == str(tmp_path / "script.py")


def test_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A script that does not exist, or is a folder, is an error."""
    for path in (tmp_path / "nonesuch.py", tmp_path):
        with pytest.raises(UnusableFile):
            script_metadata.metadata(str(path), Disk())
