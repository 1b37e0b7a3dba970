"""``wsp test`` with unittest, by real Pythons, old ones among them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.forked_command import wsp
from support.frameworks import project, results
from support.machine import make_venv
from support.tree import old_pythons

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

CASES = """import sys
import unittest

class Cases(unittest.TestCase):
    def test_passes(self): print("quiet words")

    def test_fails(self):
        self.assertEqual(1, 2)

    def test_error(self): raise RuntimeError("oh")

    @unittest.skip("later")
    def test_skipped(self): pass

    @unittest.expectedFailure
    def test_expected(self): self.fail()

    @unittest.expectedFailure
    def test_unexpected(self): pass

    def test_subtests(self):
        for number in range(3):
            with self.subTest("number", n=number):
                self.assertNotEqual(number, 1)

class Broken(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError("no class")

    def test_never(self): pass
"""


def check_unittest(machine: Machine, root: Path) -> None:
    """Run what :data:`CASES` and a file with a mistake hold, with unittest."""
    done = wsp(machine, "test", "run", "--json", quoting=True)
    assert done.exit_code == 1, done.text
    assert done.document["framework"]["name"] == "unittest"
    found = {name.removeprefix("test_cases.Cases."): one for name, one in results(done).items()}
    assert {name: one["state"] for name, one in found.items()} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_error": "error",
        "test_skipped": "skipped",
        "test_expected": "skipped",
        "test_unexpected": "failed",
        "test_subtests": "failed",
        "setUpClass (test_cases.Broken)": "error",
    }
    assert found["test_passes"]["output"] == "quiet words\n"
    fails = found["test_fails"]
    assert (fails["file"], fails["line"]) == (str(root / "tests/test_cases.py"), 8)
    assert fails["message"] == "AssertionError: 1 != 2"
    failed = [one for one in done.document["results"] if "n=1" in one.get("subtest", "")]
    assert [one["state"] for one in failed] == ["failed"]
    (unusable,) = done.document["unusable"]
    assert (unusable["file"], unusable["line"]) == (str(root / "tests/test_broken.py"), 1)
    # Those that failed, by our own memory; one that is mended is not run after that.
    write(root / "tests/test_broken.py", "")
    named = wsp(
        machine,
        "test",
        "run",
        "--json",
        "tests/test_cases.py::Cases",
        "test_cases.Cases.test_fails",
    )
    assert named.exit_code == 4
    again = wsp(machine, "test", "run", "--json", "--last-failed", quoting=True)
    assert "test_cases.Cases.test_passes" not in results(again)
    assert results(again)["test_cases.Cases.test_fails"]["state"] == "failed"


def test_unittest_is_the_framework_where_pytest_is_not_used(machine: Machine) -> None:
    """Its states are told as those of pytest, in a folder of tests that is no package, too."""
    root = project(
        machine,
        make_venv(machine.home / "env"),
        {"tests/test_cases.py": CASES, "tests/test_broken.py": "import nowhere_to_be_found\n"},
    )
    check_unittest(machine, root)


@pytest.mark.needs("older python")
def test_an_old_python_runs_its_tests(machine: Machine) -> None:
    """The environment's Python may be older than any that this product itself runs on, down to 3.8."""
    old = [path for path in old_pythons() if path.endswith(("3.8", "3.9"))][-1]
    subprocess.run([old, "-m", "venv", "--without-pip", machine.home / "env"], check=True)
    root = project(
        machine,
        machine.home / "env",
        {"tests/test_cases.py": CASES, "tests/test_broken.py": "import nowhere_to_be_found\n"},
    )
    check_unittest(machine, root)
