"""``wsp test``: a project's tests, in its own environments."""

from __future__ import annotations

import os

from workflow_helper.cli.context import Result
from workflow_helper.cli.render import columns
from workflow_helper.errors import Cancelled, NotFound, UsageError, WorkflowError
from workflow_helper.terminal.output import cell, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from workflow_helper.cli.context import Invocation
    from workflow_helper.operations.test import FinishedRun, RunRequest
    from workflow_helper.operations.test_configurations import TestConfiguration
    from workflow_helper.test_runner.record import Outcome, UnusableTestFile

#: Characters of a message that a row of the table has.
_WIDTH = 100


def _configurations(invocation: Invocation) -> Result:
    from workflow_helper.operations.test_configurations import test_configurations

    resolution, listed = invocation.listed
    troubles: list[str] = []
    found = test_configurations(
        invocation.session,
        resolution.root,
        listed,
        lambda tool, error: troubles.append(f"{tool}: {error.message}"),
    )
    document = {"root": resolution.root, "configurations": [one.to_wire() for one in found]}
    width = max((len(cell(one.id)) for one in found), default=0)
    rows = [
        columns((one.id, width), ("default" if one.default else "", 7), (one.description, 0))
        for one in found
    ]
    note = "" if found else f"{resolution.root} has no environment to run tests in"
    return Result(document, (*rows,), note=note, warning=(*troubles,))


def _list(invocation: Invocation) -> Result:
    from workflow_helper.operations.test import RunRequest

    root = invocation.whole.root
    words = invocation.action.all("--in")[-1:]
    (one,) = _named(invocation, root, words) if words else (_default(invocation, root),)
    options = invocation.action.all("--option")
    request = RunRequest(_names(invocation, root), listing=True, quiet=True, options=options)
    (run,) = _run_in(invocation, root, [one], request)
    record = run.record
    document = {
        "root": root,
        **_about(run),
        "tests": [test.to_wire() for test in record.tests.values()],
        "unusable": [file.to_wire() for file in record.unusable],
    }
    rows = [_row_of_unusable(file, root) for file in record.unusable]
    if run.trouble:
        rows.append(run.trouble)
    text = (*record.tests,)
    warning = (*rows,) or (*_last_words(run).splitlines(),)
    note = "" if record.tests else f"no tests were found in {root}"
    return Result(document, text, run.status, note, warning)


def _run(invocation: Invocation) -> Result:
    from workflow_helper.operations.test import RunRequest, status_of

    action, root = invocation.action, invocation.whole.root
    words = action.all("--in")
    if words and action.flag("--all"):
        hint = "--all runs them in each configuration."
        raise UsageError("--in and --all cannot be given together", hint)
    several = action.flag("--all") or len({*words}) > 1
    if several and action.flag("--last-failed"):
        reason = "--last-failed needs a single configuration: the frameworks record one run"
        raise UsageError(reason, "Name one with --in.")
    request = RunRequest(
        _names(invocation, root),
        last_failed=action.flag("--last-failed"),
        timeout=_seconds(action.get("--timeout")),
        quiet=action.flag("--json"),
        options=action.all("--option"),
    )
    found, left_out = _chosen(invocation, root)
    runs = _run_in(invocation, root, found, request)
    junit = action.get("--junit")
    if junit is not None:
        from workflow_helper.filesystem.atomic import write_whole
        from workflow_helper.test_runner.junit import junit as as_xml

        path = os.path.normpath(os.path.join(invocation.cwd, junit))
        suites = [(run.name, run.record) for run in runs]
        write_whole(path, as_xml(suites), replace=True)
    status = status_of(runs)
    if not several:
        document = {"root": root, **_about(runs[0]), **_results(runs[0])}
        return Result(document, _table(root, runs[0]), status)
    results = [{**_about(run), **_results(run)} for run in runs]
    document = {"root": root, "status": status, "runs": results, "left_out": left_out}
    reasons = (*(f"{one['configuration']}: {one['reason']}" for one in left_out),)
    return Result(document, _matrix(runs), status, warning=reasons)


