from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.servers import GUARD, PATIENT, SERVERS, nothing_left_behind, session, started, until
from workflow_helper.errors import (
    Cancelled,
    ServerBrokeProtocol,
    ServerExited,
    ServerFailed,
    ServerNotStarted,
    ServerTimedOut,
)
from workflow_helper.servers.pool import Pool
from workflow_server.client import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow_server.client import Limits


SUPPORT = Path(__file__).parents[1]


class Case(NamedTuple):
    """A bad server, and what is to come of it."""

    server: str
    error: type[ServerFailed]
    says: str
    #: The bound that is to hold, of those of a session; the others are out of reach.
    bound: Limits = PATIENT


AT_START = (
    Case("banner", ServerBrokeProtocol, "Welcome to the workflow server"),
    Case("dies_before_initialize", ServerNotStarted, "ended with status 3 before it answered"),
    Case("dies_in_initialize", ServerNotStarted, "ended with status 4 before it answered"),
    Case("exits_0_before_initialize", ServerNotStarted, "ended with status 0 before it answered"),
    Case("half_frame_then_exits", ServerNotStarted, "the last it sent was b'{\"jsonrpc\"'"),
    Case("huge_length", ServerBrokeProtocol, "a message of 1073741824 bytes"),
    Case("no_length", ServerBrokeProtocol, "no Content-Length"),
    Case("refuses_initialize", ServerNotStarted, "refused to initialize: no licence"),
    Case("wrong_initialize", ServerBrokeProtocol, "methods: an array is expected"),
    Case("does_not_read", ServerTimedOut, "did not answer initialize", PATIENT._replace(start=1.5)),
    Case("half_frame", ServerTimedOut, "sent part of a message", PATIENT._replace(start=1.5)),
    Case("never_answers", ServerTimedOut, "did not answer initialize", PATIENT._replace(start=1.5)),
)

AT_A_REQUEST = (
    Case("answers_twice", ServerBrokeProtocol, "answered request 2 twice"),
    Case("asks_back", ServerBrokeProtocol, "made a request of its client"),
    Case("batch", ServerBrokeProtocol, "sent a batch"),
    Case("closes_stdin", ServerExited, "no longer reads its standard input"),
    Case("closes_stdout", ServerExited, "closed its standard output"),
    Case("dies_after_initialize", ServerExited, "ended with status 0"),
    Case("dies_in_request", ServerExited, "was ended by signal 9"),
    Case("error_without_code", ServerBrokeProtocol, 'lacks an integer "code"'),
    Case("fractional_id", ServerBrokeProtocol, '"id" is not a string, an integer or null'),
    Case("grandchild", ServerExited, "ended with status 6 before it answered environment/list"),
    Case("invalid_utf8", ServerBrokeProtocol, "not UTF-8"),
    Case("no_version", ServerBrokeProtocol, '"jsonrpc" is not "2.0"'),
    Case("noise_between", ServerBrokeProtocol, "wrote b'DEBUG: listing environments'"),
    Case("not_json", ServerBrokeProtocol, "not JSON"),
    Case("null_error", ServerBrokeProtocol, "could not read a request: what?"),
    Case("result_and_error", ServerBrokeProtocol, "both a result and an error"),
    Case("too_deep", ServerBrokeProtocol, "nested deeper than 64"),
    Case("two_defaults", ServerBrokeProtocol, "names several defaults: a, b"),
    Case("unknown_id", ServerBrokeProtocol, "answered 1002, which was never requested"),
    Case("wrong_id_type", ServerBrokeProtocol, 'answered "2", which was never requested'),
    Case(
        "wrong_shapes",
        ServerBrokeProtocol,
        "answered environment/list wrongly: an array is expected",
    ),
    Case(
        "answers_late",
        ServerTimedOut,
        "did not answer environment/list",
        PATIENT._replace(request=0.5),
    ),
    Case(
        "floods_for_good",
        ServerTimedOut,
        "did not answer environment/list",
        PATIENT._replace(request=0.5),
    ),
    Case(
        "ignores_cancel",
        ServerTimedOut,
        "did not answer environment/list",
        PATIENT._replace(request=0.5),
    ),
    Case(
        "never_answers_list",
        ServerTimedOut,
        "did not answer environment/list",
        PATIENT._replace(request=0.5),
    ),
)

AT_THE_END = (
    Case("dies_in_shutdown", ServerExited, "ended with status 5 before it answered shutdown"),
    Case("ignores_exit", ServerTimedOut, "did not end within", PATIENT._replace(shutdown=0.5)),
)

#: What some need of their machine.
NEEDS = {
    "closes_stdin": "ended streams",
    "closes_stdout": "ended streams",
    "dies_in_request": "POSIX",
}

#: What misbehaves and can be lived with.
TOLERATED = ("floods", "floods_stderr", "notifies_without_end")


def _names(cases: tuple[Case, ...]) -> list[str]:
    return [case.server for case in cases]


def _assert_told(error: ServerFailed, case: Case) -> None:
    assert type(error) is case.error
    assert case.says in error.reason
    assert error.server == case.server
    assert case.server in error.message
    assert f"last words of {case.server}" in error.stderr
    assert error.stderr in error.message


def test_every_bad_server_is_driven() -> None:
    """No planted defect is left without a test."""
    driven = {*_names(AT_START), *_names(AT_A_REQUEST), *_names(AT_THE_END), *TOLERATED}
    assert driven == {path.stem for path in (SERVERS / "bad").glob("*.py")}


