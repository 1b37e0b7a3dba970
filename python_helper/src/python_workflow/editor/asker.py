"""Asks workflow servers beside the editor's requests, so that none of these waits for a server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from python_workflow.asking import Servers
from python_workflow.discovery.disk import Disk
from python_workflow.errors import WorkflowError
from python_workflow.launch.provision import Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from python_workflow.model import Environment, Host, Workflow
    from python_workflow.wsp.client import Session

#: Servers that are asked at the same time.
_AT_ONCE = 4


class _Key(NamedTuple):
    root: str
    launch: str
    trusted: bool


class _Said:
    """What is known of one workflow of one root."""

    def __init__(self) -> None:
        self.result: tuple[Environment, ...] | WorkflowError | None = None
        self.asking = False
        #: It may say something else by now.
        self.stale = True


class Asker:
    """What servers said, as far as they did; ``changed`` is called, in another thread, when one says something new."""

    def __init__(self, host: Host, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._cancelled = threading.Event()
        work = Work(cancelled=self._cancelled)
        self._servers = Servers(host, Disk, work, on_changed=self._told)
        self._lock = threading.Lock()
        self._said: dict[_Key, _Said] = {}
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def ask(self, workflow: Workflow, root: str, trusted: bool) -> tuple[Environment, ...] | None:  # noqa: FBT001 - an Ask
        """What the server said last; ``None`` while it has not yet. Raises the :class:`WorkflowError` it ended in.

        Where that may not hold any more, it is asked again meanwhile.
        """
        key = _Key(root, repr((workflow.declared_in, workflow.launch)), trusted)
        with self._lock:
            said = self._said.setdefault(key, _Said())
            if said.stale and not said.asking and not self._cancelled.is_set():
                said.asking = True
                said.stale = False
                threading.Thread(
                    target=self._run, args=(workflow, key, said), name="asker", daemon=True
                ).start()
            result = said.result
        if isinstance(result, WorkflowError):
            raise result.with_traceback(None)
        return result

    def again(self) -> None:
        """Something changed: every server is asked anew when its answer is next needed."""
        with self._lock:
            for said in self._said.values():
                said.stale = True

    def session(
        self, workflow: Workflow, root: str, *, trusted: bool
    ) -> AbstractContextManager[Session]:
        """A server, for a request of another kind; the caller waits for it."""
        return self._servers.session(workflow, root, trusted=trusted)

    def close(self) -> None:
        """Cancel what is being asked, and end all servers."""
        self._cancelled.set()
        self._servers.close()

    def _run(self, workflow: Workflow, key: _Key, said: _Said) -> None:
        result: tuple[Environment, ...] | WorkflowError
        with self._places:
            try:
                result = self._servers.environments(workflow, key.root, trusted=key.trusted)
            except WorkflowError as error:
                result = error
            except RuntimeError:  # closed meanwhile
                return
        with self._lock:
            new = _shown(result) != _shown(said.result)
            said.result = result
            said.asking = False
        if new and not self._cancelled.is_set():
            self._changed()

    def _told(self) -> None:
        self.again()
        # A server's own thread reads here, and must not be made to wait for an answer of its own.
        threading.Thread(target=self._changed, name="asker", daemon=True).start()


def _shown(result: tuple[Environment, ...] | WorkflowError | None) -> object:
    return result.message if isinstance(result, WorkflowError) else result
