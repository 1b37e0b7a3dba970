from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from workflow_helper.test_runner.junit import junit
from workflow_helper.test_runner.record import Outcome, RunRecord


def sent(record: RunRecord, event: str, **members: object) -> None:
    """Have the record receive one step."""
    record.receive(json.dumps({"event": event, **members}).encode())


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"event": "result", "id": "a", "state": "odd"}',
        b'{"event": "result", "id": [], "state": "passed"}',
        b'{"event": "collected", "tests": 3}',
        b'{"event": "collected", "tests": ["a"]}',
        b'{"event": "running", "id": {}}',
        b'{"event": "started"}',
        b'{"event": "finished", "status": "soon"}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_none_is_passed_over(line: bytes) -> None:
    """A test may write into the pipe; nothing comes of that."""
    record = RunRecord()
    record.receive(line)
    assert (record.outcomes, record.tests, record.running, record.status) == ([], {}, {}, None)


def test_what_was_running_at_the_end_is_an_error_at_its_place() -> None:
    """With the reason, and what was over keeps its own."""
    record = RunRecord()
    sent(record, "collected", tests=[{"id": "a", "file": "/p/a.py", "line": 3}])
    sent(record, "running", id="a")
    record.close("stopped")
    assert record.outcomes == [Outcome("a", "error", 0.0, "stopped", file="/p/a.py", line=3)]
    assert record.counts() == {"passed": 0, "failed": 0, "skipped": 0, "error": 1}


def test_junit_holds_any_text() -> None:
    """What XML cannot hold is spelled out, and the rest is as it was."""
    record = RunRecord()
    text = "a\x00b\x1b[0m <&> \"'\n\ud800 ]]> é \U0001f600"
    record.outcomes.append(Outcome('t.py::C::test["<\n]', "failed", 0.5, text, text, output=text))
    (suite,) = ET.fromstring(junit([("näme", record)]))  # noqa: S314 - our own
    (case,) = suite
    assert (case.get("classname"), case.get("name")) == ("t.C", 'test["<\n]')
    shown = "a#x00b#x1B[0m <&> \"'\n#xD800 ]]> é \U0001f600"
    assert [one.get("message") for one in case if one.tag == "failure"] == [shown]
    assert [one.text for one in case] == [shown, shown]
    assert (suite.get("tests"), suite.get("failures"), suite.get("name")) == ("1", "1", "näme")


@pytest.mark.parametrize(
    ("identity", "name"),
    [("tests/unit/test_a.py", "tests.unit.test_a"), ("tests.test_a", "tests.test_a")],
)
def test_junit_names_a_file_that_cannot_be_collected_as_pytest_does(
    identity: str, name: str
) -> None:
    """As a module that is an error, without a class."""
    record = RunRecord()
    sent(record, "unusable", id=identity, file=None, line=None, message="SyntaxError", detail=None)
    ((case,),) = ET.fromstring(junit([("all", record)]))  # noqa: S314 - our own
    assert (case.get("classname"), case.get("name")) == ("", name)
    assert [one.tag for one in case] == ["error"]
