"""The conformance kit finds nothing in servers that keep to the specification, and each planted defect in others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support import spec
from support.checking import HASTY, PATIENT, broken, checked
from support.files import write
from support.servers import SERVERS, nothing_left_behind
from workflow_server.conformance.clauses import CLAUSES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("forks")

DEFECTS = sorted((SERVERS / "bad" / "clauses").glob("*.py"))
#: Defects of which the kit learns by waiting in vain, now and then only after some patience.
SILENT = {
    "batch-answer",
    "exit-at-once",
    "framing-server",
    "framing-server-answer",
    "limits-receive",
    "message-id",
    "message-pipelining",
    "transport-flush",
}
#: What cannot but break with a clause: the same answer is judged by both.
WITH = {
    "batch-answer": {"message-id"},
    "environment-execute-argv": {"environment-execute-status"},
    "environment-list-shape": {"message-result"},
    "framing-server": {
        "batch-answer",
        "framing-server-any",
        "limits-receive",
        "message-id",
        "message-not-json",
    },
    "framing-server-answer": {"initialize-result", "message-once", "transport-stdio"},
    "initialize-invalid": {"initialize-wrong", "lifecycle-again"},
    "message-id": {"lifecycle-end-of-input", "message-pipelining"},
    # What comes twice where no client would have asked is that clause's business.
    "message-once": {"batch-answer"},
    "message-notification": {"batch-answer"},
    "message-pipelining": {"lifecycle-end-of-input"},
    "message-result": {"environment-get-same"},
    "message-unknown-method": {"initialize-methods"},
    "transport-flush": {"initialize-result", "message-once", "transport-stdio"},
}
#: Where every error is malformed, nothing that expects one holds.
EVERY_ERROR = {"error-shape", "message-version"}
#: Servers that behave badly, and a clause that each breaks.
MISBEHAVING = {
    "answers_twice": "message-once",
    "banner": "transport-stdout",
    "dies_before_initialize": "transport-stdio",
    "dies_in_initialize": "initialize-result",
    "does_not_read": "transport-stdio",
    "error_without_code": "error-shape",
    "exits_0_before_initialize": "initialize-result",
    "ignores_exit": "exit-at-once",
    "invalid_utf8": "framing-server-answer",
    "never_answers": "transport-stdio",
    "no_length": "framing-server-answer",
    "no_version": "message-version",
    "noise_between": "transport-stdout",
    "notifies_without_end": "profile-unasked",
    "refuses_initialize": "initialize-result",
    "result_and_error": "message-once",
    "two_defaults": "environment-default",
    "unknown_id": "message-id",
    "wrong_id_type": "message-id",
    "wrong_initialize": "initialize-result",
    "wrong_shapes": "environment-list-shape",
}


def test_a_base_server_that_keeps_to_every_clause_passes(tmp_path: Path) -> None:
    """A server of the base profile that does all it should has neither failures nor warnings."""
    report = checked(SERVERS / "good" / "plain.py", tmp_path)
    assert broken(report) == set()
    assert (report.profile, report.exit_code, report.capabilities) == ("base", 0, ())


@pytest.mark.slow
def test_a_reader_of_lines_that_refuses_what_is_no_json_breaks_no_must(tmp_path: Path) -> None:
    """What a server makes of bodies that it need not take counts against the SHOULD that they are tried for alone."""
    report = checked(SERVERS / "good" / "base_lines_strict.py", tmp_path, timeout=HASTY * 2)
    assert {CLAUSES[one].level for one in broken(report)} == {"SHOULD"}
    assert "framing-server-any" in broken(report)
    assert report.exit_code == 0
    details = {one.clause: one.detail for one in report.verdicts}
    assert details["framing-server-any"].startswith("a body over several lines: ")


@pytest.mark.slow
def test_a_slow_server_is_blamed_for_nothing(tmp_path: Path) -> None:
    """A request that follows a body that is no JSON may take as long as any other."""
    text = (SERVERS / "good" / "base_lines_strict.py").read_text()
    slow = text.replace("refuse(None, -32700)", "refuse(None, -32700); import time; time.sleep(3)")
    assert slow != text
    write(tmp_path / "slow.py", slow)
    report = checked(tmp_path / "slow.py", tmp_path)
    assert "message-not-json" not in broken(report)
    assert {CLAUSES[one].level for one in broken(report)} == {"SHOULD"}


def test_a_server_made_with_the_sdk_passes(tmp_path: Path) -> None:
    """A server made with the SDK that offers everything has neither failures nor warnings, and hardly a clause does not apply."""
    report = checked(SERVERS / "good" / "sdk.py", tmp_path)
    assert broken(report) == set()
    assert report.server_info == {"name": "everything", "version": "2.0"}
    assert [one.clause for one in report.verdicts if one.outcome == "skipped"] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", DEFECTS, ids=lambda path: path.stem)
def test_each_planted_defect_is_found(path: Path, tmp_path: Path) -> None:
    """A server with one clause broken breaks that clause in the report, and hardly another; the status is 1 for a MUST."""
    clause = path.stem
    timeout = HASTY * 4 if clause in SILENT else PATIENT
    report = checked(path, tmp_path, timeout=timeout, forked=True)
    found = broken(report)
    assert clause in found
    if clause not in EVERY_ERROR:
        assert found - {clause} <= WITH.get(clause, set())
    musts = {one for one in found if CLAUSES[one].level == "MUST"}
    assert report.exit_code == (1 if musts else 0)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "clause"), MISBEHAVING.items(), ids=MISBEHAVING)
def test_servers_that_misbehave_fail(name: str, clause: str, tmp_path: Path) -> None:
    """A server that misbehaves fails, for the right reason, and no process, thread or file is left behind."""
    with nothing_left_behind():
        report = checked(SERVERS / "bad" / f"{name}.py", tmp_path, timeout=HASTY)
    assert report.exit_code == 1
    assert clause in broken(report)


def test_the_report_is_as_the_specification_says(tmp_path: Path) -> None:
    """The JSON report has the members that its page tells, and its numbers add up."""
    report = checked(SERVERS / "good" / "plain.py", tmp_path, forked=True)
    document = json.loads(json.dumps(report.to_wire()))
    named = {
        name.strip("` ")
        for row in spec.table("conformance.md", "member")
        for name in row.split(",")
    }
    assert set(document) == named
    text = spec.pages()["conformance.md"]
    rows = spec.Section("", "", {"Clause": text[text.index("A clause is:") :]}).table("Clause")
    assert [set(one) for one in document["clauses"]] == [set(rows)] * len(CLAUSES)
    outcomes = spec.table("conformance.md", "outcome")
    assert {one["outcome"] for one in document["clauses"]} <= set(outcomes)
    numbers = [document[name] for name in ("passed", "failed", "warnings", "skipped")]
    assert sum(numbers) == len(CLAUSES) == len(document["clauses"])


def test_the_report_for_a_person_says_what_is_wrong(tmp_path: Path) -> None:
    """The report names each clause with its page, and under a broken one what came instead."""
    script = SERVERS / "bad" / "clauses" / "shutdown-result.py"
    text = checked(script, tmp_path, forked=True).render()
    assert "ok    MUST    lifecycle.md#exit-status\n" in text
    assert "FAIL  MUST    lifecycle.md#shutdown-result\n      null is expected" in text
    assert text.endswith("\n")
