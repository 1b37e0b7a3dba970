"""Find and run a project's tests for an editor, and report each at once."""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_helper.discovery.test_framework import (
    files_of_tests,
    framework_of,
    is_configured,
    written_for,
)
from workflow_helper.discovery.test_source import source_tests
from workflow_helper.errors import Cancelled, NotFound, Refused, UsageError, WorkflowError
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.lsp.debounce import Later
from workflow_helper.lsp.test_actions import (
    DiscoveredTests,
    EditorTestConfiguration,
    EditorTestProblem,
)
from workflow_helper.test_runner.record import RunRecord
from workflow_helper.test_runner.report_file import follow
from workflow_helper.test_runner.start import SCRIPT
from workflow_helper.trust import policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typing_extensions import Self, override

    from workflow_helper.lsp.session import EditorSession
    from workflow_helper.lsp.test_actions import DiscoverTestsParams, RunTestsParams
    from workflow_helper.model import Environment, Resolution
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.operations.test import RunRequest, TestTarget
    from workflow_helper.operations.test_configurations import TestConfiguration
    from workflow_helper.test_runner.record import Outcome

    #: Takes what became of tests, in order.
    Send = Callable[[list[dict[str, Any]]], None]
else:

    def override(method: object) -> object:
        """Mark a method as overriding one of a base class, for type checkers."""
        return method


#: Runs and discoveries at the same time; others wait.
_AT_ONCE = 4
#: Seconds that a discovery may take.
_DISCOVERY = 300.0
#: Seconds for which updates are collected, and the number of tests in one update.
_NEWS, _BATCH = 0.1, 500
#: Characters of a traceback that an editor is sent: the last ones.
_DETAIL = 20_000


class EditorTests:
    """Finds and runs tests for one editor. Each method raises :class:`WorkflowError`, and stops when ``cancelled`` is set."""

    def __init__(self, session: EditorSession) -> None:
        self._session = session
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def discover(self, params: DiscoverTestsParams, cancelled: threading.Event) -> dict[str, Any]:
        """Return the tests of a project, as :data:`test_actions.DISCOVER_TESTS` answers.

        Without trust, or an environment to run them in, they are read from source.
        """
        from workflow_helper.operations.test import RunRequest, TestTarget, run_tests

        folder = self._session.folder(params.uri, cancelled)
        found, environments = self._session.listed(folder.question)
        root = found.root
        if not is_configured(root, folder.disk) and not any(files_of_tests(root, folder.disk)):
            return DiscoveredTests(root, (), None, "", root, static=True).to_wire()
        decision = policy.decide("change", policy.Subject(root), *folder.resolve_arguments)
        ready = _ready(found, environments, folder, asks=decision.allowed)
        problem = None if ready else _problem(found, environments)
        if not decision.allowed:
            problem = EditorTestProblem("not_trusted", decision.reason)
        if params.static or problem is not None:
            return _read(root, ready, problem, folder, params.ignored).to_wire()
        by, environment = ready[0]
        request = RunRequest(
            listing=True, timeout=_DISCOVERY, quiet=True, options=_ignoring(params.ignored)
        )
        with self._turn(cancelled):
            run = run_tests(TestTarget(folder, environment, root, by), request, cancelled)
        record = run.record
        from_root = _FromRoot(root, record)
        return DiscoveredTests(
            root,
            _wire(ready),
            None,
            record.framework,
            root,
            static=False,
            tests=[from_root.named(test.to_wire()) for test in record.tests.values()],
            unusable=[from_root.named(file.to_wire()) for file in record.unusable],
            trouble=run.trouble or (run.output.strip() if run.status in (3, 4) else ""),
        ).to_wire()

    def run(self, params: RunTestsParams, send: Send, cancelled: threading.Event) -> dict[str, Any]:
        """Run tests, as :data:`test_actions.RUN_TESTS` answers: ``{"status", "trouble", "output", "coverage"}``.

        A cancelled run returns its results so far.

        Raises:
            Refused: the project is not trusted.
            NotFound: there is no such configuration.
            UsageError: its tests can be run, but not debugged or measured.
        """
        from workflow_helper.operations.coverage import covered, measured
        from workflow_helper.operations.test import RunRequest, TestTarget, run_tests

        folder = self._session.folder(params.uri, cancelled)
        found, environments = self._session.listed(folder.question)
        root = found.root
        decision = policy.decide("change", policy.Subject(root), *folder.resolve_arguments)
        if not decision.allowed:
            raise Refused(f"the tests are not run, because {decision.reason}", decision.hint)
        ready = _ready(found, environments, folder, asks=True)
        one = next((one for one in ready if one.configuration.id == params.configuration), None)
        if one is None:
            raise NotFound(f"no tests can be run in {params.configuration}", "Refresh the tests.")
        by, environment = one
        if by.is_run_by_server and params.kind != "run":
            reason = "its workflow's server runs them, and can neither debug nor measure coverage"
            raise UsageError(
                f"the tests of {by.name} can be run, but not debugged or measured: {reason}"
            )
        request = RunRequest(params.names, quiet=True, options=_ignoring(params.ignored))
        with (
            self._turn(cancelled),
            tempfile.TemporaryDirectory(prefix="python-workflow-") as place,
            _News(send, root) as news,
        ):
            if params.kind == "debug":
                target = TestTarget(folder, environment, root, by)
                return _debug(target, request, place, news, cancelled)
            if params.kind == "coverage":
                folder, request = measured(folder, environment, request, place)
            target = TestTarget(folder, environment, root, by)
            run = run_tests(target, request, cancelled, news.record)
            files = []
            if params.kind == "coverage" and not cancelled.is_set():
                files = [one.to_wire() for one in covered(folder, environment, root, place)]
            is_odd = bool(run.trouble) or run.status in (3, 4)
            return _finished(run.status, run.trouble, run.output if is_odd else "", files)

    @contextmanager
    def _turn(self, cancelled: threading.Event) -> Iterator[None]:
        """Wait for a free slot among the running tests.

        Raises:
            Cancelled: ``cancelled`` was set.
        """
        while not self._turns.acquire(timeout=_NEWS):
            if cancelled.is_set():
                raise Cancelled("the tests were not run: cancelled")
        try:
            yield
        finally:
            self._turns.release()


