from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from support.scripted import Scripted, answer, refusal
from workflow_helper.errors import (
    Cancelled,
    EnvironmentNotFound,
    InvalidParams,
    MethodNotFound,
    NotInitialized,
    RequestFailed,
    ServerBrokeProtocol,
    ServerExited,
    ServerNotStarted,
    ServerTimedOut,
    UsageError,
)
from workflow_server.api import Wait
from workflow_server.client import Session, default_of
from workflow_server.values import ProgressReport, ServerEnvironment

GET = "environment/get"


def dumps(value: object) -> bytes:
    """JSON as bytes."""
    return json.dumps(value).encode()


LISTED = {"id": "a", "name": "a", "python_version": "3.12"}
DETAILS = {**LISTED, "interpreter_path": "/a/bin/python", "installed_packages": [], "extra": {}}


def test_initialize_says_who_we_are_and_what_we_understand() -> None:
    """The server is told the protocol's version, the folder, whether it is trusted, and what it may send unasked."""
    server = Scripted()
    with Session(server, "it", root="/project", trusted=False):
        pass
    assert [one["method"] for one in server.received] == ["initialize", "shutdown", "exit"]
    assert server.received[0]["params"] == {
        "client_name": "python-workflow",
        "client_protocol_version": "0.1.0",
        "project_root": "/project",
        "project_trusted": False,
        "client_capabilities": {
            "environment.watch": True,
            "test.run": True,
            "progress": True,
            "log": True,
        },
    }
    assert server.ends == 1


def test_a_question_has_one_bound_for_all_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty environments, each told of within four seconds, are no answer: the error names the bound, and the server is ended."""
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)

    def script(message: dict[str, Any]) -> list[Any]:
        nonlocal now
        if message["method"] != GET:
            return [answer(message, [{**LISTED, "id": str(number)} for number in range(40)])]
        now += 4.0
        return [answer(message, {**DETAILS, "id": message["params"]["id"]})]

    server = Scripted(script, methods=(GET,))
    with Session(server, "it") as session, pytest.raises(ServerTimedOut) as caught:
        session.environments()
    assert "did not answer environment/get within the 30 s that all" in caught.value.message
    assert server.dead
    assert sum(one["method"] == GET for one in server.received) < 40


def test_a_question_may_take_its_whole_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told of within it is an answer, however many requests it took."""
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)

    def script(message: dict[str, Any]) -> list[Any]:
        nonlocal now
        if message["method"] != GET:
            return [answer(message, [{**LISTED, "id": str(number)} for number in range(29)])]
        now += 1.0
        return [answer(message, {**DETAILS, "id": message["params"]["id"]})]

    with Session(Scripted(script, methods=(GET,)), "it") as session:
        assert len(session.environments()) == 29


def test_a_base_server_is_asked_about_each_environment() -> None:
    """Where lists tell no interpreter, each environment is asked about, and nothing beyond the base profile is sent."""

    def script(message: dict[str, Any]) -> list[Any]:
        return [answer(message, DETAILS if message["method"] == GET else [LISTED])]

    server = Scripted(script, methods=(GET,))
    with Session(server, "it") as session:
        (found,) = session.environments()
    assert found.interpreter_path == "/a/bin/python"
    assert [one.get("params") for one in server.received[1:3]] == [None, {"id": "a"}]


@pytest.mark.parametrize(
    ("entry", "has_details"),
    [({}, True), ({"interpreter_path": None}, False), ({"interpreter_path": "/b/python"}, False)],
    ids=["left out", "none", "told"],
)
def test_a_list_with_details_may_leave_out_the_interpreter(
    entry: dict[str, Any],
    *,
    has_details: bool,
) -> None:
    """What a list leaves out is asked for, what it says stands, and the default stays the one of the list."""

    def script(message: dict[str, Any]) -> list[Any]:
        if message["method"] == GET:
            return [answer(message, DETAILS)]
        return [answer(message, [{**LISTED, "default": True, **entry}])]

    offers = ("environment.details", "environment.default")
    server = Scripted(script, methods=(GET,), capabilities=offers)
    with Session(server, "it") as session:
        (found,) = session.environments()
    expected = "/a/bin/python" if has_details else entry["interpreter_path"]
    assert (found.interpreter_path, found.default) == (expected, True)
    assert (GET in [one["method"] for one in server.received]) is has_details


