from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.errors import Refused
from workflow_helper.system.batch import popen_arguments
from workflow_helper.system.process import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("argument", ["a&calc", "%PATH%", 'a"b', "a|b", "x\ny", "^", "!x!", "a>b"])
@pytest.mark.parametrize("name", ["tool.bat", "tool.CMD", "tool.cmd ."])
def test_batch_files_get_no_metacharacters(name: str, argument: str) -> None:
    """An argument that Windows would execute is refused for a batch file."""
    with pytest.raises(Refused, match="batch file"):
        popen_arguments([f"C:\\{name}", "fine", argument], windows=True)


def test_a_batch_file_whose_path_windows_would_replace_is_refused() -> None:
    """What stands between percent signs is a variable to the shell, also inside quotes."""
    with pytest.raises(Refused, match="its path"):
        popen_arguments(["C:\\%TEMP%\\tool.cmd"], windows=True)


def test_each_word_for_a_batch_file_is_quoted() -> None:
    """An ampersand in its path ends no command, a comma no argument, and a backslash no quotation."""
    argv = ["C:\\R&D\\tool.cmd", "--python", "C:\\Program Files\\", "a,b;c=d", ""]
    expected = '"C:\\R&D\\tool.cmd" "--python" "C:\\Program Files\\\\" "a,b;c=d" ""'
    assert popen_arguments(argv, windows=True) == expected


def test_any_argument_passes_to_other_programs() -> None:
    """Whatever is no batch file, or is started on another system, gets its arguments as a list."""
    argv = ["C:\\tool.exe", "a&b"]
    assert popen_arguments(argv, windows=True) == argv
    assert popen_arguments(["/tool.cmd", "a&b"], windows=False) == ["/tool.cmd", "a&b"]
    assert popen_arguments([], windows=True) == []


def test_a_batch_file_in_a_folder_with_an_ampersand_gets_its_arguments(tmp_path: Path) -> None:
    """It is what runs, and each argument is one; elsewhere its name means nothing."""
    text = (
        "@echo off\r\necho [%~1][%~2][%~3]\r\n"
        if os.name == "nt"
        else '#!/bin/sh\nprintf "[%s]" "$@"'
    )
    tool = write(tmp_path / "R&D" / "tool.cmd", text, executable=True)
    argv = [str(tool), "a,b", "c d", "e=f"]
    done = run(argv, cwd=str(tmp_path), environ=os.environ, timeout=60)
    assert done.stdout.strip() == b"[a,b][c d][e=f]"
