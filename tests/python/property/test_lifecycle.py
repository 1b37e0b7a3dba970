from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.scripted import Scripted, answer, refusal
from typing_extensions import override
from workflow_helper.errors import (
    InvalidRequest,
    NotInitialized,
    RequestFailed,
    ServerBrokeProtocol,
    ServerExited,
    ServerTimedOut,
)
from workflow_server.api import Wait
from workflow_server.client import Session
from workflow_server.lifecycle import Lifecycle

if TYPE_CHECKING:
    from workflow_helper.errors import ServerFailed

#: What each state makes of each method: the error of a refusal, or the next state.
TABLE: dict[str, dict[str, object]] = {
    "uninitialized": {
        "initialize": "initialized",
        "environment/list": NotInitialized,
        "shutdown": NotInitialized,
        "exit": "exited",
    },
    "initialized": {
        "initialize": InvalidRequest,
        "environment/list": "initialized",
        "shutdown": "shutting down",
        "exit": "exited",
    },
    "shutting down": {
        "initialize": InvalidRequest,
        "environment/list": InvalidRequest,
        "shutdown": InvalidRequest,
        "exit": "exited",
    },
    "exited": {
        "initialize": InvalidRequest,
        "environment/list": InvalidRequest,
        "shutdown": InvalidRequest,
        "exit": "exited",
    },
}


class LifecycleModel(RuleBasedStateMachine):
    """The life cycle beside the table of the specification."""

    def __init__(self) -> None:
        super().__init__()
        self.lifecycle = Lifecycle()
        self.state = "uninitialized"
        self.shut_down_first = False

    @rule(method=st.sampled_from(sorted(TABLE["exited"])), succeeds=st.booleans())
    def handle(self, method: str, *, succeeds: bool) -> None:
        """A message comes; a request that is in place may still fail."""
        expected = TABLE[self.state][method]
        # It is no request, and nobody asks whether it is in place.
        refusal = None if method == "exit" else self.lifecycle.refusal(method)
        if not isinstance(expected, str):
            assert type(refusal) is expected
            return
        assert refusal is None
        if succeeds:
            if expected == "exited" and self.state != "exited":
                self.shut_down_first = self.state == "shutting down"
            self.lifecycle.passed(method)
            self.state = expected

    @invariant()
    def agrees(self) -> None:
        """State and exit status are those of the table."""
        assert self.lifecycle.state == self.state
        assert self.lifecycle.exit_code() == (0 if self.shut_down_first else 1)


def answers(message: dict[str, Any]) -> list[Any]:
    """As it should."""
    return [answer(message, [])]


def notifies_first(message: dict[str, Any]) -> list[Any]:
    """With news before the answer."""
    return [{"jsonrpc": "2.0", "method": "x-news"}, answer(message, [])]


def refuses(message: dict[str, Any]) -> list[Any]:
    """With an error."""
    return [refusal(message, -31010)]


def answers_late_ones_too(message: dict[str, Any]) -> list[Any]:
    """In several pieces."""
    whole = repr(answer(message, [])).replace("'", '"').encode() + b"\n"
    return [whole[:7], whole[7:]]


def answers_twice(message: dict[str, Any]) -> list[Any]:
    """Twice, at once."""
    line = repr(answer(message, [])).replace("'", '"').encode() + b"\n"
    return [line + line]


def prints(message: dict[str, Any]) -> list[Any]:
    """With noise before the answer."""
    return [b"noise\n", answer(message, [])]


def mistakes_the_id(message: dict[str, Any]) -> list[Any]:
    """To somebody else."""
    return [{**answer(message, []), "id": 10_000}]


#: What a server can do with a request, and what comes of it.
GOOD = (answers, notifies_first, refuses, answers_late_ones_too)
BAD = (answers_twice, prints, mistakes_the_id)


class SessionModel(RuleBasedStateMachine):
    """A session beside what is known of its server: it works until the first fault, then never again."""

    @initialize()
    def begin(self) -> None:
        """A server is started, and answers initialize."""
        self.server = Scripted()
        self.session = Session(self.server, "it")
        self.session.initialize()
        self.fault: type[ServerFailed] | None = None
        self.ended = False

    @precondition(lambda self: self.fault is None)
    @rule(script=st.sampled_from(GOOD))
    def request(self, script: Any) -> None:
        """A request that the server answers in one of its ways."""
        self.server.script = script
        if script is refuses:
            with pytest.raises(RequestFailed):
                self.session.request("environment/list")
        else:
            assert self.session.request("environment/list") == []

    @precondition(lambda self: self.fault is None)
    @rule(script=st.sampled_from(BAD))
    def wronged(self, script: Any) -> None:
        """A request that the server answers against the protocol."""
        self.server.script = script
        self.fails(ServerBrokeProtocol)

    @precondition(lambda self: self.fault is None)
    @rule()
    def ignored(self) -> None:
        """A request that the server does not answer."""
        self.server.script = lambda _: []
        with pytest.raises(ServerTimedOut):
            self.session.request("environment/list", wait=Wait(timeout=0))
        self.fault, self.ended = ServerTimedOut, True

    @precondition(lambda self: self.fault is None)
    @rule()
    def dies(self) -> None:
        """The server ends between two requests."""
        self.server.dead = True
        assert not self.session.usable
        self.fails(ServerExited)

    @precondition(lambda self: self.fault is not None)
    @rule()
    def asked_in_vain(self) -> None:
        """A request after a fault, or after the end."""
        sent = len(self.server.received)
        assert self.fault is not None
        with pytest.raises(self.fault):
            self.session.request("environment/list")
        assert len(self.server.received) == sent

    @rule()
    def closed(self) -> None:
        """The session is closed, maybe again."""
        assert self.session.close() is None
        self.fault, self.ended = self.fault or ServerExited, True

    def fails(self, kind: type[ServerFailed]) -> None:
        """A request ends in ``kind``, and so will all others."""
        with pytest.raises(kind):
            self.session.request("environment/list")
        self.fault, self.ended = kind, True

    @invariant()
    def agrees(self) -> None:
        """A server is ended once, when the session is over, and the session knows."""
        assert self.server.ends == int(self.ended)
        assert self.session.usable == (self.fault is None)
        assert (self.session.failure is None) == (self.fault is None)

    @override
    def teardown(self) -> None:
        """Nothing is left over."""
        self.session.close()
        assert self.server.dead


def test_the_life_cycle_is_that_of_the_table() -> None:
    """Whatever messages come in whatever order, what the specification refuses is refused, and nothing else."""
    run_state_machine_as_test(LifecycleModel, settings=settings(deadline=None))


def test_a_session_works_until_the_first_fault() -> None:
    """Whatever a server does in whatever order, a session works until the first fault, and is over afterwards."""
    run_state_machine_as_test(SessionModel, settings=settings(deadline=None))
