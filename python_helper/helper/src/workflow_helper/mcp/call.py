"""One call of a tool: its arguments, its folder, and the bounds."""

from __future__ import annotations

from contextlib import contextmanager

from workflow_helper.discovery import roots
from workflow_helper.errors import NotFound
from workflow_helper.filesystem.reader import Disk
from workflow_helper.operations.governance import governing, place, subject_of
from workflow_helper.operations.select import among
from workflow_helper.resolver.resolve import environments, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, NamedTuple

    from workflow_server.client import Session

    from workflow_helper.install.work import Work
    from workflow_helper.mcp.bounds import FolderBounds
    from workflow_helper.mcp.connection import RunningCall
    from workflow_helper.mcp.servers import Backends
    from workflow_helper.model import Environment, Host, Question, Resolution, Workflow
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.scripts.state import Script
else:
    from workflow_server.namedtuple import NamedTuple


class ToolCall(NamedTuple):
    """One call."""

    arguments: Mapping[str, Any]
    question: Question
    host: Host
    bounds: FolderBounds
    backends: Backends
    job: RunningCall

    def text(self, name: str) -> str | None:
        """Return an argument that is a string; ``None`` where it was not given."""
        value = self.arguments.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an argument that is a list."""
        return tuple(self.arguments.get(name, ()))

    def flag(self, name: str) -> bool:
        """Return whether an argument was given and is true."""
        return self.arguments.get(name) is True

    @property
    def session(self) -> FolderSession:
        """Return a session, with its own disk, for queries about the folder and changes to it."""
        from workflow_helper.operations.session import FolderSession

        return FolderSession(self.question, self.host, Disk(), self.server, self.work)

    @property
    def work(self) -> Work:
        """Return the progress and cancellation of long work."""
        from workflow_helper.install.work import Work

        around = roots.of(self.question, self.host, Disk()).all
        return Work(self.job.report, self.job.cancelled, around, self.job.advance)

    def resolved(self, *, whole: bool = False) -> Resolution:
        """Return the answer; ``whole`` as for :func:`workflow_helper.resolver.resolve.resolve`."""
        return resolve(self.question, self.host, Disk(), whole=whole, ask=self.ask)

    def listed(self) -> tuple[Resolution, tuple[Environment, ...]]:
        """Return the answer, and all environments."""
        return environments(self.question, self.host, Disk(), ask=self.ask)

    @property
    def script(self) -> Script | None:
        """Return the script with inline metadata whose path was given as the folder, if any: it has its own environment."""
        from workflow_helper.scripts import state

        path, disk = self.question.folder, Disk()
        if not disk.is_file(path) or not state.is_script(path, disk):
            return None
        return state.look(path, disk)

    def of_script(self, script: Script) -> Environment | None:
        """Return the environment of ``script``, if it was created for the script's current metadata."""
        from workflow_helper.scripts import state

        return state.existing(script, self.host, Disk())

    def picked(self) -> tuple[Resolution, Environment | None]:
        """Return the answer, and the named environment, else a script's own, the default, or a broken one.

        Only environments of the folder can be named.

        Raises:
            NotFound: the folder has no environment of that name.
        """
        resolution, listed = self.listed()
        word = self.text("environment")
        if word is None and (script := self.script) is not None:
            return resolution, self.of_script(script)
        if word is None:
            if resolution.environment is not None or resolution.declined:
                return resolution, resolution.environment
            return resolution, next((one for one in listed if not one.ok), None)
        environment = among(listed, word, (word,))
        if environment is None:
            known = ", ".join(one.id for one in listed)
            hint = f"It has {known}. " if known else "It has none: create_environment creates one."
            raise NotFound(f"{resolution.root} has no environment {word!r}", hint)
        return resolution, environment

    def require_bounds(self) -> None:
        """Check that all folders in which the workflow would act are in bounds.

        Raises:
            OutOfBounds: one of them is not.
            NothingGoverns: no workflow governs.
            Refused: the user's trust is missing.
        """
        disk = Disk()
        resolution, workflow = governing(self.question, self.host, disk)
        what = subject_of(resolution, workflow, self.host, disk)
        at = place(resolution, self.host, disk)
        acting = () if at is None else (at.root,)
        for folder in (resolution.root, what.root, *what.around, *acting):
            self.bounds.require(folder)

    def ask(self, workflow: Workflow, root: str, trusted: bool) -> tuple[Environment, ...]:  # noqa: FBT001 - an Ask
        """Return the environments that a workflow's server lists: see :data:`workflow_helper.resolver.resolve.Ask`."""
        self.bounds.require(root)
        servers = self.backends.started()
        return servers.environments(workflow, root, trusted=trusted, cancelled=self.job.cancelled)

    @contextmanager
    def server(self, workflow: Workflow, root: str, *, trusted: bool) -> Iterator[Session]:
        """Open a session with a workflow's server."""
        self.bounds.require(root)
        servers = self.backends.started()
        with servers.session(
            workflow, root, trusted=trusted, cancelled=self.job.cancelled
        ) as session:
            yield session
