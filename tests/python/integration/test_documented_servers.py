"""Every server that the pages show, as it stands there: declared, trusted, asked for the default, run in, and checked."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.command import WSP
from support.documented import shown
from support.files import python_in, write
from support.forked_command import wsp
from support.machine import make_venv
from support.servers import GUARD
from support.tree import ROOT, crates
from workflow_server.conformance.clauses import CLAUSES

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

WRITING = "spec/writing-a-server.md"
GUIDE = "guides/my-workflow-everywhere.md"
VERSION = ".".join(map(str, sys.version_info[:2]))
#: ToolRecord from run to run: what servers in other languages depend on takes far longer to compile than they do.
COMPILED = ROOT / ".cache" / "documented-servers"


class Shown(NamedTuple):
    """A server in a page, and how it is declared and built."""

    page: str
    mark: str
    file: str
    declaration: str
    #: Where the environments are that it tells of.
    place: str = ".venvs"
    build: tuple[str, ...] = ()

    def put(self, machine: Machine) -> None:
        """Write it into the workspace, build it, and declare it; some environments are there."""
        folder = machine.workspace
        write(folder / self.file, shown(self.page, self.mark))
        if self.build[:1] == ("cargo",):
            self._build_in_rust(folder)
        elif self.build:
            environ = {**os.environ, "GOCACHE": str(COMPILED / "go")}
            subprocess.run(self.build, cwd=folder, env=environ, check=True, timeout=GUARD * 5)
        write(folder / "pyproject.toml", f"[workflow]\nwsp = {self.declaration}\n")
        for name in ("default", "a", "a-b"):
            make_venv(folder / self.place / name)
        machine.environ["PATH"] = os.environ["PATH"]

    def _build_in_rust(self, folder: Path) -> None:
        """Build where the last run did, and give the folder the program."""
        downloaded = crates()
        assert downloaded is not None
        place = COMPILED / "rust"
        sources = {name: (downloaded / name).read_text() for name in ("Cargo.toml", "Cargo.lock")}
        for name, text in {**sources, self.file: (folder / self.file).read_text()}.items():
            if not (place / name).is_file() or (place / name).read_text() != text:
                write(place / name, text)
        offline = ("--offline", "--config", str(downloaded / "config.toml"))
        subprocess.run((*self.build, *offline), cwd=place, check=True, timeout=GUARD * 5)
        (folder / "target" / "debug").mkdir(parents=True)
        shutil.copy(place / "target" / "debug" / "server", folder / "target" / "debug")


SCRIPT = '{ script = "server.py" }'
SERVERS = [
    pytest.param(Shown(WRITING, "server.py", "server.py", SCRIPT), id="by hand"),
    pytest.param(Shown(WRITING, "server.py sdk", "server.py", SCRIPT), id="sdk"),
    pytest.param(
        Shown(GUIDE, "venvs.py", "venvs.py", '{ script = "venvs.py" }', f".venvs/{VERSION}"),
        id="everywhere",
    ),
    pytest.param(
        Shown(WRITING, "server.mjs", "server.mjs", '{ cmd = ["node", "server.mjs"] }'),
        id="node",
        marks=(pytest.mark.needs("node"), pytest.mark.slow),
    ),
    pytest.param(
        Shown(
            WRITING,
            "server.go",
            "server.go",
            '{ cmd = ["./server"] }',
            build=("go", "build", "-o", "server", "server.go"),
        ),
        id="go",
        marks=(pytest.mark.needs("go"), pytest.mark.slow),
    ),
    pytest.param(
        Shown(
            WRITING,
            "src/main.rs",
            "src/main.rs",
            '{ cmd = ["target/debug/server"] }',
            build=("cargo", "build", "--quiet"),
        ),
        id="rust",
        marks=(pytest.mark.needs("cargo", "crates"), pytest.mark.slow),
    ),
]


def test_the_server_by_hand_is_short_and_whole() -> None:
    """The server by hand has at most 20 lines and imports the standard library alone; others have at most 60."""
    text = shown(WRITING, "server.py")
    assert len(text.splitlines()) <= 20
    imported = {
        name.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert imported <= set(sys.stdlib_module_names)
    for mark in ("server.mjs", "server.go", "src/main.rs"):
        assert len(shown(WRITING, mark).splitlines()) <= 60


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_of_the_pages_serves_a_folder(server: Shown, machine: Machine) -> None:
    """Declared and trusted, it gives the default with its interpreter, runs in it, and breaks no MUST of the check."""
    server.put(machine)
    assert wsp(machine, "workflow", "trust").exit_code == 0
    default = wsp(machine, "env", "default", "--json").document["environment"]
    prefix = machine.workspace / server.place / "default"
    assert default["interpreter_path"] == str(python_in(prefix))
    assert default["python_version"].startswith(VERSION)
    listed = wsp(machine, "env", "list", "--json").document["environments"]
    assert sorted(one["name"] for one in listed) == ["a", "a-b", "default"]
    ran = wsp(machine, "env", "run", "--", "python", "-c", "import sys; print(sys.prefix)")
    assert (ran.exit_code, ran.lines) == (0, [str(prefix)]), ran.text
    report = wsp(machine, "check", "--json")
    broken = [one for one in report.document["clauses"] if one["outcome"] == "failed"]
    assert (broken, report.exit_code) == ([], 0)
    warned = {one["clause"] for one in report.document["clauses"] if one["outcome"] == "warning"}
    assert {CLAUSES[one].level for one in warned} <= {"SHOULD"}


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("server", [one for one in SERVERS if one.id in ("sdk", "everywhere")])
def test_a_server_of_the_pages_makes_environments(server: Shown, machine: Machine) -> None:
    """It makes an environment, refuses to make it twice, and takes no name that leads elsewhere."""
    server.put(machine)
    (machine.home / "bin").mkdir()
    (machine.home / "bin" / f"python{VERSION}").symlink_to(os.path.realpath(sys.executable))
    machine.environ["PATH"] = f"{machine.home / 'bin'}:{machine.environ['PATH']}"
    wsp(machine, "workflow", "trust")
    made = wsp(machine, "env", "create", "new", "--python", VERSION, "--json")
    assert made.exit_code == 0, made.text
    again = wsp(machine, "env", "create", "new", "--python", VERSION)
    assert again.exit_code == 1
    assert "exists" in again.text
    before = files_around(machine.workspace)
    for name in ("a b/../../c", "../../escaped", ".."):
        refused = wsp(machine, "env", "create", name, "--python", VERSION)
        assert refused.exit_code != 0
        assert files_around(machine.workspace) == before


def files_around(folder: Path) -> set[str]:
    """What is in a folder, and beside it."""
    return {str(path) for path in (*folder.parent.iterdir(), *folder.rglob("*"))}


def test_a_servers_author_sees_each_message(machine: Machine) -> None:
    """``wsp call --trace`` shows what goes to the folder's own server and what comes back; the result is all of stdout."""
    SERVERS[0].values[0].put(machine)  # type: ignore[union-attr]
    wsp(machine, "workflow", "trust")
    called = wsp(machine, "call", "environment/list", "--trace", "--json")
    assert [one["id"] for one in called.document] == ["a", "a-b", "default"]
    lines = called.stderr.decode().splitlines()
    methods = [json.loads(line[4:]).get("method") for line in lines if line.startswith("--> ")]
    assert methods == ["initialize", "environment/list", "shutdown", "exit"]
    assert sum(line.startswith("<-- ") for line in lines) == 3