def _finished(
    status: int, trouble: str, output: str, coverage: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "status": status,
        "trouble": trouble or None,
        "output": output.strip() or None,
        "coverage": list(coverage),
    }


def _debug(
    target: TestTarget, request: RunRequest, place: str, news: _News, cancelled: threading.Event
) -> dict[str, Any]:
    """Send the editor the command for its debugger, and read the report of that run until it ends."""
    from workflow_helper.operations.test import runner_command

    report = os.path.join(place, "report")
    with open(report, "xb"):
        pass
    framework, how = runner_command(target, request, report)
    news.send([{"event": "command", "script": SCRIPT, **how.to_wire()}])

    def receive(line: bytes) -> bool:
        news.record.receive(line)
        return news.record.status is None

    follow(report, receive, cancelled)
    status = news.record.status
    reason = f"{framework} did not finish"
    return _finished(2 if status is None else status, reason if status is None else "", "")


class _Ready(NamedTuple):
    """A configuration that can run, and its environment."""

    configuration: TestConfiguration
    environment: Environment


def _ready(
    found: Resolution, environments: Sequence[Environment], folder: FolderSession, *, asks: bool
) -> list[_Ready]:
    """Return the configurations in which the tests of a project can run now, the default first.

    The workflow is queried for its own only with ``asks``.
    """
    from workflow_helper.operations.test_configurations import of_environment, test_configurations

    root = found.root
    configurations: Sequence[TestConfiguration] | None = None
    if asks:
        # What is wrong with the workflow is shown where its environments are; its tests can still be run.
        with suppress(WorkflowError):
            configurations = test_configurations(folder, root, environments)
    if configurations is None:
        first = sorted(environments, key=lambda one: not one.default)
        configurations = [of_environment(one, root, folder) for one in first]
    ready = [
        _Ready(one, one.environment)
        for one in configurations
        if one.environment and not one.obstacle
    ]
    return [one for one in ready if _finds_any(one, root, folder)]


def _finds_any(one: _Ready, root: str, folder: FolderSession) -> bool:
    if one.configuration.framework or one.configuration.is_run_by_server:
        return True
    framework = framework_of(root, one.environment, folder.host, folder.disk)
    # Functions that import nothing are pytest's: unittest, which is always there, would find none of them.
    return (
        framework == "pytest"
        or written_for(root, folder.disk) == "unittest"
        or bool(source_tests(root, "unittest", folder.disk, ()))
    )


def _wire(ready: Sequence[_Ready]) -> list[EditorTestConfiguration]:
    return [
        EditorTestConfiguration(
            configuration.id, configuration.name, environment, default=position == 0
        )
        for position, (configuration, environment) in enumerate(ready)
    ]


