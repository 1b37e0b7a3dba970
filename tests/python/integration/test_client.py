from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from support.imports import SYS_PATH
from support.servers import GUARD, PATIENT, nothing_left_behind, session, until
from workflow_helper.errors import (
    Cancelled,
    EnvironmentNotFound,
    NameConflict,
    ProgramFailed,
    ServerExited,
)
from workflow_helper.servers.pool import Pool
from workflow_helper.system.child import Child
from workflow_helper.system.descendants import VARIABLE
from workflow_server.client import default_of

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_server.client import Session

both_ways = pytest.mark.parametrize("threaded", [False, True], ids=["polled", "threaded"])


@both_ways
def test_a_server_of_lines_is_driven(*, threaded: bool) -> None:
    """A server of a few lines, which skips headers and answers with lines, tells its environments and its default."""
    with nothing_left_behind(), session("good/base_lines", threaded=threaded) as opened:
        environments = opened.environments()
        assert [one.interpreter_path for one in environments] == [
            "/envs/3.11/default/bin/python",
            "/envs/3.12/docs/bin/python",
            "/envs/3.13/default/bin/python",
        ]
        default = default_of(environments, opened.capabilities)
        assert default is not None
        assert default.id == "3.13/default"
        assert opened.close() is None


@both_ways
def test_a_server_of_headers_is_driven(*, threaded: bool) -> None:
    """A server that refuses every member beyond the base profile finds none, and its errors are told apart."""
    with nothing_left_behind(), session("good/base_headers", threaded=threaded) as opened:
        made = opened.create("docs", "3.12", progress=lambda _: None)
        assert opened.get("docs") == made
        assert opened.environments() == (made,)
        with pytest.raises(NameConflict):
            opened.create("docs", "3.12")
        opened.delete("docs")
        with pytest.raises(EnvironmentNotFound, match="base_headers: no environment has the id"):
            opened.get("docs")
        assert opened.close() is None


@both_ways
def test_an_extended_server_is_driven(*, threaded: bool) -> None:
    """Details, the default, commands, progress, the log and news of changes all come through."""
    news: list[tuple[str, ...]] = []
    with (
        nothing_left_behind(),
        session("good/extended", threaded=threaded, on_changed=news.append) as opened,
    ):
        environments = opened.environments()
        assert default_of(environments, opened.capabilities) == environments[0]
        assert environments[0].prefix == "/envs/main"
        kinds: list[str] = []
        opened.create("new", progress=lambda one: kinds.append(one.kind))
        assert kinds == ["begin", "report", "report", "report", "end"]
        assert news == [("new",)]
        command = opened.command("new", ["python"])
        assert command.prepend_path == ("/envs/new/bin",)
        assert list(opened.log) == [("info", "listed")]
        assert opened.server.server_name == "extended"


@both_ways
def test_a_cancelled_request_is_given_up(*, threaded: bool) -> None:
    """A server that offers it gives a cancelled request up, answers others meanwhile, and goes on."""
    cancelled = threading.Event()
    with nothing_left_behind(), session("good/extended", threaded=threaded) as opened:
        with pytest.raises(Cancelled, match="environment/create was cancelled"):
            opened.create("slow", cancelled=cancelled, progress=lambda _: cancelled.set())
        assert [one.id for one in opened.environments()] == ["main", "other"]
        assert opened.close() is None


@both_ways
def test_requests_from_many_threads_are_in_flight_together(*, threaded: bool) -> None:
    """While one thread waits for something slow, others get their own answers, each its own."""
    stop = threading.Event()
    wrong: list[object] = []

    def wait() -> None:
        with contextlib.suppress(Cancelled):
            wrong.append(opened.create("slow", cancelled=stop))

    def ask(name: str) -> None:
        wrong.extend(name for _ in range(100) if opened.get(name).id != name)

    with nothing_left_behind(), session("good/extended", threaded=threaded) as opened:
        slow = threading.Thread(target=wait)
        others = [threading.Thread(target=ask, args=(name,)) for name in ("main", "other") * 4]
        for thread in (slow, *others):
            thread.start()
        for thread in others:
            thread.join()
        stop.set()
        slow.join()
    assert wrong == []


