from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from workflow_helper.errors import UnusableFile, WorkflowError
from workflow_helper.filesystem import locks
from workflow_helper.filesystem.reader import Disk
from workflow_helper.state import choices, selections
from workflow_helper.state import json_store as records

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


def file(machine: Machine) -> Path:
    """Where selections are kept."""
    return machine.home / ".local" / "state" / "python-workflow" / "selections.json"


def test_nothing_is_selected_where_there_is_no_file(machine: Machine) -> None:
    """Reading makes no file."""
    assert choices.selection_of(str(machine.workspace), machine.host, Disk()) is None
    assert not selections.forget(str(machine.workspace), machine.host)


@pytest.mark.needs("POSIX")
def test_a_root_is_one_root_by_every_link(machine: Machine) -> None:
    """The key is the real path."""
    alias = link(machine.home / "alias", machine.workspace)
    selections.select(str(alias), "/env", machine.host)
    assert choices.selection_of(str(machine.workspace), machine.host, Disk()) == choices.Selection(
        "/env"
    )


@pytest.mark.needs("POSIX")
def test_a_change_by_another_process_is_seen(machine: Machine) -> None:
    """A disk that read the file before reads it again once it has changed."""
    disk = Disk()
    root = str(machine.workspace)
    selections.select(root, "/one", machine.host)
    assert choices.selection_of(root, machine.host, disk) == choices.Selection("/one")
    selections.select(root, "/two", machine.host)
    assert choices.selection_of(root, machine.host, disk) == choices.Selection("/two")


@pytest.mark.needs("POSIX")
def test_keys_spelled_by_hand_are_found(machine: Machine) -> None:
    """JSON lets a text spell any letter by its number, or not."""
    root = machine.workspace / "ünï"
    for key in (str(root), str(root).replace("ü", "\\u00fc")):
        write(
            file(machine), f'{{"version": 1, "selections": {{"{key}": {{"environment": null}}}}}}'
        )
        assert choices.selection_of(str(root), machine.host, Disk()) == choices.Selection(None)


@pytest.mark.needs("POSIX")
def test_a_file_that_cannot_hold_the_root_is_checked_on_request(machine: Machine) -> None:
    """The quick look says nothing of it, the whole one says what is wrong."""
    write(file(machine), "{")
    root = str(machine.workspace)
    assert choices.selection_of(root, machine.host, Disk()) is None
    with pytest.raises(UnusableFile, match=r"selections\.json"):
        choices.selection_of(root, machine.host, Disk(), whole=True)


@pytest.mark.needs("POSIX")
def test_a_root_that_was_moved_keeps_what_was_chosen(machine: Machine) -> None:
    """None, an environment elsewhere, a workflow; and an environment of its own, where that is now."""
    for name, kept in (("none", None), ("elsewhere", "/env"), ("own", "envs/a")):
        root = machine.workspace / name
        root.mkdir()
        own = kept == "envs/a"
        selections.choose_workflow(str(root), "uv", machine.host)
        selections.select(str(root), str(root / kept) if own and kept else kept, machine.host)
        moved = root.rename(machine.home / f"moved-{name}")
        expected = str(moved / kept) if own and kept else kept
        assert choices.chosen(str(moved), machine.host, Disk()) == choices.Chosen(
            choices.Selection(expected), "uv"
        )


@pytest.mark.needs("POSIX")
def test_an_environment_of_a_moved_root_is_found_by_a_link_to_the_root(machine: Machine) -> None:
    """It was selected by a path that led through the link."""
    root = machine.workspace / "project"
    root.mkdir()
    alias = link(machine.home / "alias", machine.workspace)
    selections.select(str(root), str(alias / "project" / "envs" / "a"), machine.host)
    moved = root.rename(machine.workspace / "renamed")
    assert choices.selection_of(str(moved), machine.host, Disk()) == choices.Selection(
        str(moved / "envs" / "a")
    )


