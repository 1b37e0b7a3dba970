"""Collect the report of a run of tests line by line, so that an interrupted run has its results so far."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, NamedTuple

    from workflow_server.values import TestUpdate

    State = Literal["passed", "failed", "skipped", "error"]
else:
    from workflow_server.namedtuple import NamedTuple

#: The states of a test, the worst first.
STATES = ("error", "failed", "skipped", "passed")
#: Characters of all tests' output together that are kept; what comes later is left out.
OUTPUT_LIMIT = 32 * 1024 * 1024


class CollectedTest(NamedTuple):
    """A test that was found."""

    id: str
    #: Absolute.
    file: str | None
    #: From 1.
    line: int | None

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"id", "file", "line"}``."""
        return {"id": self.id, "file": self.file, "line": self.line}


class UnusableTestFile(NamedTuple):
    """A file that should hold tests, and could not be collected."""

    id: str
    file: str | None
    line: int | None
    message: str
    #: The whole traceback.
    detail: str | None

    def to_wire(self) -> dict[str, Any]:
        """Return an object with its members."""
        return {
            "id": self.id,
            "file": self.file,
            "line": self.line,
            "message": self.message,
            "detail": self.detail,
        }


class Outcome(NamedTuple):
    """The outcome of a test, or of a subtest."""

    id: str
    state: State
    #: In seconds.
    duration: float = 0.0
    #: Why it did not pass, in a line or a few.
    message: str | None = None
    #: The whole traceback.
    detail: str | None = None
    #: Where it failed, else where it is written.
    file: str | None = None
    line: int | None = None
    #: What it printed.
    output: str | None = None
    #: What the subtest is called, where it is one.
    subtest: str | None = None

    @property
    def name(self) -> str:
        """Its id, with the subtest's name."""
        return self.id if self.subtest is None else f"{self.id} [{self.subtest}]"

    def to_wire(self) -> dict[str, Any]:
        """Its members; ``subtest`` where it is one."""
        wire: dict[str, Any] = {
            "id": self.id,
            "state": self.state,
            "duration": round(self.duration, 6),
            "message": self.message,
            "detail": self.detail,
            "file": self.file,
            "line": self.line,
            "output": self.output,
        }
        if self.subtest is not None:
            wire["subtest"] = self.subtest
        return wire


class RunRecord:
    """The results of a run of tests so far."""

    def __init__(self) -> None:
        self.framework = ""
        #: The framework's own version.
        self.version = ""
        #: The version of the Python that runs it.
        self.python = ""
        #: The folder that ids of pytest are relative to.
        self.root = ""
        self.tests: dict[str, CollectedTest] = {}
        self.unusable: list[UnusableTestFile] = []
        self.outcomes: list[Outcome] = []
        #: The ids of those that have started and are not over.
        self.running: dict[str, None] = {}
        #: What the framework ended with; ``None`` where it did not get to its end.
        self.status: int | None = None
        self._output = 0

    def receive(self, line: bytes) -> None:
        """Process one line of the report; an invalid line is ignored."""
        try:
            event = json.loads(line.decode())  # of bytes it would look for the encoding
        except (ValueError, RecursionError):
            return
        if isinstance(event, dict):
            try:
                self._take(event)
            except (KeyError, TypeError, ValueError, OverflowError):  # not of our writing
                return

    def _take(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "started":
            self.framework, self.version = str(event["framework"]), str(event["version"])
            self.python, self.root = str(event["python"]), str(event["root"])
        elif kind == "collected":
            for one in event["tests"]:
                test = CollectedTest(_name(one), _text(one, "file"), _line(one))
                self.tests[test.id] = test
        elif kind == "unusable":
            texts = _text(event, "message") or "cannot be collected", _text(event, "detail")
            self.unusable.append(
                UnusableTestFile(_name(event), _text(event, "file"), _line(event), *texts)
            )
        elif kind == "running":
            self.running[_name(event)] = None
        elif kind == "result":
            if event["state"] in STATES:
                self._add(_outcome(event))
        elif kind == "finished":
            self.status = int(event["status"])

    def _add(self, outcome: Outcome) -> None:
        self._output += len(outcome.output or "")
        if self._output > OUTPUT_LIMIT:
            outcome = outcome._replace(output=None)
        if outcome.subtest is None:
            self.running.pop(outcome.id, None)
        self.outcomes.append(outcome)

    def update(self, update: TestUpdate) -> None:
        """Process a workflow server's report of a test."""
        place = update.file, update.line
        if update.state == "found":
            self.tests[update.id] = CollectedTest(update.id, *place)
        elif update.state == "unusable":
            texts = update.message or "cannot be collected", update.detail or None
            self.unusable.append(UnusableTestFile(update.id, *place, *texts))
        elif update.state == "running":
            self.running[update.id] = None
        else:
            outcome = Outcome(
                id=update.id,
                state=update.state,
                duration=update.duration,
                message=update.message or None,
                detail=update.detail or None,
                file=update.file,
                line=update.line,
                output=update.output or None,
                subtest=update.subtest,
            )
            self._add(outcome)

    def close(self, message: str) -> None:
        """Turn the tests that were running when the run was cut short into errors with this ``message``."""
        for identity in list(self.running):
            test = self.tests.get(identity, CollectedTest(identity, None, None))
            self._add(Outcome(identity, "error", message=message, file=test.file, line=test.line))

    def counts(self) -> dict[State, int]:
        """Return the number of tests in each state; subtests do not count."""
        counts: dict[State, int] = {"passed": 0, "failed": 0, "skipped": 0, "error": 0}
        for outcome in self.outcomes:
            if outcome.subtest is None:
                counts[outcome.state] += 1
        return counts


def _outcome(event: Mapping[str, Any]) -> Outcome:
    return Outcome(
        _name(event),
        event["state"],
        max(0.0, min(float(event["duration"]), 1e9)),
        _text(event, "message"),
        _text(event, "detail"),
        _text(event, "file"),
        _line(event),
        _text(event, "output"),
        _text(event, "subtest"),
    )


def _name(event: Mapping[str, Any]) -> str:
    name = event["id"]
    if not isinstance(name, str):
        raise TypeError("a test is named by a string")
    return name


def _text(event: Mapping[str, Any], member: str) -> str | None:
    text = event.get(member)
    return text if isinstance(text, str) else None


def _line(event: Mapping[str, Any]) -> int | None:
    line = event.get("line")
    return line if type(line) is int else None