def test_many_environments_are_asked_about_in_the_servers_order() -> None:
    """However many environments there are, each comes with its own details, in order."""
    ids = [f"{number:03}" for number in range(100)]

    def script(message: dict[str, Any]) -> list[Any]:
        if message["method"] == GET:
            return [answer(message, {**DETAILS, "id": message["params"]["id"]})]
        return [answer(message, [{**LISTED, "id": one} for one in ids])]

    with Session(Scripted(script, methods=(GET,)), "it") as session:
        assert [one.id for one in session.environments()] == ids


def test_what_a_base_server_says_beyond_its_profile_does_not_count() -> None:
    """A default, a kind or a status that was not offered is passed over."""
    more = {"default": True, "kind": "conda", "status": {"state": "broken", "message": "x"}}
    with Session(Scripted(lambda m: [answer(m, [{**LISTED, **more}])]), "it") as session:
        assert session.environments() == (ServerEnvironment("a", "a", "3.12"),)


def test_an_environment_that_went_is_left_out_and_a_bad_one_is_broken() -> None:
    """An error about one environment hides none of the others."""

    def script(message: dict[str, Any]) -> list[Any]:
        if message["method"] == "environment/list":
            return [answer(message, [{**LISTED, "id": one} for one in ("bad", "gone", "good")])]
        known = message["params"]["id"]
        if known == "good":
            return [answer(message, {**DETAILS, "id": known})]
        return [refusal(message, -31001 if known == "gone" else -32603, "out of order")]

    with Session(Scripted(script, methods=(GET,)), "it") as session:
        bad, good = session.environments()
    assert (bad.id, bad.status.state, bad.status.message) == ("bad", "broken", "it: out of order")
    assert (good.id, good.status.state) == ("good", "ok")


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({**DETAILS, "id": "b"}, "described 'b' when asked for 'a'"),
        ({**DETAILS, "interpreter_path": "bin/python"}, "interpreter_path: an absolute path"),
        ({**DETAILS, "name": ""}, "name: at least 1 character"),
        (7, "an object is expected"),
    ],
)
def test_odd_details_are_one_environments_trouble(details: object, reason: str) -> None:
    """An environment about which the server answers oddly is broken, and the others are known all the same."""

    def script(message: dict[str, Any]) -> list[Any]:
        if message["method"] != GET:
            return [answer(message, [LISTED, {**LISTED, "id": "c"}])]
        identity = message["params"]["id"]
        return [answer(message, details if identity == "a" else {**DETAILS, "id": "c"})]

    with Session(Scripted(script, methods=(GET,)), "it") as session:
        odd, other = session.environments()
    assert (odd.id, odd.status.state) == ("a", "broken")
    assert reason in odd.status.message
    assert (other.id, other.interpreter_path) == ("c", DETAILS["interpreter_path"])


@pytest.mark.parametrize(
    ("entry", "name", "reason"),
    [
        ({**LISTED, "name": 7}, "a", "name: a string is expected"),
        ({**LISTED, "id": 7}, LISTED["name"], "id: a string is expected"),
        ({**LISTED, "name": "n" * 256}, "a", "name: at most 255"),
        ({"id": "a"}, "a", "python_version: is missing"),
        ("a", "?", "an object is expected"),
    ],
)
def test_an_odd_entry_is_that_entrys_trouble(entry: object, name: str, reason: str) -> None:
    """An entry of a list that is wrong is broken under the name that it has, and the others are known."""

    def script(message: dict[str, Any]) -> list[Any]:
        return [answer(message, [entry, {**LISTED, "id": "c"}])]

    with Session(Scripted(script), "it") as session:
        odd, other = session.environments()
    assert (odd.name, odd.status.state, other.id) == (name, "broken", "c")
    assert reason in odd.status.message


def test_long_ids_and_names_are_taken_and_handed_back() -> None:
    """Names of 255 characters and ids of 1024 are taken from a server, and such an id is asked for."""
    listed = {**LISTED, "id": "i" * 1024, "name": "n" * 255}

    def script(message: dict[str, Any]) -> list[Any]:
        details = {**DETAILS, **listed}
        return [answer(message, details if message["method"] == GET else [listed])]

    with Session(Scripted(script, methods=(GET,)), "it") as session:
        (found,) = session.environments()
        assert session.get(found.id) == found
    assert (found.id, found.name, found.status.state) == (listed["id"], listed["name"], "ok")


