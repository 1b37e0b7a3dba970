"""``py`` as a process: it becomes the Python, and fails, lists and helps in ways that programs and people can rely on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD
from support.files import break_venv, link, write
from support.launcher import PY, py, with_pythons
from support.machine import make_venv
from support.pythons import minor, two_pythons
from support.terminal import UNTIL_INTERRUPTED, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


@pytest.fixture
def project(machine: Machine) -> Machine:
    """A machine with two Pythons on PATH, whose workspace has a ``.venv``."""
    make_venv(machine.workspace / ".venv")
    return with_pythons(machine)


def python_of(project: Machine) -> str:
    """The Python that is meant in the workspace."""
    return str(project.workspace / ".venv" / "bin" / "python")


# -- becoming a Python ----------------------------------------------------------------------------------------------


def test_python_has_the_process_of_its_own(project: Machine) -> None:
    """Its number is that of the process that was started as ``py``."""
    with subprocess.Popen(
        [*PY, "-c", "import os; print(os.getpid(), os.getppid())"],
        cwd=project.workspace,
        env=project.environ,
        stdout=subprocess.PIPE,
    ) as started:
        output, _ = started.communicate(timeout=GUARD)
    assert output.split() == [b"%d" % started.pid, b"%d" % os.getpid()]


@pytest.mark.parametrize(
    "end", ["raise SystemExit(7)", "raise SystemExit(255)", "import os; os.kill(os.getpid(), 9)"]
)
def test_the_exit_status_is_python_s(project: Machine, end: str) -> None:
    """A number, or the signal that ended it."""
    direct = subprocess.run([python_of(project), "-c", end], env=project.environ, check=False)
    assert py(project, "-c", end).exit_code == direct.returncode


def test_standard_input_is_python_s_down_to_the_last_byte(project: Machine) -> None:
    """A pipe of a megabyte of any bytes, and a script on standard input."""
    data = bytes(range(256)) * 4096
    digest = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    direct = subprocess.run(
        [python_of(project), "-c", digest], input=data, capture_output=True, check=True
    )
    assert py(project, "-c", digest, stdin=data).stdout == direct.stdout
    assert py(project, "-", "one", stdin=b"import sys; print(sys.argv)").stdout == b"['-', 'one']\n"


def test_arguments_arrive_as_they_are(project: Machine) -> None:
    """Three hundred of them: empty ones, ones with blanks, quotes and stars, bytes that are no text, and options of ours."""
    odd = [
        "",
        " ",
        "a b",
        '"',
        "'",
        "*",
        "$HOME",
        "\\",
        "--list",
        "-3.12",
        "tool",
        "é",
        "\n",
        "-0p",
    ]
    arguments = [f"{odd[number % len(odd)]}{number // len(odd) or ''}" for number in range(299)]
    code = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
    done = py(project, "-c", code, *arguments, b"\xff\xfe")
    assert done.stdout.split(b"\0") == [*map(os.fsencode, arguments), b"\xff\xfe"]


def test_variables_are_handed_on_as_they_are(project: Machine) -> None:
    """Nothing is added, and nothing is taken away."""
    project.environ.update(ODD="\udcff\udcfe", PYTHONPATH="", VIRTUAL_ENV="")
    code = "import os; print(sorted(os.environb.items()))"
    direct = subprocess.run(
        [python_of(project), "-c", code], env=project.environ, capture_output=True, check=True
    )
    assert py(project, "-c", code).stdout == direct.stdout


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("words", [(), PY], ids=["directly", "by py"])
def test_the_terminal_is_python_s(project: Machine, words: tuple[str, ...]) -> None:
    """Its foreground, Ctrl-Z and continuing, and Ctrl-C are as for a Python that is started directly."""
    script = f"""
