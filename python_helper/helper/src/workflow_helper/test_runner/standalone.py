"""Run pytest, unittest or Django's runner in whatever Python starts this file, and report each step over a pipe.

The file is started by its path, with the Python of the project's environment: it parses on Python 3.8, and imports nothing of
this product. ``standalone.py REPORT pytest|unittest|django [OPTION]... [NAME]...``, where ``REPORT`` is the number of an inherited
descriptor, on Windows of an inherited handle, or else the path of a file to append to: a debugger hands no descriptor on. What
the tests print goes where it always goes.

Each line of the report is a JSON object with a member ``event``:

``started``: ``framework``, ``version``, ``python``, ``root`` (the folder that ids are relative to).
``collected``: ``tests``, each with ``id``, ``file``, ``line``. There may be several.
``unusable``: a file that could not be collected: ``id``, ``file``, ``line``, ``message``, ``detail``.
``running``: ``id``.
``result``: ``id``, ``state`` (passed, failed, skipped, error), ``duration``, ``message``, ``detail``, ``file``, ``line``,
``output``; ``subtest`` where it is of one.
``finished``: ``status``, as pytest's exit status.

Files are absolute, lines count from 1, durations are in seconds; what is not known is ``null``.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import sys
import threading
import time
import traceback
import unittest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import CodeType
    from typing import Any, TextIO

    import pytest
    from typing_extensions import override
else:

    def override(method: object) -> object:
        """Leave ``method`` as it is: what this says is for type checkers."""
        return method


#: Characters of a test's output, and of a traceback, that are reported: the last ones.
LIMIT = 65536
#: Tests that are reported in one line.
BATCH = 500
#: What unittest's stand-in for a module that cannot be imported has, and no other test.
UNUSABLE = "_exception"
#: With the id of a test, or of a class: run only these of those that are named; all of them, where there are none.
ONLY = "--only="
#: What a function has that stands for another one, whose place pytest tells.
_ELSEWHERE = {"__wrapped__", "__pytest_wrapped__", "place_as"}
#: Where a text names a line of a file: a traceback of Python's, or one of pytest's.
_PLACE = re.compile(
    r'File "(?P<file>[^"\n]+)", line (?P<line>\d+)|^(?P<short>[^\s:][^\n:]*):(?P<at>\d+): ',
    re.MULTILINE,
)


class ReportPipe:
    """The pipe to whoever started this."""

    def __init__(self, report: str) -> None:
        # Nothing that a test starts is to hold the pipe open: what Python opens is not inherited.
        self._descriptor = _inherited(int(report)) if report.isdigit() else _opened(report)
        self._owner = os.getpid()
        self._lock = threading.Lock()

    def send(self, event: str, **members: object) -> None:
        """Report one step. A copy of this process that a test forked reports nothing."""
        if os.getpid() != self._owner:
            return
        data = (json.dumps({"event": event, **members}) + "\n").encode("ascii")
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:  # nobody reads it any more, or a test closed it
                return


def _inherited(number: int) -> int:
    if sys.platform == "win32":
        import msvcrt

        number = msvcrt.open_osfhandle(number, os.O_WRONLY)
    os.set_inheritable(number, False)  # noqa: FBT003 - it takes no name
    return number


def _opened(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))


def version_of(count: int) -> str:
    """Return the first ``count`` numbers of the version of this Python."""
    return ".".join(str(number) for number in sys.version_info[:count])


def ending(text: str | None) -> str | None:
    """Return the last of ``text``, which says so where it is not all."""
    if not text or len(text) <= LIMIT:
        return text or None
    return f"[{len(text) - LIMIT} characters before this are left out]\n{text[-LIMIT:]}"


def named(title: str, given: Mapping[str, object]) -> str:
    """Return the name of a subtest."""
    told = ", ".join(f"{name}={value}" for name, value in given.items())
    return " ".join(filter(None, (str(title), told))) or "subtest"


def place_in(text: str, preferred: str | None) -> tuple[str | None, int | None]:
    """Return the last line of ``preferred`` that ``text``, a traceback, names; else the last of any file."""
    found = [
        (os.path.abspath(one["file"] or one["short"]), int(one["line"] or one["at"]))
        for one in _PLACE.finditer(text)
    ]
    own = [one for one in found if one[0] == preferred]
    if own:
        return own[-1]
    return (preferred, None) if preferred or not found else found[-1]


def place_of(error: BaseException, preferred: str | None) -> tuple[str | None, int | None]:
    """Return where ``error`` was raised: the last line of ``preferred``, or the line that does not parse."""
    if isinstance(error, SyntaxError) and error.filename:
        return os.path.abspath(error.filename), error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if os.path.abspath(one.filename) == preferred]
    if own:
        return preferred, own[-1].lineno
    return preferred, None


# -- pytest ---------------------------------------------------------------------------------------------------------


class PytestReporter:
    """A plug-in of pytest 6.2 and newer. With pytest-xdist it hears of everything in the process that controls the workers."""

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

    def pytest_configure(self, config: pytest.Config) -> None:
        """Report the start."""
        import pytest

        self._reportinfo = pytest.Function.reportinfo
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
        """The same for a worker of pytest-xdist, which sends no exception; report a file that says that it is to be skipped."""
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
        """Report them where workers collect, all of them the same: these tell ids alone."""
        self._send_tests({"id": one, "file": self._file_of(one), "line": None} for one in ids)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Report that a test is running from now on."""
        self._report.send("running", id=nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a phase of a test went; report a subtest."""
        context = getattr(report, "context", None)
        if hasattr(context, "kwargs"):
            self._send_subtest(report, context)
            return
        if str(report.outcome) == "rerun":  # that of a plug-in: it is run once more
            self._phases.pop(report.nodeid, None)
            return
        self._phases.setdefault(report.nodeid, []).append(report)
        # A worker that crashed is told of as a phase of no name, and no end follows.
        if report.when not in ("setup", "call"):
            self._send_result(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Report a test that had no last phase."""
        self._send_result(nodeid)

    def pytest_sessionfinish(self) -> None:
        """Report what failed and did not get to its end; what was interrupted is still running for whoever listens."""
        for nodeid, phases in list(self._phases.items()):
            if any(phase.outcome == "failed" for phase in phases):
                self._send_result(nodeid)

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
            "file": os.path.normpath(os.path.join(self._root, file)),
            "line": None if line is None else line + 1,
        }

    def _written(self, item: pytest.Item) -> tuple[str, int] | None:
        """Return what ``item.location`` says of a plain function, which most tests are, without the looks at the disk that it takes."""
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
        return os.path.normpath(os.path.join(self._root, path)) if path else None

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
        message = _said(error) if error is not None else _last_line(text)
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
            self._report.send("result", **members)

    def _outcome(self, phases: Sequence[pytest.TestReport]) -> dict[str, object]:
        first = phases[0]
        # The call's failure says more than that of what tidies up after it.
        telling = next((one for one in phases if one.outcome == "failed"), None)
        telling = telling or next((one for one in phases if one.outcome == "skipped"), None)
        state, message, detail = "passed", None, None
        file, line = self._file_of(first.nodeid), None
        if first.location[1] is not None:
            line = first.location[1] + 1
            file = os.path.normpath(os.path.join(self._root, first.location[0]))
        if telling is not None and telling.outcome == "skipped":
            state = "skipped"
            message = _reason(telling)
        elif telling is not None:
            state = "error" if telling.when in ("setup", "teardown") else "failed"
            if telling.when not in ("setup", "call", "teardown"):
                state = "error"  # the process that ran it is gone
            detail = str(telling.longrepr)
            crash = getattr(telling.longrepr, "reprcrash", None)
            message = str(crash.message) if crash is not None else _last_line(detail)
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


