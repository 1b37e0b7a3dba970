from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support.scripted import Scripted
from support.servers import until
from workflow_helper.errors import (
    ProgramFailed,
    ServerBackingOff,
    ServerExited,
    ServerFailed,
    ServerNotStarted,
)
from workflow_helper.servers.pool import IDLE, SETTLED, Pool
from workflow_server.client import Session

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock:
    """Time as the test has it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The seconds."""
        return self.now


class Maker:
    """Starts scripted servers, and keeps them."""

    def __init__(self) -> None:
        self.made: list[Scripted] = []
        #: Whether those to come die before they are initialized.
        self.hopeless = False

    def __call__(self) -> Session:
        """A session, initialized."""
        server = Scripted()
        server.dead = self.hopeless
        self.made.append(server)
        return Session(server, "it").__enter__()


@pytest.fixture
def clock() -> Clock:
    """Time that stands still until it is moved."""
    return Clock()


@pytest.fixture
def pool(clock: Clock) -> Iterator[Pool]:
    """A pool that is closed at the end, and whose servers idle for good."""
    pool = Pool(idle=float("inf"), clock=clock)
    yield pool
    pool.close()


def use(pool: Pool, start: Maker, key: str = "root") -> Scripted:
    """Use the server of ``key`` for a request; which one it was."""
    with pool.session(key, start) as session:
        session.request("environment/list")
        server = session._connection._transport  # noqa: SLF001 - which it is, nobody else needs to know
    assert isinstance(server, Scripted)
    return server


def outcome(pool: Pool, start: Maker) -> type[ServerFailed] | None:
    """How asking the server of the root fails, if it does."""
    try:
        use(pool, start)
    except ServerFailed as error:
        return type(error)
    return None


def test_a_server_is_kept_warm_for_its_root_alone(pool: Pool) -> None:
    """Whoever asks again for a root gets the same server; another root has its own."""
    start = Maker()
    first, again, other = use(pool, start), use(pool, start), use(pool, start, "elsewhere")
    assert first is again
    assert first is not other
    assert len(start.made) == 2


def test_those_who_ask_at_once_share_one_server(pool: Pool) -> None:
    """Ten threads that ask for a root at once start one server."""
    start = Maker()
    threads = [threading.Thread(target=use, args=(pool, start)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(start.made) == 1


def test_a_failed_server_is_replaced_at_once_and_then_after_growing_pauses(
    pool: Pool, clock: Clock
) -> None:
    """The pause before a restart starts at nothing, then half a second, doubles with every failure, and stops at 30 s."""
    start = Maker()
    start.hopeless = True
    pauses = []
    for _ in range(9):
        before = clock.now
        while outcome(pool, start) is ServerBackingOff:
            clock.now += 0.25
        pauses.append(clock.now - before)
    assert pauses == [0, 0, 0.5, 1, 2, 4, 8, 16, 30]
    assert len(start.made) == len(pauses)


def test_a_pause_says_why(pool: Pool) -> None:
    """Who is told to wait is told what went wrong before."""
    start = Maker()
    start.hopeless = True
    assert [outcome(pool, start) for _ in range(2)] == [ServerNotStarted, ServerNotStarted]
    with pytest.raises(ServerBackingOff, match=r"0\.5 s have passed: it ended with status 0"):
        use(pool, start)


def test_a_server_that_worked_starts_afresh_in_the_count(pool: Pool, clock: Clock) -> None:
    """Failures that lie far apart are no reason to wait."""
    start = Maker()
    for _ in range(5):
        with pool.session("root", start) as session:
            clock.now += SETTLED
            start.made[-1].dead = True
            with pytest.raises(ServerExited):
                session.request("environment/list")
    assert len(start.made) == 5


def test_a_server_that_ended_in_peace_is_replaced_without_a_pause(pool: Pool) -> None:
    """A server that was found to have ended is no failure."""
    start = Maker()
    for _ in range(5):
        use(pool, start).dead = True
    assert len(start.made) == 5


def test_what_cannot_be_started_is_tried_each_time(pool: Pool) -> None:
    """A program that is not there may be there the next time."""

    def start() -> Session:
        raise ProgramFailed("not there")

    for _ in range(5):
        with pytest.raises(ProgramFailed), pool.session("root", start):
            pass


def test_a_forgotten_root_starts_anew(pool: Pool) -> None:
    """Forgetting a root shuts its server down and forgives its failures."""
    start = Maker()
    server = use(pool, start)
    pool.forget("root")
    pool.forget("never known")
    assert server.ends == 1
    assert server.received[-1]["method"] == "exit"
    start.hopeless = True
    for _ in range(2):
        with pytest.raises(ServerNotStarted):
            use(pool, start)
    pool.forget("root")
    start.hopeless = False
    use(pool, start)


def test_a_forgotten_server_in_use_ends_with_its_last_use(pool: Pool) -> None:
    """Who uses a server that is forgotten meanwhile is not disturbed; who comes later gets another."""
    start = Maker()
    with pool.session("root", start) as session:
        pool.forget("root")
        assert session.usable
        use(pool, start)
        assert session.usable
    assert [server.dead for server in start.made] == [True, False]


def test_a_forgotten_server_in_use_ends_with_the_pool() -> None:
    """Closing the pool ends also what was forgotten and is still in use."""
    pool, start = Pool(), Maker()
    with pool.session("root", start):
        pool.forget("root")
        pool.close()
        assert start.made[0].dead


def test_a_server_that_is_of_use_is_not_idle(pool: Pool, clock: Clock) -> None:
    """Idle time begins anew with each sign that a server is of use, though nobody asks it anything."""
    start = Maker()
    server = use(pool, start)
    for _ in range(3):
        clock.now += IDLE * 0.75
        pool.touch("root")
        pool.touch("never known")
        use(pool, start, "elsewhere")  # which has the sweeper look
    assert not server.dead


def test_idle_servers_are_shut_down() -> None:
    """A server that nobody uses for the idle time is ended, one in use is not, and no thread stays for them."""
    before = set(threading.enumerate())
    pool, start = Pool(idle=0.05), Maker()
    with pool.session("busy", start) as busy:
        idle = use(pool, start, "idle")
        until(lambda: idle.dead)
        assert busy.usable
    until(lambda: start.made[0].dead)
    until(lambda: set(threading.enumerate()) <= before)
    pool.close()


def test_a_closed_pool_has_ended_its_servers() -> None:
    """Closing ends every server and thread, and refuses further use."""
    before = set(threading.enumerate())
    pool, start = Pool(), Maker()
    servers = [use(pool, start, key) for key in "abc"]
    pool.close()
    assert all(server.dead for server in servers)
    assert set(threading.enumerate()) <= before
    with pytest.raises(RuntimeError), pool.session("a", start):
        pass
    pool.close()
