"""Start workflow servers when they are first needed, share them while they are in use, and end them at exit."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress

from workflow_helper.discovery.declarations import expand_home
from workflow_helper.errors import Refused, ServerFailed
from workflow_helper.filesystem.paths import absolute, is_remote
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.model import AdapterLaunch, Question, ScriptLaunch, SshLaunch
from workflow_helper.servers.launch import command
from workflow_helper.servers.pool import Pool
from workflow_helper.system.child import Child
from workflow_helper.trust import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
    from types import TracebackType

    from typing_extensions import Self
    from workflow_server.client import Session
    from workflow_server.connection import Transport

    from workflow_helper.model import Environment, Host, Workflow
    from workflow_helper.servers.launch import ServerCommand

#: The capability of a server that says when environments changed.
_WATCH = "environment.watch"
#: Seconds between two signs that a server is of use because it is listened to; fewer than an idle one is kept.
_LISTENED = 60.0


class Servers:
    """The servers that one process has started. Any thread may use it; leaving it as a context manager ends all servers.

    A server whose own files changed is restarted. If ``on_changed`` is given, a thread listens to each server that
    reports changes of environments, because idle connections are not read.
    """

    def __init__(
        self,
        host: Host,
        disk: Callable[[], Disk],
        work: Work | None = None,
        on_changed: Callable[[], None] | None = None,
        *,
        by_consent: bool = False,
        tap: Callable[[Transport], Transport] = lambda transport: transport,
    ) -> None:
        """Take ``disk``, which makes a disk for a thread of its own, and ``on_changed``, which is called when environments changed.

        ``by_consent``: a project's declaration is started only if it is unchanged since the user's consent. ``tap``
        wraps the transport between a session and its server, to trace messages.
        """
        self._tap = tap
        self._host = host
        self._disk = disk
        self._work = Work() if work is None else work
        self._on_changed = on_changed
        self._by_consent = by_consent
        self._pool = Pool()
        self._lock = threading.Lock()
        #: Root, declaration and trust -> the key in the pool, which also says of which version its files are.
        self._keys: dict[tuple[str, str, bool], Hashable] = {}
        self._listeners: set[threading.Thread] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def session(
        self,
        workflow: Workflow,
        root: str,
        *,
        trusted: bool,
        cancelled: threading.Event | None = None,
    ) -> Iterator[Session]:
        """Open a session with the server of ``workflow`` for ``root``; ``trusted`` says whether the folder is trusted, which the server receives.

        ``cancelled`` ends the wait for a server that is being started.

        Raises:
            Refused: the server has changed since the user's consent, or has none.
            NotFound: a program or a file does not exist.
            UsageError: a requirement is invalid.
            UnusableFile: inline metadata is invalid.
            CreateFailed: installing fails.
            ProgramFailed: it cannot be started.
            ServerFailed: it does not answer, or may not be restarted yet.
            Cancelled: ``cancelled`` was set.
        """
        disk = self._disk()
        stop = self._work.cancelled if cancelled is None else cancelled
        key = self._key(workflow, root, disk, trusted=trusted)

        def start() -> Session:
            how = self.command(workflow, root, disk, cancelled=stop)
            child = Child(how.argv, cwd=how.cwd, environ=how.environ)
            try:
                session = self._start_session(how, child, root, trusted=trusted)
            except BaseException:
                child.end(0)  # nobody else knows of it yet
                raise
            try:
                session.begin(cancelled=stop)
            except ServerFailed as error:
                from workflow_helper.trust.undeclared_files import explain

                raise explain(error, how.snapshot) from None
            if self._on_changed is not None and _WATCH in session.capabilities:
                self._listen_to(session, key)
            return session

        with self._pool.session(key, start) as session:
            yield session

    def _start_session(
        self, how: ServerCommand, child: Child, root: str, *, trusted: bool
    ) -> Session:
        # What talks with a server is loaded while that starts.
        if how.place is None:
            from workflow_server.client import Session

            return Session(
                self._tap(child), how.name, root=root, trusted=trusted, on_changed=self._changed
            )
        from workflow_helper.servers.remote_session import RemoteSession

        return RemoteSession(
            self._tap(child),
            how.name,
            how.place,
            root=root,
            trusted=trusted,
            on_changed=self._changed,
        )

    def command(
        self,
        workflow: Workflow,
        root: str,
        disk: Disk | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> ServerCommand:
        """Return the command that starts the server of ``workflow`` for ``root``, after checking the user's consent.

        Raises:
            Refused: it has changed since the user's consent, or has none.
            NotFound: a program or a file does not exist.
            UsageError: a requirement is invalid.
            UnusableFile: inline metadata is invalid.
            CreateFailed: installing fails.
            Cancelled: ``cancelled`` was set.
        """
        work = self._work if cancelled is None else self._work._replace(cancelled=cancelled)
        how = command(workflow, root, self._host, disk or self._disk(), work)
        # What is required was installed meanwhile, which may have taken minutes.
        self._check_consented(workflow, root, how)
        return how

    def _check_consented(self, workflow: Workflow, root: str, how: ServerCommand) -> None:
        if not self._by_consent:
            return
        digest = how.snapshot.digest if how.snapshot else None
        what = policy.subject(workflow, root)._replace(digest=digest)
        decision = policy.decide("start", what, Question(root), self._host, Disk())
        if not decision.allowed:
            reason = (
                f"the workflow {workflow.name} of {root} was not started, because {decision.reason}"
            )
            raise Refused(reason, decision.hint)

    def environments(
        self,
        workflow: Workflow,
        root: str,
        *,
        trusted: bool,
        cancelled: threading.Event | None = None,
    ) -> tuple[Environment, ...]:
        """Return the server's environments, the default marked.

        Raises:
            WorkflowError: the server could not be started or queried.
        """
        stop = self._work.cancelled if cancelled is None else cancelled
        with self.session(workflow, root, trusted=trusted, cancelled=stop) as session:
            from workflow_server.client import default_of

            from workflow_helper.servers.convert import environment_of

            entries = session.environments(cancelled=stop)
            default = default_of(entries, session.capabilities)
        disk = self._disk()
        return tuple(environment_of(one, disk, is_default=one is default) for one in entries)

    def files(self, workflow: Workflow, root: str) -> tuple[str, ...]:
        """Return the files of the server of ``workflow`` that its declaration names."""
        return tuple(path for path, _ in self._stamps(workflow, root, self._disk()))

    def exclude(self, folders: Iterable[str]) -> None:
        """Start no further server with a program in ``folders``."""
        self._work = self._work._replace(outside=tuple(folders))

    def only(self, roots: Collection[str]) -> None:
        """End the servers of all other roots, each as soon as it is not in use."""
        with self._lock:
            gone = [known for known in self._keys if known[0] not in roots]
            keys = [self._keys.pop(known) for known in gone]
        for key in keys:
            self._pool.forget(key)

    def close(self) -> None:
        """End all of them."""
        self._pool.close()
        with self._lock:
            listeners = set(self._listeners)
        for listener in listeners:
            listener.join()

    def _key(self, workflow: Workflow, root: str, disk: Disk, *, trusted: bool) -> Hashable:
        """Return the key of the server in the pool; a server whose files have changed is ended."""
        known = root, repr(workflow.declaration), trusted
        key = *known, self._stamps(workflow, root, disk)
        with self._lock:
            before = self._keys.get(known)
            self._keys[known] = key
        if before is not None and before != key:
            self._pool.forget(before)
        return key

    def _stamps(
        self, workflow: Workflow, root: str, disk: Disk
    ) -> tuple[tuple[str, tuple[int, int] | None], ...]:
        """Return the server's own files, and their stamps."""
        declaration = workflow.declaration
        launch, base = declaration.launch, declaration.base(root)
        if isinstance(launch, SshLaunch):  # they are on the other machine
            return ()
        from workflow_helper.trust import fingerprint

        stamps = dict(fingerprint.stamps(declaration, base, self._host, disk))
        if isinstance(launch, (ScriptLaunch, AdapterLaunch)):  # wherever it is, of a user's own too
            text = expand_home(launch.path, self._host)
            if not is_remote(text):
                path = absolute(base, text)
                look = disk.stat(path)
                stamps[path] = look and (look.st_mtime_ns, look.st_size)
        return tuple(sorted(stamps.items()))

    def _changed(self, _ids: tuple[str, ...]) -> None:
        if self._on_changed is not None:
            self._on_changed()

    def _listen_to(self, session: Session, key: Hashable) -> None:
        listener = threading.Thread(
            target=self._listen, args=(session, key), name="listener", daemon=True
        )
        with self._lock:
            self._listeners.add(listener)
        listener.start()

    def _listen(self, session: Session, key: Hashable) -> None:
        try:
            with suppress(ServerFailed):
                while True:
                    session.listen(_LISTENED)
                    self._pool.touch(key)
            if not session.closed:  # it ended by itself: what it said may not hold any more
                self._changed(())
        finally:
            with self._lock:
                self._listeners.discard(threading.current_thread())
