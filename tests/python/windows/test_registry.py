"""Pythons that only the registry names (PEP 514), by real keys of the user who runs the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.launcher import py

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine import Machine

#: A Python that is on no PATH of a test.
PYTHON: str = getattr(sys, "_base_executable", sys.executable)


def reg(*words: str) -> None:
    """Run Windows' own program for the registry."""
    program = os.path.join(os.environ["SYSTEMROOT"], "system32", "reg.exe")
    subprocess.run([program, *words, "/f"], capture_output=True, check=True)


@pytest.fixture
def key() -> Iterator[str]:
    """The key of a Python, below a company of the test's own."""
    company = f"HKCU\\Software\\Python\\Test{os.getpid()}"
    yield f"{company}\\1\\InstallPath"
    reg("delete", company)


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        (["/ve"], "REG_SZ", f"{os.path.dirname(PYTHON)}\\"),
        (["/v", "ExecutablePath"], "REG_SZ", PYTHON.upper()),
        (["/v", "ExecutablePath"], "REG_EXPAND_SZ", "%PYTHONS_FOLDER%\\python.exe"),
    ],
    ids=["folder", "program", "program below a variable"],
)
def test_a_python_that_only_the_registry_names_is_listed_and_started(
    machine: Machine, key: str, name: list[str], kind: str, value: str
) -> None:
    """By its folder or its program, in whatever case, and below a variable."""
    machine.environ["PYTHONS_FOLDER"] = os.path.dirname(PYTHON)
    reg("add", key, *name, "/t", kind, "/d", value)
    listed = str(machine.wsp("python", "list")).replace("\\\\", "\\")
    assert os.path.normcase(PYTHON) in os.path.normcase(listed)
    assert os.path.normcase(PYTHON) in os.path.normcase(py(machine, "-0p").text)
    version = "{}.{}".format(*sys.version_info[:2])
    assert py(machine, f"-{version}", "-c", "print('runs')").stdout.strip() == b"runs"


def test_keys_that_name_no_python_are_passed_over(machine: Machine, key: str) -> None:
    """A folder that is gone, and a value that is no text."""
    reg("add", key, "/ve", "/t", "REG_SZ", "/d", "C:\\gone")
    reg("add", key, "/v", "ExecutablePath", "/t", "REG_DWORD", "/d", "5")
    assert "gone" not in str(machine.wsp("python", "list"))
