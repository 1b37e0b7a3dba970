from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from python_launcher import shebang
from support.files import write
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "version", "options"),
    [
        ("#!/usr/bin/env python", "", ()),
        ("#!/usr/bin/env python3", "3", ()),
        ("#! /usr/bin/env  python3.12", "3.12", ()),
        ("#!/usr/bin/python3.12 -I", "3.12", ("-I",)),
        ("#!/usr/bin/env -S python3.12 -I -X utf8", "3.12", ("-I", "-X", "utf8")),
        ("#!/usr/bin/env -Spython3 -I", "3", ("-I",)),
        ("#!/usr/bin/env --split-string=python3 -I", "3", ("-I",)),
        ("#!/usr/bin/env -S A=1 python3", "3", ()),
        ("#!/usr/bin/env pypy3.10", "pypy3.10", ()),
        ("#!python3.13t", "3.13t", ()),
        ("#!C:\\Python312\\python3.12.exe -u", "3.12", ("-u",)),
        ("#!/nowhere/bin/python3.11", "3.11", ()),
        ("#!/usr/bin/python2.7", "2.7", ()),
        ("#!/usr/bin/env python2", "2", ()),
    ],
)
def test_a_line_for_python_asks_for_a_version(
    line: str, version: str, options: tuple[str, ...]
) -> None:
    """With the options that Python is to be given."""
    found = shebang.parse(line, Disk())
    assert found is not None
    assert (found.version, found.program, found.options) == (version, None, options)


@pytest.mark.parametrize(
    "line",
    [
        "#!",
        "#!/bin/sh",
        "#!/usr/bin/env",
        "#!/usr/bin/env -i python3",
        "#!/usr/bin/env /opt/python3",
        "#!/usr/bin/pythonista",
        "#!/usr/bin/env -S",
        "#!/usr/bin/python3-config",
    ],
)
def test_a_line_for_something_else_asks_for_nothing(line: str) -> None:
    """No other language, no other program, and nothing that ``env`` is to do besides."""
    assert shebang.parse(line, Disk()) is None


@pytest.mark.needs("POSIX")
def test_an_interpreter_that_is_there_is_meant_itself(tmp_path: Path) -> None:
    """An absolute path to a program; never a relative one, which depends on the folder."""
    python = write(tmp_path / "python3.12", executable=True)
    found = shebang.parse(f"#!{python}", Disk())
    assert found is not None
    assert found.program == str(python)
    plain = write(tmp_path / "python3.11")
    found = shebang.parse(f"#!{plain}", Disk())
    assert found is not None
    assert found.program is None


@pytest.mark.parametrize(
    "content", [b"", b"#", b"print()", b"\n#!/usr/bin/python3", b"\xff\xfe#\0!\0", b"#!\xff\xfe\n"]
)
def test_a_file_without_such_a_line_asks_for_nothing(tmp_path: Path, content: bytes) -> None:
    """Whatever bytes it holds."""
    assert shebang.read(str(write(tmp_path / "a.py", content)), Disk()) is None


@pytest.mark.needs("POSIX")
def test_only_the_beginning_of_a_file_is_read(tmp_path: Path) -> None:
    """A line without an end is cut off, and a FIFO is not opened."""
    import os

    found = shebang.read(str(write(tmp_path / "a.py", b"#!python3 " + b"x" * 100_000)), Disk())
    assert found is not None
    assert len(found.line) <= shebang.LIMIT
    os.mkfifo(tmp_path / "fifo")
    assert shebang.read(str(tmp_path / "fifo"), Disk()) is None


@pytest.mark.parametrize(
    ("words", "script"),
    [
        ("a.py -c b.py", "a.py"),
        ("-I a.py", "a.py"),
        ("-X utf8 a.py", "a.py"),
        ("-Xutf8 a.py", "a.py"),
        ("-W error -Bu a.py", "a.py"),
        ("-BX dev a.py", "a.py"),
        ("--check-hash-based-pycs always a.py", "a.py"),
        ("-- a.py", "a.py"),
        ("-m mod a.py", None),
        ("-Im mod a.py", None),
        ("-c a.py", None),
        ("-", None),
        ("-X", None),
        ("", None),
    ],
)
def test_the_script_is_found_behind_the_options_of_python(words: str, script: str | None) -> None:
    """A module, code and standard input are none."""
    assert shebang.script_of(words.split()) == script
