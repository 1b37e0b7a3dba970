from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.errors import NotFound, UnusableFile, UsageError
from workflow_helper.scripts.edit import add, remove

if TYPE_CHECKING:
    from pathlib import Path


def added(tmp_path: Path, text: str | bytes, *requirements: str) -> bytes:
    """The bytes of a script with this text, after ``requirements`` were added."""
    path = write(tmp_path / "tool.py", text)
    add(str(path), requirements)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# /// script\n# dependencies = [\n#   'a', # why\n#   # more\n#   'b>1',\n# ]\n# ///\nx\n",
            "# /// script\n# dependencies = [\n#   'a', # why\n#   # more\n#   'b>1',\n#   \"c>=2\",\n# ]\n# ///\nx\n",
        ),
        (
            '#!/x\n# /// script\n# requires-python = ">=3.11"\n#\n# [tool.uv]\n# x = 1\n# ///\n',
            '#!/x\n# /// script\n# requires-python = ">=3.11"\n# dependencies = ["c>=2"]\n#\n# [tool.uv]\n# x = 1\n# ///\n',
        ),
        ("# /// script\n# ///\nx", '# /// script\n# dependencies = ["c>=2"]\n# ///\nx'),
        ("x = 1\n", '# /// script\n# dependencies = ["c>=2"]\n# ///\n\nx = 1\n'),
        ("", '# /// script\n# dependencies = ["c>=2"]\n# ///\n'),
        ("\nx\n", '# /// script\n# dependencies = ["c>=2"]\n# ///\n\nx\n'),
        (
            "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\nx\n",
            '#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n# /// script\n# dependencies = ["c>=2"]\n# ///\n\nx\n',
        ),
        ("#!/x", '#!/x\n# /// script\n# dependencies = ["c>=2"]\n# ///\n'),
    ],
)
def test_requirement_is_added_and_all_else_stays(tmp_path: Path, text: str, expected: str) -> None:
    """The block keeps its layout and comments; a script without one gets one behind its first lines."""
    assert added(tmp_path, text, "c>=2").decode() == expected


def test_ends_of_lines_and_the_mark_stay(tmp_path: Path) -> None:
    """A file of Windows stays one."""
    text = b"\xef\xbb\xbf# /// script\r\n# dependencies = ['a']\r\n# ///\r\nx = '''\n'''\r\n"
    expected = text.replace(b"['a']", b"['a', \"c\"]")
    assert added(tmp_path, text, "c") == expected


@pytest.mark.parametrize(
    ("before", "requirement", "after"),
    [
        ("'C.x>1', 'b'", "c-X>2", "\"c-X>2\", 'b'"),
        ("'c[a]', 'b'", "c", "\"c\", 'b'"),
        (
            "'c ; os_name == \"nt\"'",
            "c>1",
            '\'c ; os_name == "nt"\', "c>1"',
        ),
        ("'c'", "c", "'c'"),
    ],
)
def test_requirement_of_the_same_name_gives_way(
    tmp_path: Path, before: str, requirement: str, after: str
) -> None:
    """Names are compared as the index does, and another marker makes another requirement."""
    text = "# /// script\n# dependencies = [{}]\n# ///\n"
    assert added(tmp_path, text.format(before), requirement).decode() == text.format(after)


def test_requirements_are_taken_out(tmp_path: Path) -> None:
    """By name, every one of it; one that is not there is an error, and nothing is written."""
    text = "# /// script\n# dependencies = [\n#   'a>1',\n#   'B.b[x] ; os_name == \"nt\"',\n#   'b-b',\n# ]\n# ///\n"
    path = write(tmp_path / "tool.py", text)
    with pytest.raises(NotFound, match="does not depend on c"):
        remove(str(path), ["a", "c"])
    assert path.read_text() == text
    edited = remove(str(path), ["b_b"])
    assert edited == (("a>1",), True)
    assert path.read_text() == "# /// script\n# dependencies = [\n#   'a>1',\n# ]\n# ///\n"


def test_file_that_says_the_same_is_not_written(tmp_path: Path) -> None:
    """Whoever watches it is not told of a change that is none."""
    path = write(tmp_path / "tool.py", "# /// script\n# dependencies = ['a']\n# ///\n")
    os.utime(path, (1, 1))
    assert add(str(path), ["a"]) == (("a",), False)
    assert path.stat().st_mtime == 1


@pytest.mark.needs("POSIX")
def test_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    """A program stays one, and what a link leads to is changed, not the link."""
    path = write(tmp_path / "tool.py", "x\n")
    path.chmod(0o775)
    link = tmp_path / "link"
    link.symlink_to(path)
    add(str(link), ["a"])
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o775
    assert "dependencies" in path.read_text()


@pytest.mark.parametrize(
    ("text", "requirement", "error"),
    [
        ("x\n", "a b", UsageError),
        ("x\n", "./a.whl", UsageError),
        ("# /// script\n# dependencies = 'a'\n# ///\n", "a", UnusableFile),
        ("# /// script\n# dependencies = []\n", "a", UnusableFile),
        (b"\xff\n", "a", UnusableFile),
    ],
)
def test_mistake_changes_nothing(
    tmp_path: Path, text: str | bytes, requirement: str, error: type[Exception]
) -> None:
    """What is not a requirement, and a block with mistakes, are errors."""
    path = write(tmp_path / "tool.py", text)
    before = path.read_bytes()
    with pytest.raises(error):
        add(str(path), [requirement])
    assert path.read_bytes() == before


def test_script_without_a_block_has_nothing_to_take_out(tmp_path: Path) -> None:
    """The error says how to write one."""
    path = write(tmp_path / "tool.py", "x\n")
    with pytest.raises(NotFound) as caught:
        remove(str(path), ["a"])
    assert "wsp script add tool.py" in str(caught.value.hint)
