"""No front end starts anything while a folder is untrusted: every command and request under ``strace``, in hostile folders."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD
from support.files import write
from support.language_client import LSP, LanguageClient, ResponseError, uri
from support.machine import make_venv
from workflow_helper.cli.arguments import COMMANDS
from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.lsp import actions, protocol, test_actions

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
#: What stands for an operand. One of a new name is missing here until it is tried.
OPERANDS = {
    "ARG...": "x", "ARGS...": "x", "CMD...": "python", "FILE": "hostile.py", "FOLDER": "new", "ID": ".venv",
    "METHOD": "workspace/environments", "NAME": "x", "NAME...": "x", "REQ...": "x", "SHELL": "bash",
    "SPEC": "3.12", "TOOL": "nonesuch", "WORKFLOW": "uv",
}  # fmt: skip
#: With these a person names what is to be run, or got from elsewhere to be run: their word is the consent.
A_PERSONS_WORD = {"script run", "tool install", "tool run"}
#: These look at no workflow of the folder: one folder is enough.
OF_ANY_FOLDER = ("cache", "completion", "lsp", "mcp", "script", "tool")
#: Runs command after command, each in a fork that first marks the log with the command's words.
DRIVER = """
import json, os, sys
from workflow_helper.__main__ import console
from workflow_helper.cli import dispatch
from workflow_helper.resolver import resolve
from workflow_helper.state import selections

for words in json.loads(sys.argv[1]):
    if (child := os.fork()) == 0:
        try:
            os.execv("/" + " ".join(words), ["wsp"])
        except OSError:
            sys.argv = ["wsp", *words]
        try:
            console()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
"""


def commands() -> list[list[str]]:
    """Every command as an editor asks it about a folder that it does not trust; the one that deletes comes last."""
    found = []
    for command in COMMANDS:
        named = [one for one in (command.operand, command.more) if one]
        operands = [OPERANDS[one.strip("[]")] for one in named if command.name != "workflow set"]
        if command.rest and not command.rest.startswith("["):
            operands += ["--", OPERANDS[command.rest]]
        found.append([*command.words, "--editor", "--json", "--no-input", *operands])
    return sorted(found, key=lambda words: words[:2] == ["env", "delete"])


def hostile(machine: Machine, tool: str) -> Path:
    """A folder of the tool's that leads PATH with programs of its own; each leaves a trace."""
    folder = machine.workspace
    prefix = make_venv(folder / ".venv")
    for name in PROGRAMS:
        program = prefix / "bin" / name
        program.unlink(missing_ok=True)
        write(program, f"#!/bin/sh\ntouch {machine.home}/PWNED\n", executable=True)
    write(folder / OPERANDS["FILE"], "# /// script\n# dependencies = []\n# ///\n")
    for name, text in MARKERS[tool].items():
        write(folder / name, text)
    machine.environ["PATH"] = f"{prefix}/bin:{machine.environ['PATH']}"
    return folder


def traced(log: Path) -> list[str]:
    """What was started besides the first, by path; the marks of a driver stand before what a command started."""
    mark, found = "", []
    for line in log.read_text(errors="replace").splitlines():
        started = re.search(r'execve\("([^"]*)".* = (0|-1 ENOENT)', line)
        if started is not None and started[2] == "0":
            found.append(mark + started[1])
        elif started is not None:
            mark = f"{started[1]}: "
    return found[1:]


def strace(log: Path) -> list[str]:
    """The beginning of a command whose processes are written down."""
    return [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-s",
        "200",
        "-e",
        "trace=execve",
        "-o",
        str(log),
    ]


def test_every_tool_has_a_hostile_folder() -> None:
    """A tool that is added is tried as well."""
    assert set(BUNDLED) <= set(MARKERS)


@pytest.mark.parametrize("tool", MARKERS)
def test_no_command_of_an_editor_starts_anything(machine: Machine, tool: str) -> None:
    """Whatever the command line is asked for an untrusted folder is read, or refused."""
    folder = hostile(machine, tool)
    command_lines = [
        words
        for words in commands()
        if " ".join(words[:2]) not in A_PERSONS_WORD
        and (tool == "uv" or words[0] not in OF_ANY_FOLDER)
    ]
    text, found = drive(machine, folder, command_lines)
    assert found == []
    assert '"usage"' not in text, "a command was not tried at all"
    assert "Traceback" not in text
    assert not (machine.home / "PWNED").exists()


def drive(machine: Machine, folder: Path, command_lines: list[list[str]]) -> tuple[str, list[str]]:
    """What one command after another says, and starts."""
    log = machine.home / "log"
    done = subprocess.run(
        [*strace(log), sys.executable, "-I", "-c", DRIVER, json.dumps(command_lines)],
        cwd=folder,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=4 * GUARD,
        check=True,
    )
    return done.stdout, traced(log)


@pytest.mark.parametrize("tool", MARKERS)
def test_no_request_starts_anything(machine: Machine, tool: str) -> None:
    """Each request of the language server is answered or refused, and starts no process."""
    folder = hostile(machine, tool)
    write(folder / "test_it.py", "def test_it(): pass\n")
    log = machine.home / "log"
    with LanguageClient(machine.environ, command=[*strace(log), *LSP]) as client:
        client.initialize([folder], context={"trusted": False, "preference": None})
        for method in methods():
            params = {
                "uri": uri(folder),
                "uris": [uri(folder)],
                "folders": [str(folder)],
                "environment": str(folder / ".venv"),
                "selection": str(folder / ".venv"),
                "packages": ["x"],
                "path": str(folder / ".env"),
                "argv": ["python", "-V"],
                "name": "x",
                "workflow": tool if tool in BUNDLED else "uv",
                "policy": "override",
                "configuration": ".venv",
            }
            try:
                client.request(method, params)
            except ResponseError as error:
                code = error.data["code"]
                assert code not in ("internal", "usage"), (method, error)  # noqa: PT017 - of any kind
        for name in ("pyproject.toml", "pyworkflow.toml", ".python-envs"):
            text = ".venv" if name == ".python-envs" else '[workflow]\nwsp = {script = "./"}'
            document = {"uri": uri(folder / name), "version": 1, "languageId": "toml", "text": text}
            client.notify("textDocument/didOpen", {"textDocument": document})
            place = {"line": text.count("\n"), "character": 18 if "\n" in text else 0}
            position = {"textDocument": {"uri": uri(folder / name)}, "position": place}
            assert client.request("textDocument/completion", position)["items"]
            client.request("textDocument/hover", position)
            client.wait_for("textDocument/publishDiagnostics")
    assert traced(log) == []
    assert not (machine.home / "PWNED").exists()


def methods() -> list[str]:
    """All requests of the protocol."""
    named = [value for one in (protocol, actions, test_actions) for value in vars(one).values()]
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
