"""What ``py`` starts: the cases of ``test-fixtures/vectors/launcher``, each run for real."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from support.launcher import build_case, cases, py, with_pythons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine import Machine


def _cases() -> Iterator[object]:
    """Give every case; one that tells two Pythons apart needs them."""
    for case in cases():
        text = json.dumps(case)
        two = "{old}" in text or '"old"' in text or "{home}/old" in text
        marks = pytest.mark.needs("another CPython") if two else ()
        yield pytest.param(case, marks=marks, id=str(case["name"]))


@pytest.mark.parametrize("case", list(_cases()))
def test_py_starts_what_the_case_expects(case: dict[str, Any], machine: Machine) -> None:
    """A process in the case's folder becomes the Python that the case expects, or fails as it says."""
    built, words = build_case(case, with_pythons(machine))
    finished = py(built.machine, *words, cwd=built.cwd)
    expect = built.expect
    assert finished.exit_code == expect.get("exit", 0), finished.text
    for text in expect.get("says", ()):
        assert text in finished.stderr.decode(), finished.text
    if "exit" in expect:
        return
    document = json.loads(finished.stdout)
    if "PYLAUNCH_DEBUG" not in built.machine.environ:
        assert finished.stderr == b""
    for key in expect.keys() & {"python", "argv", "isolated"}:
        assert document[key] == expect[key]
    if "executable" in expect:
        assert document["executable"] == os.path.join(built.root, expect["executable"])
    if "prefix" in expect:
        within = document["prefix"].startswith(str(built.root))
        prefix = os.path.relpath(document["prefix"], built.root) if within else None
        assert prefix == expect["prefix"]


def test_no_two_cases_have_one_name() -> None:
    """A failure names its case."""
    names = [case["name"] for case in cases()]
    assert len(set(names)) == len(names)
