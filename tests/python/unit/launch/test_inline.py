from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from python_workflow.discovery.disk import Disk
from python_workflow.errors import UnusableFile
from python_workflow.launch.inline import metadata
from support.files import write

if TYPE_CHECKING:
    from pathlib import Path

    from python_workflow.launch.inline import Inline


def read(tmp_path: Path, text: str | bytes) -> Inline:
    """The metadata of a script with this text."""
    return metadata(str(write(tmp_path / "script.py", text)), Disk())


@pytest.mark.parametrize(
    "text",
    [
        "# /// script\n# requires-python = '>=3.11'\n# dependencies = ['a', 'b>1']\n# ///\n",
        "#!/usr/bin/env python3\n'''doc'''\n# /// script\n# requires-python = '>=3.11'\n#\n# dependencies = [\n#   'a',\n#   'b>1',\n# ]\n# ///\nimport x\n",
        "# /// script\r\n# requires-python = '>=3.11'\r\n# dependencies = ['a', 'b>1']\r\n# ///\r\n",
        "\ufeff# /// script\n# requires-python = '>=3.11'\n# dependencies = ['a', 'b>1']\n# ///",
        "# /// other\n# x = 1\n# ///\n\n# /// script\n# requires-python = '>=3.11'\n# dependencies = ['a', 'b>1']\n# [tool.x]\n# y = 1\n# ///\n",
    ],
)
def test_metadata_is_read(tmp_path: Path, text: str) -> None:
    """The block is found wherever it stands, with empty comment lines, other blocks and tables of tools."""
    assert read(tmp_path, text) == (">=3.11", ("a", "b>1"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "print(1)\n",
        "# /// script\n# dependencies = ['a']\n",
        "# /// script\n# dependencies = ['a']\nx\n# ///\n",
        "#/// script\n# dependencies = ['a']\n# ///\n",
        " # /// script\n # dependencies = ['a']\n # ///\n",
        "# /// script\n# ///\n",
    ],
)
def test_script_without_metadata_asks_for_nothing(tmp_path: Path, text: str) -> None:
    """What is no block by the standard is a comment, and an empty block asks for nothing."""
    assert read(tmp_path, text) == (None, ())


def test_block_ends_with_the_comment(tmp_path: Path) -> None:
    """A closing line inside the comment does not end the block: the last one does."""
    text = "# /// script\n# x = '''\n# ///\n# '''\n# dependencies = ['a']\n# ///\n"
    assert read(tmp_path, text).dependencies == ("a",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# /// script\n# dependencies = [\n# ///\n", "not valid TOML"),
        ("# /// script\n# dependencies = 'a'\n# ///\n", "'dependencies'"),
        ("# /// script\n# dependencies = [1]\n# ///\n", "'dependencies'"),
        ("# /// script\n# requires-python = 3.12\n# ///\n", "'requires-python'"),
        ("# /// script\n# ///\nx\n# /// script\n# ///\n", "more than one block"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_mistake_is_told(tmp_path: Path, text: str | bytes, expected: str) -> None:
    """Metadata that is not as the standard says is an error that names the script."""
    with pytest.raises(UnusableFile, match=expected) as caught:
        read(tmp_path, text)
    assert caught.value.path == str(tmp_path / "script.py")


def test_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A script that does not exist, or is a folder, is an error."""
    for path in (tmp_path / "nonesuch.py", tmp_path):
        with pytest.raises(UnusableFile):
            metadata(str(path), Disk())
