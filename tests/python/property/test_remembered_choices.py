"""Selections and choices for any root and any place: what goes in comes out."""

from __future__ import annotations

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.folders import fresh_machine
from workflow_helper.filesystem.reader import Disk
from workflow_helper.state import choices, selections

#: Names are any bytes, and places paths, as POSIX has them.
pytestmark = pytest.mark.needs("POSIX")

names = (
    st.binary(min_size=1, max_size=12)
    .filter(lambda name: name not in (b".", b"..") and b"/" not in name and b"\0" not in name)
    .map(os.fsdecode)
)
places = st.one_of(st.none(), names.map(lambda name: f"/envs/{name}"))


@given(st.dictionaries(names, places, min_size=1, max_size=3))
@example({"\x08": None})  # JSON has a spelling of its own for it
def test_selections_come_back_as_they_went_in(chosen: dict[str, str | None]) -> None:
    """Each root has its own, by bytes of any kind, until it is forgotten; forgetting one leaves the others."""
    with fresh_machine() as machine:
        host = machine.host
        kept = {str(machine.workspace / name): place for name, place in chosen.items()}
        for root, place in kept.items():
            selections.select(root, place, host)
        disk = Disk()
        for root, place in kept.items():
            assert choices.selection_of(root, host, disk) == choices.Selection(place)
            assert choices.selection_of(root, host, disk, whole=True) == choices.Selection(place)
        assert choices.selection_of(str(machine.home), host, disk) is None
        first, *others = kept
        assert selections.forget(first, host)
        assert not selections.forget(first, host)
        assert choices.selection_of(first, host, disk) is None
        for root in others:
            assert choices.selection_of(root, host, disk) == choices.Selection(kept[root])


#: What a user can say of a root, one after the other: a function of the store, and what it is told.
said = st.one_of(
    places.map(lambda place: ("select", place)),
    st.sampled_from(("uv", "/mine.py")).map(lambda word: ("choose_workflow", word)),
    st.just(("forget", None)),
    st.just(("forget_workflow", None)),
)


@given(names, st.lists(said, max_size=6))
def test_what_was_said_last_is_remembered(name: str, words: list[tuple[str, str | None]]) -> None:
    """Choosing a workflow forgets the selection; all else touches its own part alone, and other roots keep theirs."""
    with fresh_machine() as machine:
        host, disk = machine.host, Disk()
        root, other = str(machine.workspace / name), str(machine.home)
        selections.choose_workflow(other, "pdm", host)
        expected = choices.Chosen()
        for act, word in words:
            if act == "select":
                selections.select(root, word, host)
                expected = expected._replace(selection=choices.Selection(word))
            elif act == "choose_workflow":
                assert word is not None
                selections.choose_workflow(root, word, host)
                expected = choices.Chosen(None, word)
            elif act == "forget":
                assert selections.forget(root, host) is (expected.selection is not None)
                expected = expected._replace(selection=None)
            else:
                assert selections.forget_workflow(root, host) is (expected.workflow is not None)
                expected = expected._replace(workflow=None)
            assert choices.chosen(root, host, disk) == expected
            assert choices.chosen(root, host, disk, whole=True) == expected
        assert choices.chosen(other, host, disk) == choices.Chosen(None, "pdm")
