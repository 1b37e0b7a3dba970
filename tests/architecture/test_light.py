"""What the way to an answer loads, seen in a real process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import base_python, drawn_venv, link, write
from support.imports import HEAVY, PARSING, SYS_PATH
from support.servers import SERVERS
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.scripts.environment import provide

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.machine import Machine

#: Runs the command line in a bare Python and prints the modules that were loaded, as the last line.
PROBE = """
import sys
sys.path[:0] = {source!r}
before = set(sys.modules)
from workflow_helper.__main__ import main
code = main(sys.argv[1:])
loaded = sorted(set(sys.modules) - before)
import json
print(json.dumps([code, loaded]))
"""


def loaded(machine: Machine, *words: str) -> tuple[int, set[str]]:
    """The exit status of ``wsp WORDS...``, and the modules that it loaded."""
    probe = PROBE.format(source=SYS_PATH)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe, *words],
        cwd=machine.workspace,
        env=machine.environ,
        capture_output=True,
        check=True,
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules)


def venv(machine: Machine, name: str = ".venv") -> None:
    """An environment at this path of the workspace."""
    drawn_venv(machine.workspace / name, base_python(machine.home))


def with_dot_venv(machine: Machine) -> None:
    """A folder with ``.venv``."""
    venv(machine)


def with_redirect(machine: Machine) -> None:
    """A folder whose ``.venv`` redirects."""
    venv(machine, "envs/a")
    write(machine.workspace / ".venv", "envs/a\n")


def with_list(machine: Machine) -> None:
    """A folder with ``.python-envs``."""
    venv(machine, "envs/a")
    write(machine.workspace / ".python-envs", "envs/a\n")


def with_pyproject(machine: Machine) -> None:
    """A project that says nothing of workflows."""
    venv(machine)
    write(
        machine.workspace / "pyproject.toml",
        '[project]\nname = "demo"\n[tool.ruff]\nline-length = 9\n',
    )


def with_nothing(machine: Machine) -> None:
    """A folder without anything."""
    write(machine.workspace / "notes.txt")


def with_broken(machine: Machine) -> None:
    """A folder whose ``.venv`` is broken."""
    write(machine.workspace / ".venv" / "pyvenv.cfg", "home = /nowhere\n")


def with_lock(machine: Machine) -> None:
    """A project of a recognized tool."""
    venv(machine)
    write(machine.workspace / "uv.lock", "version = 1\n")


def with_declaration(machine: Machine) -> None:
    """A project that declares its workflow."""
    venv(machine)
    write(machine.workspace / "pyproject.toml", '[workflow]\nwsp = { cmd = ["hatch", "wsp"] }\n')


def with_a_named_workflow(machine: Machine) -> None:
    """A project that names a bundled workflow, in a file of the common part of TOML."""
    venv(machine)
    write(
        machine.workspace / "pyproject.toml", '[project]\nname = "demo"\n[workflow]\nwsp = "uv"\n'
    )


def with_selection(machine: Machine) -> None:
    """A folder for which an environment was selected."""
    venv(machine)
    venv(machine, "envs/a")
    root = str(machine.workspace)
    kept = {"version": 1, "selections": {root: {"environment": f"{root}/envs/a"}}}
    write(Path(machine.host.state) / "selections.json", json.dumps(kept))


def with_a_long_id(machine: Machine) -> None:
    """A folder whose environment has a digest for an id."""
    venv(machine, "e" * 140)
    link(machine.workspace / ".venv", "e" * 140)


UNPARSED = (
    with_dot_venv,
    with_redirect,
    with_list,
    with_pyproject,
    with_nothing,
    with_broken,
    with_lock,
    with_a_named_workflow,
)
PARSED = (
    with_declaration,
    with_selection,
    pytest.param(with_a_long_id, marks=pytest.mark.needs("POSIX")),
)
ONE_SHOT = ("env", "default", "--static", "--json", "--no-input", "--editor", "--trusted")


@pytest.mark.needs("Linux")
@pytest.mark.parametrize("prepare", [*UNPARSED, *PARSED], ids=lambda prepare: str(prepare.__name__))
@pytest.mark.parametrize(
    "words", [("env", "default", "--json"), ("env", "default"), ONE_SHOT], ids=" ".join
)
def test_an_answer_loads_nothing_heavy(
    machine: Machine, prepare: Callable[[Machine], None], words: tuple[str, ...]
) -> None:
    """The default environment is told without the modules that cost as much as the answer."""
    prepare(machine)
    code, modules = loaded(machine, *words)
    assert code in (0, 3)
    assert modules & HEAVY == set()
    if prepare in UNPARSED:
        assert modules & PARSING == set()


@pytest.mark.needs("Linux")
@pytest.mark.parametrize("words", ["env list", "explain", "workflow show", "env show", "env check"])
def test_other_queries_load_nothing_heavy(machine: Machine, words: str) -> None:
    """Lists and explanations look at every rule, and are as careful."""
    with_declaration(machine)
    code, modules = loaded(machine, *words.split(), "--json")
    assert code == 0
    assert modules & HEAVY == set()


@pytest.mark.needs("Linux")
def test_the_editor_s_preference_costs_a_json_parser_and_no_more(machine: Machine) -> None:
    """The one-shot with a preference loads nothing heavy."""
    with_dot_venv(machine)
    code, modules = loaded(
        machine, *ONE_SHOT, "--preference", '{"workflow": "uv", "policy": "default"}'
    )
    assert code == 0
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    "module",
    [
        "resolver.resolve",
        "filesystem.reader",
        "model",
        "errors",
        "state.selections",
        "resolver.workflow_rules",
    ],
)
def test_the_core_loads_nothing_heavy(module: str) -> None:
    """Importing the core's modules is cheap for whoever imports them."""
    probe = (
        f"import sys; sys.path[:0] = {SYS_PATH!r}; import workflow_helper.{module}; "
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) & (HEAVY | PARSING - {"enum", "functools"}) == set()


