"""``wsp serve``: the bundled workflows as servers, each a process, asked by the client."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from support.checking import ForkedServer, broken
from support.command import wsp
from support.files import base_python, break_venv, drawn_venv, python_in, tree_of, write
from support.forking import CAN_FORK
from support.launching import serving
from support.machine import Machine, make_venv
from support.pythons import folder_with, minor, this_python
from support.servers import nothing_left_behind, until
from support.talk import GUARD
from support.tree import supported_pythons
from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.errors import (
    Cancelled,
    EnvironmentNotFound,
    ExecutionFailed,
    InvalidParams,
    Locked,
    NameConflict,
    Protected,
    PythonUnavailable,
    WorkflowError,
)
from workflow_helper.install.claim import claimed
from workflow_helper.system.child import Child
from workflow_server.client import default_of
from workflow_server.conformance import check

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_server.client import Session

THIS = "{}.{}".format(*sys.version_info[:2])
#: What ``wsp serve`` imports before it hears anything.
SERVING = (
    "workflow_helper.cli.arguments",
    "workflow_helper.terminal.process",
    "workflow_helper.system.host",
    "workflow_helper.backends.server",
    "workflow_helper.backends.registry",
    "workflow_helper.operations.serve",
    "workflow_server.server",
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with this Python on PATH."""
    made = Machine.at(tmp_path)
    folder = folder_with(this_python(), made.home / "bin", f"python{THIS}")
    made.environ["PATH"] = os.pathsep.join((folder, made.environ["PATH"]))
    return made


def installed(prefix: Path, folder: str, metadata: str | None) -> None:
    """Put a ``*.dist-info`` into an environment."""
    library = f"lib/python{THIS}" if os.name == "posix" else "Lib"
    place = prefix / library / "site-packages" / folder
    place.mkdir(parents=True)
    if metadata is not None:
        write(place / "METADATA", metadata)


def conda_python(prefix: Path) -> Path:
    """Where the interpreter of a conda environment is."""
    return prefix / ("bin/python" if os.name == "posix" else "python.exe")


def is_alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# -- all of them ------------------------------------------------------------------------------------------------


@pytest.mark.needs("forks")
@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_every_bundled_workflow_keeps_the_protocol(machine: Machine, name: str) -> None:
    """The conformance kit finds nothing to say against any of them, in a project with an environment."""
    make_venv(machine.workspace / ".venv")
    argv = [sys.executable, "-I", "-m", "workflow_helper", "serve", name]
    root = str(machine.workspace)

    def start() -> Child | ForkedServer:
        if name == "venv" or not CAN_FORK:
            return Child(argv, cwd=root, environ=machine.environ)
        # All start in the same way, two dozen times each, and that takes most of the time: one shows it.
        return ForkedServer(argv[3:], root, machine.environ, modules=SERVING, is_module=True)

    report = check(argv, start, root=root)
    assert broken(report) == set()
    assert report.to_wire()["profile"] == "extended"


def test_fallback_needs_no_name(machine: Machine) -> None:
    """Without a name the fallback is served."""
    with serving(machine) as session:
        assert session.server.server_name == "venv"


def test_name_that_is_none_is_told(machine: Machine) -> None:
    """A workflow that is not bundled ends in one sentence, and so do a name and a file together."""
    for words in (["nonesuch"], ["uv", "--config", "tool.toml"]):
        done = wsp(machine, "serve", *words)
        assert (done.exit_code, done.stdout) == (2, b"")
        assert len(done.stderr.splitlines()) <= 2


def test_tool_tells_its_own_environments(machine: Machine) -> None:
    """A tool's server lists that tool's environments, its default marked, and makes none that the tool does not know."""
    write(machine.workspace / "poetry.toml", "[virtualenvs]\nin-project = true\n")
    write(machine.workspace / "pyproject.toml", '[tool.poetry]\nname = "x"\n')
    prefix = make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "other")
    with serving(machine, "poetry") as session:
        (one,) = session.environments()
        assert (one.id, one.default, one.managed_by) == (".venv", True, "poetry")
        assert session.command(".venv", ["python"]).argv == (str(python_in(prefix)),)
        with pytest.raises(InvalidParams, match="one environment per project"):
            session.create("docs", THIS)


