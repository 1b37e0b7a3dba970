"""The context of a command: the action with its :class:`Question`, the sessions, and the result."""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile, UsageError
from workflow_helper.filesystem.paths import without_prefix
from workflow_helper.model import Question
from workflow_helper.resolver.resolve import environments, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from threading import Event
    from types import TracebackType
    from typing import Any, NamedTuple

    from typing_extensions import Self
    from workflow_server.client import Session
    from workflow_server.connection import Transport
    from workflow_server.values import Command

    from workflow_helper.cli.arguments import Action
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.work import Work
    from workflow_helper.model import Environment, Host, Resolution, Workflow
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.resolver.environment_rules import Ask
    from workflow_helper.servers.manager import Servers
    from workflow_helper.terminal.json_encoder import Raw
    from workflow_helper.terminal.progress import ProgressLine
else:
    from workflow_server.namedtuple import NamedTuple

FOUND, FAILED, NOTHING = 0, 1, 3


class Result(NamedTuple):
    """The result of a command: the JSON document, the text for a person, and the exit status."""

    document: Mapping[str, Any] | Raw
    #: One line, or a tuple of them, however long the names in them: what would break a line is spelled out where it is written.
    text: str | tuple[str, ...]
    exit_code: int = FOUND
    #: For stderr, in plain output: why.
    note: str | tuple[str, ...] = ""
    #: For stderr, in plain output, also where the answer alone is captured: what went wrong meanwhile.
    warning: str | tuple[str, ...] = ""
    #: The command that replaces this process; nothing is written then.
    command: Command | None = None


class Invocation(NamedTuple):
    """An action, with the :class:`Question` that its common options make."""

    action: Action
    question: Question
    host: Host
    disk: Disk
    #: The folder that the command was given in.
    cwd: str
    #: Takes a sentence about what is being done.
    report: ProgressLine
    servers: LazyServers

    @property
    def ask(self) -> Ask:
        """The function that queries a workflow's server."""
        return self.servers.ask

    @property
    def resolution(self) -> Resolution:
        """The answer, without rules that it does not need."""
        return resolve(self.question, self.host, self.disk, ask=self.ask)

    @property
    def whole(self) -> Resolution:
        """The answer with every rule of its workflow."""
        return resolve(self.question, self.host, self.disk, whole=True, ask=self.ask)

    @property
    def listed(self) -> tuple[Resolution, tuple[Environment, ...]]:
        """All environments, and the answer."""
        return environments(self.question, self.host, self.disk, ask=self.ask)

    @property
    def session(self) -> FolderSession:
        """The session for asking about the folder, or changing it."""
        return self._session(self.disk, self.work)

    def session_with(self, work: Work) -> FolderSession:
        """Return the session with ``work`` and a new disk, which sees what was installed meanwhile."""
        from workflow_helper.filesystem.reader import Disk

        return self._session(Disk(), work)

    def _session(self, disk: Disk, work: Work) -> FolderSession:
        from workflow_helper.operations.session import FolderSession

        return FolderSession(self.question, self.host, disk, self.servers.session, work)

    @property
    def work(self) -> Work:
        """The progress and cancellation of long work."""
        from workflow_helper.discovery import roots
        from workflow_helper.install.work import Work

        around = roots.of(self.question, self.host, self.disk).all
        return Work(self.report, self.servers.cancelled, around, self.report.advance)


class LazyServers:
    """The servers of one command, imported and started with the first query, and ended with the command."""

    def __init__(
        self, host: Host, disk: Disk, report: Callable[[str], None], *, by_consent: bool
    ) -> None:
        """Take ``by_consent`` as :class:`workflow_helper.servers.manager.Servers` does; it is false where an editor decides about trust."""
        self._by_consent = by_consent
        self._host = host
        self._disk = disk
        self._report = report
        #: Stops what is asked of a server from now on.
        self.cancelled: Event | None = None
        #: Takes each message that goes to a server or comes from it, where anybody wants to see them.
        self.trace: Callable[[str], None] | None = None
        self._started: Servers | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._started is not None:
            self._started.close()

    def started(self) -> Servers:
        """Return the servers, started now if needed."""
        if self._started is None:
            from workflow_helper.install.work import Work
            from workflow_helper.servers.manager import Servers
            from workflow_helper.system.shutdown import end_in_order

            end_in_order()
            self._started = Servers(
                self._host,
                lambda: self._disk,
                Work(self._report),
                by_consent=self._by_consent,
                tap=self.tapped,
            )
        return self._started

    def tapped(self, transport: Transport) -> Transport:
        """Return ``transport``, traced if messages are to be shown."""
        if self.trace is None:
            return transport
        from workflow_server.trace import Traced

        return Traced(transport, self.trace)

    def session(
        self, workflow: Workflow, root: str, *, trusted: bool
    ) -> AbstractContextManager[Session]:
        """Open a session with a workflow's server."""
        return self.started().session(workflow, root, trusted=trusted, cancelled=self.cancelled)

    def ask(self, workflow: Workflow, root: str, trusted: bool) -> tuple[Environment, ...]:  # noqa: FBT001 - an Ask
        """Return the environments that a workflow's server lists: see :data:`workflow_helper.resolver.resolve.Ask`."""
        return self.started().environments(workflow, root, trusted=trusted)


def question_of(action: Action, host: Host, cwd: str, disk: Disk) -> Question:
    """Return the question of an action's common options.

    Raises:
        UsageError: an option cannot be used.
    """
    folder_option = action.get("--folder")
    folder = cwd
    if folder_option is not None:
        folder = without_prefix(os.path.normpath(os.path.join(cwd, folder_option)))
    if action.command.startswith("script ") and action.operand is not None:
        # What is asked is about the script, from where it is named.
        folder = os.path.normpath(os.path.join(cwd, action.operand))
    if folder_option is not None and not disk.exists(folder):
        raise UsageError(f"{folder} does not exist", "--folder takes a folder, or a file in it.")
    if action.flag("--trusted") and not action.flag("--editor"):
        reason = "--trusted needs --editor"
        raise UsageError(reason, "Here 'wsp workflow trust' allows what a project declares.")
    workflow = action.get("--workflow")
    if workflow is not None:
        from workflow_helper.discovery.declarations import of_word

        try:
            of_word(workflow, "--workflow", host, disk)
        except UnusableFile as error:
            raise UsageError(str(error)) from None
    default = action.get("--default-interpreter")
    if default is not None:
        from workflow_helper.discovery.interpreter_setting import path_of

        default = path_of(default, folder, host) if action.flag("--trusted") else None
    return Question(
        folder,
        workflow,
        fallback=not action.flag("--no-fallback"),
        preference=_preference(action.get("--preference")),
        editor=action.flag("--editor"),
        trusted=action.flag("--trusted"),
        interpreter=default,
        static=action.flag("--static"),
    )


def _preference(text: str | None) -> Mapping[str, Any] | None:
    if text is None or text == "null":
        return None
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--preference is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError('--preference should be an object with the keys "workflow" and "policy"')
    return value
