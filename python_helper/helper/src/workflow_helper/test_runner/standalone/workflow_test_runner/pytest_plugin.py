"""Run pytest with a plug-in that reports."""

from __future__ import annotations

import os

from workflow_test_runner.report import (
    BATCH,
    ending,
    last_line,
    message_of,
    named,
    place_in,
    place_of,
    version_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import CodeType

    import pytest

    from workflow_test_runner.report import ReportPipe

#: What a function has that stands for another one, whose place pytest tells.
_ELSEWHERE = {"__wrapped__", "__pytest_wrapped__", "place_as"}


class PytestReporter:
    """A plug-in of pytest 6.2 and newer. With pytest-xdist, it runs in the process that controls the workers."""

    def __init__(self, report: ReportPipe) -> None:
        self._report = report
        self._root = os.getcwd()
        self._reportinfo: object = None
        #: By id, what the phases of a test that is not over yet reported.
        self._phases: dict[str, list[pytest.TestReport]] = {}
        #: The tests of which a subtest failed.
        self._subtests_failed: set[str] = set()
        self._unusable: set[str] = set()
        self._listed: set[str] = set()
        #: By path from the root, the absolute path: many tests are of one file.
        self._files: dict[str, str] = {}
        #: Other processes run the tests, so reports of different tests are interleaved.
        self._hears_of_workers = False

    def pytest_configure(self, config: pytest.Config) -> None:
        """Report the start."""
        import pytest

        self._reportinfo = pytest.Function.reportinfo
        self._hears_of_workers = config.pluginmanager.hasplugin("dsession")
        self._root = str(getattr(config, "rootpath", None) or config.rootdir)  # type: ignore[attr-defined]
        self._report.send(
            "started",
            framework="pytest",
            version=pytest.__version__,
            python=version_of(3),
            root=self._root,
        )

    def pytest_exception_interact(
        self,
        node: pytest.Item | pytest.Collector,
        call: pytest.CallInfo[object],
        report: pytest.CollectReport | pytest.TestReport,
    ) -> None:
        """Report a file that cannot be collected, with the line that its exception has."""
        if call.excinfo is None or not hasattr(report, "result"):  # the report of a test has none
            return
        file = str(getattr(node, "path", None) or getattr(node, "fspath", "")) or None
        # pytest wraps what the file raised.
        error = call.excinfo.value.__cause__ or call.excinfo.value
        self._cannot_collect(report.nodeid, place_of(error, file), error, str(report.longrepr))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Report such a file from a worker of pytest-xdist, which sends no exception, and a file that skips itself."""
        if report.outcome == "skipped" and report.nodeid not in self._unusable:
            # With pytest-xdist each worker collects it.
            self._unusable.add(report.nodeid)
            self._report.send(
                "result",
                id=report.nodeid,
                state="skipped",
                duration=0.0,
                message=_reason(report),
                detail=None,
                file=self._file_of(report.nodeid),
                line=None,
                output=None,
            )
        if report.outcome == "failed":
            text = str(report.longrepr)
            file = self._file_of(report.nodeid)
            self._cannot_collect(report.nodeid, place_in(text, file), None, text)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Report the tests that are going to be run."""
        self._send_tests(map(self._described, session.items))

    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Report the tests that workers collect, all of them the same; workers send only ids."""
        self._send_tests({"id": one, "file": self._file_of(one), "line": None} for one in ids)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Report that a test is running from now on."""
        self._report.send("running", id=nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the result of a phase of a test; report a subtest."""
        context = getattr(report, "context", None)
        if hasattr(context, "kwargs"):
            self._send_subtest(report, context)
            return
        if str(report.outcome) == "rerun":  # that of a plug-in: it is run once more
            self._phases.pop(report.nodeid, None)
            return
        self._phases.setdefault(report.nodeid, []).append(report)
        # A crashed worker is reported as a phase without a name, and no end follows.
        if report.when not in ("setup", "call"):
            self._send_result(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Report a test that had no last phase."""
        self._send_result(nodeid)

    def pytest_sessionfinish(self) -> None:
        """Report tests that failed without finishing; an interrupted test stays reported as running."""
        for nodeid, phases in list(self._phases.items()):
            if any(phase.outcome == "failed" for phase in phases):
                self._send_result(nodeid)
        self._report.flush()

    def _send_tests(self, tests: Iterable[dict[str, object]]) -> None:
        new = [one for one in tests if one["id"] not in self._listed]
        self._listed.update(str(one["id"]) for one in new)
        for start in range(0, len(new), BATCH):
            self._report.send("collected", tests=new[start : start + BATCH])

    def _described(self, item: pytest.Item) -> dict[str, object]:
        if (place := self._written(item)) is not None:
            return {"id": item.nodeid, "file": place[0], "line": place[1]}
        file, line, _ = item.location
        return {
            "id": item.nodeid,
            "file": self._absolute(file),
            "line": None if line is None else line + 1,
        }

    def _written(self, item: pytest.Item) -> tuple[str, int] | None:
        """Return the ``item.location`` of a plain function, as most tests are, without its accesses to the disk."""
        if type(item).reportinfo is not self._reportinfo:
            return None
        function = getattr(item, "function", None)
        code: CodeType | None = getattr(function, "__code__", None)
        file = str(getattr(item, "path", ""))
        if (
            code is None
            or code.co_filename != file
            or getattr(function, "__dict__", {}).keys() & _ELSEWHERE
        ):
            return None
        return file, code.co_firstlineno

    def _file_of(self, nodeid: str) -> str | None:
        path = nodeid.partition("::")[0]
        return self._absolute(path) if path else None

    def _absolute(self, path: str) -> str:
        found = self._files.get(path)
        if found is None:
            found = os.path.normpath(os.path.join(self._root, path))
            self._files[path] = found
        return found

    def _cannot_collect(
        self,
        nodeid: str,
        place: tuple[str | None, int | None],
        error: BaseException | None,
        text: str,
    ) -> None:
        if nodeid in self._unusable:
            return
        self._unusable.add(nodeid)
        message = message_of(error) if error is not None else last_line(text)
        self._report.send(
            "unusable",
            id=nodeid,
            file=place[0],
            line=place[1],
            message=message,
            detail=ending(text),
        )

    def _send_subtest(self, report: pytest.TestReport, context: object) -> None:
        name = named(getattr(context, "msg", None) or "", getattr(context, "kwargs", None) or {})
        if report.outcome == "failed":
            self._subtests_failed.add(report.nodeid)
        members = self._outcome([report])
        self._report.send("result", subtest=name, **members)

    def _send_result(self, nodeid: str) -> None:
        phases = self._phases.pop(nodeid, None)
        if phases:
            members = self._outcome(phases)
            if nodeid in self._subtests_failed and members["state"] == "passed":
                # As pytest 9 has it: a test is not better than its subtests.
                members.update(state="failed", message="a subtest failed")
            # Where one test follows the other in this process, that it runs is told in a moment.
            report = self._report.send if self._hears_of_workers else self._report.hold
            report("result", **members)

    def _outcome(self, phases: Sequence[pytest.TestReport]) -> dict[str, object]:
        first = phases[0]
        # The call's failure says more than that of what tidies up after it.
        decisive = next((one for one in phases if one.outcome == "failed"), None)
        decisive = decisive or next((one for one in phases if one.outcome == "skipped"), None)
        state, message, detail = "passed", None, None
        file, line = self._file_of(first.nodeid), None
        if first.location[1] is not None:
            line = first.location[1] + 1
            file = self._absolute(first.location[0])
        if decisive is not None and decisive.outcome == "skipped":
            state = "skipped"
            message = _reason(decisive)
        elif decisive is not None:
            state = "error" if decisive.when in ("setup", "teardown") else "failed"
            if decisive.when not in ("setup", "call", "teardown"):
                state = "error"  # the process that ran it is gone
            detail = str(decisive.longrepr)
            crash = getattr(decisive.longrepr, "reprcrash", None)
            message = str(crash.message) if crash is not None else last_line(detail)
            own = place_in(detail, file)
            if own[1] is not None:
                # Where the test itself was when a helper, or unittest, raised.
                file, line = own
            elif crash is not None and os.path.isabs(crash.path):
                file, line = str(crash.path), int(crash.lineno)
        output = "".join(
            text for name, text in phases[-1].sections if name.startswith("Captured std")
        )
        return {
            "id": first.nodeid,
            "state": state,
            "duration": sum(one.duration for one in phases),
            "message": ending(message),
            "detail": ending(detail),
            "file": file,
            "line": line,
            "output": ending(output),
        }


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return f"expected to fail: {expected}".rstrip(": ")
    longrepr = report.longrepr
    text = str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
    return text[len("Skipped: ") :] if text.startswith("Skipped: ") else text


def run(report: ReportPipe, arguments: list[str]) -> int:
    """Run pytest with ``arguments``; return its exit status."""
    import pytest

    # Unknown to pytest where pytest-xdist is not installed.
    pytest.hookimpl(optionalhook=True)(PytestReporter.pytest_xdist_node_collection_finished)
    return int(pytest.main(arguments, plugins=[PytestReporter(report)]))
