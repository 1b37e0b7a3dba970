"""The cases of ``test-fixtures/vectors``, each through the command line and through the core."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.command import details
from support.forked_command import wsp
from support.vectors import all_cases, build
from workflow_helper.cli.arguments import parse
from workflow_helper.cli.context import question_of
from workflow_helper.errors import NotFound, UsageError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.operations.select import elsewhere, named
from workflow_helper.resolver.resolve import environments, resolve
from workflow_helper.servers.manager import Servers

if TYPE_CHECKING:
    from support.machine import Machine
    from support.vectors import Built
    from workflow_helper.model import Environment, Host, Question, Workflow

CASES = all_cases()


class Said(NamedTuple):
    """What one side of the product says of a case, in the shapes of the wire."""

    exit_code: int
    #: ``null`` where the command ends with an error.
    default: dict[str, Any] | None
    root: str
    #: ``None`` where it was not asked for.
    listed: list[dict[str, Any]] | None
    workflow: dict[str, Any] | None
    explained: dict[str, Any] | None
    trail: list[dict[str, str]]
    #: What `env list --all` tells besides.
    elsewhere: list[dict[str, Any]] | None
    #: The folder that each word names, ``None`` for none.
    selects: dict[str, str | None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_the_core_says_what_the_case_expects(case: dict[str, Any], machine: Machine) -> None:
    """The core, handed a machine, says what the case expects."""
    built = build(case, machine)
    check(by_core(built), built)


@pytest.mark.needs("forks")
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_the_command_line_says_what_the_case_expects(
    case: dict[str, Any], machine: Machine
) -> None:
    """Processes in the case's folder say what the case expects."""
    built = build(case, machine)
    check(by_command_line(built), built)


def test_no_two_cases_have_one_name() -> None:
    """A failure names its case."""
    names = [case["name"] for case in all_cases()]
    assert len(set(names)) == len(names)


def by_command_line(built: Built) -> Said:
    """Ask processes."""

    def ask(*words: str) -> tuple[int, Any]:
        finished = wsp(built.machine, *words, "--json", *built.arguments, cwd=built.cwd)
        assert finished.stderr == b""
        return finished.exit_code, finished.document

    exit_code, default = ask("env", "default")
    explanation = ask("explain")[1]
    listed, workflow = None, explanation["workflow"]
    # A process costs more than all the rest: the two that a case says nothing of are not started.
    if built.expect.keys() & {"all", "order", "ids"}:
        listed = ask("env", "list")[1]["environments"]
    everything = (
        ask("env", "list", "--all")[1]["environments"] if "elsewhere" in built.expect else None
    )
    shown = {word: ask("env", "show", word)[1] for word in built.expect.get("selects", ())}
    if built.expect.keys() & {"workflow", "rule"}:
        assert ask("workflow", "show")[1]["workflow"] == workflow
    return Said(
        exit_code,
        default.get("environment"),
        explanation["root"],
        listed,
        workflow,
        explanation["environment"],
        explanation["trail"],
        everything,
        {word: answer.get("environment", {}).get("prefix") for word, answer in shown.items()},
    )


def by_core(built: Built) -> Said:
    """Ask the core in this process."""
    host, disk = built.machine.host, Disk()
    action = parse(["explain", *built.arguments])
    question = question_of(action, host, str(built.cwd), disk)
    with Servers(host, Disk) as servers:

        def ask(workflow: Workflow, root: str, trusted: bool) -> tuple[Environment, ...]:  # noqa: FBT001 - an Ask
            return servers.environments(workflow, root, trusted=trusted)

        quick = resolve(question, host, disk, ask=ask)
        whole = resolve(question, host, disk, whole=True, ask=ask)
        _, listed = environments(question, host, disk, ask=ask)
        further = elsewhere(quick.root, listed, host, disk)
        selects = {
            word: prefix_of(word, question, host, disk) for word in built.expect.get("selects", ())
        }
    found = None if quick.environment is None else quick.environment.to_wire()
    return Said(
        1 if quick.unusable else 3 if quick.environment is None else 0,
        found,
        quick.root,
        [environment.to_wire() for environment in listed],
        None if whole.workflow is None else whole.workflow.to_wire(),
        None if whole.environment is None else whole.environment.to_wire(),
        [step.to_wire() for step in whole.trail],
        [environment.to_wire() for environment in (*listed, *further)],
        selects,
    )


