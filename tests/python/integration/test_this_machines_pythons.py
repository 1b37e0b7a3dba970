"""The Pythons of the machine that runs the tests: what is read of each is what each says of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Host

PATHS = json.loads((Path(__file__).parents[3] / ".cache" / "paths.json").read_text())

# Under Wine no Python is registered, nor on PATH.
pytestmark = pytest.mark.needs("POSIX")

UID = os.getuid() if hasattr(os, "getuid") else None
HOST = Host(dict(os.environ), str(Path.home()), sys.platform, "", "", "", UID)

SAY = "import platform, sys; print(platform.python_version(), sys.implementation.name)"


def test_every_description_is_true() -> None:
    """Each Python that is found says the same version, as far as it could be read, and the same implementation."""
    found = interpreters.installed(HOST, Disk())
    assert found
    for python in found:
        argv = [python.path, "-I", "-c", SAY]
        output = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
        assert f"{output[0]}.".startswith(f"{python.version}."), python
        assert python.implementation.partition("+")[0] == output[1], python


def test_what_setup_found_is_found() -> None:
    """Every other Python that the tests are told of is on the list, a Python 2 is not."""
    found = {os.path.realpath(python.path) for python in interpreters.installed(HOST, Disk())}
    results = [path for path in PATHS["pythons"] + PATHS["oldPythons"] if "2.7" not in path]
    assert {os.path.realpath(path) for path in results} <= found
    assert not [path for path in found if "python2" in path]


def test_newest_release_is_the_best() -> None:
    """The first on the list has the highest version of all released CPythons."""
    found = interpreters.installed(HOST, Disk())
    newest = max(
        (tuple(map(int, python.version.split("."))), python.version)
        for python in found
        if python.version
        and python.implementation == "cpython"
        and python.version.replace(".", "").isdecimal()
    )
    assert found[0].version == newest[1]
