"""Finding and running a project's tests in one of its environments."""

from __future__ import annotations

import os

from workflow_helper.discovery.test_framework import framework_of
from workflow_helper.errors import ExecutionFailed
from workflow_helper.operations.run import command
from workflow_helper.state import test_failures
from workflow_helper.system.report_pipe import REPORT, run_reporting
from workflow_helper.test_runner import standalone
from workflow_helper.test_runner.record import RunRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from typing import NamedTuple

    from workflow_helper.discovery.test_framework import Framework
    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.system.report_pipe import Ending, Reported
else:
    from workflow_server.namedtuple import NamedTuple

#: pytest's exit statuses: all passed, some did not, interrupted.
PASSED, FAILED, INTERRUPTED = 0, 1, 2


class RunRequest(NamedTuple):
    """Which tests to run, and how."""

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


class FinishedRun(NamedTuple):
    """A run of tests that is over."""

    record: RunRecord
    ending: Ending
    #: As pytest's.
    status: int
    #: What cut the run short; ``""`` where nothing did.
    trouble: str
    #: The last that was printed, where that was not shown.
    output: str


def run_tests(
    session: FolderSession,
    environment: Environment,
    root: str,
    request: RunRequest,
    cancelled: threading.Event | None = None,
) -> FinishedRun:
    """Run the tests of the project at ``root`` in ``environment``, in that folder; or find them.

    Raises:
        ToolNotInstalled: The tests need pytest, which is not installed there.
        Refused: The user's trust is missing.
        ExecutionFailed: The framework could not be started.
    """
    framework = framework_of(root, environment, session.host, session.disk)
    arguments = _arguments(framework, root, request, session)
    program = environment.interpreter_path or "python"
    how = command(session, environment, (program, _SCRIPT, REPORT, framework, *arguments), root)
    record = RunRecord()
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
        reason = f"{framework} did not start in {environment.id}, exit {ended.exit_code}{last}"
        raise ExecutionFailed(reason)
    run = _judged(record, ended, request)
    if framework == "unittest" and not request.listing:
        _remember(root, run.record, session)
    return run


#: Started by its path, in the environment's own Python.
_SCRIPT = os.path.abspath(standalone.__file__)


def _arguments(
    framework: Framework, root: str, request: RunRequest, session: FolderSession
) -> tuple[str, ...]:
    options = ("--collect-only",) if request.listing else ()
    if framework == "pytest":
        if request.listing:
            options = (*options, "-q")
        if request.last_failed:
            options = (*options, "--last-failed")
        return (*options, *request.names)
    failed = test_failures.remembered(root, session.host) if request.last_failed else ()
    return (*options, *(f"{standalone.ONLY}{one}" for one in failed), *request.names)


def _judged(record: RunRecord, ended: Reported, request: RunRequest) -> FinishedRun:
    """Tell a run that came to its end from one that was cut short, whose tests that were running are errors."""
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
    return FinishedRun(record, ended.ending, status, trouble, ended.output)


def _remember(root: str, record: RunRecord, session: FolderSession) -> None:
    over = {outcome.id for outcome in record.outcomes}
    before = [one for one in test_failures.remembered(root, session.host) if one not in over]
    # "setUpClass (module.Class)" is no test, and the class is what to run again.
    failed = [
        one.id.partition(" (")[2].rstrip(")") or one.id
        for one in record.outcomes
        if one.state in ("failed", "error")
    ]
    known = [*before, *failed]
    test_failures.remember(root, tuple(dict.fromkeys(known)), session.host)