def _chosen(
    invocation: Invocation, root: str
) -> tuple[list[TestConfiguration], list[dict[str, str]]]:
    """Return the configurations to run the tests in, and with ``--all`` those that cannot run, each with the reason."""
    from workflow_helper.operations.test_configurations import test_configurations

    words = invocation.action.all("--in")
    if words:
        return _named(invocation, root, words), []
    if not invocation.action.flag("--all"):
        return [_default(invocation, root)], []
    left_out: list[dict[str, str]] = []

    def leave_out(name: str, error: WorkflowError) -> None:
        left_out.append({"configuration": name, "reason": error.message})

    found: list[TestConfiguration] = []
    for one in test_configurations(invocation.session, root, invocation.listed[1], leave_out):
        try:
            ready = _ready(invocation, root, one)
        except Cancelled:
            raise
        except WorkflowError as error:
            leave_out(one.id, error)
            continue
        if ready.obstacle:
            left_out.append({"configuration": one.id, "reason": ready.obstacle})
        else:
            found.append(ready)
    # Where none is left, the default one says why, or its error does.
    return found or [_default(invocation, root)], left_out


def _named(invocation: Invocation, root: str, words: Sequence[str]) -> list[TestConfiguration]:
    """Return the configurations that ``words`` name, by their ids or by the ids of environments."""
    from workflow_helper.operations.select import named
    from workflow_helper.operations.test_configurations import (
        of_environment,
        test_configurations,
    )

    configurations = test_configurations(invocation.session, root, invocation.listed[1])
    known = {one.id: one for one in configurations}
    found = []
    for word in dict.fromkeys(words):
        one = known.get(word)
        if one is None:
            try:
                environment = named(
                    invocation.question, word, invocation.host, invocation.disk, invocation.ask
                )
            except NotFound as error:
                there = f"Its test configurations are: {', '.join(known)}. " if known else ""
                reason = f"{root} has no test configuration {word!r}"
                raise NotFound(reason, f"{there}{error.hint}") from None
            one = of_environment(environment, root, invocation.session)
        found.append(_ready(invocation, root, one))
    return found


def _default(invocation: Invocation, root: str) -> TestConfiguration:
    """Return the default configuration.

    Raises:
        WorkflowError: there is no environment that works.
    """
    from workflow_helper.operations.test_configurations import default_configuration

    resolution, listed = invocation.listed
    one = default_configuration(invocation.session, root, listed)
    if one is None:
        hint = "'wsp env create' creates one to run the tests in. 'wsp explain' shows why there is none."
        raise NotFound(resolution.absence, hint)
    return _ready(invocation, root, one)


def _ready(invocation: Invocation, root: str, one: TestConfiguration) -> TestConfiguration:
    """Return ``one`` with its environment, which is created if the user agrees.

    Raises:
        Broken: The environment does not work.
        NotFound: It does not exist, and the user did not agree to create it.
    """
    from workflow_helper.cli.commands.env import broken
    from workflow_helper.cli.commands.env_write import asker, working
    from workflow_helper.operations.test_preparation import prepare

    if one.environment is not None and not one.environment.ok:
        raise broken(one.environment)
    if not one.can_prepare:
        return one
    ask = asker(invocation)
    if not invocation.action.flag("--create") and not (
        ask is not None and ask(f"{one.obstacle}. Create or update the environment? [y/N] ")
    ):
        if one.environment is not None:
            return one
        hint = "Add --create to create it with its own tool, and to run the tests in it."
        is_its_own = one.id == one.environment_name
        raise NotFound(one.obstacle if is_its_own else f"{one.id} cannot run: {one.obstacle}", hint)
    with working(invocation) as work:
        return prepare(invocation.session_with(work), one, root)


def _names(invocation: Invocation, root: str) -> tuple[str, ...]:
    """Return the named tests, with paths that are relative to the current folder made relative to ``root``."""
    first = invocation.action.operand
    return tuple(
        _from_root(name, invocation, root)
        for name in (*filter(None, (first,)), *invocation.action.rest)
    )


def _from_root(name: str, invocation: Invocation, root: str) -> str:
    if name.startswith("-"):
        raise UsageError(f"{name!r} is not the name of a test", "Name a file, a folder or an id.")
    path, separator, rest = name.partition("::")
    there = os.path.normpath(os.path.join(invocation.cwd, path))
    if not invocation.disk.exists(there):
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
        raise UsageError(f"--timeout is {text!r}, expected a positive number of seconds")
    return seconds