def _said(error: BaseException) -> str:
    return traceback.format_exception_only(type(error), error)[-1].strip()


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    # pytest marks what was raised by an E in front.
    marked = [line for line in lines if line.startswith("E ")]
    return (marked or lines or [""])[-1].lstrip("E ").strip()


def run_pytest(report: ReportPipe, arguments: list[str]) -> int:
    """Run pytest with ``arguments``; return its exit status."""
    import pytest

    # Unknown to pytest where pytest-xdist is not installed.
    pytest.hookimpl(optionalhook=True)(PytestReporter.pytest_xdist_node_collection_finished)
    return int(pytest.main(arguments, plugins=[PytestReporter(report)]))


# -- unittest -------------------------------------------------------------------------------------------------------


class Copying:
    """A stream that keeps the last of what goes through it."""

    def __init__(self, stream: TextIO, kept: list[str]) -> None:
        self._stream = stream
        self._kept = kept

    def write(self, text: str) -> int:
        """Write ``text`` to the stream itself, and keep it."""
        self._kept.append(text[-LIMIT:])
        if len(self._kept) > 1024:
            self._kept[:] = ["".join(self._kept)[-LIMIT:]]
        return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class UnittestReporter(unittest.TextTestResult):
    """The results of unittest, reported beside what it prints."""

    report: ReportPipe

    def __init__(self, *words: Any, **more: Any) -> None:  # noqa: ANN401 - handed on as they are
        super().__init__(*words, **more)
        self._state: tuple[str, str | None, str | None] | None = None
        self._place: tuple[str | None, int | None] = (None, None)
        self._began = 0.0
        self._kept: list[str] = []
        self._streams: tuple[TextIO, TextIO] | None = None

    @override
    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's own name
        """Report that ``test`` is running."""
        if not hasattr(test, UNUSABLE):
            self.report.send("running", id=test.id())
        self._state, self._place = None, source_of(test)
        self._kept.clear()
        super().startTest(test)
        self._streams = (sys.stdout, sys.stderr)
        sys.stdout = Copying(sys.stdout, self._kept)
        sys.stderr = Copying(sys.stderr, self._kept)
        self._began = time.perf_counter()

    @override
    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's own name
        """Report how ``test`` went."""
        duration = time.perf_counter() - self._began
        if self._streams is not None:
            sys.stdout, sys.stderr = self._streams
            self._streams = None
        state, message, detail = self._state or ("passed", None, None)
        output = "".join(self._kept)
        if not hasattr(test, UNUSABLE):
            self._send(test.id(), state, message, detail, self._place, duration, output)
        super().stopTest(test)

    @override
    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: ANN401, N802 - unittest's own
        """Note an error; one of a class or a module belongs to no test, and is reported at once."""
        super().addError(test, err)
        detail = self._text(err, test)
        if is_test(test):
            self._note("error", _said(err[1]), detail, err[1])
        else:
            name = str(test)
            self._send(name, "error", _said(err[1]), detail, place_in(detail, None), 0.0, "")

    @override
    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: ANN401, N802 - unittest's own
        """Note a failure."""
        super().addFailure(test, err)
        self._note("failed", _said(err[1]), self._text(err, test), err[1])

    @override
    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802 - unittest's own name
        """Note that it was skipped; a class that is skipped as a whole has no start."""
        super().addSkip(test, reason)
        if is_test(test):
            self._state = ("skipped", reason, None)
        else:
            self._send(str(test), "skipped", reason, None, (None, None), 0.0, "")

    @override
    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: ANN401, N802 - unittest's own
        """Note that it failed as expected."""
        super().addExpectedFailure(test, err)
        self._state = ("skipped", "expected to fail", None)

    @override
    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's own name
        """Note that it passed where it should not."""
        super().addUnexpectedSuccess(test)
        self._state = ("failed", "passed, but was expected to fail", None)

    @override
    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:  # noqa: ANN401, N802 - unittest's own
        """Report a subtest."""
        super().addSubTest(test, subtest, err)
        if err is not None and self._state is None:
            self._state = ("failed", "a subtest failed", None)
        state = "passed"
        if err is not None:
            state = "failed" if issubclass(err[0], test.failureException) else "error"
        place = self._place if err is None else self._raised(err[1])
        message = None if err is None else _said(err[1])
        detail = None if err is None else self._text(err, test)
        title = getattr(subtest, "_message", None)  # no string where none was given
        params = getattr(subtest, "params", {})
        name = named(title if isinstance(title, str) else "", params)
        self._send(test.id(), state, message, detail, place, 0.0, "", subtest=name)

    def _note(self, state: str, message: str, detail: str, error: BaseException) -> None:
        # The first is what went wrong; what tidies up after it may fail, too.
        if self._state is None or self._state[0] == "skipped":
            self._state = (state, message, detail)
            self._place = self._raised(error)

    def _raised(self, error: BaseException) -> tuple[str | None, int | None]:
        file, line = place_of(error, self._place[0])
        return (file, line) if line is not None else self._place

    def _text(self, err: Any, test: unittest.TestCase) -> str:  # noqa: ANN401 - unittest's own
        return str(self._exc_info_to_string(err, test))  # type: ignore[attr-defined]

    def _send(
        self,
        identity: str,
        state: str,
        message: str | None,
        detail: str | None,
        place: tuple[str | None, int | None],
        duration: float,
        output: str,
        **more: str,
    ) -> None:
        self.report.send(
            "result",
            id=identity,
            state=state,
            duration=duration,
            message=ending(message),
            detail=ending(detail),
            file=place[0],
            line=place[1],
            output=ending(output),
            **more,
        )


