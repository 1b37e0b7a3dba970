"""Servers made with ``workflow_server``, as processes at the ends of pipes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.servers import SERVERS
from support.talk import ANNOUNCED, CLIENT, GUARD, Talk
from workflow_server.methods import CAPABILITIES, METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SDK = SERVERS / "good" / "sdk.py"


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    """A server that offers everything, not initialized."""
    with Talk(SDK, tmp_path) as talk:
        yield talk


def test_importing_it_imports_little() -> None:
    """Importing the SDK imports no other package, and none of the costly parts of the standard library."""
    code = "import sys, workflow_server; print(*sys.modules)"
    bare = "import sys; print(*sys.modules)"
    loaded, already = (
        set(
            subprocess.run(
                [sys.executable, "-I", "-c", one], capture_output=True, text=True, check=True
            ).stdout.split()
        )
        for one in (code, bare)
    )
    new = {name.partition(".")[0] for name in loaded - already} - {"workflow_server"}
    assert new <= set(sys.stdlib_module_names)
    assert not new & {
        "asyncio",
        "dataclasses",
        "inspect",
        "json",
        "subprocess",
        "threading",
        "typing",
    }


def test_what_it_offers_follows_from_its_handlers(talk: Talk) -> None:
    """A server with all handlers names all methods and offers all capabilities, under its own name."""
    result = talk.initialize(**ANNOUNCED)
    assert set(result["methods"]) == {*METHODS, "exit", "$/cancelRequest", "x-everything/client"}
    assert set(result["capabilities"]) == set(CAPABILITIES)
    assert result["server_info"] == {"name": "everything", "version": "2.0"}


def test_a_base_client_sees_the_base_profile(talk: Talk) -> None:
    """A client without capabilities gets no extended member and no notification."""
    assert set(talk.initialize()) == {"methods", "protocol_version"}
    listed = talk.ask("environment/list")["result"]
    assert {name for one in listed for name in one} == {"id", "name", "python_version"}
    details = talk.ask("environment/get", {"id": "main"})["result"]
    assert set(details) == {*listed[0], "interpreter_path", "installed_packages", "extra"}
    talk.ask("environment/create", {"name": "new", "python_version": "3.12"})
    assert talk.notifications == []


def test_lists_are_sorted(talk: Talk) -> None:
    """Environments come sorted by id whatever order a handler returns, characters beyond ASCII whole."""
    talk.initialize()
    assert [one["id"] for one in talk.ask("environment/list")["result"]] == [
        "main",
        "other",
        "\u00e9t\u00e9",
    ]


def test_printing_harms_nothing(talk: Talk) -> None:
    """What a handler and its children print goes to standard error, and their standard input is empty."""
    talk.initialize()
    talk.ask("environment/list")
    assert "result" in talk.ask("environment/create", {"name": "child", "python_version": "3.12"})
    status, rest, log = talk.end()
    assert (status, rest) == (0, [])
    assert "this is not for the client" in log
    assert "a child says hello" in log
    assert "EOFError" in log


def test_all_that_is_wrong_is_listed(talk: Talk) -> None:
    """Params that are wrong in several places are refused with every violation."""
    talk.initialize()
    wrong = {"name": "", "python_version": "3", "python": 1, "packages": [1], "color": "red"}
    error = talk.ask("environment/create", wrong)["error"]
    assert error["code"] == -32602
    paths = {one["path"] for one in error["data"]["violations"]}
    assert paths == {"name", "python_version", "python", "packages[0]"}


def test_errors_carry_their_code_and_hint(talk: Talk) -> None:
    """What a handler raises on purpose arrives with its code, its sentence and its hint."""
    talk.initialize()
    for method in ("environment/get", "environment/delete"):
        error = talk.ask(method, {"id": "nobody"})["error"]
        assert (error["code"], error["message"]) == (-31001, "there is no environment nobody")
        assert error["data"]["hint"] == "Create it."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fails", "ZeroDivisionError: somewhere deep inside"),
        ("ends", "SystemExit: 7"),
        ("wrong", "name: "),
    ],
)
def test_what_goes_wrong_inside_is_an_internal_error(talk: Talk, name: str, message: str) -> None:
    """An exception, an exit, or a result of another shape is one sentence to the client, and the server goes on."""
    talk.initialize()
    error = talk.ask("environment/create", {"name": name, "python_version": "3.12"})["error"]
    assert error["code"] == -32603
    assert message in error["message"]
    assert "\n" not in error["message"]
    assert "result" in talk.ask("environment/list")
    _, _, log = talk.end()
    assert ("Traceback" in log) == (name != "wrong")


def test_progress_is_told_to_who_asks(talk: Talk) -> None:
    """A request with a token gets begin, reports and end before its answer, one without gets none."""
    talk.initialize(**ANNOUNCED)
    talk.ask("environment/create", {"name": "silent"})
    talk.ask("environment/create", {"name": "loud", "progress_token": "t"})
    results = [one["params"] for one in talk.notifications if one["method"] == "$/progress"]
    assert {one["token"] for one in results} == {"t"}
    assert [one["value"] for one in results] == [
        {"kind": "begin", "title": "Making loud", "percentage": 10},
        {"kind": "report", "message": "Nearly there", "percentage": 90},
        {"kind": "end"},
    ]


def test_the_client_hears_of_changes_and_logs(talk: Talk) -> None:
    """A client that announced them gets notifications of changes and of the log."""
    talk.initialize(**ANNOUNCED)
    talk.ask("environment/create", {"name": "new"})
    talk.ask("environment/list")
    by_method = {one["method"]: one["params"] for one in talk.notifications}
    assert by_method["environment/changed"] == {"ids": ["new"]}
    assert by_method["log/message"] == {"level": "info", "message": "listing"}


def test_a_plain_handler_gives_up_when_cancelled(talk: Talk) -> None:
    """A cancelled request ends with -32800 after its handler has cleaned up."""
    talk.initialize(**ANNOUNCED)
    talk.send({"id": 5, "method": "environment/create", "params": {"name": "slow"}})
    talk.send({"method": "$/cancelRequest", "params": {"id": 5}})
    assert talk.hear()["error"]["code"] == -32800
    waiting = {
        "id": 6,
        "method": "environment/create",
        "params": {"name": "slow", "progress_token": 1},
    }
    talk.send(waiting)
    talk.send(
        {"id": 7, "method": "environment/list"}, {"method": "$/cancelRequest", "params": {"id": 6}}
    )
    answers = {one["id"]: one for one in (talk.hear(), talk.hear())}
    assert answers[6]["error"]["code"] == -32800
    assert "cleaned up" in [one["id"] for one in answers[7]["result"]] or "Making slow" not in str(
        talk.notifications
    )


def test_an_async_handler_is_cancelled_as_a_task(talk: Talk) -> None:
    """A cancelled async request ends with -32800 after its task has cleaned up, while others go on beside it."""
    talk.initialize(**ANNOUNCED)
    talk.send({"id": "s", "method": "environment/sync", "params": {"id": "main", "frozen": True}})
    assert "result" in talk.ask("environment/check", {"id": "main"}, number=2)
    assert "result" in talk.ask("environment/sync", {"id": "main"}, number=3)
    talk.send({"method": "$/cancelRequest", "params": {"id": "s"}})
    answer = talk.hear()
    assert (answer["id"], answer["error"]["code"]) == ("s", -32800)
    assert "tidied up" in [one["id"] for one in talk.ask("environment/list")["result"]]


def test_cancelling_nothing_is_harmless(talk: Talk) -> None:
    """Cancelling an id that nobody has, or that was answered, changes nothing."""
    talk.initialize(**ANNOUNCED)
    talk.ask("environment/list", number=3)
    numbers: tuple[object, ...] = (3, "nobody", None, 1.5, {})
    for number in numbers:
        talk.send({"method": "$/cancelRequest", "params": {"id": number}})
    assert "result" in talk.ask("environment/list")


def test_the_life_cycle_is_kept(talk: Talk) -> None:
    """Early, second and late requests have their errors, and exit after shutdown ends with 0."""
    assert talk.ask("environment/list")["error"]["code"] == -32002
    assert talk.ask("initialize", {})["error"]["code"] == -32602
    talk.initialize()
    assert talk.ask("initialize", CLIENT)["error"]["code"] == -32600
    assert talk.ask("nothing/here")["error"]["code"] == -32601
    assert talk.ask("shutdown") == {"jsonrpc": "2.0", "id": 1, "result": None}
    assert talk.ask("environment/list")["error"]["code"] == -32600
    talk.send({"method": "exit"})
    assert talk.process.wait(GUARD) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["slow", "stubborn"])
def test_exit_ends_the_process_while_a_handler_runs(talk: Talk, name: str) -> None:
    """Exit without shutdown ends with 1, input open or not, a handler busy or not."""
    talk.initialize(**ANNOUNCED)
    talk.send(
        {"id": 2, "method": "environment/create", "params": {"name": name, "progress_token": 1}}
    )
    talk.send({"method": "exit"}, {"id": 3, "method": "environment/list"})
    assert talk.process.wait(GUARD) == 1


def test_what_is_in_flight_is_finished_at_the_end_of_input(talk: Talk) -> None:
    """Requests that came in one write with initialize are answered though the input ends behind them."""
    greeting = {"id": 0, "method": "initialize", "params": CLIENT}
    get = {"method": "environment/get", "params": {"id": "main"}}
    talk.send(
        greeting,
        *({"id": one, **get} for one in range(1, 20)),
        {"id": 20, "method": "environment/list"},
    )
    status, answers, _ = talk.end()
    assert status == 0
    assert sorted(one["id"] for one in answers) == list(range(21))
    assert all("result" in one for one in answers)


@pytest.mark.slow
def test_the_end_of_input_waits_for_nobody_for_ever(talk: Talk) -> None:
    """A handler that does not come to an end is left behind at the end of input, with status 0."""
    talk.initialize(**ANNOUNCED)
    talk.send({"id": 2, "method": "environment/create", "params": {"name": "stubborn"}})
    assert talk.end()[0] == 0


def test_batches_are_answered_as_one(talk: Talk) -> None:
    """A batch gets one array with an answer for each request and each thing that is none."""
    talk.initialize()
    call = {"jsonrpc": "2.0", "method": "environment/get"}
    talk.send(
        [
            {**call, "id": "a", "params": {"id": "main"}},
            {**call, "id": None, "params": {"id": "no"}},
            7,
            call,
        ]
    )
    answers = talk.hear()
    outcomes = [(one["id"], one.get("error", {}).get("code")) for one in answers]
    assert outcomes == [("a", None), (None, -31001), (None, -32600)]
    assert talk.ask("environment/list")["id"] == 1


def test_exit_in_a_batch_waits_for_what_comes_before_it(talk: Talk) -> None:
    """What comes before an exit in a batch is answered, in order, and what comes behind it is not."""
    talk.initialize()
    get = {"jsonrpc": "2.0", "method": "environment/get", "params": {"id": "main"}}
    talk.send(
        [{**get, "id": 2}, {**get, "id": 1}, {"jsonrpc": "2.0", "method": "exit"}, {**get, "id": 3}]
    )
    assert [one["id"] for one in talk.hear()] == [2, 1]
    assert talk.process.wait(GUARD) == 1


def test_an_id_in_flight_is_not_taken_twice(talk: Talk) -> None:
    """A second request with the id of one in flight is refused, and the first goes on."""
    talk.initialize(**ANNOUNCED)
    talk.send({"id": 4, "method": "environment/sync", "params": {"id": "main", "frozen": True}})
    assert talk.ask("environment/list", number=4)["error"]["code"] == -32600
    talk.send({"method": "$/cancelRequest", "params": {"id": 4}})
    assert talk.hear()["error"]["code"] == -32800


def test_a_handler_knows_who_asks(talk: Talk, tmp_path: Path) -> None:
    """A method of the server's own gets its params as they came, and knows the client, its root and its trust."""
    talk.initialize(project_root=str(tmp_path / "p"), project_trusted=False, **ANNOUNCED)
    assert talk.ask("x-everything/client", {"a": [1]})["result"] == {
        "name": "a test",
        "root": str(tmp_path / "p"),
        "trusted": False,
        "asked": {"a": [1]},
    }
