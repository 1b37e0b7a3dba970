"""Find and run a project's tests in one of its environments."""

from __future__ import annotations

import os

from workflow_helper.discovery.test_framework import django_folder, framework_of
from workflow_helper.errors import Cancelled, UsageError
from workflow_helper.operations.run import command
from workflow_helper.state import test_failures
from workflow_helper.system.report_pipe import REPORT, run_reporting
from workflow_helper.system.stopwatch import Stopwatch
from workflow_helper.test_runner.record import RunRecord
from workflow_helper.test_runner.start import ONLY, SCRIPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_server.values import Command

    from workflow_helper.discovery.test_framework import Framework
    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.operations.test_configurations import TestConfiguration
    from workflow_helper.system.report_pipe import Ending, Reported
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds, where only the user says when to stop.
_NO_LIMIT = 1e8
#: pytest's exit statuses: all passed, some did not, interrupted, there are none.
PASSED, FAILED, INTERRUPTED, NO_TESTS = 0, 1, 2, 5


class RunRequest(NamedTuple):
    """A request for tests: which of them, and how."""

    #: Their ids, files, folders, classes, relative to the root; none for all.
    names: tuple[str, ...] = ()
    #: Find them, and run none.
    listing: bool = False
    #: Only those that failed the last time; all, where none did.
    last_failed: bool = False
    #: In seconds.
    timeout: float | None = None
    #: What they print is not shown.
    quiet: bool = False
    #: Further options of the framework.
    options: tuple[str, ...] = ()
    #: Options of Python, before the script: ``-m coverage run``, say.
    launcher: tuple[str, ...] = ()


class RunnerCommand(NamedTuple):
    """The command that starts a project's tests in one of its environments."""

    framework: Framework
    command: Command


class FinishedRun(NamedTuple):
    """A run of tests that is over."""

    environment: Environment
    record: RunRecord
    ending: Ending
    #: As pytest's.
    status: int
    #: What cut the run short; ``""`` where nothing did.
    trouble: str
    #: The last that was printed, where that was not shown.
    output: str
    #: The configuration of the run; ``None`` for the plain environment.
    configuration: TestConfiguration | None = None

    @property
    def name(self) -> str:
        """The name that distinguishes it from other runs."""
        return self.environment.id if self.configuration is None else self.configuration.id


class TestTarget(NamedTuple):
    """The tests of the project at ``root``, run in ``environment``."""

    session: FolderSession
    environment: Environment
    root: str
    #: The options, variables, paths and folder to run them with; ``None`` for the plain environment.
    configuration: TestConfiguration | None = None

    @property
    def key(self) -> str:
        """The key for remembering failures, separately for each environment."""
        key = f"{self.root} in {self.environment.prefix}"
        by = self.configuration
        # One that only stands for its environment is no other way.
        return key if by is None or by.id == self.environment.id else f"{key} by {by.id}"


def run_tests(
    target: TestTarget,
    request: RunRequest,
    cancelled: threading.Event | None = None,
    record: RunRecord | None = None,
) -> FinishedRun:
    """Run the tests of ``target``, or find them.

    ``record`` is filled while they run; a new one is created unless it is given.

    Raises:
        ToolNotInstalled: The tests need pytest, which is not installed there.
        Refused: The user's trust is missing.
        ProgramFailed: The environment's Python could not be started.
    """
    session, environment, _, by = target
    record = RunRecord() if record is None else record
    if by is not None and by.is_run_by_server:
        return _by_server(target, by, request, cancelled, record)
    framework, how = runner_command(target, request, REPORT)
    ended = run_reporting(
        how.argv,
        cwd=how.cwd,
        environ=how.applied(session.host.environ),
        receive=record.receive,
        timeout=request.timeout,
        cancelled=cancelled,
        quiet=request.quiet,
    )
    if not record.framework and ended.ending == "itself":
        last = f": {ended.output.strip()}" if ended.output.strip() else ""
        record.framework = framework
        reason = f"{framework} did not start in {environment.id}, exit {ended.exit_code}{last}"
        return FinishedRun(environment, record, ended.ending, FAILED, reason, ended.output, by)
    run = _judge(environment, record, ended, request)
    if framework == "unittest" and not request.listing:
        _remember(target.key, run.record, session)
    return run._replace(configuration=by)