def test_an_extended_server_is_believed() -> None:
    """With details offered, the list alone is enough."""
    more = {
        "interpreter_path": "/a/bin/python",
        "default": True,
        "prefix": "/a",
        "kind": "venv",
        "status": {"state": "broken", "message": "no pip"},
        "managed_by": "x",
    }
    offered = ("environment.details", "environment.default")
    server = Scripted(
        lambda m: [answer(m, [{**LISTED, **more}])], methods=(GET,), capabilities=offered
    )
    with Session(server, "it") as session:
        (found,) = session.environments()
        assert default_of((found,), session.capabilities) == found
    assert found.to_wire() == {**LISTED, **more}


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("environment/delete", {"id": "a"}, MethodNotFound),
        ("environment/get", {}, InvalidParams),
        ("environment/get", {"id": "a", "more": 1}, InvalidParams),
        ("environment/get", {"id": ""}, InvalidParams),
        (
            "environment/create",
            {"name": "a", "python_version": "3.12", "groups": []},
            InvalidParams,
        ),
        ("environment/create", {"name": "a"}, InvalidParams),
        ("environment/create", {"name": "a", "python_version": "3"}, InvalidParams),
        ("environment/list", {"progress_token": 1}, InvalidParams),
        ("x-own", {"value": float("nan")}, UsageError),
        ("x-own", {"value": object()}, UsageError),
    ],
)
def test_what_a_server_does_not_know_never_reaches_it(
    method: str, params: dict[str, Any], error: type[Exception]
) -> None:
    """Methods it does not bind, members it does not offer and params that are wrong are refused at this end."""
    server = Scripted(methods=(GET, "environment/create", "x-own"))
    with Session(server, "it") as session:
        with pytest.raises(error):
            session.request(method, params)
        assert len(server.received) == 1
        session.request("environment/list")


def test_members_that_are_offered_may_be_sent() -> None:
    """With details offered, an environment may be made with groups and without a version."""
    server = Scripted(
        lambda m: [answer(m, DETAILS)],
        methods=("environment/create",),
        capabilities=("environment.details",),
    )
    with Session(server, "it") as session:
        session.create("a", groups=("dev",))
    assert server.received[1]["params"] == {"name": "a", "groups": ["dev"]}


def test_progress_is_asked_for_only_where_it_is_offered() -> None:
    """Without the capability there is no token; with it, reports reach whoever asked, in order, before the result."""
    seen: list[ProgressReport] = []

    def script(message: dict[str, Any]) -> list[Any]:
        token = message["params"].get("progress_token", 0)
        values = [
            {"kind": "begin", "title": "t"},
            {"kind": "report", "percentage": 1.5},
            {"kind": "end"},
        ]
        notes = [
            {"jsonrpc": "2.0", "method": "$/progress", "params": {"token": token, "value": value}}
            for value in values
        ]
        return [*notes, answer(message, DETAILS)]

    for capabilities in ((), ("progress",)):
        server = Scripted(script, methods=("environment/create",), capabilities=capabilities)
        with Session(server, "it") as session:
            session.create("a", "3.12", progress=seen.append)
        assert ("progress_token" in server.received[1]["params"]) is bool(capabilities)
    assert seen == [ProgressReport("begin", "t"), ProgressReport("end")]


def test_the_log_is_kept_and_told() -> None:
    """What a server logs is kept, cut to a bearable length, and handed on; bad messages are passed over."""
    notifications: list[object] = [{"level": "info", "message": "x" * 5000}, {"level": "loud"}, []]
    notes = [
        {"jsonrpc": "2.0", "method": "log/message", "params": params} for params in notifications
    ]
    messages: list[tuple[str, str]] = []
    server = Scripted(lambda m: [*notes, answer(m, [])])
    with Session(
        server, "it", on_log=lambda *notifications: messages.append(notifications)
    ) as session:
        session.request("environment/list")
    assert messages == list(session.log) == [("info", "x" * 1999 + "…")]


def test_changes_are_told() -> None:
    """News of changed environments come with their ids, or none where any may have changed."""
    messages: list[tuple[str, ...]] = []
    server = Scripted()
    with Session(server, "it", on_changed=messages.append) as session:
        news: tuple[dict[str, object], ...] = ({"ids": ["a", 1]}, {})
        for params in news:
            server.say({"jsonrpc": "2.0", "method": "environment/changed", "params": params})
        session.listen(0.01)
    assert messages == [("a",), ()]


