from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest
from workflow_helper.errors import Cancelled, WorkflowError
from workflow_helper.filesystem.locks import hold, patience

if TYPE_CHECKING:
    from pathlib import Path


def in_turn(path: Path, *, passing: bool) -> list[str]:
    """What eight threads note, each when it comes and when it goes, while they hold the lock one after another."""
    notes: list[str] = []

    def work() -> None:
        for _ in range(20):
            with hold(str(path), lambda: None, passing=passing):
                notes.append("comes")
                time.sleep(0)
                notes.append("goes")

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return notes


@pytest.mark.parametrize("passing", [False, True])
def test_one_at_a_time_holds_it(tmp_path: Path, passing: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """However many want it, one has it at a time, also where each takes the file away; only a passing one is gone."""
    path = tmp_path / "locks" / "one"
    assert in_turn(path, passing=passing) == ["comes", "goes"] * 160
    assert path.exists() != passing


def test_who_waits_may_give_up(tmp_path: Path) -> None:
    """What the waiting raises ends it, and the holder goes on holding the lock."""
    path = str(tmp_path / "one")

    def give_up() -> None:
        raise Cancelled("enough")

    with hold(path, give_up, passing=True):
        with pytest.raises(Cancelled), hold(path, give_up, passing=True):
            pass
        assert os.path.exists(path)
    with hold(path, give_up, passing=True) as waited:
        assert not waited


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A lock below a file is an error that names it."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(WorkflowError, match=r"file.one cannot be written"),
        hold(str(tmp_path / "file" / "one"), lambda: None),
    ):
        pass


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nowhere"])
def test_a_link_is_never_locked(tmp_path: Path, there: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """What a link leads to is neither made nor changed, and the error names the link."""
    victim, path = tmp_path / "victim", tmp_path / "one"
    if there:
        victim.write_text("mine")
    path.symlink_to(victim)
    with (
        pytest.raises(WorkflowError, match="one is a link, so it is not locked"),
        hold(str(path), lambda: None, passing=True),
    ):
        pass
    assert path.is_symlink()
    assert victim.exists() == there
    assert not there or victim.read_text() == "mine"


@pytest.mark.needs("POSIX")
def test_what_is_no_file_is_not_locked(tmp_path: Path) -> None:
    """A pipe is no lock, and is not waited for."""
    os.mkfifo(tmp_path / "one")
    with (
        pytest.raises(WorkflowError, match="is not a regular file"),
        hold(str(tmp_path / "one"), lambda: None),
    ):
        pass


def test_patience_ends(tmp_path: Path) -> None:
    """Who waits with patience gives up with the error that it is given."""
    path = str(tmp_path / "one")
    with (
        hold(path, lambda: None),
        pytest.raises(WorkflowError, match="long enough"),
        hold(path, patience(0.1, lambda: WorkflowError("long enough"))),
    ):
        pass