def test_another_folder_with_the_same_number_is_another_root(machine: Machine) -> None:
    """A file system gives the number of a deleted folder to the next one."""
    root = machine.workspace / "deleted"
    root.mkdir()
    selections.select(str(root), None, machine.host)
    root.rmdir()
    for number in range(10):
        other = machine.workspace / f"other{number}"
        other.mkdir()
        assert choices.selection_of(str(other), machine.host, Disk()) is None


@pytest.mark.needs("POSIX")
def test_a_folder_made_anew_at_its_path_is_the_same_root(machine: Machine) -> None:
    """As when it is deleted and cloned again."""
    root = machine.workspace / "project"
    root.mkdir()
    selections.select(str(root), "/env", machine.host)
    root.rmdir()
    root.mkdir()
    assert choices.selection_of(str(root), machine.host, Disk()) == choices.Selection("/env")


@pytest.mark.needs("POSIX")
def test_a_choice_for_a_moved_root_takes_the_place_of_the_old_one(machine: Machine) -> None:
    """One record is left, under the new path; and forgetting it leaves none."""
    root = machine.workspace / "project"
    root.mkdir()
    selections.select(str(root), "/one", machine.host)
    moved = root.rename(machine.workspace / "renamed")
    selections.choose_workflow(str(moved), "uv", machine.host)
    selections.select(str(moved), "/two", machine.host)
    records = json.loads(file(machine).read_text())["selections"]
    assert list(records) == [str(moved)]
    assert choices.chosen(str(moved), machine.host, Disk()) == choices.Chosen(
        choices.Selection("/two"), "uv"
    )
    again = moved.rename(machine.workspace / "again")
    selections.forget_workflow(str(again), machine.host)
    assert selections.forget(str(again), machine.host)
    assert json.loads(file(machine).read_text())["selections"] == {}


@pytest.mark.needs("POSIX")
def test_what_was_chosen_for_a_path_goes_before_what_a_folder_brings(machine: Machine) -> None:
    """As where a project takes the place of its older copy."""
    first, second = machine.workspace / "first", machine.workspace / "second"
    for root in (first, second):
        root.mkdir()
        selections.select(str(root), f"/{root.name}", machine.host)
    second.rmdir()
    first.rename(second)
    assert choices.selection_of(str(second), machine.host, Disk()) == choices.Selection("/second")


@pytest.mark.needs("POSIX")
def test_a_lock_that_is_a_link_keeps_a_choice_from_being_written(machine: Machine) -> None:
    """What the link leads to is untouched, and nothing is remembered."""
    victim = write(machine.home / "victim", "mine")
    link(file(machine).with_name("selections.json.lock"), victim)
    with pytest.raises(WorkflowError, match="is a link, so it is not locked"):
        selections.select(str(machine.workspace), "/env", machine.host)
    assert victim.read_text() == "mine"
    assert not file(machine).exists()


@pytest.mark.needs("POSIX")
def test_a_file_that_another_process_holds_is_waited_for_no_longer_than_said(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says for how long it stayed locked."""
    monkeypatch.setattr(records, "LOCK_SECONDS", 0.1)
    with (
        locks.hold(f"{file(machine)}.lock", lambda: None),
        pytest.raises(UnusableFile, match=r"stayed locked for 0\.1 s"),
    ):
        selections.select(str(machine.workspace), "/env", machine.host)


@pytest.mark.needs("POSIX")
def test_a_file_never_becomes_too_large_to_be_read(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would make it so is refused, and what was there stays."""
    selections.select(str(machine.workspace), "/env", machine.host)
    monkeypatch.setattr(records, "LIMIT", 1000)
    with pytest.raises(UnusableFile, match="would become too large"):
        selections.select(str(machine.workspace), "/env" * 1000, machine.host)
    assert choices.selection_of(str(machine.workspace), machine.host, Disk()) == choices.Selection(
        "/env"
    )


@pytest.mark.needs("POSIX")
def test_what_is_remembered_is_for_the_user_alone(machine: Machine) -> None:
    """Neither the file nor its lock can be read by others."""
    selections.select(str(machine.workspace), "/env", machine.host)
    modes = {path.name: path.stat().st_mode & 0o777 for path in file(machine).parent.iterdir()}
    assert modes == {"selections.json": 0o600, "selections.json.lock": 0o600}
