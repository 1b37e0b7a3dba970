"""``wsp env run`` becomes the command: whatever can be seen of a process is as if it had been started directly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD, WSP, wsp
from support.files import break_venv, write
from support.imports import SYS_PATH
from support.machine import make_venv
from support.terminal import UNTIL_INTERRUPTED, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

pytestmark = pytest.mark.needs("POSIX")

RUN = (*WSP, "env", "run", "--")


@pytest.fixture
def project(machine: Machine) -> Machine:
    """A machine whose workspace has a ``.venv``."""
    make_venv(machine.workspace / ".venv")
    return machine


def both(project: Machine, *command: str, stdin: bytes = b"") -> tuple[bytes, bytes]:
    """What a command prints when it is started directly, and by ``wsp env run``; its exit status counts as well."""
    messages = []
    for words in (command, (*RUN, *command)):
        done = subprocess.run(
            words,
            cwd=project.workspace,
            env=project.environ,
            input=stdin,
            capture_output=True,
            timeout=GUARD,
            check=False,
        )
        messages.append(b"%d\n" % done.returncode + done.stdout + done.stderr)
    return messages[0], messages[1]


# -- what a process is ----------------------------------------------------------------------------------------------


def test_the_command_has_the_process_of_its_own(project: Machine) -> None:
    """Its number is that of the process that was started as ``wsp``, and its parent is whoever started that."""
    script = "import os; print(os.getpid(), os.getppid())"
    with subprocess.Popen(
        [*RUN, "python", "-c", script],
        cwd=project.workspace,
        env=project.environ,
        stdout=subprocess.PIPE,
    ) as started:
        output, _ = started.communicate(timeout=GUARD)
    assert output.split() == [b"%d" % started.pid, b"%d" % os.getpid()]


@pytest.mark.parametrize("end", ["exit 0", "exit 7", "kill -TERM $$", "kill -KILL $$"])
def test_the_exit_status_is_the_command_s(project: Machine, end: str) -> None:
    """A number, or the signal that ended it."""
    direct, handed = both(project, "/bin/sh", "-c", end)
    assert handed == direct


def test_signals_act_as_on_any_program(project: Machine) -> None:
    """Nothing is ignored, blocked or caught that would not be, though Python ignores some for itself."""
    # Not SigQ, which counts the signals that wait for all of the user's processes.
    direct, handed = both(project, "/bin/grep", "^Sig[^Q]", "/proc/self/status")
    assert handed == direct
    assert b"SigIgn" in handed


def test_no_descriptor_leaks_and_those_of_the_user_are_passed_on(project: Machine) -> None:
    """What the shell opened for the command is there, and nothing else."""
    messages = []
    for words in ((), RUN):
        line = 'exec 7</dev/null; exec "$@" /bin/ls /proc/self/fd'
        argv = ["/bin/sh", "-c", line, "sh", *(words or ("/usr/bin/env",))]
        done = subprocess.run(
            argv,
            cwd=project.workspace,
            env=project.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=GUARD,
        )
        messages.append(done.stdout.split())
    assert messages[0] == messages[1]
    assert b"7" in messages[1]


def test_words_are_passed_on_untouched(project: Machine) -> None:
    """Options, two dashes, empty words, line breaks and bytes that are no text are the command's own."""
    words = ["--json", "--", "-v", "", "a b\n*", "--help", "\udcff"]
    script = "import os, sys; sys.stdout.buffer.write(b'|'.join(map(os.fsencode, sys.argv[1:])))"
    done = wsp(project, "env", "run", "--", "python", "-c", script, *words)
    assert done.stdout == b"|".join(map(os.fsencode, words))


def test_streams_are_passed_on(project: Machine) -> None:
    """What is piped in comes out, every byte."""
    data = bytes(range(256)) * 4096
    direct, handed = both(project, "/bin/cat", stdin=data)
    assert handed == direct
    assert handed.endswith(data)


