from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from workflow_helper.filesystem.reader import Disk
from workflow_helper.lsp import uris
from workflow_helper.lsp.session import EditorSession
from workflow_helper.model import Question
from workflow_helper.resolver.resolve import environments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.machine import Machine


def nested(base: Path, depth: int, marker: str) -> list[Path]:
    """That many folders in each other, each with ``marker``: a folder, or a file."""
    folders = []
    for _ in range(depth):
        base /= "a"
        (base / marker).mkdir(parents=True) if marker == ".git" else base.mkdir()
        if marker != ".git":
            (base / marker).write_text("")
        folders.append(base)
    return folders


class Looks:
    """Counts what the system is asked about files."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        for name in ("stat", "lstat", "open", "scandir", "readlink"):
            patch.setattr(os, name, self._counting(getattr(os, name)))

    def _counting(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def look(*words: object, **more: object) -> object:
            self.count += 1
            return real(*words, **more)

        return look


@pytest.mark.parametrize("marker", [".git", "pyproject.toml", ".python-envs"])
def test_nested_projects_are_looked_at_once_each(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, marker: str
) -> None:
    """The list of the innermost of twice as many takes hardly more than twice the looks."""
    folders = nested(machine.workspace, 80, marker)
    counts = []
    for folder in (folders[39], folders[79]):
        with monkeypatch.context() as patch:
            looks = Looks(patch)
            environments(Question(str(folder)), machine.host, Disk())
            counts.append(looks.count)
    assert counts[1] < counts[0] * 2.6


def test_nested_folders_of_a_workspace_are_followed_once_a_look(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not each for every other one's answer: eighty take a few looks a folder and level, where there were thousands."""
    folders = nested(machine.workspace, 80, ".git")
    session = EditorSession(machine.host, lambda _: None)
    with monkeypatch.context() as patch:
        looks = Looks(patch)
        session.change_folders([uris.from_path(str(folder)) for folder in folders], ())
        assert looks.count < 80 * 80 * 10
    session.close()


@pytest.mark.parametrize("marker", [None, ".git", "pyproject.toml"])
def test_twice_as_many_nested_folders_take_twice_the_looks(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, marker: str | None
) -> None:
    """Opening them, looking again and working out what to watch ask about each path once, however many lead through it."""
    folders = nested(machine.workspace, 80, marker or "x")
    if marker is None:
        for folder in folders:
            (folder / "x").unlink()
    counts = []
    for number in (40, 80):
        session = EditorSession(machine.host, lambda _: None)
        with monkeypatch.context() as patch:
            looks = Looks(patch)
            session.change_folders([uris.from_path(str(one)) for one in folders[:number]], ())
            session.refresh()
            session.places()
            counts.append(looks.count)
        session.close()
    assert counts[1] < counts[0] * 2.2
