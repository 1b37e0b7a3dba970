"""The three distributions as users install them: what each brings and needs, and what it does by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD
from support.files import packages_in, python_in, write
from support.launcher import SHOW, py, with_pythons
from support.launching import reach_the_index, wheel
from support.machine import TREE, make_venv, uv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.machine import Machine

DISTRIBUTIONS = tuple(TREE / "python_helper" / name for name in ("protocol", "helper", "launcher"))
#: What names of programs end in.
ENDING = ".exe" if os.name == "nt" else ""
QUIET = ("-q", "--no-config", "--offline")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels of all three."""
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
    run("pip", "install", *options, "--python", str(python_in(prefix)), *names)
    return python_in(prefix).parent


#: A server and its client in one process, with nothing but the protocol's distribution.
ALONE = """
import sys
from workflow_server import Environment, Server
import workflow_server.client, workflow_server.conformance.runner
from workflow_server.in_process import Local

server = Server("own")

@server.list_environments
def environments():
    yield Environment(id="3.12", name="one", python_version="3.12")

(told,) = Local(server, sys.argv[1], trusted=True).environments()
print(told.name, [name for name in sys.modules if name.startswith("workflow_helper")])
"""


def test_the_protocol_is_small_and_needs_nothing(tmp_path: Path, wheels: Path) -> None:
    """``workflow-server`` alone serves, asks and checks, brings the schema of the messages, and takes at most 300 KB."""
    (archive,) = wheels.glob("workflow_server-*.whl")
    with zipfile.ZipFile(archive) as packed:
        assert sum(one.file_size for one in packed.infolist()) <= 300 * 1024
        schema = json.loads(packed.read("workflow_server/schema.json"))
    assert schema == json.loads((TREE / "docs" / "spec" / "schema.json").read_bytes())
    programs = installed(tmp_path / "env", wheels, "workflow-server")
    done = subprocess.run(
        [programs / f"python{ENDING}", "-I", "-c", ALONE, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("one []\n", "")


def test_the_command_line_does_without_the_editor_s_libraries(
    tmp_path: Path, wheels: Path, machine: Machine
) -> None:
    """``wsp`` answers without them, and ``wsp lsp`` says how to get them."""
    programs = installed(tmp_path / "env", wheels, "workflow-server", "python-workflow-helper")

    def wsp(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [programs / f"wsp{ENDING}", *words],
            cwd=machine.workspace,
            env=machine.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=GUARD,
            check=False,
        )
        return done.returncode, done.stderr

    assert wsp("env", "default", "--json") == (3, "")
    status, finished = wsp("lsp")
    assert status == 1
    assert 'pip install "python-workflow-helper[editor]"' in finished


def test_wsp_never_brings_a_py(tmp_path: Path, wheels: Path) -> None:
    """The one distribution has ``wsp``, the other ``py`` and ``pyx``, and no module of one is in the other."""
    before = {path.name for path in python_in(make_venv(tmp_path / "bare")).parent.iterdir()}
    found = [
        {path.name for path in installed(tmp_path / name, wheels, name).iterdir()} - before
        for name in ("python-workflow-helper", "python-workflow-launcher")
    ]
    assert found == [{f"wsp{ENDING}"}, {f"py{ENDING}", f"pyx{ENDING}"}]
    modules = [
        {path.name for path in packages_in(tmp_path / name).glob("python_*")}
        for name in ("python-workflow-helper", "python-workflow-launcher")
    ]
    assert modules[0] & modules[1] == set()


def test_wsp_that_uv_installed_fills_an_environment_without_uv(
    tmp_path: Path, wheels: Path, machine: Machine
) -> None:
    """An installation without pip in it, on a machine without uv and with a Python without pip, installs all the same."""
    reach_the_index(machine)
    (archive,) = wheels.glob("python_workflow_helper-*.whl")
    where = dict.fromkeys(("UV_TOOL_DIR", "UV_TOOL_BIN_DIR"), str(tmp_path / "tools"))
    options = ("-q", "--no-config", "--find-links", str(wheels), "--python", sys.executable)
    run("tool", "install", *options, str(archive), environ={**machine.environ, **where})
    wheel(machine.home / "packages", name="demo", text="value = 1\n")
    write(machine.workspace / "requirements.txt", "demo\n")
    done = subprocess.run(
        [tmp_path / "tools" / f"wsp{ENDING}", "env", "create", "--json"],
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
    assert (packages_in(machine.workspace / ".venv") / "demo.py").exists()


@pytest.mark.needs("POSIX")
def test_the_installed_programs_do_what_they_are_for(
    tmp_path: Path, wheels: Path, machine: Machine
) -> None:
    """``py`` starts a Python, is what extensions call back, and is not the Python that it was installed for."""
    programs = installed(
        tmp_path / "env",
        wheels,
        *("workflow-server", "python-workflow-helper", "python-workflow-launcher"),
    )
    with_pythons(machine)
    command = (str(programs / "py"),)
    document = py(machine, "-c", SHOW, "x", command=command).document
    assert document["argv"] == ["x"]
    assert not document["prefix"].startswith(str(tmp_path / "env"))
    greet = f"#!{sys.executable}\nimport os; print(os.environ['PY_PATH'])\n"
    write(machine.home / "programs" / "py-greet", greet, executable=True)
    machine.environ["PATH"] += f":{machine.home / 'programs'}"
    assert py(machine, "greet", command=command).stdout.decode().strip() == command[0]
    done = py(machine, "--help", command=(str(programs / "pyx"),))
    assert done.exit_code == 0
    assert b"--from" in done.stdout
