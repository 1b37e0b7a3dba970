"""The answers that one editor received, kept up to date while it runs."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from workflow_helper.discovery.environments.locate import of_machine
from workflow_helper.discovery.interpreter_setting import env_file_of, path_of
from workflow_helper.discovery.interpreters import fallback
from workflow_helper.discovery.interpreters.find import outside
from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.errors import UsageError
from workflow_helper.filesystem.paths import holds, is_inside, is_inside_any
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.lsp import protocol, uris, watch
from workflow_helper.lsp.background import Asker
from workflow_helper.lsp.debounce import Later
from workflow_helper.lsp.protocol import Answer, Context
from workflow_helper.lsp.python_cache import Pythons
from workflow_helper.model import Question, Resolution, Step
from workflow_helper.operations import select as operations_select
from workflow_helper.operations.session import FolderSession
from workflow_helper.resolver import resolve
from workflow_helper.scripts.state import is_script, may_be_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from workflow_server.client import Session as Client

    from workflow_helper.backends.installed import InstalledTool
    from workflow_helper.lsp.protocol import ElsewhereParams, EnvironmentsParams
    from workflow_helper.model import Environment, Host, Interpreter, Workflow

log = logging.getLogger("workflow_helper.lsp")

#: The number of recently requested folders, besides the workspace's, whose answers are watched outside the workspace
#: too.
_WATCHED = 64
#: Seconds from a change on the disk to the second look at it. Editors gather events for about half a second and drop a
#: creation with the deletion that follows, and what is being made is not whole at the first look.
_SECOND_LOOK = 1.0


def _silent(_: str) -> None:
    """Drop a report."""


class _Look:
    """One read of the disk, whose results for a folder and for the machine are shared by all URIs that are resolved with it."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        #: Those of the machine that are in no open folder.
        self.pythons: tuple[Interpreter, ...] | None = None