@pytest.mark.slow
@pytest.mark.needs("POSIX")
def test_a_server_is_checked_again_when_it_changes(machine: Machine) -> None:
    """``wsp check --watch`` checks once, and again as soon as a file of the server changes."""
    SERVERS[0].values[0].put(machine)  # type: ignore[union-attr]
    server = machine.workspace / "server.py"
    argv = [*WSP, "check", "--watch", "--", sys.executable, "server.py"]
    with subprocess.Popen(
        argv,
        cwd=machine.workspace,
        env=machine.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        reports = (line for line in process.stdout if "clauses hold" in line)
        assert " 0 broken" in next(reports)
        server.write_text(server.read_text().replace("-32601", "-32603"))
        assert " 0 broken" not in next(reports)
        process.send_signal(signal.SIGINT)
        assert process.wait(GUARD) == 130


@pytest.mark.needs("POSIX")
def test_the_adapted_tool_of_the_guide_serves_a_folder(machine: Machine) -> None:
    """The guide's adapter and its tool, as they stand, give the default, make an environment, run, and break no MUST."""
    page = "guides/adapting-a-tool.md"
    python = os.path.realpath(sys.executable)
    write(machine.workspace / "mytool.toml", shown(page, "mytool.toml"))
    write(machine.workspace / "pyproject.toml", '[workflow]\nwsp = { config = "mytool.toml" }\n')
    bin_folder = machine.home / "bin"
    write(bin_folder / "mytool", f"#!{python}\n{shown(page, 'mytool')}", executable=True)
    (bin_folder / f"python{VERSION}").symlink_to(python)
    machine.environ["PATH"] = f"{bin_folder}:{machine.environ['PATH']}"
    assert wsp(machine, "workflow", "trust").exit_code == 0
    made = wsp(machine, "env", "create", "default", "--python", VERSION)
    assert made.exit_code == 0, made.text
    default = wsp(machine, "env", "default", "--json").document["environment"]
    prefix = machine.workspace / ".mytool" / "default"
    assert default["interpreter_path"] == str(python_in(prefix))
    ran = wsp(machine, "env", "run", "--", "python", "-c", "import sys; print(sys.prefix)")
    assert ran.stdout.decode() == f"{prefix}\n"
    report = wsp(machine, "check", "--json")
    assert [one for one in report.document["clauses"] if one["outcome"] == "failed"] == []


@pytest.mark.needs("POSIX")
def test_a_new_workflow_works_as_it_is(machine: Machine) -> None:
    """``wsp workflow new`` writes a server that serves, and whose own test passes, over nothing that exists."""
    made = wsp(machine, "workflow", "new", "--json")
    names = [os.path.basename(path) for path in made.document["files"]]
    assert names == ["server.py", "test_server.py", "pyproject.toml"]
    make_venv(machine.workspace / ".venvs" / "only")
    assert wsp(machine, "workflow", "trust").exit_code == 0
    default = wsp(machine, "env", "default", "--json").document["environment"]
    assert default["prefix"] == str(machine.workspace / ".venvs" / "only")
    write(machine.home / "bin" / "wsp", f'#!/bin/sh\nexec {" ".join(WSP)} "$@"\n', executable=True)
    tested = subprocess.run(
        [sys.executable, "-m", "unittest"],
        cwd=machine.workspace,
        env={**machine.environ, "PATH": f"{machine.home / 'bin'}:{machine.environ['PATH']}"},
        capture_output=True,
        timeout=GUARD,
        check=False,
    )
    assert tested.returncode == 0, tested.stderr.decode()
    again = wsp(machine, "workflow", "new", "--json")
    assert again.document["error"]["code"] == "already_exists"
