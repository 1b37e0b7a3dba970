"""A workflow on another machine, through a real OpenSSH server: with a file system, users and processes of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD, WSP, assert_error
from support.command import wsp as started
from support.files import write
from support.forked_command import wsp
from support.language_client import LanguageClient, uri
from support.other_machine import FOLDER, HOST, PYTHON, OtherMachine
from support.terminal import UNTIL_INTERRUPTED, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.machine import Machine

pytestmark = pytest.mark.needs("another machine")

#: What the other side says of one environment that needs no files: its Python is that machine's own.
SERVER = f'''
import time
from workflow_server import Command, Environment, Server, Task

server = Server("there", "1.0")
ENVIRONMENT = Environment(
    id="main", name="main", python_version="3.13", default=True, prefix="/opt/python", interpreter_path="{PYTHON}"
)

@server.list_environments
def environments():
    return [ENVIRONMENT]

@server.create_environment
def create(params):
    open("creating", "w").close()
    time.sleep(60)

@server.command
def command(params):
    return Command(argv=params.argv, cwd="{FOLDER}/" + (params.cwd or ""), unset=("GONE",), set={{"SAID": "it's"}}, prepend_path=("/opt/python/bin",))

@server.list_tasks
def tasks():
    return [Task(name="greet", description="Greet somebody")]

@server.task_command
def task(params):
    return Command(argv=["{PYTHON}", "-c", "import sys; print('hello', *sys.argv[1:]); sys.exit(7)", *params.argv], cwd="{FOLDER}")

server.run()
'''
OWN = f'{{cmd = ["{PYTHON}", "/srv/serve.py"]}}'


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherMachine]:
    """The other machine."""
    with OtherMachine(tmp_path_factory.mktemp("other")) as other:
        other.give(
            "/srv/serve.py",
            "import sys; sys.path[:0] = ['/opt/source/helper/src', '/opt/source/protocol/src', '/opt/libraries']\n"
            + SERVER,
        )
        yield other


@pytest.fixture
def here(other: OtherMachine, machine: Machine) -> Machine:
    """A machine whose user can reach the other one, and whose workflow is there."""
    other.reachable_from(machine)
    declare(machine, OWN)
    return machine


def declare(machine: Machine, command: str, *, host: str = HOST, folder: str = FOLDER) -> None:
    """Make ``command`` on the other machine the user's workflow."""
    text = f'[workflow]\nwsp = {{ssh = "{host}", folder = "{folder}", wsp = {command}}}\n'
    write(machine.home / ".config" / "python-workflow" / "pyworkflow.toml", text)


def soon(done: Callable[[], object]) -> None:
    """Wait until ``done`` gives something true."""
    until = time.monotonic() + GUARD
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


# -- environments and what runs in them -----------------------------------------------------------------------------


def test_an_environment_lives_on_the_other_machine_from_its_creation_to_its_end(
    other: OtherMachine, here: Machine
) -> None:
    """A bundled workflow makes, lists, checks, syncs, uses and deletes one there, and nothing of it is here."""
    declare(here, '"venv"')
    other.give(f"{FOLDER}/requirements.txt", "")

    made = wsp(here, "env", "create", "--json")
    assert made.exit_code == 0, made.text
    environment = made.document["environment"]
    assert (environment["kind"], environment["interpreter_path"]) == ("remote", None)
    assert environment["prefix"] == f"{HOST}:{FOLDER}/.venv"
    assert (other.root / "srv/app/.venv/pyvenv.cfg").is_file()
    assert [path.name for path in here.workspace.iterdir()] == [".git"]

    default = wsp(here, "env", "default")
    assert f"{HOST}:{FOLDER}/.venv" in default.text
    assert [
        one["default"] for one in wsp(here, "env", "list", "--json").document["environments"]
    ] == [True]
    assert wsp(here, "env", "check").exit_code == 0
    synced = wsp(here, "env", "sync", "--json")
    assert synced.document["changed"] is False, synced.text
    script = "import os, sys; print(sys.prefix, os.getcwd(), os.environ['VIRTUAL_ENV'])"
    ran = started(here, "env", "run", "--", "python", "-c", script)
    assert ran.stdout.decode().split() == [f"{FOLDER}/.venv", FOLDER, f"{FOLDER}/.venv"]
    assert wsp(here, "env", "delete", ".venv").exit_code == 0
    assert not (other.root / "srv/app/.venv").exists()
    assert wsp(here, "env", "default").exit_code == 3