def test_who_listens_is_told_while_others_ask() -> None:
    """News reach a listener without anybody asking, and requests are answered beside it."""
    news = threading.Event()
    with nothing_left_behind():
        with session("good/extended", on_changed=lambda _: news.set()) as opened:

            def listen() -> None:
                with contextlib.suppress(ServerExited):
                    opened.listen(GUARD)

            listener = threading.Thread(target=listen)
            listener.start()
            opened.create("new")
            assert news.wait(GUARD)
            assert len(opened.environments()) == 3
        listener.join()


@pytest.mark.needs("POSIX")
def test_a_server_sees_its_folder_and_its_variables_and_nothing_else(tmp_path: Path) -> None:
    """A child runs where it is told, with exactly the variables that it is given, in a group of its own."""
    script = "import json, os; print(json.dumps([os.getcwd(), dict(os.environ), os.getpgid(0) == os.getpid()]))"
    with nothing_left_behind():
        child = Child(
            [sys.executable, "-I", "-S", "-c", script],
            cwd=str(tmp_path),
            environ={"ONLY": "this", "LC_ALL": "C", "LC_CTYPE": "C"},
        )
        written = b""
        while data := child.read(GUARD):
            written += data
        assert child.end(GUARD) == 0
    folder, environ, leads = json.loads(written)
    assert folder == os.path.realpath(tmp_path)
    assert environ.pop(VARIABLE)  # the mark by which all that it starts is known
    assert environ == {"ONLY": "this", "LC_ALL": "C", "LC_CTYPE": "C"}
    assert leads


@pytest.mark.parametrize("argv", [[], ["python"], ["./python"], ["/nowhere/python"], ["/"]])
def test_what_cannot_be_started_is_told(argv: list[str]) -> None:
    """A program that is not named by an absolute path, or is not there, is an error that leaves nothing open."""
    with nothing_left_behind(), pytest.raises(ProgramFailed):
        Child(argv, cwd="/", environ={})


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A server cannot be started in a folder that does not exist."""
    with nothing_left_behind(), pytest.raises(ProgramFailed):
        Child([sys.executable], cwd=str(tmp_path / "none"), environ={})


@both_ways
def test_what_a_child_does_not_read_is_written_when_it_does(*, threaded: bool) -> None:
    """More than a pipe holds goes through both ways at once, and the end of input follows it."""
    script = (
        "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read(3_000_000)); sys.stdout.flush()"
    )
    argv = [sys.executable, "-I", "-S", "-c", script]
    with nothing_left_behind():
        child = Child(argv, cwd="/", environ={}, threaded=threaded)
        for _ in range(30):
            child.write(b"x" * 100_000)
        received = 0
        while data := child.read(GUARD):
            received += len(data)
        assert child.end(GUARD) == 0
    assert received == 3_000_000


def test_an_idle_server_in_a_pool_is_ended() -> None:
    """A real server that nobody uses is shut down in order, and leaves nothing."""

    def start() -> Session:
        return session("good/base_lines", PATIENT).__enter__()

    with nothing_left_behind():
        pool = Pool(idle=0.05)
        with pool.session("root", start) as opened:
            opened.environments()
        until(lambda: opened.failure is not None)
        pool.close()


def test_the_client_is_light() -> None:
    """Importing the client and the transport loads none of the modules that cost more than they do."""
    heavy = ["asyncio", "dataclasses", "inspect", "pathlib", "selectors", "subprocess", "typing"]
    script = (
        f"import sys; sys.path[:0] = {SYS_PATH!r};"
        "import workflow_server.client, workflow_helper.servers.pool, workflow_helper.system.child;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    argv = [sys.executable, "-I", "-S", "-c", script]
    finished = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=GUARD)
    assert finished.stdout == "[]\n"