def test_member_of_a_workspace_is_told_the_shared_environment(machine: Machine) -> None:
    """The enclosing roots count where the tool itself looks there."""
    write(machine.workspace / "uv.lock")
    write(
        machine.workspace / "pyproject.toml",
        '[project]\nname = "top"\n[tool.uv.workspace]\nmembers = ["a"]\n',
    )
    member = machine.workspace / "a"
    write(member / "pyproject.toml", '[project]\nname = "a"\n')
    make_venv(machine.workspace / ".venv")
    inside = machine._replace(workspace=member)
    with serving(inside, "uv") as session:
        (one,) = session.environments()
        assert one.prefix == str(machine.workspace / ".venv")
        assert one.default


# -- reading ----------------------------------------------------------------------------------------------------


def test_environments_are_told_with_details(machine: Machine) -> None:
    """Each is told once, by its path in the project, and ``.venv`` is the default."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "docs")
    write(machine.workspace / ".python-envs", "docs\n.venv\n")
    with serving(machine) as session:
        listed = session.environments()
        default = default_of(listed, session.capabilities)
    assert [one.id for one in listed] == [".venv", "docs"]
    assert default is not None
    assert (default.id, default.kind, default.status.state) == (".venv", "venv", "ok")
    assert default.interpreter_path == str(python_in(machine.workspace / ".venv"))


def test_last_line_is_the_default_without_dot_venv(machine: Machine) -> None:
    """Where there is no ``.venv``, the last line of ``.python-envs`` decides; an unusable one names none."""
    make_venv(machine.workspace / "a")
    make_venv(machine.workspace / "b")
    with serving(machine) as session:
        write(machine.workspace / ".python-envs", "b\na\n")
        assert [one.id for one in session.environments() if one.default] == ["a"]
        write(machine.workspace / ".python-envs", "b\na\nme@there:/x\n")
        assert [one.id for one in session.environments() if one.default] == []


def test_broken_environment_is_told_as_broken(machine: Machine) -> None:
    """It is in the list with its reason, is not the default, and nothing can be run in it."""
    break_venv(drawn_venv(machine.workspace / ".venv", base_python(machine.home / "py")))
    with serving(machine) as session:
        (one,) = session.environments()
        assert (one.status.state, one.default) == ("broken", False)
        assert session.get(".venv").interpreter_path is not None
        with pytest.raises(ExecutionFailed, match="broken"):
            session.command(".venv", ["python"])


def test_installed_packages_are_read(machine: Machine) -> None:
    """Packages are told from their own files, spelled as their authors do, whatever state those files are in."""
    prefix = make_venv(machine.workspace / ".venv")
    installed(
        prefix, "ruamel_yaml-0.18.dist-info", "Name: ruamel.yaml\nVersion: 0.18\n\nVersion: 9\n"
    )
    installed(prefix, "bare-2.0.dist-info", None)
    installed(prefix, "~emoved-1.0.dist-info", "Name: removed\nVersion: 1.0\n")
    installed(prefix, "Big-3.dist-info", "Name: Big\r\nVersion: 3\r\n" + "x" * (5 << 20))
    with serving(machine) as session:
        packages = session.get(".venv").installed_packages
    assert [tuple(one) for one in packages or ()] == [
        ("bare", "2.0"),
        ("Big", "3"),
        ("ruamel.yaml", "0.18"),
    ]


def test_command_runs_in_the_environment(machine: Machine) -> None:
    """What is told to start runs in the environment as a plain child, and changes nothing before."""
    prefix = make_venv(machine.workspace / ".venv")
    (machine.workspace / "sub").mkdir()
    before = tree_of(machine.workspace)
    with serving(machine) as session:
        command = session.command(".venv", ["python", "-c", "x"], cwd="sub")
        assert command.argv == (str(python_in(prefix)), "-c", "x")
        assert command.cwd == str(machine.workspace / "sub")
        assert (command.set, command.unset) == ({"VIRTUAL_ENV": str(prefix)}, ("PYTHONHOME",))
        assert command.prepend_path == (str(python_in(prefix).parent),)
        assert os.path.isabs(
            session.command(".venv", ["ls" if os.name == "posix" else "cmd"]).argv[0]
        )
        for argv, cwd in ((["nonesuch"], None), (["python"], "nowhere")):
            with pytest.raises(ExecutionFailed):
                session.command(".venv", argv, cwd=cwd)
        with pytest.raises(EnvironmentNotFound):
            session.command("nonesuch", ["python"])
    assert tree_of(machine.workspace) == before


def test_conda_environment_is_entered_as_conda_does(machine: Machine) -> None:
    """A command in a conda environment sets conda's variables and no virtual environment's."""
    prefix = machine.workspace / ".pixi" / "envs" / "default"
    write(prefix / "conda-meta" / "python-3.12.4-h0_0.json", "{}")
    write(conda_python(prefix), executable=True)
    write(machine.workspace / "pixi.toml", "")
    with serving(machine, "pixi") as session:
        (one,) = session.environments()
        command = session.command(one.id, ["python"])
    assert (one.kind, one.python_version) == ("conda", "3.12.4")
    assert command.set["CONDA_PREFIX"] == str(prefix)
    assert "VIRTUAL_ENV" in command.unset


def test_pythons_are_told(machine: Machine) -> None:
    """The machine's Pythons are listed and found; one that is not here is not made."""
    with serving(machine) as session:
        assert THIS in {(one.version or "")[: len(THIS)] for one in session.pythons()}
        assert (session.find_python(THIS).version or "").startswith(THIS)
        assert session.install_python(THIS) == session.find_python(THIS)
        for ask in (session.find_python, session.install_python):
            with pytest.raises(PythonUnavailable):
                ask("3.99")
            with pytest.raises(InvalidParams) as caught:
                ask("ten")
            assert caught.value.data["violations"] == [
                {"path": "version", "message": "'ten' names no Python version"}
            ]