def test_a_folder_of_the_project_is_the_same_folder_there(
    other: OtherMachine, here: Machine
) -> None:
    """What is run from a folder below the project runs in the one of that name on the other machine."""
    other.give(f"{FOLDER}/docs/index", "")
    (here.workspace / "docs").mkdir()
    ran = started(here, "env", "run", "--", "pwd", cwd=here.workspace / "docs")
    assert ran.stdout == f"{FOLDER}/docs\n".encode()


@pytest.mark.needs("POSIX")
def test_variables_input_and_status_of_a_program_are_its_own(here: Machine) -> None:
    """It gets what the workflow sets and what is piped to it, and its status comes back: 255 too, and that of a signal."""
    script = "import os, sys; sys.stdout.write(os.environ['SAID'] + sys.stdin.read()); sys.stderr.write('err'); sys.exit(255)"
    done = subprocess.run(
        [*WSP, "env", "run", "--", "python3", "-c", script],
        cwd=here.workspace,
        env=here.environ,
        input=b"\0in\n",
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (255, b"it's\0in\n", b"err")
    killed = started(here, "env", "run", "--", "sh", "-c", "kill -KILL $$")
    assert killed.exit_code == 128 + signal.SIGKILL, killed.text
    assert started(here, "env", "run", "--", "no-such-program").exit_code == 127


def test_a_task_runs_there(here: Machine) -> None:
    """It is listed, and ends with the status of its command."""
    assert "greet" in wsp(here, "task", "list").text
    ran = started(here, "task", "run", "greet", "--", "a  b", "it's")
    assert (ran.exit_code, ran.stdout) == (7, b"hello a  b it's\n"), ran.text


def test_what_another_form_declares_is_started_by_the_wsp_there(
    other: OtherMachine, here: Machine
) -> None:
    """A script of the other machine's folder is served by the wsp of that machine."""
    other.give(f"{FOLDER}/tools/serve.py", SERVER)
    declare(here, '{script = "tools/serve.py"}')
    assert wsp(here, "env", "default", "--json").document["environment"]["id"] == "main"


def test_the_other_machine_is_named_once_for_every_project(
    other: OtherMachine, here: Machine
) -> None:
    """Each project of this machine is the folder of its name there, and a rule for one folder names its own."""
    whole = other.root / "srv/serve.py"
    named = whole.read_text().replace("import time", "import os, time")
    other.give("/srv/named.py", named.replace('name="main"', "name=os.getcwd()"))
    once = ["workflow", "set", "--ssh", HOST, "--at"]
    server = ["--", PYTHON, "/srv/named.py"]
    for words in ([*once, "/srv/app", *server], [*once, "srv/{name}", *server], [*once[:-1], "uv"]):
        assert wsp(here, *words).exit_code == 2
    assert wsp(here, *once, "/srv/{name}", *server).exit_code == 0

    def project(folder: Path) -> str:
        write(folder / "pyproject.toml", "[project]\nname = 'it'\nversion = '1'\n")
        answer = wsp(here, "env", "default", "--json", cwd=folder)
        assert answer.exit_code == 0, answer.text
        return str(answer.document["environment"]["name"])

    for name in ("shop", "wi ki"):
        other.give(f"/srv/{name}/index", "")
        assert project(here.home / name) == f"/srv/{name}"
    assert "has no folder /srv/workspace" in wsp(here, "env", "list").text
    assert wsp(here, *once, FOLDER, "--for", str(here.workspace), *server).exit_code == 0
    assert project(here.workspace) == FOLDER


# -- terminals and signals ------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
def test_a_terminal_is_one_there_too(here: Machine) -> None:
    """Where there is one here the program has one, with its size; Ctrl-C reaches it, and its status comes back."""
    script = (
        "import os, sys\n"
        "try:\n"
        "    print('tty', os.isatty(0), os.isatty(2), *os.get_terminal_size(), flush=True)\n"
        f"    {UNTIL_INTERRUPTED}\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(9)"
    )
    argv = [*WSP, "env", "run", "--", "python3", "-c", script]
    with Terminal(argv, cwd=here.workspace, environ=here.environ, rows=33, columns=99) as terminal:
        terminal.until(b"tty True True 99 33")
        terminal.type(b"\x03")
        assert terminal.ended()[1] == 9


@pytest.mark.slow
@pytest.mark.needs("POSIX")
def test_the_end_of_our_side_ends_the_other_one(other: OtherMachine, here: Machine) -> None:
    """Without a terminal too, a program that neither reads nor writes ends there when it is ended here."""
    argv = [*WSP, "env", "run", "--", "sleep", "4321"]
    for number in (signal.SIGTERM, signal.SIGKILL):
        with subprocess.Popen(
            argv, cwd=here.workspace, env=here.environ, stdin=subprocess.DEVNULL
        ) as run:
            soon(lambda: other.processes("4321"))
            run.send_signal(number)
            assert run.wait(GUARD) == -number
        soon(lambda: not other.processes("4321"))


# -- what goes wrong on the way -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_connection_that_is_cut_is_told_and_leaves_nothing(
    other: OtherMachine, here: Machine
) -> None:
    """A program, and a request, whose connection breaks end in an error that names the machine, on both sides."""
    argv = [*WSP, "env", "run", "--", "sleep", "5432"]
    with subprocess.Popen(
        argv,
        cwd=here.workspace,
        env=here.environ,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        soon(lambda: other.processes("5432"))
        cut(other)
        _, output = run.communicate(timeout=GUARD)
    assert (run.returncode, f"wsp: {HOST} can no longer be reached: " in output) == (1, True), (
        output
    )
    soon(lambda: not other.processes("5432"))

    with subprocess.Popen(
        [*WSP, "env", "create", "--python", "3.13", "--json"],
        cwd=here.workspace,
        env=here.environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as create:
        soon((other.root / "srv/app/creating").exists)
        cut(other)
        answer, _ = create.communicate(timeout=GUARD)
    assert create.returncode == 1
    assert '"host_unreachable"' in answer, answer
    soon(lambda: not other.processes("serve.py"))


def cut(other: OtherMachine) -> None:
    """End the server's side of every connection, without a word."""
    for pid in other.processes("sshd: dev"):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_machine_that_is_away_is_told_in_time(here: Machine) -> None:
    """One that refuses, and one that never answers, are errors that name it, within the time for a connection."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port, reason in ((1, "Connection refused"), (silent.getsockname()[1], "timed out")):
            config = here.home / ".ssh" / "config"
            write(config, re.sub(r"Port \d+", f"Port {port}", config.read_text()))
            began = time.monotonic()
            listed = wsp(here, "env", "list", "--json")
            assert time.monotonic() - began < GUARD / 2
            assert listed.exit_code == 1
            trouble = listed.document["trouble"]
            assert trouble["code"] == "host_unreachable"
            assert trouble["message"].startswith(f"{HOST} cannot be reached: "), trouble
            assert reason in trouble["message"]
    assert_error(wsp(here, "env", "sync", "--json"), 1, "not_found")


@pytest.mark.parametrize("known", ["changed", "unknown"])
def test_a_key_that_is_not_the_known_one_is_refused(
    other: OtherMachine, here: Machine, known: str
) -> None:
    """A host key that changed, or was never seen, ends the attempt before anything is sent, with what to do."""
    known_hosts = here.home / ".ssh" / "known_hosts"
    place = "" if known == "unknown" else f"elsewhere {other.another_key}"
    write(known_hosts, place)
    answer = wsp(here, "call", "environment/list", "--json")
    assert_error(answer, 1, "host_refused")
    error = answer.document["error"]
    assert error["message"].startswith(f"{HOST} has a")
    assert ("ssh-keygen -R" in error["hint"]) == (known == "changed")
    assert known_hosts.read_text() == place


def test_a_user_who_is_not_let_in_is_told_so(other: OtherMachine, here: Machine) -> None:
    """Without a key that counts nobody is asked for a password."""
    other.estrange(here)
    answer = wsp(here, "call", "environment/list", "--json")
    assert_error(answer, 1, "host_refused")
    assert "refuses the login: " in answer.document["error"]["message"]


def test_what_the_other_machine_lacks_is_told(here: Machine) -> None:
    """A folder that is not there, and a program that is not there, are named, with what is needed."""
    declare(here, OWN, folder="/srv/gone")
    answer = wsp(here, "call", "environment/list", "--json")
    assert_error(answer, 1, "host_unfit")
    assert answer.document["error"]["message"] == f"{HOST} has no folder /srv/gone"
    declare(here, '"venv"', host="dash@elsewhere")  # who has installed nothing
    answer = wsp(here, "call", "environment/list", "--json")
    assert "dash@elsewhere has no program wsp" in answer.document["error"]["message"]
    assert "~/.local/bin" in answer.document["error"]["hint"]


# -- quoting --------------------------------------------------------------------------------------------------------


ODD = (
    *map(chr, range(1, 128)),
    "",
    "it's",
    "a\nb\n\n",
    "!!",
    "\\\\",
    "\\'",
    "$HOME `id` $(id)",
    "~root",
    "é漢",
    "\udcff",
    "*?[a]{a,b}",
    "-n",
)


@pytest.mark.parametrize("shell", ["bash", "dash", "tcsh", "fish"])
def test_every_word_arrives_as_it_is(other: OtherMachine, here: Machine, shell: str) -> None:
    """Whatever the login shell, a program is given each word to the byte."""
    if shell not in other.hosts:
        return
    declare(here, OWN, host=other.hosts[shell])
    script = "import os, sys; os.write(1, b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
    ran = started(here, "env", "run", "--", "python3", "-c", script, *map(os.fsencode, ODD))
    assert ran.stdout.split(b"\0") == [*map(os.fsencode, ODD)], ran.text


# -- trust ----------------------------------------------------------------------------------------------------------


def test_what_a_project_declares_elsewhere_starts_nothing_without_consent(
    here: Machine, tmp_path: Path
) -> None:
    """Consent shows the machine, the folder and the command, and ends when one of them changes."""
    (here.home / ".config" / "python-workflow" / "pyworkflow.toml").unlink()
    mark = tmp_path / "ssh was started"
    ssh = here.home / "bin" / "ssh"
    write(ssh, f"#!/bin/sh\ntouch '{mark}'\n" + ssh.read_text())
    declaration = here.workspace / "pyproject.toml"
    table = f'[workflow]\nwsp = {{ssh = "{HOST}", folder = "FOLDER", wsp = {OWN}}}\n'
    write(declaration, table.replace("FOLDER", FOLDER))

    for words in (
        ("env", "default"),
        ("env", "list", "--all"),
        ("env", "create"),
        ("env", "run", "--", "true"),
        ("task", "list"),
        ("task", "run", "greet"),
        ("call", "environment/list"),
        ("explain",),
        ("workflow", "show"),
        ("check",),
    ):
        wsp(here, *words)
        assert not mark.exists(), words
    trusted = wsp(here, "workflow", "trust")
    assert f"on {HOST}, in its folder {FOLDER}: {PYTHON} /srv/serve.py" in trusted.text
    assert wsp(here, "env", "default").exit_code == 0
    assert mark.exists()
    mark.unlink()
    write(declaration, table.replace("FOLDER", "/srv"))
    assert wsp(here, "env", "create").exit_code == 4
    assert not mark.exists()


@pytest.mark.needs("strace")
def test_no_path_of_the_other_machine_is_looked_at_here(here: Machine, tmp_path: Path) -> None:
    """What a workflow there tells of its files is never opened, followed or asked about on this machine."""
    trace = tmp_path / "trace"
    through = ("strace", "-f", "-s", "300", "-e", "trace=%file", "-o", str(trace))
    for words in (("env", "list"), ("env", "run", "--", "true")):
        started(here, *words, through=through)
        looked = [line for line in trace.read_text().splitlines() if "execve(" not in line]
        assert looked
        assert [line for line in looked if re.search(r'"/(srv|opt/python)', line)] == []


def test_an_editor_shows_it_and_hands_nothing_of_it_on(here: Machine) -> None:
    """In a trusted folder the environment is remote, without an interpreter, variables and packages; a task is one of ssh's."""
    place = uri(here.workspace)
    with LanguageClient(here.environ) as client:
        client.initialize([here.workspace])
        (untrusted,) = client.request("pythonWorkflow/resolve", {"uris": [place]})["answers"]
        assert untrusted["environment"] is None
    with LanguageClient(here.environ) as client:
        client.initialize([here.workspace], context={"trusted": True})
        # The first answer does not wait for the other machine.
        client.request("pythonWorkflow/resolve", {"uris": [place]})
        change = client.wait_for(
            "pythonWorkflow/didChangeInterpreter",
            lambda news: any(one["environment"] for one in news["answers"]),
        )
        environment = change["answers"][0]["environment"]
        assert environment["prefix"] == f"{HOST}:main"  # whose workflow tells no path
        assert (environment["kind"], environment["interpreter_path"]) == ("remote", None)
        params = {"uri": place, "environment": environment["prefix"]}
        assert client.request("pythonWorkflow/activation", params)["prefix"] is None
        assert client.request("pythonWorkflow/packages", params)["packages"] == []
        task = client.request(
            "pythonWorkflow/taskCommand", {"uri": place, "name": "greet", "argv": []}
        )
        assert (task["argv"][0], task["argv"][1]) == (str(here.home / "bin" / "ssh"), "-t")
        assert task["cwd"] == str(here.workspace)
        params["argv"] = ["pwd"]
        command = client.request("pythonWorkflow/command", params)
        done = subprocess.run(command["argv"], stdout=subprocess.PIPE, check=True)
        assert done.stdout.strip() == FOLDER.encode()
