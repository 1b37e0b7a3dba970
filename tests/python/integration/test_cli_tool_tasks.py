"""``wsp task`` with the tasks of real tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.forked_command import wsp
from support.recipes import Site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("tool", ["hatch"])
def test_tasks_of_a_tool_are_listed_completed_and_run(tmp_path: Path, tool: str) -> None:
    """From the project's files, without trust; what runs is in the tool's environment."""
    site = Site.at(tmp_path / "machine", tool)
    listed = wsp(site.machine, "task", "list", "--json")
    assert listed.exit_code == 0, listed.text
    assert listed.document["workflow"] == tool
    assert "hello" in [task["name"] for task in listed.document["tasks"]]
    offered = wsp(site.machine, "--complete", "task", "run", "he")
    assert offered.stdout == b"hello\n"
    assert wsp(site.machine, "env", "create").exit_code == 0
    done = wsp(site.machine, "task", "run", "hello")
    assert done.exit_code == 0, done.text
    assert b"Python 3." in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["nox", "tox"])
def test_tasks_that_only_the_tool_can_tell_are_told_after_trust(tmp_path: Path, tool: str) -> None:
    """Asking it may run the project's files; running a task is the user's own word for that."""
    site = Site.at(tmp_path / "machine", tool)

    def task_names(*words: str) -> list[str]:
        listed = wsp(site.machine, "task", "list", "--workflow", tool, "--json", *words)
        assert listed.exit_code == 0, listed.text
        return [task["name"] for task in listed.document["tasks"]]

    assert task_names() == []
    assert wsp(site.machine, "workflow", "trust", "--workflow", tool).exit_code == 0
    assert task_names() == ["dev"]
    assert task_names("--static") == []
    assert wsp(site.machine, "workflow", "untrust").exit_code == 0
    assert task_names() == []
    done = wsp(site.machine, "task", "run", "dev", "--workflow", tool)
    assert done.exit_code == 0, done.text
    assert b"Python 3." in done.stdout