def test_a_listener_cannot_wait_for_itself() -> None:
    """A request from within a listener, which would never be answered, is an error instead of a hang."""
    server = Scripted()
    session = Session(server, "it", on_changed=lambda _: session.request("environment/list"))
    with session:
        server.say({"jsonrpc": "2.0", "method": "environment/changed"})
        with pytest.raises(RuntimeError, match="wait for itself"):
            session.listen(1)


def test_a_listener_that_fails_costs_no_answer() -> None:
    """What a listener raises is raised, and the answer that came with the news is there afterwards."""

    def fail(_: tuple[str, ...]) -> None:
        raise KeyError

    news = {"jsonrpc": "2.0", "method": "environment/changed"}
    server = Scripted(lambda m: [b"%b\n%b\n" % (dumps(news), dumps(answer(m, [])))])
    with Session(server, "it", on_changed=fail) as session:
        with pytest.raises(KeyError):
            session.request("environment/list")
        server.script = lambda m: [answer(m, [])]
        assert session.request("environment/list") == []


@pytest.mark.parametrize(
    ("capabilities", "received"), [((), 2), (("cancel",), 3)], ids=["base", "extended"]
)
def test_a_query_that_is_cancelled_is_forgotten(
    capabilities: tuple[str, ...], received: int
) -> None:
    """A cancelled query ends as cancelled, a base server hears nothing of it, and its late answer does no harm."""
    cancelled = threading.Event()
    late: list[dict[str, Any]] = []

    def script(message: dict[str, Any]) -> list[Any]:
        if message["method"] == "$/cancelRequest":
            assert message["params"] == {"id": late[0]["id"]}
            return [refusal(late[0], -32800, "stopped")]
        cancelled.set()
        late.append(message)
        return []

    server = Scripted(script, capabilities=capabilities)
    with Session(server, "it") as session:
        with pytest.raises(Cancelled):
            session.request("environment/list", wait=Wait(cancelled=cancelled))
        assert len(server.received) == received
        server.script = lambda m: [
            *([answer(late[0], [])] if not capabilities else []),
            answer(m, []),
        ]
        assert session.request("environment/list") == []


def test_a_change_that_cannot_be_cancelled_ends_the_server() -> None:
    """A base server that is making something can be stopped in no other way than by ending it."""
    cancelled = threading.Event()

    def script(_: dict[str, Any]) -> list[Any]:
        cancelled.set()
        return []

    server = Scripted(script, methods=("environment/create",))
    with Session(server, "it") as session:
        with pytest.raises(Cancelled):
            session.create("a", "3.12", cancelled=cancelled)
        assert server.dead
        with pytest.raises(ServerExited, match="because environment/create was cancelled"):
            session.request("environment/list")


def test_a_result_that_comes_despite_a_cancellation_is_taken() -> None:
    """What was finished before it could be stopped is the result."""
    cancelled = threading.Event()
    requests: list[dict[str, Any]] = []

    def script(message: dict[str, Any]) -> list[Any]:
        if message["method"] == "$/cancelRequest":
            return [answer(requests[0], [])]
        cancelled.set()
        requests.append(message)
        return []

    with Session(Scripted(script, capabilities=("cancel",)), "it") as session:
        assert session.request("environment/list", wait=Wait(cancelled=cancelled)) == []


def test_what_is_cancelled_beforehand_is_not_sent() -> None:
    """A request whose cancellation came first does not reach the server."""
    cancelled = threading.Event()
    cancelled.set()
    server = Scripted()
    with Session(server, "it") as session:
        with pytest.raises(Cancelled):
            session.request("environment/list", wait=Wait(cancelled=cancelled))
        assert len(server.received) == 1


def test_errors_come_with_all_that_was_said() -> None:
    """A server's error is that of its code, named, with its hint and the rest of its data."""
    data = {"code": "environment_not_found", "hint": "Make it.", "near": ["b"]}
    with (
        Session(Scripted(lambda m: [refusal(m, -31001, "none", data)]), "it") as session,
        pytest.raises(EnvironmentNotFound) as caught,
    ):
        session.request("environment/list")
    assert (caught.value.message, caught.value.hint) == ("it: none", "Make it.")
    assert (caught.value.data, caught.value.server) == ({"near": ["b"]}, "it")