def prefix_of(word: str, question: Question, host: Host, disk: Disk) -> str | None:
    """The folder that ``word`` names for the core, ``None`` where it names none, or several."""
    try:
        return named(question, word, host, disk).prefix
    except (NotFound, UsageError):
        return None


def with_slashes(text: str) -> str:
    """``text`` with the separators that the cases have, whose paths are spelled otherwise on Windows."""
    return text.replace(os.sep, "/")


def check(answer: Said, built: Built) -> None:
    """Hold what was said against what the case expects."""
    expect, root, trail = built.expect, str(built.root), with_slashes(details(answer.trail))
    assert answer.default == answer.explained, "the quick answer and the explained one differ"
    if "default" in expect:
        prefix = (
            None
            if expect["default"] is None
            else os.path.normpath(os.path.join(root, expect["default"]))
        )
        found = (answer.default or {}).get("prefix")
        # A server's spelling is kept.
        assert (found and os.path.normpath(found)) == prefix, trail
    if "source" in expect:
        assert (answer.default or {}).get("source") == expect["source"], trail
    if "root" in expect:
        assert answer.root == os.path.normpath(os.path.join(root, expect["root"]))
    if "exit" in expect:
        assert answer.exit_code == expect["exit"], trail
    if answer.listed is not None:
        check_list(answer.listed, answer, built)
    if answer.elsewhere is not None and "elsewhere" in expect:
        own = [one for one in answer.elsewhere if one["source"] == "elsewhere"]
        assert sorted(one["prefix"] for one in own) == sorted(
            map(os.path.normpath, expect["elsewhere"])
        )
        assert not any(one["default"] for one in own)
    for word, place in expect.get("selects", {}).items():
        whole = None if place is None else os.path.normpath(os.path.join(root, place))
        assert answer.selects[word] == whole, word
    if "workflow" in expect:
        assert (answer.workflow or {}).get("name") == expect["workflow"], trail
    if "rule" in expect:
        assert (answer.workflow or {}).get("rule") == expect["rule"], trail
    for rule, outcome, text in expect.get("trail", ()):
        assert any(
            step["rule"] == rule
            and step["outcome"] == outcome
            and with_slashes(text) in with_slashes(step["detail"])
            for step in answer.trail
        ), (rule, outcome, text, trail)
    says = expect.get("says", [])
    for text in [says] if isinstance(says, str) else says:
        assert with_slashes(text).lower() in trail.lower()


def check_list(listed: list[dict[str, Any]], answer: Said, built: Built) -> None:
    """Hold the list against what the case expects of it."""
    expect, root = built.expect, str(built.root)
    own = [one for one in listed if one["source"] != "system"]
    paths = [
        Path(os.path.relpath(one["prefix"], root)).as_posix()
        if Path(one["prefix"]).is_absolute() and Path(one["prefix"]).drive == Path(root).drive
        else one["prefix"]
        for one in own
    ]
    assert len(set(paths)) == len(paths), "an environment is listed twice"
    assert [one["prefix"] for one in own if one["default"]] == (
        [answer.default["prefix"]] if answer.default else []
    )
    if "all" in expect:
        assert set(paths) == set(expect["all"])
    if "order" in expect:
        assert paths == expect["order"]
    for path, identity in expect.get("ids", {}).items():
        prefix = os.path.normpath(os.path.join(root, path))
        assert {one["id"] for one in own if one["prefix"] == prefix} == {identity}
