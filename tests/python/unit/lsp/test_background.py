from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from support.declaring import declaration
from support.files import write
from support.servers import nothing_left_behind, until
from support.workflow_server import WorkflowServer
from workflow_helper.errors import ServerExited, ServerFailed, WorkflowError
from workflow_helper.lsp.background import Asker
from workflow_helper.model import Workflow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.machine import Machine


class Desk:
    """An asker and how often it called back."""

    def __init__(self, machine: Machine) -> None:
        self.calls = 0
        self.root = str(machine.workspace)
        self.asker = Asker(machine.host, self._called)

    def _called(self) -> None:
        self.calls += 1

    def ask(self, server: WorkflowServer, root: str | None = None) -> str | None:
        """The default environment's interpreter, or nothing yet. Raises as the asker does."""
        launch = {"script": str(server.script)}
        workflow = Workflow(declaration(launch, server.folder / "pyproject.toml"), "W4")
        answer = self.asker.ask(workflow, root or self.root, True)  # noqa: FBT003 - an Ask
        return answer[0].interpreter_path if answer else None

    def told(self, server: WorkflowServer, name: str, root: str | None = None) -> bool:
        """Whether the environment of this name is what the server said last."""
        with contextlib.suppress(WorkflowError):
            return self.ask(server, root) == str(server.folder / name / "bin" / "python")
        return False

    def failure(self, server: WorkflowServer) -> WorkflowError | None:
        """What the server did wrong last."""
        try:
            self.ask(server)
        except WorkflowError as error:
            return error
        return None


@pytest.fixture
def server(machine: Machine) -> WorkflowServer:
    """A server that tells of ``envs/a``."""
    return WorkflowServer.at(machine.workspace, "envs/a")


@pytest.fixture
def desk(machine: Machine, server: WorkflowServer) -> Iterator[Desk]:
    """An asker that leaves nothing behind."""
    with nothing_left_behind():
        desk = Desk(machine)
        try:
            yield desk
        finally:
            desk.asker.close()
    assert server.alive == []


def test_no_folder_of_the_workspace_brings_a_program(machine: Machine, tmp_path: Path) -> None:
    """A program on PATH is not started when it lies in another folder of the workspace."""
    tools = write(tmp_path / "other" / "serve-it", "#!/bin/sh\n", executable=True).parent
    host = machine.host._replace(environ={**machine.environ, "PATH": str(tools)})
    workflow = Workflow(declaration({"cmd": ["serve-it"]}), "W3")
    messages: list[str] = []

    def failed() -> bool:
        try:
            asker.ask(workflow, str(machine.workspace), True)  # noqa: FBT003 - an Ask
        except WorkflowError as error:
            messages.append(error.message)
        return bool(messages)

    asker = Asker(host, lambda: None)
    try:
        asker.exclude([str(machine.workspace), str(tools.parent)])
        until(failed)
    finally:
        asker.close()
    assert "serve-it was not found" in messages[0]


@pytest.mark.needs("POSIX")
def test_an_answer_comes_beside_the_request(desk: Desk, server: WorkflowServer) -> None:
    """Whoever asks first gets nothing, is called when the server has spoken, and then has the answer at once."""
    assert desk.ask(server) is None
    until(lambda: desk.calls == 1)
    assert desk.told(server, "envs/a")
    assert (desk.calls, server.started) == (1, 1)


@pytest.mark.needs("POSIX")
def test_it_is_asked_again_only_when_something_changed(desk: Desk, server: WorkflowServer) -> None:
    """An answer holds until it is said that it may not; what is the same again is no news."""
    until(lambda: desk.told(server, "envs/a"))
    server.say("envs/b")
    assert desk.told(server, "envs/a")
    desk.asker.again()
    until(lambda: desk.told(server, "envs/b"))
    until(lambda: desk.calls == 2)
    desk.asker.again()
    desk.ask(server)
    desk.asker.close()
    assert (desk.calls, server.started) == (2, 1)


@pytest.mark.needs("POSIX")
def test_a_change_while_it_is_asked_is_not_missed(desk: Desk, server: WorkflowServer) -> None:
    """What becomes stale while the server is asked is asked for once more, without another request."""
    server.say("silence")
    desk.ask(server)
    until(lambda: server.started == 1)
    desk.asker.again()
    desk.ask(server)
    server.say("envs/b")
    until(lambda: desk.told(server, "envs/b"))