import os, sys
print("leads", all(map(os.isatty, range(3))), os.getpgrp() == os.getpid() == os.tcgetpgrp(0), flush=True)
try:
    print("heard", sys.stdin.readline().strip(), flush=True)
    {UNTIL_INTERRUPTED}
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(9)
"""
    argv = [*(words or [python_of(project)]), "-c", script]
    with Terminal(argv, cwd=project.workspace, environ=project.environ) as terminal:
        terminal.until(b"leads True True")
        terminal.type(b"\x1a")
        terminal.until(b"stopped by %d" % signal.SIGTSTP)
        terminal.type(b"again\n")
        terminal.until(b"heard again")
        terminal.type(b"\x03")
        terminal.until(b"interrupted")
        assert terminal.ended()[1] == 9


@pytest.mark.needs("POSIX")
def test_ctrl_c_ends_a_python_that_heeds_it_not(project: Machine) -> None:
    """By its signal, as if it had been started directly, and no word of ours is on the terminal."""
    code = "import signal, time; signal.signal(2, signal.SIG_DFL); print('ready', flush=True); time.sleep(600)"
    with Terminal([*PY, "-c", code], cwd=project.workspace, environ=project.environ) as terminal:
        terminal.until(b"ready")
        terminal.type(b"\x03")
        output, status = terminal.ended()
    assert status == -signal.SIGINT
    assert output.strip() == b"^C"


@pytest.mark.needs("POSIX")
def test_alone_it_is_python_s_prompt(project: Machine) -> None:
    """``py`` in a terminal is the interactive Python of the folder."""
    environ = {**project.environ, "PYTHON_BASIC_REPL": "1", "TERM": "dumb"}
    with Terminal(PY, cwd=project.workspace, environ=environ) as terminal:
        terminal.until(b">>> ")
        # What is typed is echoed, and is not what is waited for.
        terminal.type(b"import sys; print('pre' 'fix', sys.prefix)\n")
        terminal.until(b"prefix " + os.fsencode(project.workspace / ".venv"))
        terminal.until(b">>> ")
        terminal.type(b"sys.exit(4)\n")
        assert terminal.ended()[1] == 4


def test_it_runs_where_there_is_no_folder_any_more(project: Machine) -> None:
    """A folder that was deleted under the shell is an error in a sentence."""
    gone = project.home / "gone"
    gone.mkdir()
    script = '/bin/rmdir "$0" && exec "$@"'
    done = py(project, "-c", "pass", cwd=gone, command=("/bin/sh", "-c", script, str(gone), *PY))
    assert done.exit_code == 1
    assert b"the current folder cannot be used" in done.stderr


def test_a_python_that_cannot_be_started_has_a_status_of_its_own(project: Machine) -> None:
    """A file that the system does not know how to run, where an interpreter was expected."""
    write(project.workspace / "opt" / "python3.9", b"\x7fnothing", executable=True)
    write(project.workspace / "a.py", f"#!{project.workspace}/opt/python3.9\n")
    done = py(project, "a.py", cwd=project.workspace / "opt", environ={"VIRTUAL_ENV": ""})
    assert done.exit_code == 2  # there is a .venv
    (project.workspace / ".venv").rename(project.home / "env")
    done = py(project, "a.py")
    assert done.exit_code == 101
    assert f"{project.workspace}/opt/python3.9".encode() in done.stderr


# -- lists ----------------------------------------------------------------------------------------------------------


def listed(
    machine: Machine, cwd: Path | None = None
) -> tuple[dict[str, str | None], dict[str, str]]:
    """What is to be said for each Python of the list, by its path; and the default."""
    document = py(machine, "--list", "--json", cwd=cwd).document
    assert list(document) == ["pythons", "default"]
    flags = {one["path"]: one["flag"] for one in document["pythons"]}
    assert len(flags) == len(document["pythons"])
    return flags, document["default"]


@pytest.mark.needs("another CPython")
def test_what_the_list_says_for_a_python_starts_it(machine: Machine) -> None:
    """Each flag starts the very Python beside which it stands, and no two are the same."""
    flags, default = listed(with_pythons(machine))
    given = [flag for flag in flags.values() if flag is not None]
    assert len(set(given)) == len(given)
    newest, older = two_pythons()
    for name, python in (("new", newest), ("old", older)):
        path = str(machine.home / name / os.path.basename(python))
        assert flags[path] == f"-{minor(python)}"
    for path, flag in flags.items():
        if flag is not None and path.startswith(str(machine.home)):
            finished = py(machine, flag, "-c", "import sys; print(sys.executable)")
            assert finished.stdout.decode().strip() == path
    assert default == {"path": str(machine.home / "new" / os.path.basename(newest)), "rule": "path"}


@pytest.mark.needs("another CPython")
def test_the_list_marks_what_is_started_here(project: Machine) -> None:
    """The environment where one is meant, else one of the Pythons; with ``-0p`` paths and nothing else."""
    inside = py(project, "--list")
    assert inside.stdout.splitlines()[0].split() == [
        b"*",
        os.fsencode(python_of(project)),
        b"(.venv)",
    ]
    outside = py(project, "-0p", cwd=project.home)
    marked = [line.split() for line in outside.stdout.decode().splitlines() if " * " in line]
    newest = two_pythons()[0]
    path = str(project.home / "new" / os.path.basename(newest))
    assert marked == [[f"-{minor(newest)}", "*", path]]
    assert py(project, "-0").stdout == inside.stdout
    assert py(project, "--list-paths").stdout == py(project, "-0p").stdout


def test_a_broken_environment_does_not_keep_the_list_back(project: Machine) -> None:
    """The Pythons are told, with why none of them is started here."""
    break_venv(project.workspace / ".venv")
    done = py(project, "--list")
    assert done.exit_code == 0
    assert b"is broken" in done.stderr
    assert minor(two_pythons()[0]).encode() in done.stdout
    assert py(project, "--list", "--json").document["default"] is None


# -- help and mistakes ----------------------------------------------------------------------------------------------


def test_help_shows_all_of_it(project: Machine) -> None:
    """Every command, variable, rule and status, and the extensions that are installed; three ways ask for it."""
    write(project.home / "programs" / "py-greet", "#!/bin/sh\n", executable=True)
    project.environ["PATH"] += f":{project.home / 'programs'}"
    text = py(project, "help").stdout.decode()
    lines = [
        "py run",
        "py script",
        "py x",
        "pyx",
        "py tool install",
        "py extension install",
        "--list",
        "-0p",
    ]
    lines += ["PY_PYTHON", "PY_PYTHON3", "PYLAUNCH_DEBUG", "activated", ".venv", "103", "py greet"]
    assert [word for word in lines if word not in text] == []
    assert py(project, "--help").stdout.decode() == text
    assert py(project, "-h").stdout.decode() == text


def test_help_on_one_command_tells_its_options(machine: Machine) -> None:
    """``py help tool install``, ``py tool install --help`` and ``py help tool``."""
    one = py(machine, "help", "tool", "install").stdout.decode()
    assert "--with" in one
    assert py(machine, "tool", "install", "--help").stdout.decode() == one
    group = py(machine, "help", "tool").stdout.decode()
    assert group == py(machine, "tool", "--help").stdout.decode()
    assert "py tool uninstall" in group
    assert py(machine, "help", "nothing").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["x"],
        ["tool"],
        ["tool", "nonsense"],
        ["tool", "install"],
        ["tool", "install", "a", "b"],
        ["tool", "install", "--nonsense", "a"],
        ["tool", "install", "a", "--with"],
        ["tool", "list", "--json=1"],
        ["extension", "install"],
        ["extension", "install", "../x"],
        ["--list", "nonsense"],
    ],
    ids=" ".join,
)
def test_words_that_are_off_are_told_with_what_would_do(project: Machine, words: list[str]) -> None:
    """Exit 2, a sentence and a hint on standard error, nothing on standard output."""
    done = py(project, *words)
    assert (done.exit_code, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"py: ")
    assert len(done.stderr.splitlines()) == 2


def test_with_json_a_mistake_is_one_document(project: Machine) -> None:
    """As every program of the product tells it."""
    done = py(project, "extension", "install", "--json", "run")
    assert (done.exit_code, done.stderr) == (2, b"")
    assert list(done.document["error"]) == ["code", "message", "hint"]


# -- extensions -----------------------------------------------------------------------------------------------------

EXTENSION = f"""#!{sys.executable}
import json, os, sys
print(json.dumps([sys.argv[1:], os.environ["PY_PATH"], os.environ["PY_APP_VERSION"], sys.stdin.read()]))
sys.exit(6)
"""


@pytest.mark.needs("POSIX")
def test_an_extension_is_called_with_what_it_needs_to_call_back(project: Machine) -> None:
    """Its arguments as they are, PY_PATH and PY_APP_VERSION, standard input; its exit status is ``py``'s."""
    link(project.home / "programs" / "py", os.path.join(os.path.dirname(sys.executable), "py"))
    write(project.home / "programs" / "py-greet", EXTENSION, executable=True)
    project.environ["PATH"] += f":{project.home / 'programs'}"
    done = py(project, "greet", "--list", "-3", "", stdin=b"in")
    assert done.exit_code == 6
    arguments, path, version, read = done.document
    assert (arguments, version, read) == (["--list", "-3", ""], "0.1.0", "in")
    assert os.path.isabs(path)
    assert os.path.basename(path) == "py"