def _problem(found: Resolution, environments: Sequence[Environment]) -> EditorTestProblem:
    """Return why the tests of a project cannot be run."""
    name = os.path.basename(found.root)
    working = [one for one in environments if one.ok and one.kind != "remote"]
    environment = found.environment or next(iter(working), None) or next(iter(environments), None)
    if environment is None:
        return EditorTestProblem("not_found", f"{name} has no environment to run its tests in.")
    if not environment.ok:
        return EditorTestProblem("broken", f"{environment.name} is broken.", environment)
    if environment.kind == "remote":
        return EditorTestProblem(
            "not_found", f"{environment.name} is on another machine.", environment
        )
    reason = f"pytest is not installed in {environment.name}."
    return EditorTestProblem("tool_not_installed", reason, environment, "pytest")


def _read(
    root: str,
    ready: Sequence[_Ready],
    problem: EditorTestProblem | None,
    folder: FolderSession,
    ignored: Sequence[str],
) -> DiscoveredTests:
    """Return the tests in the source files of a project, with the ids that the framework will give them."""
    framework = written_for(root, folder.disk)
    if ready:
        by, environment = ready[0]
        framework = framework_of(root, environment, folder.host, folder.disk, by.framework)
    tests = source_tests(root, framework, folder.disk, ignored)
    wire = [{"id": one.id, "file": one.file, "line": one.line} for one in tests]
    return DiscoveredTests(root, _wire(ready), problem, framework, root, static=True, tests=wire)


def _ignoring(folders: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"--ignore={folder}" for folder in folders)


class _News:
    """Reports a run to an editor in batches, since there may be thousands of tests a second."""

    def __init__(self, send: Send, root: str) -> None:
        self.send = send
        self.record = _Record(self._add)
        self._from_root = _FromRoot(root, self.record)
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._later = Later(_NEWS, self._flush)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._later.close()
        self._flush()

    def _add(self, event: dict[str, Any]) -> None:
        if "tests" in event:
            event = {**event, "tests": [self._from_root.named(one) for one in event["tests"]]}
        event = self._from_root.named(event)
        with self._lock:
            self._events.append(event)
        self._later.soon()

    def _flush(self) -> None:
        with self._lock:
            events, self._events = self._events, []
        for start in range(0, len(events), _BATCH):
            self.send(events[start : start + _BATCH])


class _FromRoot:
    """Gives pytest's tests ids that are relative to the project's root.

    pytest's own ids are relative to the folder of its configuration, which depends on the tests that are named: the
    same test would have different ids.
    """

    def __init__(self, root: str, record: RunRecord) -> None:
        self._root = real_path(root)
        self._record = record
        #: By path as pytest tells it: many tests are of one file.
        self._paths: dict[str, str] = {}
        self._base: str | None = None

    def named(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return a test's ``event`` with the id relative to the root."""
        if self._record.framework != "pytest" or not self._record.root:
            return event
        if self._base is None:
            self._base = real_path(self._record.root)
        if self._base == self._root or not event.get("id"):
            return event
        path, separator, rest = event["id"].partition("::")
        known = self._paths.get(path)
        if known is None:
            known = self._paths[path] = self._moved(path, self._base)
        return {**event, "id": known + separator + rest}

    def _moved(self, path: str, base: str) -> str:
        absolute = os.path.normpath(os.path.join(base, path))
        try:
            return os.path.relpath(absolute, self._root).replace(os.sep, "/")
        except ValueError:  # on another drive
            return absolute


class _Record(RunRecord):
    """A record that reports its new entries."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._send = send
        self._seen = {"tests": 0, "unusable": 0, "outcomes": 0}
        self._running: dict[str, None] = {}

    @override
    def receive(self, line: bytes) -> None:
        super().receive(line)
        self._tell()

    @override
    def close(self, message: str) -> None:
        super().close(message)
        self._tell()

    def _tell(self) -> None:
        if len(self.tests) > self._seen["tests"]:
            tests = list(self.tests.values())[self._seen["tests"] :]
            self._seen["tests"] = len(self.tests)
            self._send({"event": "collected", "tests": [one.to_wire() for one in tests]})
        for file in self.unusable[self._seen["unusable"] :]:
            self._send({"event": "unusable", **file.to_wire()})
        self._seen["unusable"] = len(self.unusable)
        for identity in self.running:
            if identity not in self._running:
                self._send({"event": "running", "id": identity})
        self._running = dict(self.running)
        for outcome in self.outcomes[self._seen["outcomes"] :]:
            self._send(_result(outcome))
        self._seen["outcomes"] = len(self.outcomes)


def _result(outcome: Outcome) -> dict[str, Any]:
    detail = outcome.detail
    if detail is not None and len(detail) > _DETAIL:
        detail = f"...\n{detail[-_DETAIL:]}"
    return {"event": "result", **outcome._replace(detail=detail).to_wire()}