@pytest.mark.needs("POSIX")
def test_a_server_that_dies_is_an_error_with_its_last_words(
    desk: Desk, server: WorkflowServer
) -> None:
    """The error names the server and what it wrote, stays while the server is left alone, and goes when it works."""
    server.say("die: no such table")
    until(lambda: isinstance(desk.failure(server), ServerExited))
    failure = desk.failure(server)
    assert isinstance(failure, ServerFailed)
    assert (failure.server, failure.stderr) == ("serve.py", "die: no such table")
    for _ in range(5):
        desk.asker.again()
        desk.failure(server)
    assert isinstance(desk.failure(server), ServerExited)
    server.say("envs/a")
    server.edit()

    def mended() -> bool:
        desk.asker.again()
        return desk.told(server, "envs/a")

    until(mended)


@pytest.mark.needs("POSIX")
def test_an_edited_server_replaces_the_one_that_ran(desk: Desk, server: WorkflowServer) -> None:
    """A script that was changed is started anew, and the process that ran the old one ends."""
    until(lambda: desk.told(server, "envs/a"))
    assert desk.asker.files(desk.root) == (str(server.script),)
    server.edit()
    server.say("envs/b")
    desk.asker.again()
    until(lambda: desk.told(server, "envs/b"))
    until(lambda: len(server.alive) == 1)
    assert server.started == 2


def test_a_silent_server_holds_up_nobody(desk: Desk, machine: Machine, tmp_path: Path) -> None:
    """More silent servers than are asked at once leave requests as quick as ever, and are ended at the end."""
    folders = [tmp_path / f"silent-{number}" for number in range(6)]
    for folder in folders:
        folder.mkdir()
    silent = [WorkflowServer.at(folder, "silence") for folder in folders]
    assert [desk.ask(one, str(one.folder)) for one in silent] == [None] * len(silent)
    until(lambda: sum(one.started for one in silent) == 4)
    assert [desk.ask(one, str(one.folder)) for one in silent] == [None] * len(silent)
    desk.asker.close()
    assert [one.alive for one in silent] == [[]] * len(silent)
    assert desk.calls == 0


@pytest.mark.needs("POSIX")
def test_a_server_that_tells_of_changes_is_heard(desk: Desk, machine: Machine) -> None:
    """A server that offers to watch is listened to while nobody asks, and is asked anew when it tells of a change."""
    server = WorkflowServer.at(machine.workspace, "envs/a", watch=True)
    until(lambda: desk.told(server, "envs/a"))
    calls = desk.calls
    server.say("envs/b")
    until(lambda: desk.calls > calls)
    until(lambda: desk.told(server, "envs/b"))
    assert server.started == 1
    desk.asker.close()
    assert server.alive == []


@pytest.mark.needs("POSIX")
def test_a_server_that_is_listened_to_and_dies_is_started_again(
    desk: Desk, machine: Machine
) -> None:
    """The death of a server that is listened to is noticed by itself."""
    server = WorkflowServer.at(machine.workspace, "envs/a", watch=True)
    until(lambda: desk.told(server, "envs/a"))
    calls = desk.calls
    os.kill(server.alive[0], signal.SIGKILL)
    until(lambda: desk.calls > calls)
    until(lambda: desk.told(server, "envs/a") and server.started == 2)


@pytest.mark.needs("POSIX")
def test_servers_of_other_roots_are_ended(
    desk: Desk, server: WorkflowServer, tmp_path: Path
) -> None:
    """Where nobody is interested any more the server ends, also in the middle of an answer; others go on."""
    folder = tmp_path / "left"
    folder.mkdir()
    left = WorkflowServer.at(folder, "silence")
    until(lambda: desk.told(server, "envs/a"))
    desk.ask(left, str(folder))
    until(lambda: left.started == 1)
    desk.asker.only({desk.root})
    until(lambda: left.alive == [])
    assert desk.told(server, "envs/a")
    assert (len(server.alive), server.started) == (1, 1)
    desk.asker.only(())
    until(lambda: server.alive == [])


@pytest.mark.needs("POSIX")
def test_what_cannot_be_started_is_an_error(desk: Desk, server: WorkflowServer) -> None:
    """A script that is not there is an error like any other, until it is there."""
    script = server.script.read_text()
    server.script.unlink()
    until(lambda: desk.failure(server) is not None)
    assert "does not exist" in str(desk.failure(server))
    server.script.write_text(script)
    desk.asker.again()
    until(lambda: desk.told(server, "envs/a"))


def test_closed_at_any_moment(machine: Machine, server: WorkflowServer) -> None:
    """Closing ends what is being started, asked, and told, and nothing is asked afterwards."""
    with nothing_left_behind():
        desk = Desk(machine)
        threads = [threading.Thread(target=desk.ask, args=(server,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        desk.asker.close()
        for thread in threads:
            thread.join()
        assert desk.ask(server) is None
        desk.asker.close()
