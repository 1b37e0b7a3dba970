"""Query workflow servers in the background, so that no request of the editor waits for one."""

from __future__ import annotations

import functools
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from workflow_helper.errors import ServerBackingOff, WorkflowError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.lsp.debounce import Later
from workflow_helper.servers.manager import Servers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from contextlib import AbstractContextManager

    from workflow_server.client import Session

    from workflow_helper.model import Environment, Host, Workflow

    Result = tuple[Environment, ...] | WorkflowError

log = logging.getLogger("workflow_helper.lsp")

#: Servers that are asked at the same time.
_AT_ONCE = 4
#: Seconds for which news of servers are gathered: one that never stops telling of changes is asked no more often.
_NEWS = 0.25


class _Key(NamedTuple):
    root: str
    launch: str
    trusted: bool


class _State:
    """The state of one workflow of one root."""

    def __init__(self) -> None:
        self.result: Result | None = None
        #: The files that its server is made of.
        self.files: tuple[str, ...] = ()
        #: It may say something else by now.
        self.stale = True
        self.asking = False
        #: The answer became outdated during the query, and is needed again.
        self.once_more = False
        #: Nobody is interested any more.
        self.dropped = threading.Event()


class Asker:
    """The latest answers of workflow servers.

    ``changed`` is called, in a thread of this object, when an answer differs from the last. No other code is called
    while this object's lock is held.
    """

    def __init__(self, host: Host, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._closed = threading.Event()
        work = Work(cancelled=self._closed)
        self._servers = Servers(host, Disk, work, on_changed=self._on_change)
        self._news = Later(_NEWS, self._look)
        self._lock = threading.Lock()
        self._states: dict[_Key, _State] = {}
        self._due: deque[Callable[[], None]] = deque()
        self._workers: set[threading.Thread] = set()

    def ask(self, workflow: Workflow, root: str, trusted: bool) -> tuple[Environment, ...] | None:  # noqa: FBT001 - an Ask
        """Return the server's last answer; ``None`` while there is none.

        If the answer may be outdated, the server is queried again in the background.

        Raises:
            WorkflowError: the last query failed.
        """
        key = _Key(root, repr(workflow.declaration), trusted)
        with self._lock:
            state = self._states.setdefault(key, _State())
            if state.stale and state.asking:
                state.once_more = True
            elif state.stale:
                state.stale = False
                state.asking = True
                self._do(functools.partial(self._ask, workflow, key, state))
            result = state.result
        if isinstance(result, WorkflowError):
            raise result.with_traceback(None)
        return result

    def exclude(self, folders: Iterable[str]) -> None:
        """Start no server with a program in ``folders``: those of the workspace, whose contents are untrusted."""
        self._servers.exclude(folders)

    def files(self, root: str) -> tuple[str, ...]:
        """Return the files of the servers of ``root``; a change to one of them restarts its server."""
        with self._lock:
            return tuple(
                file
                for key, state in self._states.items()
                if key.root == root
                for file in state.files
            )

    def again(self) -> None:
        """Query every server again when its answer is next needed, because something changed."""
        with self._lock:
            for state in self._states.values():
                state.stale = True

    def only(self, roots: Collection[str]) -> None:
        """End the servers of other roots and forget their answers; never waits for them."""
        with self._lock:
            for key in [key for key in self._states if key.root not in roots]:
                self._states.pop(key).dropped.set()
            self._do(functools.partial(self._servers.only, frozenset(roots)))

    def session(
        self, workflow: Workflow, root: str, *, trusted: bool
    ) -> AbstractContextManager[Session]:
        """Open a session with a server for another request; the caller waits for it."""
        return self._servers.session(workflow, root, trusted=trusted)

    def close(self) -> None:
        """Cancel all queries, and end all servers and threads."""
        with self._lock:
            self._closed.set()
            self._due.clear()
            for state in self._states.values():
                state.dropped.set()
            workers = set(self._workers)
        self._news.close()
        self._servers.close()
        for worker in workers - {threading.current_thread()}:
            worker.join()

    # -- workers ------------------------------------------------------------------------------------------------

    def _do(self, act: Callable[[], None]) -> None:
        """Queue ``act`` for a worker thread; the caller holds the lock."""
        if self._closed.is_set():
            return
        self._due.append(act)
        if len(self._workers) < _AT_ONCE:
            worker = threading.Thread(target=self._work, name="asker", daemon=True)
            self._workers.add(worker)
            worker.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._due:
                    self._workers.discard(threading.current_thread())
                    return
                act = self._due.popleft()
            try:
                act()
            except Exception:
                # There is no caller to report it to, and other queries are waiting.
                log.exception("unexpected error while querying a workflow server")

    def _ask(self, workflow: Workflow, key: _Key, state: _State) -> None:
        files = self._servers.files(workflow, key.root)
        result = self._result(workflow, key, state)
        with self._lock:
            if state.dropped.is_set():
                return
            if isinstance(result, ServerBackingOff) and state.result is not None:
                # What went wrong says more than that it is not tried again yet; the next look tries.
                result, state.stale, state.once_more = state.result, True, False
            new = (_shown(result), files) != (_shown(state.result), state.files)
            state.result, state.files = result, files
            state.asking = state.once_more
            if state.once_more:
                state.stale = state.once_more = False
                self._do(functools.partial(self._ask, workflow, key, state))
        if new:
            self._look()

    def _result(self, workflow: Workflow, key: _Key, state: _State) -> Result:
        try:
            return self._servers.environments(
                workflow, key.root, trusted=key.trusted, cancelled=state.dropped
            )
        except WorkflowError as error:
            return error
        except Exception as error:
            if not self._closed.is_set():
                log.exception("unexpected error while querying %s", workflow.name)
            return WorkflowError(f"the workflow {workflow.name} could not be queried: {error}")

    def _look(self) -> None:
        if not self._closed.is_set():
            self._changed()

    def _on_change(self) -> None:
        # The thread that reads from servers must not wait for an answer of theirs.
        self.again()
        self._news.soon()


def _shown(result: Result | None) -> object:
    return str(result) if isinstance(result, WorkflowError) else result