@pytest.mark.parametrize("threaded", [False, True], ids=["polled", "threaded"])
@pytest.mark.parametrize("case", AT_START, ids=_names(AT_START))
def test_a_server_that_fails_at_the_start_is_told_of(case: Case, *, threaded: bool) -> None:
    """A server that does not get through initialize is named, with its last words, and leaves nothing behind."""
    with nothing_left_behind():
        opened = session(f"bad/{case.server}", case.bound, threaded=threaded)
        with pytest.raises(ServerFailed) as caught, opened:
            pytest.fail("it was initialized")
    _assert_told(caught.value, case)


@pytest.mark.parametrize("threaded", [False, True], ids=["polled", "threaded"])
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            one, marks=[pytest.mark.needs(NEEDS[one.server])] if one.server in NEEDS else ()
        )
        for one in AT_A_REQUEST
    ],
    ids=_names(AT_A_REQUEST),
)
def test_a_server_that_fails_at_a_request_is_told_of(case: Case, *, threaded: bool) -> None:
    """A server that does not answer as it must is named, with its last words, and leaves nothing behind."""
    with nothing_left_behind():
        with (
            session(f"bad/{case.server}", case.bound, threaded=threaded) as opened,
            pytest.raises(ServerFailed) as caught,
        ):
            opened.environments()
        with pytest.raises(case.error):
            opened.request("environment/list")
    _assert_told(caught.value, case)


@pytest.mark.parametrize("case", AT_THE_END, ids=_names(AT_THE_END))
def test_a_server_that_fails_at_its_end_is_ended(case: Case) -> None:
    """A server that does not leave in order is ended, is told of without an error, and leaves nothing behind."""
    with nothing_left_behind():
        opened = session(f"bad/{case.server}", case.bound)
        with opened:
            assert opened.environments() == ()
            failure = opened.close()
    assert failure is not None
    _assert_told(failure, case)


@pytest.mark.parametrize("server", TOLERATED)
def test_a_server_that_talks_much_still_answers(server: str) -> None:
    """Notifications and logs, however many, keep no answer from being heard."""
    with nothing_left_behind(), session(f"bad/{server}") as opened:
        assert opened.environments() == ()


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("server", ["floods", "floods_stderr"])
def test_a_flood_costs_little_memory(server: str) -> None:
    """100 MB of notifications, or 20 MB of standard error, cost the client at most 20 MB at any moment."""
    # In a process of its own: this one may have held more before, and its peak would hide what is looked for.
    script = (
        "import resource, support.servers as servers;"
        f"opened = servers.session('bad/{server}').__enter__();"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "assert opened.environments() == ();"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before);"
        "opened.close()"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=GUARD,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
    )
    # In KiB, but in bytes on macOS.
    kib = int(finished.stdout) // (1024 if sys.platform == "darwin" else 1)
    assert kib <= 20 * 1024


@pytest.mark.parametrize("threaded", [False, True], ids=["polled", "threaded"])
def test_a_request_that_nobody_takes_hangs_nobody(*, threaded: bool) -> None:
    """More than a pipe holds, sent to a server that does not read, is given up in time."""
    with nothing_left_behind():
        child = started("bad/does_not_read", threaded=threaded)
        opened = Session(
            child, "it", root="/" + "x" * 1_000_000, bounds=PATIENT._replace(start=0.5)
        )
        with pytest.raises(ServerTimedOut), opened:
            pytest.fail("it was initialized")


def test_a_server_that_ignores_a_cancellation_is_ended() -> None:
    """A cancelled request that is not given up within its grace ends the server."""
    cancelled = threading.Event()
    with (
        nothing_left_behind(),
        session("bad/ignores_cancel", PATIENT._replace(cancel=0.2)) as opened,
    ):
        threading.Timer(0.1, cancelled.set).start()
        with pytest.raises(Cancelled, match="ending the server"):
            opened.environments(cancelled=cancelled)
        assert not opened.usable


@pytest.mark.needs("ended streams")
def test_all_who_wait_are_told_when_a_server_dies() -> None:
    """When a server fails, every request in flight ends in the same error, each in its own thread."""
    errors: list[ServerFailed] = []

    def ask() -> None:
        with pytest.raises(ServerExited) as caught:
            opened.request("environment/list")
        errors.append(caught.value)

    with nothing_left_behind():
        with session("bad/closes_stdout") as opened:
            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len({error.reason for error in errors}) == 1
        assert len({id(error) for error in errors}) == len(threads)


def _starter(server: str) -> Callable[[], Session]:
    def start() -> Session:
        opened = session(server)
        opened.__enter__()
        return opened

    return start


def test_the_next_request_starts_a_fresh_server() -> None:
    """After a server failed, whoever asks next gets a new one at once."""
    pool = Pool()
    with nothing_left_behind():
        with (
            pool.session("root", _starter("bad/dies_in_request")) as first,
            pytest.raises(ServerExited),
        ):
            first.environments()
        with pool.session("root", _starter("good/base_lines")) as second:
            assert len(second.environments()) == 3
        pool.close()


def test_a_process_that_died_while_idle_is_noticed() -> None:
    """A server that ended between two requests is not usable any more, before anybody asks it in vain."""
    with nothing_left_behind():
        child = started("bad/dies_after_initialize")
        with Session(child, "dies_after_initialize") as opened:
            until(child.ended)
            assert not opened.usable
