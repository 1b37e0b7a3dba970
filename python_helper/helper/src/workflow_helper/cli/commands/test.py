"""``wsp test``: a project's tests, in its own environment."""

from __future__ import annotations

import os

from workflow_helper.cli.context import Result
from workflow_helper.cli.render import columns
from workflow_helper.errors import NotFound, UsageError
from workflow_helper.terminal.output import cell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_helper.cli.context import Invocation
    from workflow_helper.model import Environment
    from workflow_helper.operations.test import FinishedRun, RunRequest
    from workflow_helper.test_runner.record import Outcome, RunRecord, UnusableTestFile

#: Characters of a message that a row of the table has.
_WIDTH = 100


def _list(asked: Invocation) -> Result:
    from workflow_helper.operations.test import RunRequest

    root, environment = _environment(asked)
    names = _names(asked, root)
    run = _run_tests(asked, root, environment, RunRequest(names, listing=True, quiet=True))
    record = run.record
    document = {
        **_about(root, environment, run),
        "tests": [test.to_wire() for test in record.tests.values()],
        "unusable": [file.to_wire() for file in record.unusable],
    }
    rows = [_row_of_unusable(file, root) for file in record.unusable]
    if run.trouble:
        rows.append(run.trouble)
    text = "\n".join(cell(identity) for identity in record.tests)
    warning = "\n".join(rows) or _last_words(run)
    note = "" if record.tests else f"no tests were found in {root}"
    return Result(document, text, run.status, note, warning)


def _run(asked: Invocation) -> Result:
    from workflow_helper.operations.test import RunRequest

    root, environment = _environment(asked)
    request = RunRequest(
        _names(asked, root),
        last_failed=asked.action.flag("--last-failed"),
        timeout=_seconds(asked.action.get("--timeout")),
        quiet=asked.action.flag("--json"),
    )
    run = _run_tests(asked, root, environment, request)
    record = run.record
    junit = asked.action.get("--junit")
    if junit is not None:
        from workflow_helper.filesystem.atomic import write_whole
        from workflow_helper.test_runner.junit import junit as as_xml

        path = os.path.normpath(os.path.join(asked.cwd, junit))
        write_whole(path, as_xml(environment.id, record), replace=True)
    document = {
        **_about(root, environment, run),
        "summary": record.counts(),
        "results": [outcome.to_wire() for outcome in record.outcomes],
        "unusable": [file.to_wire() for file in record.unusable],
    }
    return Result(document, _table(root, environment, run), run.status)


def _environment(asked: Invocation) -> tuple[str, Environment]:
    """Return the root, and its default environment. Raises :class:`WorkflowError` where there is none that works."""
    from workflow_helper.cli.commands.env import broken

    resolution = asked.whole
    environment = resolution.environment
    if environment is None:
        if resolution.workflow is not None and not resolution.workflow.trusted:
            from workflow_helper.operations.governance import governing

            governing(asked.question, asked.host, asked.disk)  # which says what is to be trusted
        hint = "'wsp env create' makes one; 'wsp explain' tells what was looked for."
        raise NotFound(f"no environment to test in: {resolution.summary}", hint)
    if not environment.ok:
        raise broken(environment)
    return resolution.root, environment


def _names(asked: Invocation, root: str) -> tuple[str, ...]:
    """Return the tests that are named; a path is one from here, and the framework takes it from ``root``."""
    first = asked.action.operand
    return tuple(
        _from_root(name, asked, root) for name in (*filter(None, (first,)), *asked.action.rest)
    )


def _from_root(name: str, asked: Invocation, root: str) -> str:
    if name.startswith("-"):
        raise UsageError(f"{name!r} is not the name of a test", "Name a file, a folder or an id.")
    path, separator, rest = name.partition("::")
    there = os.path.normpath(os.path.join(asked.cwd, path))
    if not asked.disk.exists(there):
        return name
    inside = there == root or there.startswith(os.path.join(root, ""))
    return (os.path.relpath(there, root) if inside else there) + separator + rest


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"--timeout is {text!r}, expected a number of seconds")
    return seconds


def _run_tests(
    asked: Invocation, root: str, environment: Environment, request: RunRequest
) -> FinishedRun:
    from workflow_helper.operations.test import run_tests
    from workflow_helper.system.shutdown import cancelling

    with cancelling() as cancelled:
        return run_tests(asked.session, environment, root, request, cancelled)


def _about(root: str, environment: Environment, run: FinishedRun) -> dict[str, Any]:
    """Return what the document of every run begins with."""
    record = run.record
    return {
        "root": root,
        "environment": environment.to_wire(),
        "framework": {"name": record.framework, "version": record.version},
        "python": record.python,
        "status": run.status,
        "trouble": run.trouble or _last_words(run) or None,
    }


def _last_words(run: FinishedRun) -> str:
    """Return what the framework printed where it could not do what it was asked for: 3 and 4 are pytest's own trouble."""
    return run.output.strip() if run.status in (3, 4) else ""


def _table(root: str, environment: Environment, run: FinishedRun) -> str:
    """Return a row for each test that did not pass, and what there was of each kind."""
    record = run.record
    rows = [_row_of_unusable(file, root) for file in record.unusable]
    rows += [
        _row(outcome, root)
        for state in ("error", "failed")
        for outcome in record.outcomes
        if outcome.state == state
    ]
    if run.trouble:
        rows.append(_trouble(run, record))
    rows.append(_totals(environment, record))
    return "\n".join(rows)


def _trouble(run: FinishedRun, record: RunRecord) -> str:
    over = {outcome.id for outcome in record.outcomes}
    left = sum(identity not in over for identity in record.tests)
    return f"{run.trouble}, {left} not run" if left else run.trouble


def _totals(environment: Environment, record: RunRecord) -> str:
    counts = record.counts()
    parts = [f"{count} {state}" for state, count in counts.items() if count]
    if record.unusable:
        parts.append(f"{len(record.unusable)} not collected")
    seconds = sum(outcome.duration for outcome in record.outcomes if outcome.subtest is None)
    where = f"{environment.id}, Python {record.python}, {record.framework} {record.version}"
    told = ", ".join(parts) or "no tests were run"
    return cell(f"{where}: {told} in {seconds:.2f} s")


def _row(outcome: Outcome, root: str) -> str:
    place = _place(outcome.file, outcome.line, root)
    return columns((outcome.state, 7), (outcome.name, 40), (_line(outcome.message), 0), (place, 0))


def _row_of_unusable(file: UnusableTestFile, root: str) -> str:
    place = _place(file.file, file.line, root)
    return columns(("error", 7), (file.id, 40), (_line(file.message), 0), (place, 0))


def _place(file: str | None, line: int | None, root: str) -> str:
    if file is None:
        return ""
    inside = file.startswith(os.path.join(root, ""))
    path = os.path.relpath(file, root) if inside else file
    return path if line is None else f"{path}:{line}"


def _line(message: str | None) -> str:
    first = next(iter((message or "").strip().splitlines()), "")
    return first if len(first) <= _WIDTH else f"{first[: _WIDTH - 3]}..."


COMMANDS = {"test list": _list, "test run": _run}
