"""The two distributions as users install them: what each brings, and the programs ``py`` and ``pyx``."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD
from support.files import write
from support.launcher import SHOW, py, with_pythons
from support.launching import reach_the_index, wheel
from support.machine import TREE, make_venv, uv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.machine import Machine

DISTRIBUTIONS = (TREE / "python_helper", TREE / "python_helper" / "launcher")
QUIET = ("-q", "--no-config", "--offline")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels of both."""
    folder: Path = tmp_path_factory.mktemp("wheels")
    for distribution in DISTRIBUTIONS:
        build = ["build", *QUIET, "--wheel", "--no-build-isolation", "--python", sys.executable]
        run(*build, "--out-dir", str(folder), str(distribution))
    return folder


def run(*words: str, environ: Mapping[str, str] | None = None) -> None:
    """Run uv, which has to succeed."""
    done = subprocess.run(
        [uv(), *words], env=environ, capture_output=True, text=True, timeout=GUARD, check=False
    )
    assert done.returncode == 0, done.stderr


def installed(folder: Path, wheels: Path, *names: str) -> Path:
    """The programs of an environment that holds these distributions, and none of the libraries that they can do without here."""
    prefix = make_venv(folder)
    options = (*QUIET, "--no-deps", "--no-index", "--find-links", str(wheels))
    run("pip", "install", *options, "--python", str(prefix / "bin" / "python"), *names)
    return prefix / "bin"


def test_wsp_never_brings_a_py(tmp_path: Path, wheels: Path) -> None:
    """The one distribution has ``wsp``, the other ``py`` and ``pyx``, and no module of one is in the other."""
    before = {path.name for path in make_venv(tmp_path / "bare").joinpath("bin").iterdir()}
    found = [
        {path.name for path in installed(tmp_path / name, wheels, name).iterdir()} - before
        for name in ("python-workflow", "python-workflow-launcher")
    ]
    assert found == [{"wsp"}, {"py", "pyx"}]
    modules = [
        {path.name for path in (tmp_path / name).glob("lib/python3*/site-packages/python_*")}
        for name in ("python-workflow", "python-workflow-launcher")
    ]
    assert modules[0] & modules[1] == set()


def test_wsp_that_uv_installed_fills_an_environment_without_uv(
    tmp_path: Path, wheels: Path, machine: Machine
) -> None:
    """An installation without pip in it, on a machine without uv and with a Python without pip, installs all the same."""
    reach_the_index(machine)
    (archive,) = wheels.glob("python_workflow-*.whl")
    where = dict.fromkeys(("UV_TOOL_DIR", "UV_TOOL_BIN_DIR"), str(tmp_path / "tools"))
    words = ("tool", "install", "-q", "--no-config", "--python", sys.executable, str(archive))
    run(*words, environ={**machine.environ, **where})
    wheel(machine.home / "packages", name="demo", text="value = 1\n")
    write(machine.workspace / "requirements.txt", "demo\n")
    done = subprocess.run(
        [tmp_path / "tools" / "wsp", "env", "create", "--json"],
        cwd=machine.workspace,
        env={
            **machine.environ,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(machine.home / "packages"),
        },
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list((machine.workspace / ".venv").glob("lib/python3*/site-packages/demo.py"))


def test_the_installed_programs_do_what_they_are_for(
    tmp_path: Path, wheels: Path, machine: Machine
) -> None:
    """``py`` starts a Python, is what extensions call back, and is not the Python that it was installed for."""
    programs = installed(tmp_path / "env", wheels, "python-workflow", "python-workflow-launcher")
    with_pythons(machine)
    command = (str(programs / "py"),)
    told = py(machine, "-c", SHOW, "x", command=command).document
    assert told["argv"] == ["x"]
    assert not told["prefix"].startswith(str(tmp_path / "env"))
    greet = f"#!{sys.executable}\nimport os; print(os.environ['PY_PATH'])\n"
    write(machine.home / "programs" / "py-greet", greet, executable=True)
    machine.environ["PATH"] += f":{machine.home / 'programs'}"
    assert py(machine, "greet", command=command).stdout.decode().strip() == command[0]
    done = py(machine, "--help", command=(str(programs / "pyx"),))
    assert done.exit_code == 0
    assert b"--from" in done.stdout