def _run_in(
    invocation: Invocation, root: str, found: Sequence[TestConfiguration], request: RunRequest
) -> list[FinishedRun]:
    """Run the tests in each of ``found``, in order, until Ctrl-C."""
    from workflow_helper.operations.test import TestTarget, run_tests
    from workflow_helper.system.shutdown import cancelling

    by_server = next((one.id for one in found if one.is_run_by_server), None)
    if by_server is not None and request.options:
        reason = "the workflow's server runs the tests, and takes no options for them"
        raise UsageError(f"--option cannot be used with {by_server}: {reason}")
    invocation.report.clear()
    runs: list[FinishedRun] = []
    with cancelling() as cancelled:
        for one in found:
            if runs and cancelled.is_set():
                break
            if len(found) > 1 and not request.quiet:
                tell(f"Running the tests in {one.id}")
            if one.environment is not None:
                target = TestTarget(invocation.session, one.environment, root, one)
                runs.append(run_tests(target, request, cancelled))
    return runs


def _about(run: FinishedRun) -> dict[str, Any]:
    """Return the members that begin the document of every run."""
    record = run.record
    return {
        "configuration": run.name,
        "environment": run.environment.to_wire(),
        "framework": {"name": record.framework, "version": record.version},
        "python": record.python,
        "status": run.status,
        "trouble": run.trouble or _last_words(run) or None,
    }


def _results(run: FinishedRun) -> dict[str, Any]:
    record = run.record
    return {
        "summary": record.counts(),
        "results": [outcome.to_wire() for outcome in record.outcomes],
        "unusable": [file.to_wire() for file in record.unusable],
    }


def _last_words(run: FinishedRun) -> str:
    """Return what the framework printed if it failed to run the tests: pytest exits with 3 for an internal error, and with 4 for a wrong use."""
    return run.output.strip() if run.status in (3, 4) else ""


def _table(root: str, run: FinishedRun) -> tuple[str, ...]:
    """Return a row for each test that did not pass, and the number of tests in each state."""
    record = run.record
    rows = [_row_of_unusable(file, root) for file in record.unusable]
    rows += [
        _row(outcome, root)
        for state in ("error", "failed")
        for outcome in record.outcomes
        if outcome.state == state
    ]
    return (*rows, *_totals(run))


def _matrix(runs: Sequence[FinishedRun]) -> tuple[str, ...]:
    """Return a row for each test that failed somewhere, with a column for each configuration, and the number in each state."""
    states: dict[str, dict[int, str]] = {}
    for number, run in enumerate(runs):
        for file in run.record.unusable:
            states.setdefault(file.id, {})[number] = "error"
        for outcome in run.record.outcomes:
            states.setdefault(outcome.name, {})[number] = outcome.state
    shown = {
        name: [cells.get(number, "-") for number in range(len(runs))]
        for name, cells in states.items()
        if {"error", "failed"} & {*cells.values()} or len(cells) < len(runs)
    }
    ids = [run.name for run in runs]
    # A cell may be longer than its text says: what would end a line is spelled out.
    widths = [max(7, len(cell(one))) for one in ids]
    first = max((len(cell(name)) for name in shown), default=0)
    rows = [
        columns((name, first), *zip(cells, widths, strict=True)) for name, cells in shown.items()
    ]
    head = [columns(("", first), *zip(ids, widths, strict=True))] if rows else []
    return (*head, *rows, *(line for run in runs for line in _totals(run)))


def _totals(run: FinishedRun) -> list[str]:
    record = run.record
    counts = record.counts()
    parts = [f"{count} {state}" for state, count in counts.items() if count]
    if record.unusable:
        parts.append(f"{len(record.unusable)} not collected")
    seconds = sum(outcome.duration for outcome in record.outcomes if outcome.subtest is None)
    versions = (("Python", record.python), (record.framework, record.version))
    # Of one that did not start there is nothing to tell.
    tools = (f"{name} {version}" for name, version in versions if version)
    where = ", ".join((run.name, *tools))
    counted = ", ".join(parts) or "no tests were run"
    lines = [f"{where}: {counted} in {seconds:.2f} s"]
    if run.trouble:
        over = {outcome.id for outcome in record.outcomes}
        left = sum(identity not in over for identity in record.tests)
        lines.insert(0, f"{run.trouble}, {left} not run" if left else run.trouble)
    return lines


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


COMMANDS = {
    "test configurations": _configurations,
    "test list": _list,
    "test run": _run,
}