#: Says how a script is started, as ``wsp script run`` does, and prints the modules that were loaded, as the last line.
PROBE_OF_A_SCRIPT = """
import sys
sys.path[:0] = {source!r}
before = set(sys.modules)
from workflow_helper.cli.arguments import parse
from workflow_helper.cli.fast_path import quickly
from workflow_helper.system.host import this_host
command = quickly(parse(sys.argv[1:]), this_host(), {cwd!r})
loaded = sorted(set(sys.modules) - before)
import json
print(json.dumps([list(command.argv), loaded]))
"""


@pytest.mark.needs("Linux")
def test_script_is_started_without_anything_heavy(machine: Machine) -> None:
    """Once its environment is there, a script costs no parser, and none of what answers about folders."""
    path = write(machine.workspace / "tool.py", "# /// script\n# dependencies = []\n# ///\n")
    _, environment = provide(str(path), machine.host, Disk(), Work())
    probe = PROBE_OF_A_SCRIPT.format(source=SYS_PATH, cwd=str(machine.workspace))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe, "script", "run", "tool.py", "-x"],
        env=machine.environ,
        capture_output=True,
        check=True,
    )
    argv, modules = json.loads(done.stdout.splitlines()[-1])
    assert argv == [environment.interpreter_path, "tool.py", "-x"]
    # Where Python has no SHA-256 of its own, hashlib is loaded.
    assert set(modules) & (HEAVY | PARSING) <= {"hashlib"}
    assert "workflow_helper.resolver.resolve" not in modules


#: Runs the command line, and prints what was loaded when the first program was started, and whether a text was searched for secrets.
PROBE_OF_A_SERVER = """
import sys
sys.path[:0] = {source!r}
loaded = []
def look(event, arguments):
    if event == "subprocess.Popen":
        loaded.append(sorted(sys.modules))
sys.addaudithook(look)
from workflow_helper.__main__ import main
code = main(sys.argv[1:])
searched = "workflow_server.masking_rules" in sys.modules
import json
print(json.dumps([code, loaded[0], searched]))
"""


@pytest.mark.needs("Linux")
def test_a_server_starts_while_what_talks_with_it_is_loaded(machine: Machine) -> None:
    """Nothing that only its answer needs is loaded before, nor are patterns made for the text of an error that nobody sees."""
    # A name that has to be searched for secrets.
    server = write(
        machine.workspace.parent / "auth.py", (SERVERS / "good" / "base_lines.py").read_text()
    )
    write(
        Path(machine.host.config) / "pyworkflow.toml",
        f'[workflow]\nwsp = {{script = "{server.as_posix()}"}}\n',
    )
    probe = PROBE_OF_A_SERVER.format(source=SYS_PATH)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe, "env", "default", "--json"],
        cwd=machine.workspace,
        env=machine.environ,
        capture_output=True,
        check=True,
    )
    code, modules, searched = json.loads(done.stdout.splitlines()[-1])
    # What that server lists is not on this machine.
    assert code == 3
    late = {"json", "hashlib", "workflow_server.client", "workflow_server.connection"}
    assert set(modules) & late == set()
    assert not searched


def test_a_server_by_the_sdk_starts_without_a_parser() -> None:
    """What a server that is written with the SDK loads before its first answer is little more than a bare Python."""
    probe = (
        f"import sys; sys.path[:0] = {SYS_PATH!r}; import workflow_server.sdk, workflow_server.server_session; "
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe], capture_output=True, text=True, check=True
    )
    # threading, which it waits with, takes functools of older Pythons.
    assert set(done.stdout.split()) & (HEAVY | PARSING) <= {"threading", "functools"}
