"""Selections for any root and any place: what goes in comes out."""

from __future__ import annotations

import os

from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_workflow import store
from python_workflow.discovery.disk import Disk
from support.folders import fresh_machine

names = (
    st.binary(min_size=1, max_size=12)
    .filter(lambda name: name not in (b".", b"..") and b"/" not in name and b"\0" not in name)
    .map(os.fsdecode)
)
places = st.one_of(st.none(), names.map(lambda name: f"/envs/{name}"))


@settings(max_examples=60)
@given(st.dictionaries(names, places, min_size=1, max_size=3))
@example({"\x08": None})  # JSON has a spelling of its own for it
def test_selections_come_back_as_they_went_in(chosen: dict[str, str | None]) -> None:
    """Each root has its own, by bytes of any kind, until it is forgotten; forgetting one leaves the others."""
    with fresh_machine() as machine:
        host = machine.host
        kept = {str(machine.workspace / name): place for name, place in chosen.items()}
        for root, place in kept.items():
            store.select(root, place, host)
        disk = Disk()
        for root, place in kept.items():
            assert store.selection_of(root, host, disk) == store.Selection(place)
            assert store.selection_of(root, host, disk, whole=True) == store.Selection(place)
        assert store.selection_of(str(machine.home), host, disk) is None
        first, *others = kept
        assert store.forget(first, host)
        assert not store.forget(first, host)
        assert store.selection_of(first, host, disk) is None
        for root in others:
            assert store.selection_of(root, host, disk) == store.Selection(kept[root])
