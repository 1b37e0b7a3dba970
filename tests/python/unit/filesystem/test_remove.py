from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import workflow_helper
from support.files import write
from support.tree import supported_pythons
from workflow_helper.filesystem.remove import remove_tree


@pytest.mark.parametrize("ignore_errors", [False, True])
def test_what_is_read_only_is_removed_too(tmp_path: Path, *, ignore_errors: bool) -> None:
    """Read-only files, as git's objects are, go with the folder that they are in."""
    folder = tmp_path / "folder"
    for name in ("a", "deep/b"):
        write(folder / name).chmod(0o444)
    remove_tree(str(folder), ignore_errors=ignore_errors)
    assert os.listdir(tmp_path) == []


def test_what_is_not_there_is_told_unless_that_is_ignored(tmp_path: Path) -> None:
    """A folder that does not exist is an error for whoever wants to know."""
    missing = str(tmp_path / "missing")
    remove_tree(missing, ignore_errors=True)
    with pytest.raises(FileNotFoundError):
        remove_tree(missing)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("python", supported_pythons())
def test_a_fifo_is_no_folder_and_holds_nobody_up(tmp_path: Path, python: str) -> None:
    """On every Python, a FIFO in the place of a folder is refused at once and stays, or is ignored."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = f"""
import sys
sys.path.append({str(Path(workflow_helper.__file__).parents[1])!r})
from workflow_helper.filesystem.remove import remove_tree
remove_tree({str(fifo)!r}, ignore_errors=True)
try:
    remove_tree({str(fifo)!r})
except NotADirectoryError as error:
    assert error.filename == {str(fifo)!r}
else:
    raise AssertionError
"""
    subprocess.run([python, "-I", "-S", "-c", code], check=True, timeout=60)
    assert fifo.is_fifo()