# -- making -----------------------------------------------------------------------------------------------------


def test_environment_is_made(machine: Machine) -> None:
    """What is made is told in detail, is made known in the project, and works."""
    messages: list[str] = []
    with serving(machine) as session:
        made = session.create(
            "docs", THIS, progress=lambda one: messages.append(one.title or one.message)
        )
        assert made.id == "docs"
        assert made.default
        assert made.prefix == str(machine.workspace / "docs")
        assert (machine.workspace / ".venv").read_text() == "docs\n"
        assert session.get("docs") == made
        ran = session.execute("docs", ["python", "-c", "import sys; print(sys.prefix)"])
    assert ran.stdout.strip() == made.prefix
    assert any("docs" in one for one in messages)


def test_python_can_be_named(machine: Machine) -> None:
    """An interpreter's path chooses it; one that is none, or of another version, is refused."""
    python = supported_pythons()[-1]
    root = {"name": "a", "python": python}
    with serving(machine) as session:
        made = session.request("environment/create", root)
        assert made["python_version"].startswith(minor(python))
        for params in (
            {"name": "b", "python": os.path.abspath("/nowhere/python3")},
            {"name": "b", "python": python, "python_version": "3.99"},
            {"name": "b", "python_version": "3.99"},
        ):
            with pytest.raises(PythonUnavailable):
                session.request("environment/create", params)
    assert not (machine.workspace / "b").exists()


def test_every_wish_that_is_not_granted_is_told(machine: Machine) -> None:
    """A group or an extra that the project does not have, and another place, are refused by name, and nothing is made."""
    write(machine.workspace / "pyproject.toml", '[project]\nname = "x"\nversion = "1"\n')
    wishes: dict[str, object] = {
        "groups": ["dev"],
        "extras": ["more"],
        "path": str(machine.home / "a"),
    }
    with serving(machine) as session:
        for name, wish in wishes.items():
            with pytest.raises(InvalidParams) as caught:
                session.request(
                    "environment/create", {"name": "a", "python_version": THIS, name: wish}
                )
            violations = caught.value.data["violations"]
            assert isinstance(violations, list)
            assert [one["path"] for one in violations] == [name]
        with pytest.raises(InvalidParams) as caught:
            session.create("../a", THIS)
        assert "violations" in caught.value.data
        assert not (machine.workspace / "a").exists()
        in_place = {"name": "a", "python_version": THIS, "path": str(machine.workspace / "a")}
        assert session.request("environment/create", in_place)["id"] == "a"
    assert not (machine.home / "a").exists()


def test_nothing_is_made_over_anything(machine: Machine) -> None:
    """A name that is taken, by whatever it may be, is a conflict."""
    write(machine.workspace / "docs" / "index.md", "text")
    with serving(machine) as session, pytest.raises(NameConflict):
        session.create("docs", THIS)
    assert (machine.workspace / "docs" / "index.md").read_text() == "text"


# -- deleting ---------------------------------------------------------------------------------------------------


def test_environment_is_deleted(machine: Machine) -> None:
    """An environment goes, with the redirect that named it, and nothing else of the project does."""
    write(machine.workspace / "main.py", "x")
    before = tree_of(machine.workspace)
    with serving(machine) as session:
        session.create("docs", THIS)
        session.delete("docs")
        assert session.environments() == ()
        with pytest.raises(EnvironmentNotFound):
            session.delete("docs")
    assert tree_of(machine.workspace) == before