class EditorSession:
    """Answers for one editor; may be used by several threads.

    ``tell`` is called with the answers that have changed since they were sent, for the workspace's folders and for
    every requested URI. The files of an answer are checked again on every call. ``looked`` is called, in the same
    thread, after a check without a request.
    """

    def __init__(
        self,
        host: Host,
        tell: Callable[[list[Answer]], None],
        looked: Callable[[], None] = lambda: None,
    ) -> None:
        self.host = self._host = host
        self._tell = tell
        self._disk = Disk()
        self._pythons = Pythons(host)
        self._looked = looked
        self._asker = Asker(host, self._look_unasked)
        self._second_look = Later(_SECOND_LOOK, self._look_a_second_time)
        self._lock = threading.RLock()
        self._context = Context()
        self._folders: dict[str, str] = {}
        #: URI -> the answer it was given last.
        self._answers: dict[str, Answer] = {}
        #: folder -> the paths that its answer depends on.
        self._used: dict[str, tuple[str, ...]] = {}
        #: Recently requested files that may be scripts with inline metadata.
        self._files: dict[str, None] = {}
        #: Grows whenever what is to be watched may have become another.
        self.looks = 0

    # -- what the editor says of itself -------------------------------------------------------------------------

    def change_context(self, context: Context) -> None:
        """Resolve everything again, after trust was granted or the user's preference changed."""
        with self._lock:
            self._context = context
            if not context.trusted:
                self._asker.only(())
            self.refresh()

    def change_folders(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Change the workspace's folders, given as URIs; those on other machines are left out."""
        with self._lock:
            had_settings = bool(self._answers)
            gone = [
                folder for uri in removed if (folder := self._folders.pop(uri, None)) is not None
            ]
            for uri in added:
                try:
                    self._folders[uri] = uris.to_path(uri)
                except UsageError:
                    continue
            self._asker.exclude(self._folders.values())
            for uri in [uri for uri in self._answers if self._left(uri, gone)]:
                del self._answers[uri]
            with self._disk.once():
                look = _Look()
                self._answers.update(
                    {
                        uri: self._answer(uri, look)
                        for uri in self._folders
                        if uri not in self._answers
                    }
                )
            if gone:
                governed = (answer.resolution.governed for answer in self._answers.values())
                self._asker.only({root for root in governed if root is not None})
            if had_settings:  # trust is of the folders that are open
                self.refresh()

    # -- requests -----------------------------------------------------------------------------------------------

    def resolve(self, uris: Iterable[str]) -> list[Answer]:
        """Return the answers for folders or files.

        Raises:
            UsageError: a URI can have no answer.
        """
        with self._lock:
            with self._disk.once():
                look = _Look()
                answers = [self._answer(uri, look) for uri in uris]
            stale = any(answer != self._answers.get(answer.uri, answer) for answer in answers)
            self._answers.update({answer.uri: answer for answer in answers})
            if stale:
                self.refresh()
            return answers

    def environments(self, params: EnvironmentsParams) -> dict[str, Any]:
        """Return all environments of a folder and the Pythons of the machine, as :data:`protocol.ENVIRONMENTS` answers."""
        with self._lock:
            found, environments = self.listed(self._question(params.uri))
            pythons = [of_machine(one) for one in self._pythons.all()] if params.pythons else []
            return protocol.environments_to_wire(found.root, environments, pythons)

    def elsewhere(self, params: ElsewhereParams) -> dict[str, Any]:
        """Return the environments of the machine that do not belong to a folder, as :data:`protocol.ELSEWHERE` answers."""
        with self._lock:
            found, listed = self.listed(self._question(params.uri))
            # With a look of its own: what is elsewhere decides no answer, and is not to be watched.
            further = operations_select.elsewhere(
                found.root, listed, self._host, Disk(), folders=params.folders
            )
            return protocol.elsewhere_to_wire(found.root, further)

    def machine(self) -> dict[str, Any]:
        """Return all Pythons of the machine, as :data:`protocol.PYTHONS` answers."""
        return protocol.pythons_to_wire([of_machine(python) for python in self.pythons()])

    def explain(self, uri: str) -> Resolution:
        """Return the answer with its whole trail."""
        with self._lock:
            return resolve.resolve(
                self._question(uri), self._host, self._disk, whole=True, ask=self._asker.ask
            )

    def select(self, uri: str, selection: str) -> Answer:
        """Remember a selection for the folder's root.

        Raises:
            WorkflowError: the selection cannot be used.
        """
        with self._lock:
            operations_select.choose(
                self._question(uri), selection, self._host, self._disk, self._asker.ask
            )
            return self._after_change(uri)

    def workflows(self, uri: str) -> dict[str, Any]:
        """Return the workflows that can be chosen for the folder's root, and the chosen one, as :data:`protocol.WORKFLOWS` answers."""
        with self._lock:
            root, chosen = operations_select.remembered(self._question(uri), self._host, self._disk)
            return protocol.workflows_to_wire(root, tuple(BUNDLED), chosen)

    def choose_workflow(self, uri: str, workflow: str | None) -> Answer:
        """Remember a workflow for the folder's root, or none.

        Raises:
            UsageError: the workflow cannot be used.
        """
        with self._lock:
            question = self._question(uri)
            if workflow is None:
                operations_select.forget_workflow(question, self._host, self._disk)
            else:
                operations_select.choose_workflow(question, workflow, self._host, self._disk)
            return self._after_change(uri)

    def forget(self, uri: str) -> Answer:
        """Forget the selection for the folder's root."""
        with self._lock:
            operations_select.forget(self._question(uri), self._host, self._disk, self._asker.ask)
            return self._after_change(uri)

    def tools(self) -> tuple[InstalledTool, ...]:
        """Return the tools of workflows that are on PATH, by name."""
        from workflow_helper.backends.installed import installed

        return installed(self._host, Disk(), self.workspace)

    # -- for what acts, by any thread ---------------------------------------------------------------------------

    @property
    def workspace(self) -> tuple[str, ...]:
        """The open folders of this machine, absolute."""
        with self._lock:
            return tuple(self._folders.values())

    def server(
        self, workflow: Workflow, root: str, *, trusted: bool
    ) -> AbstractContextManager[Client]:
        """Open a session with a declared workflow's server."""
        return self._asker.session(workflow, root, trusted=trusted)

    def question(self, uri: str) -> Question:
        """Return the question about ``uri``.

        Raises:
            UsageError: ``uri`` can have no answer.
        """
        with self._lock:
            return self._question(uri)

    def folder(
        self, uri: str, cancelled: threading.Event, report: Callable[[str], None] = _silent
    ) -> FolderSession:
        """Return a session about the folder of ``uri``, with its own disk, because other requests are answered meanwhile."""
        work = Work(report, cancelled, self.workspace)
        return FolderSession(self.question(uri), self._host, Disk(), self.server, work)

    def listed(self, question: Question) -> tuple[Resolution, tuple[Environment, ...]]:
        """Return the answer, and all environments of the folder, broken ones too."""
        with self._lock:
            return resolve.environments(question, self._host, self._disk, ask=self._asker.ask)

    def pythons(self) -> tuple[Interpreter, ...]:
        """Return the machine's Pythons, the best first."""
        with self._lock:
            return self._pythons.all()

    def changed(self) -> None:
        """Check every answer again, and query servers again, after an action."""
        with self._lock:
            self._asker.again()
            self.refresh()

    # -- keeping answers true -----------------------------------------------------------------------------------

    def files_changed(self) -> None:
        """Check every answer again at once, and once more when no more files change; servers are queried then."""
        self.refresh()
        self._second_look.soon()

    def focused(self) -> None:
        """Check every answer again when the window gets the focus, because events do not report every change."""
        self._asker.again()
        self.refresh()

    def close(self) -> None:
        """End everything that was started for this editor."""
        self._second_look.close()
        self._asker.close()

    def refresh(self) -> None:
        """Check the files of all sent answers again, and send the answers that changed."""
        with self._lock:
            self.looks += 1
            self._pythons.forget()
            with self._disk.once():
                changed = self._looked_again()
            if changed:
                self._tell(changed)

    def _looked_again(self) -> list[Answer]:
        """Return the sent answers that have changed."""
        look = _Look()
        changed = []
        for uri, before in list(self._answers.items()):
            try:
                answer = self._answer(uri, look)
            except UsageError:  # an untitled file's folder was closed
                del self._answers[uri]
                continue
            if answer != before:
                self._answers[uri] = answer
                changed.append(answer)
        return changed

    def places(self) -> tuple[watch.WatchedPlace, ...]:
        """Return the places to watch in addition to the workspace-wide globs."""
        with self._lock:
            workspace = tuple(self._folders.values())
            first = [path for folder in workspace for path in self._used.get(folder, ())]
            rest = [
                path
                for folder in self._used
                if folder not in workspace
                for path in self._used[folder]
            ]
            return watch.places([*first, *rest, *self._files], workspace)

    def _look_a_second_time(self) -> None:
        self._asker.again()
        self._look_unasked()

    def _look_unasked(self) -> None:
        self.refresh()
        self._looked()

    # -- within the lock ----------------------------------------------------------------------------------------

    def _question(self, uri: str) -> Question:
        if uris.is_untitled(uri):
            first = next(iter(self._folders.values()), None)
            if first is None:
                raise UsageError(
                    f"{uri} is in no folder, and no folder is open",
                    "Save the file, or open a folder.",
                )
            folder = first
        else:
            folder = uris.to_path(uri)
        context = self._context
        trusted = self._is_trusted(folder)
        return Question(
            folder,
            preference=context.preference,
            editor=True,
            trusted=trusted,
            opened=tuple(self._folders.values()),
            interpreter=self._of_workspace(folder) if trusted else None,
            env_file=self._env_file(folder) if trusted else None,
            single_file=context.trusted and not self._folders,
        )

    def _is_trusted(self, path: str) -> bool:
        """Return whether ``path`` is trusted: in a trusted window, that is true only inside the workspace's folders."""
        return self._context.trusted and is_inside_any(path, self._folders.values())

    def _of_workspace(self, path: str) -> str | None:
        """Return the interpreter that the settings of the open folder around ``path`` name."""
        uri, folder = self._open_around(path)
        text = self._context.interpreters.folders.get(uri)
        return None if text is None else path_of(text, folder, self._host)

    def _env_file(self, path: str) -> str | None:
        """Return the file of variables that the settings of the open folder around ``path`` name."""
        uri, folder = self._open_around(path)
        text = self._context.env_files.get(uri)
        return None if text is None else env_file_of(text, folder, self._host)

    def _open_around(self, path: str) -> tuple[str, str]:
        """Return the URI and the path of the innermost open folder that contains ``path``; without one, ``path`` itself."""
        opened = self._folders.items()
        around = [(uri, folder) for uri, folder in opened if holds(folder, path)]
        if not around:  # it may be spelled in another way
            around = [(uri, folder) for uri, folder in opened if is_inside(path, folder)]
        return max(around, key=lambda one: len(one[1]), default=("", path))

    def _terms(self, question: Question) -> fallback.Terms:
        folders = tuple(self._folders.values())
        text = self._context.interpreters.user
        _, around = self._open_around(question.folder)
        preferred = None if text is None else path_of(text, around, self._host)
        if self._is_trusted(question.folder):
            return fallback.Terms(preferred)
        if preferred is not None and is_inside(preferred, around):
            preferred = None
        return fallback.Terms(preferred, folders)

    def _left(self, uri: str, gone: list[str]) -> bool:
        """Return whether ``uri`` is in one of the folders ``gone``, and in none that is open."""
        if uris.is_untitled(uri):
            return False
        path = uris.to_path(uri)
        return is_inside_any(path, gone) and not is_inside_any(path, self._folders.values())

    def _after_change(self, uri: str) -> Answer:
        answer = self._answer(uri, _Look())
        self.refresh()
        return answer

    def _answer(self, uri: str, look: _Look) -> Answer:
        """Return the answer for one URI; files of one folder share it, except scripts with inline metadata."""
        question = self._question(uri)
        self._disk.seen.clear()
        if not self._disk.is_folder(question.folder) and not self._is_script(question.folder):
            question = question._replace(folder=os.path.dirname(question.folder))
        known = look.answers.get(question.folder)
        if known is None:
            known = look.answers[question.folder] = self._looked_at(question, look)
        return known._replace(uri=uri)

    def _looked_at(self, question: Question, look: _Look) -> Answer:
        """Return the answer for one folder; an unexpected failure becomes the answer of that folder only."""
        try:
            return self._look(question, look)
        except Exception:
            log.exception("unexpected error while examining %s", question.folder)
            reason = f"{question.folder} could not be examined because of an internal error of the helper (see its log)"
            return Answer(
                "", Resolution(question.folder, None, (Step("root", "failed", reason),)), None
            )

    def _is_script(self, path: str) -> bool:
        if path not in self._files and may_be_script(path):
            # It is watched from now on: what has no metadata may come to have some.
            self._files[path] = None
            self.looks += 1
            if len(self._files) > _WATCHED:
                del self._files[next(iter(self._files))]
        return self._disk.is_file(path) and is_script(path, self._disk)

    def _look(self, question: Question, look: _Look) -> Answer:
        found = resolve.resolve(question, self._host, self._disk, ask=self._asker.ask)
        used = tuple(
            path
            for path in self._disk.seen
            if path != question.folder or not self._disk.is_folder(path)
        )
        if found.environment is not None and found.environment.kind != "remote":
            used = (*used, found.environment.prefix)
        if found.governed is not None:
            used = (*used, *self._asker.files(found.governed))
        if self._used.pop(question.folder, None) != used:
            self.looks += 1
        self._used[question.folder] = used  # at the end: the first is the longest ago
        if len(self._used) > _WATCHED:
            own = set(self._folders.values())
            for folder in [folder for folder in self._used if folder not in own][:-_WATCHED]:
                del self._used[folder]
        system = None
        if found.environment is None:
            if look.pythons is None:
                look.pythons = outside(self._pythons.all(), self._folders.values(), self._host)
            others = outside(look.pythons, (found.root,), self._host)
            terms = self._terms(question)
            system = fallback.environment(others, found.root, self._host, self._disk, terms)
        return Answer("", found, system)