def runner_command(target: TestTarget, request: RunRequest, report: str) -> RunnerCommand:
    """Return the command that :func:`run_tests` starts; ``report`` is the target of the report.

    Raises:
        ToolNotInstalled: The tests need pytest, which is not installed there.
        Refused: The user's trust is missing.
    """
    session, environment, root, by = target
    cwd = (by and by.cwd) or root
    declared = "" if by is None else by.framework
    framework = framework_of(root, environment, session.host, session.disk, declared)
    # Django's own runner is one of unittest's, with settings and databases, and is started where its project is managed.
    is_plain = framework == "unittest" and not declared
    managed = django_folder(cwd, session.disk) if is_plain else None
    cwd = managed or cwd
    names = tuple(_from(cwd, name, root, session) for name in request.names)
    request = request._replace(names=names or (() if by is None else by.paths))
    arguments = _arguments(framework, target.key, request, session)
    options = () if by is None else by.argv
    program = environment.interpreter_path or "python"
    runner = "django" if managed else framework
    argv = (program, *request.launcher, SCRIPT, report, runner, *options, *arguments)
    how = command(session, environment, argv, cwd)
    return RunnerCommand(framework, how if by is None else how._replace(set={**how.set, **by.env}))


def _by_server(
    target: TestTarget,
    by: TestConfiguration,
    request: RunRequest,
    cancelled: threading.Event | None,
    record: RunRecord,
) -> FinishedRun:
    """Let the workflow's own server find or run the tests."""
    if request.last_failed:
        reason = "the workflow's server runs the tests, and does not record which tests failed"
        raise UsageError(f"--last-failed cannot be used with {by.id}: {reason}")
    record.framework = by.framework
    stop = Stopwatch(request.timeout, cancelled)
    try:
        with target.session.open(changing=True) as opened, stop:
            ask = opened.calls.discover_tests if request.listing else opened.calls.run_tests
            end = ask(
                by.server_id,
                request.names,
                updates=record.update,
                timeout=_NO_LIMIT,
                cancelled=stop.event,
            )
    except Cancelled:
        trouble = stop.reason or "interrupted"
        record.close(f"{trouble} while this test was running")
        ending: Ending = "timeout" if stop.reason else "cancelled"
        return FinishedRun(target.environment, record, ending, INTERRUPTED, trouble, "", by)
    record.status = end.status
    if record.running:
        record.close("the run ended while this test was running")
    return FinishedRun(target.environment, record, "itself", end.status, end.message, "", by)


def status_of(runs: Sequence[FinishedRun]) -> int:
    """Return the exit status of several runs: their common one, or else the one for failed tests."""
    # No tests in one environment are no failure where there are some in another.
    statuses = {run.status for run in runs}
    bad = statuses - {PASSED, NO_TESTS}
    if not bad:
        return PASSED if PASSED in statuses else NO_TESTS
    return bad.pop() if len(bad) == 1 else FAILED


def _from(cwd: str, name: str, root: str, session: FolderSession) -> str:
    """Return ``name``, a path relative to ``root`` if it names a file or a folder, relative to ``cwd`` instead."""
    if cwd == root:
        return name
    path, separator, rest = name.partition("::")
    there = os.path.join(root, path)
    return there + separator + rest if session.disk.exists(there) else name


def _arguments(
    framework: Framework, key: str, request: RunRequest, session: FolderSession
) -> tuple[str, ...]:
    options = ("--collect-only", *request.options) if request.listing else request.options
    if framework == "pytest":
        if request.listing:
            options = (*options, "-q")
        if request.last_failed:
            options = (*options, "--last-failed")
        return (*options, *request.names)
    failed = test_failures.remembered(key, session.host) if request.last_failed else ()
    return (*options, *(f"{ONLY}{one}" for one in failed), *request.names)


def _judge(
    environment: Environment, record: RunRecord, ended: Reported, request: RunRequest
) -> FinishedRun:
    """Detect whether a run was cut short; the tests that were running then become errors."""
    if ended.ending == "timeout":
        trouble, status = f"stopped after {request.timeout:g} s", INTERRUPTED
    elif ended.ending == "cancelled":
        trouble, status = "interrupted", INTERRUPTED
    elif record.status is not None:
        # What happens at exit may still go wrong.
        trouble, status = "", record.status or (FAILED if ended.exit_code else PASSED)
    elif ended.exit_code < 0:
        trouble, status = f"Python crashed: ended by signal {-ended.exit_code}", FAILED
    else:
        trouble, status = f"Python ended with exit status {ended.exit_code}", FAILED
    if record.running:
        record.close(f"{trouble or 'the run ended'} while this test was running")
    return FinishedRun(environment, record, ended.ending, status, trouble, ended.output)


def _remember(key: str, record: RunRecord, session: FolderSession) -> None:
    over = {outcome.id for outcome in record.outcomes}
    before = [one for one in test_failures.remembered(key, session.host) if one not in over]
    # "setUpClass (module.Class)" is no test, and the class is what to run again.
    failed = [
        one.id.partition(" (")[2].rstrip(")") or one.id
        for one in record.outcomes
        if one.state in ("failed", "error")
    ]
    known = [*before, *failed]
    test_failures.remember(key, tuple(dict.fromkeys(known)), session.host)
