from __future__ import annotations

import threading

from support.servers import until
from workflow_helper.lsp.debounce import Later


def test_many_requests_are_one_call() -> None:
    """Requests that come before the time is over are answered by one call."""
    calls: list[str] = []
    later = Later(0.05, lambda: calls.append(threading.current_thread().name))
    for _ in range(100):
        later.soon()
    until(lambda: bool(calls))
    later.close()
    assert calls == ["later"]


def test_what_is_requested_during_a_call_is_done_after_it() -> None:
    """A request that comes while the call is under way leads to another one, never to two at once."""
    going, go_on = threading.Semaphore(0), threading.Semaphore(0)
    under_way: list[int] = []
    seen: list[int] = []

    def act() -> None:
        under_way.append(1)
        seen.append(len(under_way))
        going.release()
        go_on.acquire()
        under_way.pop()

    later = Later(0, act)
    later.soon()
    going.acquire()
    later.soon()
    go_on.release()
    going.acquire()
    go_on.release()
    later.close()
    assert seen == [1, 1]


def test_closed() -> None:
    """Closing drops what was requested, and leaves no thread."""
    before = set(threading.enumerate())
    calls: list[int] = []
    later = Later(60, lambda: calls.append(1))
    later.soon()
    later.close()
    later.soon()
    later.close()
    assert (calls, set(threading.enumerate()) - before) == ([], set())
