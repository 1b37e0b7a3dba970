"""The language server as a process: how it starts, ends, and takes what is no message."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.answers import answer_of, prefix_of
from support.language_client import GUARD, LSP, LanguageClient, ResponseError, uri
from support.machine import make_venv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine import Machine


@pytest.fixture
def client(machine: Machine) -> Iterator[LanguageClient]:
    """A server that was just started, as an editor starts it."""
    with LanguageClient(machine.environ, command=LSP) as client:
        yield client


def test_capabilities_say_who_serves_and_what_documents_are_for(
    client: LanguageClient, machine: Machine
) -> None:
    """The server names itself, follows the workspace's folders and changes of documents, and completes and explains them."""
    result = client.initialize([machine.workspace])
    assert result["serverInfo"]["name"] == "python-workflow"
    assert result["capabilities"]["workspace"]["workspaceFolders"]["supported"] is True
    assert result["capabilities"]["textDocumentSync"]["change"] == 2
    assert result["capabilities"]["hoverProvider"] is True
    assert '"' in result["capabilities"]["completionProvider"]["triggerCharacters"]


def test_leaving_in_order(machine: Machine) -> None:
    """After shutdown and exit the status is 0, and nothing but messages was written."""
    with LanguageClient(machine.environ, command=LSP) as client:
        client.initialize([machine.workspace])
        assert client.request("shutdown") is None
        with pytest.raises(ResponseError, match="shut down"):
            client.request("pythonWorkflow/resolve", {"uris": []})
        client.notify("exit")
        assert client.process.wait(GUARD) == 0
    assert (client.stray, client.stderr) == (b"", b"")


def test_exit_without_shutdown(client: LanguageClient, machine: Machine) -> None:
    """An editor that leaves without shutdown gets the status 1."""
    client.initialize([machine.workspace])
    client.notify("exit")
    assert client.process.wait(GUARD) == 1


def test_end_of_input(client: LanguageClient, machine: Machine) -> None:
    """The server ends when its input does."""
    client.initialize([machine.workspace])
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(GUARD) == 1


def test_the_editor_is_gone_but_the_pipe_is_held_open(machine: Machine) -> None:
    """The server ends with the process that initialize names, also while somebody holds its input open."""
    waits = [sys.executable, "-I", "-c", "import sys; sys.stdin.read()"]
    editor = subprocess.Popen(waits, stdin=subprocess.PIPE)
    with LanguageClient(machine.environ, command=LSP) as client:
        client.initialize([machine.workspace], processId=editor.pid)
        answer_of(client, machine.workspace)
        editor.communicate()
        assert client.process.wait(GUARD) == 1


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_asked_to_end_by_the_system(client: LanguageClient, machine: Machine, name: str) -> None:
    """A signal to end ends the server in order."""
    client.initialize([machine.workspace])
    number = signal.Signals[name]
    client.process.send_signal(number)
    assert client.process.wait(GUARD) == 128 + number


def test_requests_before_initialize(client: LanguageClient) -> None:
    """Nothing is answered before initialize, and nothing breaks by it."""
    with pytest.raises(ResponseError, match="initialize") as caught:
        client.request("pythonWorkflow/resolve", {"uris": []})
    assert caught.value.code == -32002
    client.notify("pythonWorkflow/didFocus", {})
    client.initialize([])
    with pytest.raises(ResponseError, match="already"):
        client.initialize([])


