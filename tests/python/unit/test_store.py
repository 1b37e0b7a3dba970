from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from python_workflow import store
from python_workflow.discovery.disk import Disk
from python_workflow.errors import UnusableFile
from support.files import link, write

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


def file(machine: Machine) -> Path:
    """Where selections are kept."""
    return machine.home / ".local" / "state" / "python-workflow" / "selections.json"


def test_nothing_is_selected_where_there_is_no_file(machine: Machine) -> None:
    """Reading makes no file."""
    assert store.selection_of(str(machine.workspace), machine.host, Disk()) is None
    assert not store.forget(str(machine.workspace), machine.host)


def test_a_root_is_one_root_by_every_link(machine: Machine) -> None:
    """The key is the real path."""
    alias = link(machine.home / "alias", machine.workspace)
    store.select(str(alias), "/env", machine.host)
    assert store.selection_of(str(machine.workspace), machine.host, Disk()) == store.Selection(
        "/env"
    )


def test_a_change_by_another_process_is_seen(machine: Machine) -> None:
    """A disk that read the file before reads it again once it has changed."""
    disk = Disk()
    root = str(machine.workspace)
    store.select(root, "/one", machine.host)
    assert store.selection_of(root, machine.host, disk) == store.Selection("/one")
    store.select(root, "/two", machine.host)
    assert store.selection_of(root, machine.host, disk) == store.Selection("/two")


def test_keys_spelled_by_hand_are_found(machine: Machine) -> None:
    """JSON lets a text spell any letter by its number, or not."""
    root = machine.workspace / "ünï"
    for key in (str(root), str(root).replace("ü", "\\u00fc")):
        write(
            file(machine), f'{{"version": 1, "selections": {{"{key}": {{"environment": null}}}}}}'
        )
        assert store.selection_of(str(root), machine.host, Disk()) == store.Selection(None)


def test_a_file_that_cannot_hold_the_root_is_checked_on_request(machine: Machine) -> None:
    """The quick look says nothing of it, the whole one says what is wrong."""
    write(file(machine), "{")
    root = str(machine.workspace)
    assert store.selection_of(root, machine.host, Disk()) is None
    with pytest.raises(UnusableFile, match=r"selections\.json"):
        store.selection_of(root, machine.host, Disk(), whole=True)
