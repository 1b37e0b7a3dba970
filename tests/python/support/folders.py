"""Folders for properties: a new machine for each example, gone when it ends."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Question
from workflow_helper.resolver.resolve import environments, resolve

from support.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.model import Environment, Resolution


@contextmanager
def fresh_machine() -> Iterator[Machine]:
    """A machine that nothing has happened to."""
    with tempfile.TemporaryDirectory() as folder:
        yield Machine.at(Path(folder))


def all_answers(
    machine: Machine, folder: Path | None = None
) -> tuple[Resolution, tuple[Environment, ...]]:
    """What the core says of a folder in each of its ways, which must agree: the quick answer and the list."""
    question, host = Question(str(folder or machine.workspace)), machine.host
    quick = resolve(question, host, Disk())
    whole = resolve(question, host, Disk(), whole=True)
    listing, listed = environments(question, host, Disk())
    assert quick.environment == whole.environment == listing.environment
    assert (quick.root, quick.unusable, quick.declined, quick.own) == (
        whole.root,
        whole.unusable,
        whole.declined,
        whole.own,
    )
    assert quick.summary != ""
    assert whole.summary != ""
    assert [one for one in listed if one.default] == list(listed[:1] if quick.environment else ())
    # The order of the list, and each place once.
    prefixes = [one.prefix for one in listed]
    assert len(set(prefixes)) == len(prefixes)
    if quick.environment is not None:
        assert quick.environment.ok
        assert listed[0] == quick.environment
    for step in whole.trail:
        assert step.detail
    return quick, listed
