"""The command line as a process: its words, streams, folders and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
import workflow_helper
from support.command import GUARD, WSP, Finished, assert_error, assert_no_accident, wsp
from support.files import break_venv, write
from support.machine import make_venv
from workflow_helper.cli.arguments import COMMANDS

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.fixture
def project(machine: Machine) -> Machine:
    """A machine whose workspace has ``.venv``, ``envs/a`` and the broken ``envs/b``."""
    for name in (".venv", "envs/a", "envs/b"):
        make_venv(machine.workspace / name)
    break_venv(machine.workspace / "envs" / "b")
    write(machine.workspace / ".python-envs", "envs/a\nenvs/b\n")
    return machine


# -- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("env",),
        ("env", "nonsense"),
        ("env", "select"),
        ("env", "default", "extra"),
        ("env", "default", "--nonsense"),
        ("env", "default", "--json=yes"),
        ("env", "default", "--folder"),
        ("env", "default", "--folder", "/nowhere/at/all"),
        ("env", "default", "--folder", "a\0b".replace("\0", "/../nowhere")),
        ("env", "default", "--workflow", "nonsense"),
        ("env", "default", "--workflow", "/nowhere/at/all.py"),
        ("env", "default", "--preference", "{"),
        ("env", "default", "--preference", "[]"),
        ("env", "create", "--redirect", "nonsense"),
        ("completion", "tcsh"),
        ("completion",),
        ("python",),
        ("",),
        ("--json",),
    ],
    ids=" ".join,
)
def test_words_that_are_off_are_usage_errors(machine: Machine, words: tuple[str, ...]) -> None:
    """Exit 2: one document under ``--json``, else lines on standard error alone."""
    assert_error(wsp(machine, *words, *(() if "--json" in words else ("--json",))), 2, "usage")
    plain = wsp(machine, *(word for word in words if word != "--json"), "--nonsense")
    assert plain.exit_code in (0, 2)
    assert (plain.stdout == b"") == (plain.exit_code == 2)


def test_help_is_given_for_all_and_for_each(machine: Machine) -> None:
    """Every command has a help text of its own, on standard output."""
    general = wsp(machine, "--help")
    assert (general.exit_code, general.stderr) == (0, b"")
    assert wsp(machine).stdout == wsp(machine, "-h").stdout == general.stdout
    for command in COMMANDS:
        assert f"wsp {command.name}".encode() in general.stdout
        own = wsp(machine, *command.words, "--help")
        assert (own.exit_code, own.stderr) == (0, b"")
        assert f"usage: wsp {command.name}".encode() in own.stdout


def test_version_is_the_package_s(machine: Machine) -> None:
    """``--version`` prints the name and the version."""
    for word in ("--version", "-V"):
        assert wsp(machine, word).stdout.decode() == f"wsp {workflow_helper.__version__}\n"


def test_completion_prints_a_script(machine: Machine) -> None:
    """A script for each of three shells, with both keys under ``--json``."""
    for shell in ("bash", "zsh", "fish"):
        plain = wsp(machine, "completion", shell)
        assert plain.exit_code == 0
        document = wsp(machine, "completion", shell, "--json").document
        assert document == {"shell": shell, "script": plain.stdout.decode().removesuffix("\n")}


# -- streams, folders, signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["env list", "explain", "--help", "env default --json", "completion bash"]
)
def test_a_reader_that_leaves_is_no_accident(project: Machine, words: str) -> None:
    """When nobody reads the output, the command ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*WSP, *words.split()],
            cwd=project.workspace,
            env=project.environ,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=GUARD,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("words", ["env list", "explain --json", "--help", "env nonsense --json"])
def test_a_full_disk_is_a_sentence(project: Machine, words: str) -> None:
    """Output that cannot be written is an error of one sentence."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*WSP, *words.split()],
            cwd=project.workspace,
            env=project.environ,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=GUARD,
            check=False,
        )
    assert_no_accident(Finished(done.returncode, b"", done.stderr))
    assert done.returncode != 0
    assert b"No space left" in done.stderr


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_accident(project: Machine, closed: str) -> None:
    """A command started without one of its streams ends as ever, and writes into no file it read."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *WSP, "env", "default", "--json"],
        cwd=project.workspace,
        env=project.environ,
        capture_output=True,
        timeout=GUARD,
        check=False,
    )
    assert_no_accident(Finished(done.returncode, done.stdout, done.stderr))
    assert done.returncode in (0, 1)
    if ">&-" not in closed.replace("2>&-", ""):
        assert json.loads(done.stdout)["environment"]["id"] == ".venv"


@pytest.mark.needs("POSIX")
def test_a_deleted_current_folder_is_a_sentence(machine: Machine) -> None:
    """Without a folder to stand in, a query says so; with ``--folder``, and for help, none is needed."""
    make_venv(machine.workspace / ".venv")
    gone = machine.home / "gone"

    def from_nowhere(*words: str) -> Finished:
        gone.mkdir()
        script = 'cd "$0" && rmdir "$0" && exec "$@"'
        return wsp(machine, *words, through=("/bin/sh", "-c", script, str(gone)))

    assert_error(from_nowhere("env", "default", "--json"), 1, "failed")
    finished = from_nowhere("env", "default", "--json", "--folder", str(machine.workspace))
    assert finished.exit_code == 0, finished.text
    assert from_nowhere("--help").exit_code == 0
    assert from_nowhere("env", "list", "--help").exit_code == 0
    assert from_nowhere("--version").exit_code == 0


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_command_that_is_ended_leaves_nothing_behind(
    machine: Machine, name: str, status: int
) -> None:
    """Ended while a tool makes an environment, the command leaves nothing behind, the tool included."""
    tools = machine.home / "tools"
    # The word goes to a FIFO, so that nothing has to be waited for by the clock.
    file = machine.home / "told"
    os.mkfifo(file)
    write(tools / "uv", f'#!/bin/sh\necho $$ > "{file}"\nexec sleep 600\n', executable=True)
    creating = subprocess.Popen(
        [*WSP, "env", "create", "--json"],
        cwd=machine.workspace,
        env={**machine.environ, "PATH": f"{tools}:{machine.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    tool = int(file.read_text())
    creating.send_signal(signal.Signals[name])
    stdout, stderr = creating.communicate(timeout=GUARD)
    assert creating.returncode == status, (stdout, stderr)
    assert b"Traceback" not in stdout + stderr
    assert [path.name for path in machine.workspace.iterdir()] == [".git"]
    with pytest.raises(ProcessLookupError):
        os.kill(tool, 0)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
@pytest.mark.parametrize("command", [("env", "default"), ("call", "environment/list")])
def test_a_query_that_is_ended_ends_its_server(
    machine: Machine, name: str, status: int, command: tuple[str, str]
) -> None:
    """A server that heeds neither the end of its input nor TERM goes with the command that asked it."""
    file = machine.home / "told"
    os.mkfifo(file)
    server = f"""\
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open({str(file)!r}, "w") as file:
    file.write(str(os.getpid()))
while True:
    time.sleep(1)
"""
    script = write(machine.home / "mine.py", server)
    asking = subprocess.Popen(
        [*WSP, *command, "--workflow", str(script), "--json"],
        cwd=machine.workspace,
        env=machine.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    started = int(file.read_text())
    asking.send_signal(signal.Signals[name])
    stdout, stderr = asking.communicate(timeout=GUARD)
    assert asking.returncode == status, (stdout, stderr)
    assert b"Traceback" not in stdout + stderr
    with pytest.raises(ProcessLookupError):
        os.kill(started, 0)
