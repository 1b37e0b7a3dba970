from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.launching import launched
from workflow_helper.discovery.environments.distributions import installed
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install import provision

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.mark.needs("POSIX")
def test_programs_are_where_the_platform_keeps_them(machine: Machine) -> None:
    """Programs of an environment are in ``Scripts``, ending in ``.exe``, on Windows, and in ``bin`` elsewhere."""
    windows = machine.host._replace(platform="win32")
    assert provision.scripts_of("E", windows) == os.path.join("E", "Scripts")
    assert provision.interpreter_of("E", windows) == os.path.join("E", "Scripts", "python.exe")
    assert provision.scripts_of("E", machine.host) == os.path.join("E", "bin")
    assert provision.interpreter_of("E", machine.host) == os.path.join("E", "bin", "python")


@pytest.mark.needs("POSIX")
def test_packages_are_where_windows_keeps_them(machine: Machine) -> None:
    """What is installed is read from ``Lib`` on Windows."""
    windows = machine.host._replace(platform="win32")
    write(machine.home / "E" / "Lib" / "site-packages" / "six-1.16.dist-info" / "METADATA")
    assert installed(str(machine.home / "E"), windows, Disk()) == (("six", "1.16"),)
    assert installed(str(machine.home / "E"), machine.host, Disk()) == ()


def isolated(machine: Machine) -> tuple[str, ...]:
    """By what a Python of our own is kept apart from the folder that it serves."""
    return ("-I", "-X", f"pycache_prefix={machine.host.cache}/pycache")


@pytest.mark.needs("POSIX")
def test_script_without_dependencies_needs_no_environment(machine: Machine) -> None:
    """A script that asks for nothing is started by the Python that runs this, and nothing is installed."""
    write(machine.workspace / "serve.py", "# /// script\n# dependencies = []\n# ///\n")
    how = launched(machine, {"script": "serve.py"})
    assert how.argv[0] == os.path.realpath(sys.executable) or os.path.samefile(
        how.argv[0], sys.executable
    )
    assert how.snapshot is not None
    assert how.argv[-1] == how.snapshot.script
    assert {*os.listdir(machine.host.cache)} - {"pip", "pycache"} == {"consented"}


def test_bundled_workflow_is_this_program(machine: Machine) -> None:
    """A bundled workflow and an adapter are served by this product itself, isolated."""
    write(machine.workspace / "tool.toml")
    bundled = launched(machine, "uv").argv
    adapter = launched(machine, {"config": "tool.toml"}).argv
    assert bundled == (sys.executable, "-I", "-m", "workflow_helper", "serve", "uv")
    assert adapter[-2:] == ("--config", str(machine.workspace / "tool.toml"))
