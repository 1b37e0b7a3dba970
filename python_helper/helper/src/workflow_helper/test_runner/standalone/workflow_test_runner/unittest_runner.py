"""Run unittest, and report each result to the helper."""

from __future__ import annotations

import argparse
import inspect
import os
import sys
import time
import unittest

from workflow_test_runner.report import (
    BATCH,
    LIMIT,
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
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any, TextIO, TypeAlias

    from typing_extensions import override

    from workflow_test_runner.report import ReportPipe

    #: How a test went: its state, and the message and the details, where there are any.
    State: TypeAlias = tuple[str, str | None, str | None]
else:

    def override(method: object) -> object:
        """Return ``method`` unchanged; this is for type checkers."""
        return method


#: What unittest's stand-in for a module that cannot be imported has, and no other test.
UNUSABLE = "_exception"


class Copying:
    """A stream that keeps the end of its output."""

    def __init__(self, stream: TextIO, kept: list[str]) -> None:
        self._stream = stream
        self._kept = kept

    def write(self, text: str) -> int:
        """Write ``text`` to the underlying stream, and keep it."""
        self._kept.append(text[-LIMIT:])
        if len(self._kept) > 1024:
            self._kept[:] = ["".join(self._kept)[-LIMIT:]]
        return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class UnittestReporter(unittest.TextTestResult):
    """The results of unittest, reported in addition to its output."""

    report: ReportPipe

    def __init__(self, *words: Any, **more: Any) -> None:  # noqa: ANN401 - handed on as they are
        super().__init__(*words, **more)
        self._state: State | None = None
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
        """Report the result of ``test``."""
        duration = time.perf_counter() - self._began
        if self._streams is not None:
            sys.stdout, sys.stderr = self._streams
            self._streams = None
        state = self._state or ("passed", None, None)
        output = ending("".join(self._kept))
        if not hasattr(test, UNUSABLE):
            self._send(test.id(), state, self._place, duration=duration, output=output)
        super().stopTest(test)

    @override
    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: ANN401, N802 - unittest's own
        """Record an error; an error of a class or a module belongs to no test, and is reported at once."""
        super().addError(test, err)
        detail = self._text(err, test)
        if is_test(test):
            self._note("error", message_of(err[1]), detail, err[1])
        else:
            state = ("error", message_of(err[1]), detail)
            self._send(str(test), state, place_in(detail, None))

    @override
    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: ANN401, N802 - unittest's own
        """Record a failure."""
        super().addFailure(test, err)
        self._note("failed", message_of(err[1]), self._text(err, test), err[1])

    @override
    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802 - unittest's own name
        """Record that ``test`` was skipped; a class that is skipped as a whole is never started."""
        super().addSkip(test, reason)
        if is_test(test):
            self._state = ("skipped", reason, None)
        else:
            self._send(str(test), ("skipped", reason, None), (None, None))

    @override
    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: ANN401, N802 - unittest's own
        """Record that ``test`` failed as expected."""
        super().addExpectedFailure(test, err)
        self._state = ("skipped", "expected to fail", None)

    @override
    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's own name
        """Record that ``test`` passed unexpectedly."""
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
        message = None if err is None else message_of(err[1])
        detail = None if err is None else self._text(err, test)
        title = getattr(subtest, "_message", None)  # no string where none was given
        params = getattr(subtest, "params", {})
        name = named(title if isinstance(title, str) else "", params)
        self._send(test.id(), (state, message, detail), place, subtest=name)

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
        state: State,
        place: tuple[str | None, int | None],
        **more: float | str | None,
    ) -> None:
        """Report a result; ``more`` are its ``duration``, ``output`` and ``subtest``, where it has them."""
        name, message, detail = state
        fields: dict[str, object] = {"duration": 0.0, "output": None, **more}
        self.report.send(
            "result",
            id=identity,
            state=name,
            message=ending(message),
            detail=ending(detail),
            file=place[0],
            line=place[1],
            **fields,
        )


def is_test(thing: object) -> bool:
    """Return whether it is a test, and not a placeholder for a class or a module whose set-up failed."""
    return isinstance(thing, unittest.TestCase)


def source_of(test: unittest.TestCase) -> tuple[str | None, int | None]:
    """Return the file and line of the method of ``test``."""
    method = getattr(test, getattr(test, "_testMethodName", ""), None)
    code: CodeType | None = getattr(inspect.unwrap(method), "__code__", None) if method else None
    if code is None:
        return None, None
    return os.path.abspath(code.co_filename), code.co_firstlineno


def iterate_tests(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """Yield the tests of ``suite``, including nested suites."""
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from iterate_tests(one)
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
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("names", nargs="*")
    return parser.parse_intermixed_args(arguments)


def discover(options: argparse.Namespace) -> list[unittest.TestCase]:
    """Return the tests that ``python -m unittest`` finds, else those in a folder of tests that is not a package."""
    # As unittest has it: a plain word stands anywhere in a name.
    patterns = [one if "*" in one else f"*{one}*" for one in options.patterns]

    def find(folder: str, top: str | None = None) -> list[unittest.TestCase]:
        loader = unittest.TestLoader()  # one that was used remembers its folder
        loader.testNamePatterns = patterns or None
        return list(iterate_tests(loader.discover(folder, options.pattern, top)))

    found = find(options.start or ".", options.top)
    if options.start:
        return found
    for folder in ("tests", "test"):
        if not found and os.path.isdir(folder) and not os.path.exists(f"{folder}/__init__.py"):
            found = find(folder)
    return found


def is_named(test: unittest.TestCase, name: str) -> bool:
    """Return whether ``name`` selects ``test``: its id, or a class, module, package, file or folder that contains it."""
    identity = test.id()
    if identity == name or identity.startswith(f"{name}."):
        return True
    file = source_of(test)[0] or ""
    path = os.path.abspath(name)
    return file == path or file.startswith(os.path.join(path, ""))


def run(report: ReportPipe, arguments: list[str]) -> int:
    """Run the tests that ``arguments`` name, else all; with ``--collect-only`` report them.

    Return an exit status as pytest's: 0, 1, 2 where it was interrupted, 4 for an unknown name, 5 for no tests.
    """
    report_start(report)
    options = parse_unittest(arguments)
    tests, status = select(report, options, discover(options))
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
    """Report that unittest, or a framework based on it, begins in the current folder."""
    report.send(
        "started",
        framework="unittest",
        version=version_of(2),
        python=version_of(3),
        root=os.getcwd(),
    )


def select(
    report: ReportPipe, options: argparse.Namespace, found: list[unittest.TestCase]
) -> tuple[list[unittest.TestCase], int | None]:
    """Report the tests of ``found`` that ``options`` name.

    Return the tests to run, and an exit status if nothing is to be run, else ``None``. An ``--only`` that matches no
    test is ignored.
    """
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
        message=last_line(text),
        detail=ending(text),
    )