@pytest.mark.parametrize("data", [None, "text", [1], {"hint": 3}])
def test_any_code_and_any_data_make_an_error(data: object) -> None:
    """Of an error that nobody knows, the code is kept, whatever its data."""
    with (
        Session(Scripted(lambda m: [refusal(m, 7, "", data)]), "it") as session,
        pytest.raises(RequestFailed) as caught,
    ):
        session.request("environment/list")
    assert caught.value.wire_code == 7
    assert caught.value.hint is None


def test_errors_name_the_server_and_show_its_last_words() -> None:
    """A failure's message has the name, what happened, and the standard error, safe to print."""
    server = Scripted(lambda _: [b"banner\n"])
    with Session(server, "it") as session, pytest.raises(ServerBrokeProtocol) as caught:
        session.request("environment/list")
    assert caught.value.message.startswith("the workflow server it wrote b'banner'")
    assert caught.value.stderr == "last\\x1b[31m words"
    assert caught.value.message.endswith("it wrote:\nlast\\x1b[31m words")


def test_a_session_is_not_to_be_used_before_it_began_or_after_it_ended() -> None:
    """Requests before initialize and after shutdown are errors, and nothing is sent."""
    server = Scripted()
    session = Session(server, "it")
    with pytest.raises(NotInitialized):
        session.request("environment/list")
    with session:
        session.request("environment/list")
        during = session.usable
    assert (during, session.usable) == (True, False)
    with pytest.raises(ServerExited, match="was shut down"):
        session.request("environment/list")
    assert session.close() is None
    sent = [one["method"] for one in server.received]
    assert sent == ["initialize", "environment/list", "shutdown", "exit"]


def test_a_server_that_refuses_to_shut_down_is_told_to_exit_all_the_same() -> None:
    """An error in answer to shutdown changes nothing about the end."""
    server = Scripted(shuts_down=False)
    with Session(server, "it") as session:
        assert session.close() is None
    assert server.received[-1]["method"] == "exit"


def test_no_answer_in_no_time_is_a_timeout() -> None:
    """A request with no time left ends the server, and says what it was."""
    server = Scripted(lambda _: [])
    with Session(server, "it") as session:
        with pytest.raises(ServerTimedOut, match="did not answer environment/list within 0 s"):
            session.request("environment/list", wait=Wait(timeout=0))
        assert server.dead


def test_a_server_that_cannot_be_initialized_is_ended() -> None:
    """When initialize fails, entering the session raises and leaves no server."""
    server = Scripted()
    server.dead = True
    with pytest.raises(ServerNotStarted, match="ended with status 0 before it answered initialize"):
        Session(server, "it").__enter__()
    assert server.ends == 1


def environment(name: str, version: str, *, default: bool = False) -> ServerEnvironment:
    """An environment whose id says both."""
    return ServerEnvironment(f"{version}/{name}", name, version, default=default)


@pytest.mark.parametrize(
    ("environments", "expected"),
    [
        ([], None),
        ([environment("x", "3.9")], "3.9/x"),
        ([environment("x", "3.9"), environment("y", "3.10")], None),
        ([environment("x", "3.13"), environment("default", "3.9")], "3.9/default"),
        ([environment("default", "3.9"), environment("default", "3.10")], "3.10/default"),
        ([environment("default", "3.9.20"), environment("default", "3.9.3")], "3.9.20/default"),
        ([environment("default", "3.15.0rc1"), environment("default", "3.15.0")], "3.15.0/default"),
        ([environment("default", "odd"), environment("default", "3.9")], "3.9/default"),
        ([environment("x", "3.9", default=True), environment("y", "3.9")], None),
    ],
)
def test_the_default_of_a_base_server(
    environments: list[ServerEnvironment], expected: str | None
) -> None:
    """It is the only one, else the one named default with the newest Python, else none."""
    found = default_of(environments, frozenset())
    assert (found.id if found else None) == expected


def test_the_default_of_an_extended_server_is_what_it_says() -> None:
    """Marked is the default; unmarked, even a single one named default is not."""
    offered = frozenset({"environment.default"})
    marked = environment("x", "3.9", default=True)
    assert default_of([environment("default", "3.13"), marked], offered) == marked
    assert default_of([environment("default", "3.13")], offered) is None
