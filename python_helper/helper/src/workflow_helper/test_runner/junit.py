"""Write a run of tests as JUnit XML, in the form of pytest's ``--junitxml``, which continuous integration reads."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow_helper.test_runner.record import Outcome, RunRecord

#: What XML 1.0 cannot hold, in whatever form.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(runs: Sequence[tuple[str, RunRecord]]) -> bytes:
    """Return the XML document of several runs, each with the name of its suite."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>"]
    for name, record in runs:
        lines += _suite(name, record)
    lines.append("</testsuites>\n")
    return "\n".join(lines).encode("utf-8", "replace")


def _suite(name: str, record: RunRecord) -> Iterator[str]:
    counts = record.counts()
    total = sum(outcome.duration for outcome in record.outcomes)
    numbers = {
        "tests": sum(counts.values()) + len(record.unusable),
        "failures": counts["failed"],
        "errors": counts["error"] + len(record.unusable),
        "skipped": counts["skipped"],
        "time": f"{total:.3f}",
    }
    yield f"<testsuite {_attributes(name=name, **numbers)}>"
    for file in record.unusable:
        name = _module(file.id)
        yield f"<testcase {_attributes(classname='', name=name, time='0.000')}>"
        yield _element("error", file.message, file.detail or "")
        yield "</testcase>"
    for outcome in record.outcomes:
        # As pytest has it: what passed inside a test is the test's own pass.
        if outcome.subtest is None or outcome.state != "passed":
            yield from _case(outcome)
    yield "</testsuite>"


def _case(outcome: Outcome) -> Iterator[str]:
    group, name = _parts(outcome.id)
    if outcome.subtest is not None:
        name = f"{name} [{outcome.subtest}]"
    attributes = _attributes(classname=group, name=name, time=f"{outcome.duration:.3f}")
    yield f"<testcase {attributes}>"
    kind = {"failed": "failure", "error": "error", "skipped": "skipped"}.get(outcome.state)
    if kind is not None:
        yield _element(kind, outcome.message or "", outcome.detail or "")
    if outcome.output:
        yield f"<system-out>{escape(_possible(outcome.output))}</system-out>"
    yield "</testcase>"


def _parts(identity: str) -> tuple[str, str]:
    """Return the class name and the name of a test, as in pytest's own report."""
    if identity.endswith(".py"):  # a file that was skipped as a whole
        return "", _module(identity)
    if "::" not in identity:
        group, _, name = identity.rpartition(".")
        return group, name
    # What a parameter holds is no separator.
    head, bracket, parameter = identity.partition("[")
    path, *inner = head.split("::")
    names = [_module(path), *inner]
    return ".".join(names[:-1]), names[-1] + bracket + parameter


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _element(kind: str, message: str, text: str) -> str:
    return f"<{kind} {_attributes(message=message)}>{escape(_possible(text))}</{kind}>"


def _attributes(**values: object) -> str:
    return " ".join(
        f"{name}={quoteattr(_possible(str(value)), {chr(10): '&#10;'})}"
        for name, value in values.items()
    )


def _possible(text: str) -> str:
    return _IMPOSSIBLE.sub(lambda found: f"#x{ord(found[0]):02X}", text)