def test_line_goes_with_its_environment(machine: Machine) -> None:
    """The line of ``.python-envs`` that names what was deleted goes, and every other byte of the file stays."""
    for name in ("a", "b"):
        make_venv(machine.workspace / name)
    write(machine.workspace / ".python-envs", b"a\r\n\n./b\nme@there:/x")
    with serving(machine) as session:
        session.delete("b")
    assert (machine.workspace / ".python-envs").read_bytes() == b"a\r\n\nme@there:/x"


@pytest.mark.parametrize(
    "how",
    [
        "outside",
        pytest.param("link", marks=pytest.mark.needs("POSIX")),
        pytest.param("linked parent", marks=pytest.mark.needs("POSIX")),
        "another tool's line",
    ],
)
def test_only_an_environment_inside_the_project_is_deleted(machine: Machine, how: str) -> None:
    """What lies outside the project, or is reached through a link, is refused and stays as it is."""
    outside = machine.home / "envs"
    if how == "link":
        make_venv(outside / "real")
        (machine.workspace / "linked").symlink_to(outside / "real")
        named = "linked"
    elif how == "linked parent":
        make_venv(machine.workspace / "real" / "inner")
        (machine.workspace / "linked").symlink_to(machine.workspace / "real")
        named = "linked/inner"
    elif how == "another tool's line":
        named = this_python()
    else:
        make_venv(outside / "real")
        named = str(outside / "real")
    write(machine.workspace / ".python-envs", f"{named}\n")
    before = _without_locks(machine), tree_of(machine.workspace)
    with serving(machine) as session:
        listed = [one for one in session.environments() if one.default]
        with pytest.raises(Protected):
            session.delete(listed[0].id)
    assert (_without_locks(machine), tree_of(machine.workspace)) == before


def test_conda_itself_is_not_deleted(machine: Machine) -> None:
    """An installation of conda inside the project is not an environment of it to delete."""
    prefix = machine.workspace / "miniconda"
    write(prefix / "conda-meta" / "python-3.12.4-h0_0.json", "{}")
    write(conda_python(prefix), executable=True)
    (prefix / "condabin").mkdir()
    write(machine.workspace / ".python-envs", "miniconda\n")
    with serving(machine) as session, pytest.raises(Protected, match="conda"):
        session.delete("miniconda")
    assert conda_python(prefix).exists()


def test_environment_in_the_making_is_not_deleted(machine: Machine) -> None:
    """While another process makes an environment, deleting it says that it is locked."""
    path = machine.workspace / "docs"
    with serving(machine) as session, claimed(str(path), machine.host):
        drawn_venv(path, base_python(machine.home / "py"))
        with pytest.raises(Locked):
            session.delete("docs")
        assert python_in(path).exists()


# -- running ----------------------------------------------------------------------------------------------------


def test_program_runs_captured(machine: Machine) -> None:
    """A program's status and both streams come back; odd bytes are replaced, and a signal is a negative status."""
    make_venv(machine.workspace / ".venv")
    (machine.workspace / "sub").mkdir()
    script = "import os, sys; sys.stdout.buffer.write(b'\\xff' + os.getcwd().encode()); print(os.environ['A'], file=sys.stderr); sys.exit(3)"
    with serving(machine) as session:
        ran = session.execute(".venv", ["python", "-c", script], cwd="sub", env={"A": "a;b"})
        # What is no UTF-8 is in Windows' own encoding, where every byte is a letter.
        expected = b"\xff" + str(machine.workspace / "sub").encode()
        text = expected.decode(errors="replace") if os.name == "posix" else expected.decode("mbcs")
        assert ran == (3, text, f"a;b{os.linesep}")
        if os.name == "posix":
            assert session.execute(".venv", ["sh", "-c", "kill -9 $$"]).exit_code == -9


def test_output_is_bounded(machine: Machine) -> None:
    """A program that writes more than the limit to both streams together is ended, and that is an error."""
    make_venv(machine.workspace / ".venv")
    half = 5 * 1024 * 1024
    script = f"import os, time; os.write(1, b'x' * 1); import sys; sys.stdout.write('x' * {half}); sys.stdout.flush(); sys.stderr.write('x' * {half}); time.sleep(1000)"
    with (
        nothing_left_behind(),
        serving(machine) as session,
        pytest.raises(ExecutionFailed, match="more than"),
    ):
        session.execute(".venv", ["python", "-c", script])