def is_test(thing: object) -> bool:
    """Tell a test from what stands for a class or a module whose set-up failed."""
    return isinstance(thing, unittest.TestCase)


def source_of(test: unittest.TestCase) -> tuple[str | None, int | None]:
    """Return where the method of ``test`` is written."""
    method = getattr(test, getattr(test, "_testMethodName", ""), None)
    code: CodeType | None = getattr(inspect.unwrap(method), "__code__", None) if method else None
    if code is None:
        return None, None
    return os.path.abspath(code.co_filename), code.co_firstlineno


def each(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """Yield the tests of ``suite``, those of suites in it too."""
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from each(one)
        else:
            yield one


def parse_unittest(arguments: list[str]) -> argparse.Namespace:
    """Return the options of ``python -m unittest discover``, those of this file, and the names of tests."""
    parser = argparse.ArgumentParser("unittest", add_help=False, allow_abbrev=False)
    parser.add_argument("-s", "--start-directory", dest="start")
    parser.add_argument("-p", "--pattern", default="test*.py")
    parser.add_argument("-t", "--top-level-directory", dest="top")
    parser.add_argument("-k", dest="patterns", action="append", default=[])
    parser.add_argument("-f", "--failfast", action="store_true")
    parser.add_argument("-b", "--buffer", action="store_true")
    parser.add_argument(
        "-v", "--verbose", action="store_const", const=2, default=1, dest="verbosity"
    )
    parser.add_argument("-q", "--quiet", action="store_const", const=0, dest="verbosity")
    parser.add_argument("-c", "--catch", "--locals", action="store_true")
    parser.add_argument("--durations")
    parser.add_argument("--collect-only", action="store_true", dest="listing")
    parser.add_argument(ONLY.rstrip("="), action="append", default=[])
    parser.add_argument("names", nargs="*")
    return parser.parse_intermixed_args(arguments)


def discovered(options: argparse.Namespace) -> list[unittest.TestCase]:
    """Return what ``python -m unittest`` finds, else what lies in a folder of tests that is no package."""
    # As unittest has it: a plain word stands anywhere in a name.
    patterns = [one if "*" in one else f"*{one}*" for one in options.patterns]

    def find(folder: str, top: str | None = None) -> list[unittest.TestCase]:
        loader = unittest.TestLoader()  # one that was used remembers its folder
        loader.testNamePatterns = patterns or None
        return list(each(loader.discover(folder, options.pattern, top)))

    found = find(options.start or ".", options.top)
    if options.start:
        return found
    for folder in ("tests", "test"):
        if not found and os.path.isdir(folder) and not os.path.exists(f"{folder}/__init__.py"):
            found = find(folder)
    return found


def is_named(test: unittest.TestCase, name: str) -> bool:
    """Tell whether ``name`` means ``test``: its id, a class, module or package that it is in, or a file or folder."""
    identity = test.id()
    if identity == name or identity.startswith(f"{name}."):
        return True
    file = source_of(test)[0] or ""
    path = os.path.abspath(name)
    return file == path or file.startswith(os.path.join(path, ""))


def run_unittest(report: ReportPipe, arguments: list[str]) -> int:
    """Run the tests that ``arguments`` name, else all; with ``--collect-only`` report them. Return as pytest would."""
    report_start(report)
    options = parse_unittest(arguments)
    tests, status = selected(report, options, discovered(options))
    if status is not None:
        return status
    UnittestReporter.report = report
    runner = unittest.TextTestRunner(
        resultclass=UnittestReporter,
        verbosity=options.verbosity,
        failfast=options.failfast,
        buffer=options.buffer,
    )
    try:
        result = runner.run(unittest.TestSuite(tests))
    except KeyboardInterrupt:
        return 2
    if not result.wasSuccessful():
        return 1
    return 0 if tests else 5


def report_start(report: ReportPipe) -> None:
    """Report that unittest, or what is built on it, begins in the current folder."""
    report.send(
        "started",
        framework="unittest",
        version=version_of(2),
        python=version_of(3),
        root=os.getcwd(),
    )


def selected(
    report: ReportPipe, options: argparse.Namespace, found: list[unittest.TestCase]
) -> tuple[list[unittest.TestCase], int | None]:
    """Report those of ``found`` that ``options`` name; return them, and the status with which it is over, if it is."""
    names = options.names
    unusable = [one for one in found if hasattr(one, UNUSABLE)]
    tests = [one for one in found if one not in unusable]
    unknown = [name for name in names if not any(is_named(test, name) for test in tests)]
    if names:
        tests = [test for test in tests if any(is_named(test, name) for name in names)]
    tests = [test for test in tests if any(is_named(test, one) for one in options.only)] or tests
    described = [
        {"id": test.id(), "file": place[0], "line": place[1]}
        for test in tests
        for place in [source_of(test)]
    ]
    for start in range(0, len(described), BATCH):
        report.send("collected", tests=described[start : start + BATCH])
    for one in unusable:
        _report_unusable(report, one, options.start or "")
    if unknown and not unusable:
        sys.stderr.write(f"no test is named {', '.join(unknown)}\n")
        return [], 4
    if options.listing:
        return [], 2 if unusable else 0 if tests else 5
    return [*unusable, *tests], None


def _report_unusable(report: ReportPipe, test: unittest.TestCase, start: str) -> None:
    # What stands for a module that cannot be imported has the traceback as the text of its exception.
    text = str(getattr(test, UNUSABLE, ""))
    name = test.id().replace("unittest.loader._FailedTest.", "")
    file = next(
        (
            path
            for base in (start, "", "tests", "test")
            for path in (os.path.abspath(os.path.join(base, *name.split(".")) + ".py"),)
            if os.path.exists(path)
        ),
        None,
    )
    place = place_in(text, file)
    report.send(
        "unusable",
        id=name,
        file=place[0],
        line=place[1],
        message=_last_line(text),
        detail=ending(text),
    )


# -- Django ---------------------------------------------------------------------------------------------------------


def run_django(report: ReportPipe, arguments: list[str]) -> int:
    """Run the tests of a Django project by its own ``manage.py test``, as :func:`run_unittest` does."""
    import importlib
    import runpy
    from types import ModuleType

    report_start(report)
    options = parse_unittest(arguments)
    UnittestReporter.report = report
    over: list[int] = []

    def runner(name: str) -> type[Any]:
        """Return the project's own runner, which reports; this is asked for when the settings are known."""
        if name != "Runner":
            raise AttributeError(name)
        settings = importlib.import_module("django.conf").settings
        base: Any = importlib.import_module("django.test.utils").get_runner(settings)

        class ReportingRunner(base):  # type: ignore[misc]
            @override
            def get_resultclass(self) -> type[UnittestReporter]:
                return UnittestReporter

            @override
            def build_suite(self, *words: object, **more: object) -> unittest.TestSuite:
                suite = super().build_suite(*words, **more)
                tests, status = selected(report, options, list(each(suite)))
                if status is not None or not tests:
                    over.append(5 if status is None else status)
                    raise SystemExit(over[0])
                return unittest.TestSuite(tests)

        return ReportingRunner

    module = ModuleType("_reporting_runner")
    module.__getattr__ = runner  # type: ignore[method-assign]
    sys.modules[module.__name__] = module
    sys.argv = ["manage.py", "test", "--noinput", f"--testrunner={module.__name__}.Runner"]
    sys.argv += [f"--pattern={options.pattern}", f"--verbosity={options.verbosity}"]
    sys.argv += [f"-k={one}" for one in options.patterns]
    sys.argv += ["--failfast"] * options.failfast + ["--buffer"] * options.buffer
    sys.argv += [options.start] if options.start else []
    try:
        runpy.run_path("manage.py", run_name="__main__")
    except KeyboardInterrupt:
        return 2
    except SystemExit as end:
        return over[0] if over else int(end.code not in (None, 0))
    except Exception:  # noqa: BLE001 - of the project's settings, or of what it connects to
        traceback.print_exc()
        return 3
    return 0


def main(arguments: list[str]) -> int:
    """Run the framework that ``arguments`` name; return its exit status."""
    where, framework, *more = arguments
    report = ReportPipe(where)
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == here:
        # As `python -m` has it: the current folder, and nothing of ours.
        sys.path[0] = os.getcwd()
    sys.argv = [framework, *more]
    run = {"pytest": run_pytest, "django": run_django}.get(framework, run_unittest)
    status = run(report, more)
    report.send("finished", status=status)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