def test_variables_are_the_user_s_and_the_environment_s(project: Machine) -> None:
    """Only what makes the environment is changed: not even a locale is set that the user has not."""
    odd = os.fsdecode(b"\xff\xfe")
    project.environ.update(ODD=odd, NO_COLOR="", PIP_USER="1", PYTHONPATH="")

    def variables(*words: str) -> dict[bytes, bytes]:
        done = subprocess.run(
            [*words, "/usr/bin/env", "-0"],
            cwd=project.workspace,
            env=project.environ,
            capture_output=True,
            check=True,
            timeout=GUARD,
        )
        pairs = (entry.partition(b"=") for entry in done.stdout.split(b"\0") if entry)
        return {name: value for name, _, value in pairs}

    plain = variables()
    handed = variables(*RUN)
    prefix = os.fsencode(project.workspace / ".venv")
    assert handed == {
        **plain,
        b"PATH": prefix + b"/bin:" + plain[b"PATH"],
        b"VIRTUAL_ENV": prefix,
        b"PYTHON_WORKFLOW_ROOT": os.fsencode(project.workspace),
    }
    assert handed[b"ODD"] == b"\xff\xfe"


@pytest.mark.needs("POSIX")
def test_the_command_runs_where_it_was_started(project: Machine) -> None:
    """In the current folder, by whatever name it was entered, also where another project is meant; a path is taken from there."""
    inner = write(
        project.workspace / "inner" / "tool", "#!/bin/sh\npwd -P\necho $PWD\n", executable=True
    )
    entered = project.home / "link"
    entered.symlink_to(inner.parent)
    line = 'cd "$0" && exec "$@"'
    for words in (("./tool",), (*RUN, "./tool")):
        done = subprocess.run(
            ["/bin/sh", "-c", line, entered, *words],
            env=project.environ,
            capture_output=True,
            check=True,
            timeout=GUARD,
        )
        assert done.stdout.decode().split() == [str(inner.parent), str(entered)]
    done_elsewhere = wsp(
        project, "env", "run", "--folder", str(project.workspace), "--", "pwd", cwd=project.home
    )
    assert done_elsewhere.stdout.decode().strip() == str(project.home)


def test_an_environment_can_be_named(project: Machine) -> None:
    """By its id; what runs is its Python."""
    make_venv(project.workspace / "envs" / "a")
    write(project.workspace / ".python-envs", "envs/a\n")
    done = wsp(
        project, "env", "run", "envs/a", "--", "python", "-c", "import sys; print(sys.prefix)"
    )
    assert done.stdout.decode().strip() == str(project.workspace / "envs" / "a")


def test_the_environment_counts_as_activated_in_what_runs(project: Machine) -> None:
    """For this project, and for no other one that the command looks at."""
    other = make_venv(project.home / "other" / ".venv").parent
    inner = [*WSP, "env", "default", "--json"]
    here = wsp(project, "env", "run", "--", *inner).document
    assert here["environment"]["source"] == "activated"
    there = wsp(project, "env", "run", "--", *inner, "--folder", str(other))
    assert there.document["environment"]["prefix"] == str(other / ".venv")


# -- a terminal -----------------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("words", [(), RUN], ids=["directly", "handed over"])
def test_the_terminal_is_the_command_s(project: Machine, words: tuple[str, ...]) -> None:
    """Its size, its foreground, Ctrl-Z and continuing, and Ctrl-C are as for a command that is started directly."""
    script = f"""
import os, sys
print("size", *os.get_terminal_size(0), all(map(os.isatty, range(3))))
print("leads", os.getpgrp() == os.getpid() == os.tcgetpgrp(0), flush=True)
try:
    print("heard", sys.stdin.readline().strip(), flush=True)
    {UNTIL_INTERRUPTED}
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(9)
"""
    argv = [*words, str(project.workspace / ".venv" / "bin" / "python"), "-c", script]
    with Terminal(
        argv, cwd=project.workspace, environ=project.environ, rows=33, columns=77
    ) as terminal:
        assert b"size 77 33 True" in terminal.until(b"leads True")
        terminal.type(b"\x1a")
        terminal.until(b"stopped by %d" % signal.SIGTSTP)
        terminal.type(b"again\n")
        terminal.until(b"heard again")
        terminal.type(b"\x03")
        terminal.until(b"interrupted")
        assert terminal.ended()[1] == 9


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("words", [(), RUN], ids=["directly", "handed over"])
def test_keys_end_a_command_that_heeds_none(project: Machine, words: tuple[str, ...]) -> None:
    """Ctrl-C ends it by its signal, and no sentence of anybody else is on the terminal."""
    argv = [*words, "/bin/sh", "-c", "echo ready; exec sleep 600"]
    with Terminal(argv, cwd=project.workspace, environ=project.environ) as terminal:
        terminal.until(b"ready")
        terminal.type(b"\x03")
        output, status = terminal.ended()
    assert status == -signal.SIGINT
    assert output.strip() == b"^C"


