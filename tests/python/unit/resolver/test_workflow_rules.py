from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Question
from workflow_helper.resolver.resolve import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine
    from workflow_helper.model import Resolution, Step


def governed(machine: Machine, folder: Path | None = None, *, trusted: bool = False) -> Resolution:
    """What governs a folder, the workspace where none is named, with every rule tried."""
    question = Question(str(folder or machine.workspace), trusted=trusted)
    return resolve(question, machine.host, Disk(), whole=True)


def steps(resolution: Resolution) -> list[Step]:
    """The steps of the rules W1 to W7."""
    return [step for step in resolution.trail if step.rule.startswith("W")]


def chosen(resolution: Resolution) -> tuple[str, str] | None:
    """The name and the rule."""
    workflow = resolution.workflow
    return None if workflow is None else (workflow.name, workflow.rule)


def user(machine: Machine, text: str) -> None:
    """The user's file."""
    write(machine.home / ".config" / "python-workflow" / "pyworkflow.toml", text)


def test_every_rule_that_was_tried_is_a_step(machine: Machine) -> None:
    """In order, with exactly one that matched, the last."""
    found = governed(machine)
    assert chosen(found) == ("venv", "W7")
    assert [step.rule for step in steps(found)] == ["W1", "W2", "W3", "W4", "W5", "W6", "W7"]
    assert [step.outcome for step in steps(found)] == ["passed"] * 6 + ["matched"]


def test_an_enclosing_root_is_asked_when_the_nearest_says_nothing(machine: Machine) -> None:
    """Its steps say that they are inherited."""
    write(machine.workspace / "uv.lock")
    member = write(machine.workspace / "a" / "pyproject.toml").parent
    found = governed(machine, member)
    assert chosen(found) == ("uv", "W6")
    assert found.root == str(member)
    inherited = [step.rule for step in steps(found) if step.detail.startswith("inherited from")]
    assert inherited == ["W2", "W3", "W4", "W5", "W6"]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("{0}", True),
        ("{0}/", True),
        ("{0}/**", True),
        ("{0}/*", False),
        ("{1}", True),
        ("{1}/*", True),
        ("{1}/w*", True),
        ("{1}/[v-x]orkspace", True),
        ("{1}/?orkspace", True),
        ("{1}/orkspace", False),
        ("{1}/*/deeper", False),
        ("{1}/**/workspace", True),
        ("/**", True),
        ("/", True),
        ("{0}x", False),
        ("~", False),
    ],
)
def test_patterns_cover_folders_and_all_below(
    machine: Machine, pattern: str, *, covers: bool
) -> None:
    """A folder's own path, the paths above it, and patterns of any part of them."""
    path = pattern.format(machine.workspace, machine.workspace.parent)
    user(machine, f'[[folder]]\npath = "{path}"\nwsp = "uv"\n')
    assert (chosen(governed(machine)) == ("uv", "W2")) is covers


@pytest.mark.needs("POSIX")
def test_a_pattern_of_many_wildcards_is_matched_in_a_deep_folder(machine: Machine) -> None:
    """However many ways there are to match it, the answer comes; tried one after the other it would not in a year."""
    pattern = f"{machine.workspace}/{'**/a/' * 12}b"
    user(machine, f'[workflow]\nwsp = "pdm"\n[[folder]]\npath = "{pattern}"\nwsp = "hatch"\n')
    deep = machine.workspace.joinpath(*["a"] * 60)
    write(deep / "b" / "pyproject.toml")
    write(deep / "pyproject.toml")
    assert chosen(governed(machine, deep / "b")) == ("hatch", "W2")
    assert chosen(governed(machine, deep)) == ("pdm", "W3")


@pytest.mark.needs("POSIX")
def test_a_rule_for_a_link_covers_what_the_link_leads_to_and_the_reverse(machine: Machine) -> None:
    """Rules hold for places, by whichever name they are written or asked about."""
    alias = link(machine.home / "alias", machine.workspace)
    user(machine, f'[[folder]]\npath = "{alias}"\nwsp = "uv"\n')
    assert chosen(governed(machine)) == ("uv", "W2")
    user(machine, f'[[folder]]\npath = "{machine.workspace}"\nwsp = "uv"\n')
    assert chosen(governed(machine, alias)) == ("uv", "W2")


@pytest.mark.parametrize(
    ("declared", "trusted", "expected"),
    [('"uv"', False, True), ("{ cmd = ['x'] }", False, False), ("{ cmd = ['x'] }", True, True)],
)
def test_a_project_s_own_workflow_needs_trust_and_a_bundled_one_does_not(
    machine: Machine, declared: str, *, trusted: bool, expected: bool
) -> None:
    """A bundled workflow is the product's own code; a project's command is anybody's."""
    write(machine.workspace / "pyworkflow.toml", f"[workflow]\nwsp = {declared}\n")
    workflow = governed(machine, trusted=trusted).workflow
    assert workflow is not None
    assert workflow.trusted is expected


def test_the_user_s_own_workflow_needs_no_trust(machine: Machine) -> None:
    """What the user wrote is the user's word."""
    user(machine, "[workflow]\nwsp = { cmd = ['mine'] }\n")
    workflow = governed(machine).workflow
    assert workflow is not None
    assert workflow.trusted
