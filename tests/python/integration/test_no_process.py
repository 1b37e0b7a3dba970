"""No front end starts anything while a folder is untrusted: every question and request under ``strace``, in hostile folders."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from python_workflow.discovery.tools import BUNDLED
from python_workflow.editor import acts, protocol
from support.command import GUARD, WSP
from support.files import write
from support.language_client import LSP, LanguageClient, ResponseError, uri
from support.machine import make_venv

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

pytestmark = pytest.mark.needs("strace")

#: What a front end could be tempted to start: the tools, and what libraries ask about the machine.
PROGRAMS = (
    *("python", "python3", "python3.12", "uv", "hatch", "pdm", "poetry", "pipenv", "tox", "nox"),
    *("conda", "mamba", "pixi", "pyenv", "git", "uname", "ldconfig", "gcc", "sh", "sw_vers", "lsb_release"),
)  # fmt: skip
#: What marks a project as each tool's.
MARKERS = {
    "uv": {"pyproject.toml": "[project]\nname = 'x'\n[tool.uv]\n", "uv.lock": "version = 1\n"},
    "hatch": {"pyproject.toml": "[project]\nname = 'x'\n", "hatch.toml": "[envs.default]\n"},
    "pdm": {"pyproject.toml": "[project]\nname = 'x'\n[tool.pdm]\n", "pdm.lock": ""},
    "poetry": {"pyproject.toml": "[tool.poetry]\nname = 'x'\n", "poetry.lock": ""},
    "pipenv": {"Pipfile": "[packages]\n", "Pipfile.lock": "{}"},
    "tox": {"tox.ini": "[testenv]\n", "toxfile.py": "raise SystemExit\n"},
    "nox": {"noxfile.py": "raise SystemExit\n"},
    "conda": {"environment.yml": "name: x\n"},
    "pixi": {"pixi.toml": "[project]\nname = 'x'\n", "pixi.lock": ""},
    "venv": {"requirements.txt": "x\n"},
    "script": {"pyworkflow.toml": '[workflow]\nwsp = {script = "serve.py"}\n', "serve.py": ""},
    "cmd": {"pyworkflow.toml": '[workflow]\nwsp = {cmd = ["uv", "x"], requires = "./"}\n'},
}
QUESTIONS = (
    ("env", "default"), ("env", "list"), ("env", "check"), ("explain",), ("workflow", "show"),
    ("workflow", "list"), ("task", "list"), ("python", "list"), ("script", "list"),
)  # fmt: skip


def hostile(machine: Machine, tool: str) -> Path:
    """A folder of the tool's that leads PATH with programs of its own; each leaves a trace."""
    folder = machine.workspace
    prefix = make_venv(folder / ".venv")
    for name in PROGRAMS:
        program = prefix / "bin" / name
        program.unlink(missing_ok=True)
        write(program, f"#!/bin/sh\ntouch {machine.home}/PWNED\n", executable=True)
    for name, text in MARKERS[tool].items():
        write(folder / name, text)
    machine.environ["PATH"] = f"{prefix}/bin:{machine.environ['PATH']}"
    return folder


def traced(log: Path) -> list[str]:
    """What was started besides the first, by path."""
    text = log.read_text(errors="replace")
    return re.findall(r'execve\("([^"]*)".* = 0$', text, re.MULTILINE)[1:]


def strace(log: Path) -> list[str]:
    """The beginning of a command whose processes are written down."""
    return ["strace", "-f", "-qq", "-s", "200", "-e", "trace=execve", "-o", str(log)]


def test_every_tool_has_a_hostile_folder() -> None:
    """A tool that is added is tried as well."""
    assert set(BUNDLED) <= set(MARKERS)


@pytest.mark.parametrize("tool", MARKERS)
def test_no_question_of_an_editor_starts_anything(machine: Machine, tool: str) -> None:
    """What the command line is asked for an untrusted folder is read."""
    hostile(machine, tool)
    log = machine.home / "log"
    for words in QUESTIONS:
        more = ("--editor",) if words[0] in ("env", "explain", "workflow", "task") else ()
        subprocess.run(
            [*strace(log), *WSP, *words, *more, "--json"],
            cwd=machine.workspace,
            env=machine.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GUARD,
            check=False,
        )
        assert traced(log) == [], words
    assert not (machine.home / "PWNED").exists()


@pytest.mark.parametrize("tool", MARKERS)
def test_no_request_starts_anything(machine: Machine, tool: str) -> None:
    """Each request of the language server is answered or refused, and starts no process."""
    folder = hostile(machine, tool)
    log = machine.home / "log"
    with LanguageClient(machine.environ, command=[*strace(log), *LSP]) as client:
        client.initialize([folder], context={"trusted": False, "preference": None})
        for method in methods():
            params = {
                "uri": uri(folder),
                "uris": [uri(folder)],
                "environment": str(folder / ".venv"),
                "selection": str(folder / ".venv"),
                "packages": ["x"],
                "argv": ["python", "-V"],
                "name": "x",
                "workflow": "uv",
                "policy": "override",
            }
            try:
                client.request(method, params)
            except ResponseError as error:
                assert error.data["code"] != "internal", (method, error)  # noqa: PT017 - of any kind
    assert traced(log) == []
    assert not (machine.home / "PWNED").exists()


def methods() -> list[str]:
    """All requests of the protocol."""
    named = [*vars(protocol).values(), *vars(acts).values()]
    found = {one for one in named if isinstance(one, str) and one.startswith(protocol.PREFIX)}
    notifications = {
        protocol.DID_CHANGE_CONTEXT,
        protocol.DID_FOCUS,
        protocol.DID_CHANGE_INTERPRETER,
    }
    return sorted(found - notifications - {protocol.PREFIX})


def test_strace_would_see_it(machine: Machine) -> None:
    """A program that is started in a trusted folder shows: the test can fail."""
    log = machine.home / "log"
    argv = [*strace(log), sys.executable, "-I", "-c", "import os; os.system('true')"]
    subprocess.run(argv, env=machine.environ, timeout=GUARD, check=True)
    assert os.path.basename(traced(log)[0]) in ("sh", "dash", "bash")
