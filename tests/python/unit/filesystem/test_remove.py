from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.filesystem.remove import remove_tree

if TYPE_CHECKING:
    from pathlib import Path


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
