from __future__ import annotations

from typing import TYPE_CHECKING

from support.files import write
from workflow_helper.discovery.test_source import source_tests
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_helper.discovery.test_framework import Framework


def found(root: Path, framework: Framework = "pytest") -> dict[str, int]:
    """The line of each test by its id."""
    return {one.id: one.line for one in source_tests(str(root), framework, Disk(), ())}


def test_functions_and_classes_have_the_ids_that_pytest_gives_them(tmp_path: Path) -> None:
    """Nested classes, coroutines and cases of unittest are tests; helpers, local functions and classes to build are none."""
    write(
        tmp_path / "tests/test_shop.py",
        "import unittest\n\n"
        "def helper(): pass\n"
        "def test_one():\n    def test_local(): pass\n"
        "async def test_two(): pass\n"
        "class TestOuter:\n    def test_in(self): pass\n    def helper(self): pass\n"
        "    class TestInner:\n        def test_deep(self): pass\n"
        "class TestBuilt:\n    def __init__(self): pass\n    def test_no(self): pass\n"
        "class Other:\n    def test_no(self): pass\n"
        "class Case(unittest.TestCase):\n    def test_case(self): pass\n"
        "if True:\n    def test_under(): pass\n",
    )
    file = "tests/test_shop.py"
    assert found(tmp_path) == {
        f"{file}::test_one": 4,
        f"{file}::test_two": 6,
        f"{file}::TestOuter::test_in": 8,
        f"{file}::TestOuter::TestInner::test_deep": 11,
        f"{file}::Case::test_case": 18,
        f"{file}::test_under": 20,
    }


def test_what_stands_in_a_text_is_no_test(tmp_path: Path) -> None:
    """Texts of several lines are passed over, whichever quotes they have and whatever is in them."""
    write(
        tmp_path / "test_texts.py",
        "TEXT = '''\ndef test_no(): pass\n'''\n"
        'def test_yes():\n    """It\'s\n\ndef test_neither(): pass\n    """\n'
        '    other = "\'\'\'"  # """\n'
        "def test_last(): pass\n",
    )
    assert found(tmp_path) == {"test_texts.py::test_yes": 4, "test_texts.py::test_last": 10}


def test_cases_have_the_ids_that_unittest_gives_them(tmp_path: Path) -> None:
    """They begin with the module, in packages and in a folder of tests that is none."""
    case = "import unittest\nclass Case(unittest.TestCase):\n    def test_it(self): pass\ndef test_function(): pass\n"
    for name in ("test_top.py", "package/__init__.py", "package/test_in.py", "other/test_no.py"):
        write(tmp_path / name, case)
    write(tmp_path / "tests/testdeep.py", case)
    assert found(tmp_path, "unittest") == {
        "test_top.Case.test_it": 3,
        "package.test_in.Case.test_it": 3,
        "testdeep.Case.test_it": 3,
    }


def test_folders_that_are_ignored_and_files_of_other_names_are_not_read(tmp_path: Path) -> None:
    """A nested project's tests are its own, and so are those of an environment."""
    for name in (
        "nested/test_a.py",
        ".venv/lib/test_b.py",
        "env/test_c.py",
        "tests.py",
        "a_test.py",
    ):
        write(tmp_path / name, "def test_it(): pass\n")
    write(tmp_path / "env/pyvenv.cfg", "")
    ignored = (str(tmp_path / "nested"),)
    read = source_tests(str(tmp_path), "pytest", Disk(), ignored)
    assert [one.id for one in read] == ["a_test.py::test_it"]


def test_odd_files_are_read_in_bounded_time(tmp_path: Path) -> None:
    """Bytes that are no text, one endless line and a hundred thousand levels cost no more than others."""
    write(
        tmp_path / "test_deep.py", "".join(f"{' ' * (n % 200)}class Test:\n" for n in range(20_000))
    )
    write(tmp_path / "test_line.py", "x = " + "'\\" * 200_000 + "\ndef test_it(): pass\n")
    (tmp_path / "test_bytes.py").write_bytes(
        b"\xff\x00def test_it(): pass\ndef test_bytes(): pass\n"
    )
    (tmp_path / "test_fifo.py").symlink_to("/dev/zero")
    assert set(found(tmp_path)) == {"test_line.py::test_it", "test_bytes.py::test_bytes"}
