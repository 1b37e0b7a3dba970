"""Keep servers running and share them: one for each key, a project's root and its workflow.

A failed server is replaced at the next request: the first time at once, then only after a pause that doubles with each
failure in a row, up to a limit. Meanwhile requests raise :class:`~workflow_helper.errors.ServerBackingOff`. After a
server has worked for :data:`SETTLED` seconds, the count starts again.
"""

from __future__ import annotations

import contextlib
import threading
import time

from workflow_helper.errors import ServerBackingOff, ServerFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from workflow_server.client import Session

# Seconds.
#: A server that nobody used for so long is shut down.
IDLE = 300.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
#: A server that worked for so long is not on its way from one failure to the next.
SETTLED = 30.0


class Pool:
    """Warm servers. Any thread may use it; it must be closed.

    ``clock`` is :func:`time.monotonic` or one like it.
    """

    def __init__(
        self,
        *,
        idle: float = IDLE,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._idle = idle
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._clock = clock
        self._changed = threading.Condition()
        self._places: dict[Hashable, _Place] = {}
        #: Those that are ended when their last user is done.
        self._leaving: set[_Place] = set()
        self._sweeper: threading.Thread | None = None
        self._closed = False

    @contextlib.contextmanager
    def session(self, key: Hashable, start: Callable[[], Session]) -> Iterator[Session]:
        """Open a session with the running server of ``key``; without one, ``start`` returns an initialized one.

        Concurrent callers share one server.

        Raises:
            ServerBackingOff: the server failed repeatedly, and may not be restarted yet.
            WorkflowError: ``start`` fails.
        """
        place = self._enter(key)
        try:
            yield self._warm(place, start)
        finally:
            self._leave(place)

    def forget(self, key: Hashable) -> None:
        """Shut down the server of ``key``, and forget its failures, because its declaration changed or it is no longer needed.

        A server in use is shut down after its last user is done; later callers get another one.
        """
        with self._changed:
            place = self._places.pop(key, None)
            if place is None:
                return
            if place.users:
                self._leaving.add(place)
                return
        place.end()

    def touch(self, key: Hashable) -> None:
        """Restart the idle timeout of the server of ``key``."""
        with self._changed:
            place = self._places.get(key)
            if place is not None:
                place.since = self._clock()

    def close(self) -> None:
        """Shut down all servers in parallel, and wait for their end."""
        with self._changed:
            self._closed = True
            places = [*self._places.values(), *self._leaving]
            self._places.clear()
            self._leaving.clear()
            sweeper = self._sweeper
            self._changed.notify_all()
        enders = [threading.Thread(target=place.end) for place in places]
        for ender in enders:
            ender.start()
        for ender in (*enders, *([sweeper] if sweeper else ())):
            ender.join()

    def _enter(self, key: Hashable) -> _Place:
        with self._changed:
            if self._closed:
                raise RuntimeError("the pool is closed")
            place = self._places.setdefault(key, _Place())
            place.users += 1
            return place

    def _leave(self, place: _Place) -> None:
        with self._changed:
            place.users -= 1
            place.since = self._clock()
            last = not place.users and place in self._leaving
            if last:
                self._leaving.discard(place)
            elif not self._closed:
                self._sweep_later()
        if last:
            place.end()

    def _warm(self, place: _Place, start: Callable[[], Session]) -> Session:
        seen = place.failures
        with place.starting:
            if place.over:
                raise RuntimeError("the server is no longer needed")
            if place.session is not None:
                if place.session.usable:
                    return place.session
                self._note_end(place, place.session)
            elif place.failures > seen and place.last is not None:
                # A thread that waited for a failed attempt of another thread has failed too.
                from workflow_server.connection import again

                raise again(place.last)
            return self._start(place, start)

    def _start(self, place: _Place, start: Callable[[], Session]) -> Session:
        now = self._clock()
        if now < place.not_before and place.last is not None:
            raise ServerBackingOff(
                place.last.server,
                f"is not started again before {max(0.1, place.not_before - now):.1f} s have passed: it {place.last.reason}",
                place.last.stderr,
            )
        try:
            place.session = start()
        except ServerFailed as error:
            self._note_failure(place, error)
            raise
        place.started = self._clock()
        return place.session

    def _note_end(self, place: _Place, session: Session) -> None:
        """Note that a server can no longer be used."""
        place.session = None
        # Closing makes "was shut down" of what has not failed.
        failure = session.failure
        error = session.close() or failure
        if self._clock() - place.started >= SETTLED:
            place.failures = 0
        if error is not None:
            self._note_failure(place, error)

    def _note_failure(self, place: _Place, error: ServerFailed) -> None:
        place.failures += 1
        place.last = error
        if place.failures > 1:
            pause = self._first_pause * 2.0 ** min(place.failures - 2, 30)
            place.not_before = self._clock() + min(pause, self._longest_pause)

    def _sweep_later(self) -> None:
        """Start a thread that waits for servers to become idle; the caller holds the lock."""
        if self._sweeper is None:
            self._sweeper = threading.Thread(target=self._sweep, name="idle servers", daemon=True)
            self._sweeper.start()
        else:
            self._changed.notify_all()

    def _sweep(self) -> None:
        """Shut down servers when their idle timeout is over, and end when none is left."""
        while True:
            with self._changed:
                warm = [one for one in self._places.values() if one.session is not None]
                if self._closed or not warm:
                    self._sweeper = None
                    return
                due = [one.since + self._idle for one in warm if not one.users]
                left = min(due) - self._clock() if due else None
                if left is None or left > 0:
                    self._changed.wait(None if left is None else min(left, threading.TIMEOUT_MAX))
                    continue
                idle = [
                    (key, one)
                    for key, one in self._places.items()
                    if not one.users and one.since + self._idle <= self._clock()
                ]
                for key, _ in idle:
                    del self._places[key]
            for _, place in idle:
                place.end()


class _Place:
    """The state of one key."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.users = 0
        #: When it was last used, and when its server was started.
        self.since = 0.0
        self.started = 0.0
        self.failures = 0
        self.last: ServerFailed | None = None
        self.not_before = 0.0
        #: InstalledPackages while a server is looked at or started.
        self.starting = threading.Lock()
        #: No server is to be started here any more.
        self.over = False

    def end(self) -> None:
        with self.starting:
            self.over = True
            session, self.session = self.session, None
        if session is not None:
            session.close()