@pytest.mark.needs("POSIX")
def test_cancelled_program_is_ended(machine: Machine) -> None:
    """Cancelling ends the program and all that it started."""
    make_venv(machine.workspace / ".venv")
    cancelled = threading.Event()
    pids = machine.workspace / "pids"
    script = f"sleep 1000 & echo $! $$ > {pids}; wait"
    outcome: list[BaseException] = []

    with serving(machine) as session:

        def ask() -> None:
            try:
                session.execute(".venv", ["sh", "-c", script], cancelled=cancelled)
            except Cancelled as error:
                outcome.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
        cancelled.set()
        asking.join()
        assert len(outcome) == 1
        assert not any(is_alive(int(pid)) for pid in pids.read_text().split())


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("way", ["terminate", "exit"])
def test_program_ends_with_its_server(machine: Machine, way: str) -> None:
    """A server that is told to end, by a signal or by its client, leaves no program running that it started."""
    make_venv(machine.workspace / ".venv")
    pids = machine.workspace / "pids"
    session = serving(machine)
    session.initialize()
    params = {
        "id": ".venv",
        "argv": ["sh", "-c", f"trap '' TERM; echo $$ > {pids}; while :; do sleep 1; done"],
    }
    asking = threading.Thread(target=lambda: _ignored(session, params), daemon=True)
    asking.start()
    until(lambda: pids.exists() and bool(pids.read_text().split()))
    program = int(pids.read_text())
    server = _parent(program)
    if way == "terminate":
        os.kill(server, signal.SIGTERM)
    else:
        session.close()
    deadline = time.monotonic() + GUARD
    while is_alive(program):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    session.close()
    asking.join()


def _ignored(session: Session, params: dict[str, Any]) -> None:
    """Ask; how that ends for the client is not what is looked at."""
    with suppress(WorkflowError):
        session.request("environment/execute", params)


def _parent(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rpartition(")")[2].split()[1])


# -- trust ------------------------------------------------------------------------------------------------------


def test_untrusted_project_is_only_read(machine: Machine) -> None:
    """Where the project is not trusted, files answer, and whatever makes, deletes or runs is refused."""
    ran = machine.home / "ran"
    prefix = make_venv(machine.workspace / ".venv")
    python_in(prefix).unlink()
    write(python_in(prefix), f"#!/bin/sh\ntouch {ran}\n", executable=True)
    before = tree_of(machine.workspace)
    with serving(machine, trusted=False) as session:
        (one,) = session.environments()
        assert session.get(one.id).installed_packages == ()
        assert session.command(one.id, ["python"]).argv
        assert session.pythons()
        requests: dict[str, dict[str, Any]] = {
            "environment/create": {"name": "a", "python_version": THIS},
            "environment/delete": {"id": ".venv"},
            "environment/execute": {"id": ".venv", "argv": ["python", "-V"]},
        }
        for method, params in requests.items():
            with pytest.raises(Protected, match="not trusted"):
                session.request(method, params)
    assert not ran.exists()
    assert tree_of(machine.workspace) == before


def test_base_client_is_answered_in_the_base_profile(machine: Machine) -> None:
    """A client that announces nothing is asked about the current folder, and is told the base profile's members."""
    make_venv(machine.workspace / ".venv")
    child = Child(
        [sys.executable, "-I", "-m", "workflow_helper", "serve"],
        cwd=str(machine.workspace),
        environ=machine.environ,
    )
    requests = [
        {
            "id": 1,
            "method": "initialize",
            "params": {"client_name": "c", "client_protocol_version": "0.1.0"},
        },
        {"id": 2, "method": "environment/list"},
    ]
    for request in requests:
        child.write(json.dumps({"jsonrpc": "2.0", **request}).encode() + b"\n")
    data = b""
    while data.count(b"\n") < 2 + data.count(b"\r\n"):
        data += child.read(GUARD) or b""
    child.end(0)
    bodies = [json.loads(line) for line in data.splitlines() if line.startswith(b"{")]
    assert sorted(bodies[0]["result"]) == ["methods", "protocol_version"]
    assert [sorted(one) for one in bodies[1]["result"]] == [["id", "name", "python_version"]]


def _without_locks(machine: Machine) -> dict[str, object]:
    """The home folder, less the lock that a change takes."""
    return {
        name: what
        for name, what in tree_of(machine.home).items()
        if not name.startswith((".local", "AppData"))
    }