def test_garbage(client: LanguageClient, machine: Machine) -> None:
    """Whatever comes in, what is a request is answered with an error, and the server goes on."""
    client.initialize([machine.workspace])
    client.send_bytes(b"hello\r\n\r\n")
    client.send_bytes(b"Content-Length: 5\r\n\r\n{...}")
    assert client.null_response()["error"]["code"] == -32700
    client.send_bytes(b"content-length: 3\r\nX: y\r\n\r\n\xff\xfe\x00")
    assert client.null_response()["error"]["code"] == -32700
    deep = b"[" * 100_000
    client.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(deep), deep))
    assert client.null_response()["error"]["code"] == -32700
    no_messages: list[object] = [
        [],
        1,
        None,
        {"id": 1},
        {"jsonrpc": "2.0", "id": [], "method": "x"},
        {"jsonrpc": "2.0", "id": {}, "method": "pythonWorkflow/resolve", "params": {"uris": []}},
        {"jsonrpc": "2.0", "id": True, "method": "x"},
        {"jsonrpc": "2.0", "id": 1, "method": None},
        {"jsonrpc": "2.0", "method": None},
        {"jsonrpc": "2.0", "method": ["x"], "params": {}},
    ]
    for message in no_messages:
        client.send(message)
        assert client.null_response()["error"]["code"] == -32600
    client.send({"jsonrpc": "2.0", "id": 4, "result": 1})
    client.send({"jsonrpc": "2.0", "method": "no"})
    requests: list[tuple[str, object]] = [
        ("nonsense", {}),
        ("workspace/executeCommand", 5),
        ("workspace/executeCommand", {"command": "rm"}),
        ("pythonWorkflow/nonsense", None),
        ("pythonWorkflow/resolve", None),
        ("pythonWorkflow/resolve", {"uris": [1]}),
        ("pythonWorkflow/select", {"uri": uri(machine.workspace), "selection": 1}),
        ("pythonWorkflow/create", {"uri": uri(machine.workspace), "workDoneToken": []}),
    ]
    for method, params in requests:
        with pytest.raises(ResponseError) as caught:
            client.request(method, params)
        assert "Traceback" not in json.dumps([caught.value.message, caught.value.data])
    notifications: list[tuple[str, object]] = [
        ("$/cancelRequest", {"id": 99}),
        ("$/cancelRequest", None),
        ("pythonWorkflow/didChangeContext", {"trusted": "yes"}),
        ("workspace/didChangeWatchedFiles", {"changes": 1}),
        ("workspace/didChangeWorkspaceFolders", {}),
    ]
    for method, params in notifications:
        client.notify(method, params)
    assert answer_of(client, machine.workspace)["root"] == str(machine.workspace)


#: A server whose own code was changed before it serves.
CHANGED_SERVER = """
import os, subprocess, sys
from workflow_helper.lsp import server, session

def resolve(self, asked):
    print("printed")
    os.write(1, b"written\\n")
    subprocess.run([sys.executable, "-I", "-c", "import sys; sys.stdin.read(); print('child')"])
    raise ZeroDivisionError("a secret")

session.EditorSession.resolve = resolve
sys.exit(server.serve())
"""


def test_accidents_stay_in_the_log(machine: Machine) -> None:
    """What nobody expected is a plain sentence to the client; its traceback, and any print, go to the log."""
    command = [sys.executable, "-I", "-c", CHANGED_SERVER]
    with LanguageClient(machine.environ, command=command) as client:
        client.initialize([machine.workspace])
        with pytest.raises(ResponseError) as caught:
            answer_of(client, machine.workspace)
        shown = client.wait_for("window/logMessage")
        assert client.request("pythonWorkflow/explain", {"uri": uri(machine.workspace)})
    assert (caught.value.code, caught.value.data["code"]) == (-32603, "internal")
    for text in (caught.value.message, caught.value.data["hint"], shown["message"]):
        assert "secret" not in text
        assert "Traceback" not in text
    assert client.stray == b""
    for logged in (b"printed", b"written", b"child", b"ZeroDivisionError: a secret"):
        assert logged in client.stderr


def test_message_without_end(client: LanguageClient, machine: Machine) -> None:
    """A message that announces an absurd size ends the server instead of its memory."""
    client.initialize([machine.workspace])
    client.send_bytes(b"Content-Length: 99999999999\r\n\r\n")
    assert client.process.wait(GUARD) == 1


def test_wrong_options(client: LanguageClient) -> None:
    """A client that sends a wrong context is told which field is wrong."""
    with pytest.raises(ResponseError, match="trusted must be true or false") as caught:
        client.request("initialize", {"capabilities": {}, "initializationOptions": {"trusted": 1}})
    assert caught.value.data["code"] == "usage"


def test_client_that_can_do_nothing(client: LanguageClient, machine: Machine) -> None:
    """A client without any capability gets answers, and is asked for nothing."""
    client.initialize([], capabilities={}, rootUri=uri(machine.workspace), workspaceFolders=None)
    make_venv(machine.workspace / ".venv")
    assert prefix_of(answer_of(client, machine.workspace)) == str(machine.workspace / ".venv")
    assert client.requests.empty()