# -- what cannot be started -----------------------------------------------------------------------------------------


def test_a_program_that_is_not_there_is_an_error_of_ours(project: Machine) -> None:
    """Exit 1 with a sentence that names it; one document with ``--json``, which is ours only before the two dashes."""
    done = wsp(project, "env", "run", "--", "no-such-program", "--json")
    assert (done.exit_code, done.stdout) == (1, b"")
    assert b"no-such-program" in done.stderr
    done = wsp(project, "env", "run", "--json", "--", "no-such-program")
    assert done.exit_code == 1
    assert "no-such-program" in done.document["error"]["message"]


@pytest.mark.parametrize(
    ("name", "content", "executable"),
    [("gone", None, False), ("plain", "#!/bin/sh\n", False), ("odd", "no program\n", True)],
)
def test_what_cannot_be_executed_is_an_error_of_ours(
    project: Machine,
    name: str,
    content: str | None,
    executable: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A path that leads nowhere, a file that is not executable, and one that the system does not know how to run."""
    if content is not None:
        write(project.workspace / name, content, executable=executable)
    done = wsp(project, "env", "run", "--json", "--", f"./{name}")
    assert done.exit_code == 1
    assert str(project.workspace / name) in done.document["error"]["message"]


def test_without_a_command_it_is_a_usage_error(project: Machine) -> None:
    """Nothing after the two dashes, or no dashes, is no command."""
    for words in (("env", "run"), ("env", "run", "--"), ("env", "run", ".venv")):
        assert wsp(project, *words).exit_code == 2


def test_without_an_environment_there_is_what_to_do(machine: Machine) -> None:
    """None at all, and a broken one."""
    done = wsp(machine, "env", "run", "--json", "--", "true")
    assert done.exit_code == 1
    assert "wsp env create" in done.document["error"]["hint"]
    make_venv(machine.workspace / ".venv")
    break_venv(machine.workspace / ".venv")
    done = wsp(machine, "env", "run", ".venv", "--json", "--", "true")
    assert done.document["error"]["code"] == "broken"
    assert "wsp env sync" in done.document["error"]["hint"]


# -- where nothing can be handed over -------------------------------------------------------------------------------


def waiting(argv: list[str], cwd: Path, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that hands over as on Windows."""
    script = f"""
import json, sys
sys.path[:0] = {SYS_PATH!r}
from workflow_helper.system.exec import hand_over
print("code", hand_over(*json.loads(sys.argv[1]), waiting=True))
"""
    expected = json.dumps([argv, str(cwd), environ])
    return subprocess.Popen(
        [sys.executable, "-I", "-c", script, expected], stdout=subprocess.PIPE, env=environ
    )


def test_where_no_process_becomes_another_the_status_is_handed_on(machine: Machine) -> None:
    """It is started with the same streams, in the folder and with the variables that were asked for, and waited for."""
    machine.environ["SAID"] = "so"
    with waiting(
        ["/bin/sh", "-c", "pwd; echo $SAID; exit 3"], machine.workspace, machine.environ
    ) as process:
        output, _ = process.communicate(timeout=GUARD)
    assert output.decode().split() == [str(machine.workspace), "so", "code", "3"]


@pytest.mark.needs("POSIX")
def test_waiting_goes_on_when_the_console_is_interrupted(machine: Machine) -> None:
    """Ctrl-C is heard by the command as well, whose affair it is."""
    file = machine.home / "told"
    os.mkfifo(file)
    line = f'echo ready > "{file}"; read line < "{file}"; exit 5'
    with waiting(["/bin/sh", "-c", line], machine.workspace, machine.environ) as process:
        file.read_text()
        process.send_signal(signal.SIGINT)
        file.write_text("on\n")
        output, _ = process.communicate(timeout=GUARD)
    assert output == b"code 5\n"