def test_a_file_of_an_extension_s_name_does_not_take_its_place(project: Machine) -> None:
    """What lies in a folder, or on PATH in the folder itself, is not what a command means there."""
    write(project.home / "programs" / "py-greet", EXTENSION, executable=True)
    write(project.workspace / "greet", "raise SystemExit('planted')")
    write(project.workspace / "py-greet", "#!/bin/sh\nexit 9\n", executable=True)
    project.environ["PATH"] = f".:{project.workspace}:{project.home / 'programs'}"
    assert py(project, "greet").exit_code == 6


def test_a_built_in_is_not_shadowed(project: Machine) -> None:
    """A program ``py-run`` is never called, and the list says so."""
    write(project.home / "programs" / "py-run", "#!/bin/sh\nexit 9\n", executable=True)
    write(project.home / "programs" / "py-greet", EXTENSION, executable=True)
    project.environ["PATH"] += f":{project.home / 'programs'}"
    write(project.workspace / "a.py", "print('mine')")
    assert py(project, "run", "a.py").stdout == b"mine\n"
    document = py(project, "extension", "list", "--json").document["extensions"]
    assert [(one["name"], one["shadowed"]) for one in document] == [("greet", False), ("run", True)]
    lines = py(project, "extension", "list").stdout.decode().splitlines()
    assert "never called" in lines[1]
    assert "never called" not in lines[0]
    assert "py-run" not in py(project, "help").stdout.decode()


def test_without_extensions_the_list_is_empty(machine: Machine) -> None:
    """Exit 3, and how one is installed."""
    done = py(machine, "extension", "list")
    assert (done.exit_code, done.stdout) == (3, b"")
    assert b"py extension install" in done.stderr
