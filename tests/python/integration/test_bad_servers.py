"""Every misbehaving server of the fixtures as a workflow, through the command line and through the editor's helper."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.command import GUARD, Finished, assert_no_accident
from support.files import write
from support.language_client import LanguageClient, uri
from support.machine import Machine, make_venv
from support.servers import SERVERS, until

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.needs("POSIX")

#: Those whose defect is in what a query does not use: how they end, or how they take a cancellation.
ANSWER = {"dies_in_shutdown", "floods_stderr", "ignores_cancel", "ignores_exit"}
#: Those that answer a query as they should, and those whose answer comes late but comes.
HARMLESS = {*ANSWER, "floods", "notifies_without_end"}
MARK = "PYTHON_WORKFLOW_TEST_MARK"
#: ``wsp`` with 4 seconds for an answer in the place of 30, for all of which one of the servers keeps a processor busy.
HASTY_WSP = (
    sys.executable,
    "-I",
    "-c",
    """
import sys
from workflow_server.client import Limits, Session

Session.__init__.__kwdefaults__["bounds"] = Limits(request=4.0)

from workflow_helper.__main__ import main

sys.exit(main(sys.argv[1:]))
""",
)


class Came(NamedTuple):
    """What came of asking one server."""

    server: str
    default: str | None
    trail: str


def test_none_of_them_hides_a_good_environment(tmp_path: Path) -> None:
    """Whatever a server does, a query ends with the folder's .venv, names the server, and leaves no process behind."""
    mark = os.urandom(8).hex()
    servers = sorted((SERVERS / "bad").glob("*.py"))
    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(lambda path: query(path, tmp_path / path.stem, mark), servers))

    failing = [one for one in came if one.server not in ANSWER and "E3 failed" in one.trail]
    for one in failing:
        assert one.default == ".venv", one
        assert f"{one.server}.py" in one.trail, one
    assert len(failing) >= 30
    assert marked(mark) == []


@pytest.mark.slow
def test_none_of_them_holds_up_an_editor(tmp_path: Path) -> None:
    """With all of them in one trusted workspace, each folder has its .venv at once, and is told of its own server's fault."""
    machine = Machine.at(tmp_path)
    mark = machine.environ[MARK] = os.urandom(8).hex()
    servers = sorted((SERVERS / "bad").glob("*.py"))
    folders = {uri(declaring(server, machine.workspace)): server.stem for server in servers}
    faulty = {folder for folder, server in folders.items() if server not in HARMLESS}
    with LanguageClient(machine.environ, command=[*HASTY_WSP, "lsp"]) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        answers = client.request("pythonWorkflow/resolve", {"uris": list(folders)})["answers"]
        assert {one["environment"]["name"] for one in answers} == {".venv"}
        results: dict[str, dict[str, Any]] = {}
        while faulty - results.keys():
            for one in client.wait_for("pythonWorkflow/didChangeInterpreter")["answers"]:
                if one["trouble"] is not None:
                    results[one["uri"]] = one
        for folder, answer in results.items():
            assert answer["environment"]["name"] == ".venv", answer
            assert f"{folders[folder]}.py" in answer["problem"], answer
    until(lambda: marked(mark) == [])


def declaring(server: Path, workspace: Path) -> Path:
    """A folder with a ``.venv``, which declares a copy of ``server``."""
    folder = workspace / server.stem
    make_venv(folder / ".venv")
    write(folder / server.name, server.read_text())
    declaration = f'[workflow]\nwsp = {{script = "{server.name}"}}\n'
    write(folder / "pyproject.toml", declaration)
    return folder


def query(server: Path, base: Path, mark: str) -> Came:
    """Ask ``wsp`` in a folder with a ``.venv``, on a machine whose user prefers ``server``."""
    base.mkdir()
    machine = Machine.at(base)
    machine.environ[MARK] = mark
    make_venv(machine.workspace / ".venv")
    preference = f'[workflow]\nwsp = {{script = "{server.as_posix()}"}}\n'
    write(Path(machine.host.config) / "pyworkflow.toml", preference)
    done = subprocess.run(
        [*HASTY_WSP, "explain", "--json"],
        cwd=machine.workspace,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=GUARD,
        check=False,
    )
    finished = Finished(done.returncode, done.stdout, done.stderr)
    assert_no_accident(finished)
    document = finished.document
    environment = document["environment"]
    steps = [f"{step['rule']} {step['outcome']} {step['detail']}" for step in document["trail"]]
    default = environment and os.path.relpath(environment["prefix"], machine.workspace)
    return Came(server.stem, default, "\n".join(steps))


def marked(mark: str) -> list[str]:
    """The command lines of the processes whose environment holds the mark."""
    return [
        read_proc(process, "cmdline").replace(b"\0", b" ").decode()
        for process in processes()
        if f"{MARK}={mark}".encode() in read_proc(process, "environ")
    ]


def processes() -> Iterable[Path]:
    """The folders of all processes."""
    return (path for path in Path("/proc").iterdir() if path.name.isdigit())


def read_proc(process: Path, name: str) -> bytes:
    """What a file of a process's folder holds; nothing of one that is gone."""
    try:
        return (process / name).read_bytes()
    except OSError:
        return b""
