from __future__ import annotations

import os
import re
import threading
from typing import TYPE_CHECKING

import pytest
from support.files import link, tree_of, write
from workflow_helper.errors import AlreadyExists, WorkflowError
from workflow_helper.filesystem.atomic import write_whole

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_written_with_the_folders_above(tmp_path: Path) -> None:
    """Nothing but the file is left."""
    write_whole(str(tmp_path / "a" / "b"), b"data", replace=False)
    assert tree_of(tmp_path) == {"a": None, "a/b": b"data"}


@pytest.mark.needs("POSIX")
def test_a_file_is_replaced_on_request_only(tmp_path: Path) -> None:
    """Without the word, what is there stays, be it a link to nowhere."""
    path = write(tmp_path / "a", "old")
    with pytest.raises(AlreadyExists):
        write_whole(str(path), b"new", replace=False)
    write_whole(str(path), b"new", replace=True)
    dangling = link(tmp_path / "l", "nowhere")
    with pytest.raises(AlreadyExists):
        write_whole(str(dangling), b"new", replace=False)
    assert tree_of(tmp_path) == {"a": b"new", "l": "nowhere"}


def test_a_file_that_somebody_reads_is_replaced(tmp_path: Path) -> None:
    """A reader that has it open for a moment is waited for where the system asks for that."""
    path = write(tmp_path / "a", "old")
    with path.open("rb") as reader:
        writer = threading.Thread(
            target=write_whole, args=(str(path), b"new"), kwargs={"replace": True}
        )
        writer.start()
        assert reader.read() == b"old"
    writer.join()
    assert tree_of(tmp_path) == {"a": b"new"}


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    """What a link leads to is somebody else's."""
    target = write(tmp_path / "target", "theirs")
    path = link(tmp_path / "link", target)
    write_whole(str(path), b"mine", replace=True)
    assert tree_of(tmp_path) == {"target": b"theirs", "link": b"mine"}


@pytest.mark.needs("POSIX")
def test_the_mode_is_the_file_s_from_the_start(tmp_path: Path) -> None:
    """Nobody else can read a private file at any moment."""
    write_whole(str(tmp_path / "a"), b"", replace=False, mode=0o600)
    assert os.stat(tmp_path / "a").st_mode & 0o777 == 0o600


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """A folder in the way is an error that names the file, and no temporary file stays."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(WorkflowError, match=re.escape(str(tmp_path / "a"))):
        write_whole(str(tmp_path / "a"), b"", replace=True)
    assert tree_of(tmp_path) == {"a": None, "a/b": None}


def test_a_file_where_a_folder_should_be_is_an_error_of_one_sentence(tmp_path: Path) -> None:
    """It names the file that was to be written, and does not say that this exists."""
    write(tmp_path / "a")
    with pytest.raises(WorkflowError, match=re.escape(str(tmp_path / "a" / "b"))) as caught:
        write_whole(str(tmp_path / "a" / "b"), b"", replace=True)
    assert not isinstance(caught.value, AlreadyExists)
