"""The language server: LSP on standard input and output, and this product's own requests (:mod:`.protocol`).

Nothing outside of this package imports pygls and lsprotocol. pygls provides the life cycle, the capabilities and LSP's
own shapes. Messages are read here, by one thread that also answers them: an answer takes about a millisecond, and
passing every line to another thread and back, as pygls does, would double that. Only actions (:mod:`.actions`) run in
other threads.
"""

from __future__ import annotations

import functools
import gc
import logging
import os
import signal
import threading
from typing import TYPE_CHECKING, Any, NoReturn, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

import workflow_helper
from workflow_helper.errors import WorkflowError
from workflow_helper.lsp import (
    actions,
    byte_stream,
    documents,
    protocol,
    test_actions,
    uris,
    watch,
)
from workflow_helper.lsp.client_capabilities import supports
from workflow_helper.lsp.documents import Documents
from workflow_helper.lsp.handlers import Acting
from workflow_helper.lsp.progress import WorkProgress
from workflow_helper.lsp.session import EditorSession
from workflow_helper.lsp.standard_streams import log_to_stderr, private_streams
from workflow_helper.lsp.tests import EditorTests
from workflow_helper.lsp.wire import INTERNAL_ERROR, Protocol, unexpected
from workflow_helper.system.host import this_host
from workflow_helper.system.parent import when_gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from io import BufferedIOBase
    from types import FrameType
    from typing import BinaryIO, TypeVar
    from typing import Protocol as Shape

    from typing_extensions import override

    from workflow_helper.lsp.protocol import Answer
    from workflow_helper.lsp.tests import Send
    from workflow_helper.lsp.wire import EditorRequest
    from workflow_helper.model import Host

    class Shown(Shape):
        """Parameters of an action that reports progress."""

        @property
        def token(self) -> str | int | None:
            """The token for progress, when the client wants any."""

    T = TypeVar("T")
    P = TypeVar("P", bound=Shown)
else:
    from workflow_server.namedtuple import override

log = logging.getLogger("workflow_helper.lsp")

#: Requests that are worked on beside others: runs of tests take long, and must not keep the rest from being answered.
_BESIDE = 32

_EVERYWHERE = "python-workflow"
_ELSEWHERE = "python-workflow-elsewhere"


def serve() -> int:
    """Serve one editor on standard input and output until it disconnects, and return the exit status.

    As in LSP, the status is 0 after ``shutdown``, and 1 if the editor disconnected without it. Unfinished changes are
    undone.
    """
    with private_streams() as (incoming, outgoing):
        log_to_stderr()
        server = WorkflowLanguageServer(outgoing)
        # What was imported stays; looking through it for garbage would hold up an answer now and then.
        gc.freeze()
        return server.run(incoming)


def _with_installed_tools(host: Host) -> Host:
    """Return ``host`` with the user's folder of programs appended to PATH, if it is missing there.

    Thus a tool that is installed from the editor is found at once, and not only after the next login.
    """
    from workflow_helper.apps.layout import programs

    path = host.environ.get("PATH", "")
    folder = programs(host)
    if folder in path.split(os.pathsep):
        return host
    entries = [path, folder] if path else [folder]
    return host._replace(environ={**host.environ, "PATH": os.pathsep.join(entries)})


class WorkflowLanguageServer(LanguageServer):
    """One editor's server, writing to ``outgoing``."""

    def __init__(self, outgoing: BinaryIO) -> None:
        super().__init__(
            "python-workflow",
            workflow_helper.__version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
            converter_factory=default_converter,
            max_workers=_BESIDE,
        )
        self._wire = cast("Protocol", self.protocol)
        self._session = EditorSession(_with_installed_tools(this_host()), self._tell, self._watch)
        self._documents = Documents(self._session.host, self._publish)
        self._watching = threading.Lock()
        self._watched = -1
        self._places: tuple[watch.WatchedPlace, ...] = ()
        self._registrations = 0
        self._writer = byte_stream.Writer(outgoing)
        self._wire.set_writer(self._writer)
        for method, act in (
            (types.INITIALIZE, self._initialize),
            (types.INITIALIZED, self._initialized),
            (types.SHUTDOWN, self._shutdown),
            (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._did_change_folders),
            (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._did_change_files),
            (documents.DID_OPEN, self._documents.open),
            (documents.DID_CHANGE, self._documents.change),
            (documents.DID_CLOSE, self._documents.close),
            (documents.HOVER, lambda request: self._documents.hover(request.params)),
            (protocol.DID_CHANGE_CONTEXT, self._did_change_context),
            (protocol.DID_FOCUS, self._did_focus),
            (protocol.RESOLVE, self._resolve),
            (protocol.ENVIRONMENTS, self._environments),
            (protocol.ELSEWHERE, self._elsewhere),
            (protocol.PYTHONS, self._pythons),
            (protocol.EXPLAIN, self._explain),
            (protocol.SELECT, self._select),
            (protocol.FORGET, self._forget),
            (protocol.WORKFLOWS, self._workflows),
            (protocol.CHOOSE_WORKFLOW, self._choose_workflow),
            (protocol.ABOUT, self._about),
        ):
            self.feature(method)(functools.partial(self._guarded, act))
        options = types.CompletionOptions(trigger_characters=list(documents.TRIGGERS))
        complete = functools.partial(
            self._guarded, lambda request: self._documents.completion(request.params)
        )
        self.feature(documents.COMPLETION, options)(complete)
        beside_others = self._acts()
        self._wire.long = frozenset(beside_others)
        for method, work in beside_others.items():
            beside = functools.partial(self._guarded, functools.partial(self._beside, work))
            self.thread()(self.feature(method)(beside))

    def run(self, incoming: BufferedIOBase) -> int:
        """Answer messages until ``exit`` or the end of ``incoming``, and return the exit status."""
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGTERM", "SIGHUP"):  # the second is none on Windows
                if (number := getattr(signal, name, None)) is not None:
                    signal.signal(number, _terminated)
        code = 1
        try:
            for body in byte_stream.bodies(incoming):
                self._wire.receive(body)
                self._watch()
            code = 0 if self._wire.ended else 1
        except byte_stream.FramingError as error:
            log.error("%s: the connection was closed", error)  # noqa: TRY400 - a client's fault, of no interest to trace
        except (SystemExit, KeyboardInterrupt) as error:
            code = (
                error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 1
            )
        finally:
            self._leave()
        return code

    @override
    def report_server_error(self, error: Exception, source: object) -> None:
        """Log an error without showing it to the user; an error that answers a request is reported to the client instead."""
        if not isinstance(error, JsonRpcException) or error.code == INTERNAL_ERROR:
            log.error("%s: %s", getattr(source, "__name__", source), error)

    # -- life cycle ---------------------------------------------------------------------------------------------

    def _initialize(self, params: types.InitializeParams) -> None:
        options = params.initialization_options
        self._session.change_context(protocol.Context.from_wire(options, types.INITIALIZE))
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        self._session.change_folders(folders, ())
        if params.process_id is not None:
            when_gone(params.process_id, self._orphaned)
        self._wire.initialized = True

    def _initialized(self, _params: object) -> None:
        if supports(self.client_capabilities, "dynamic_registration"):
            watchers = [types.FileSystemWatcher(glob) for glob in watch.GLOBS]
            self._register(_EVERYWHERE, watchers)

    def _shutdown(self, _params: object) -> None:
        self._wire.ended = True

    def _orphaned(self) -> None:
        self._leave()
        os._exit(1)  # the main thread waits for an input that does not come

    def _leave(self) -> None:
        self._writer.close()
        for cancelled in list(self._wire.running.values()):
            cancelled.set()
        self._documents.leave()
        self._session.close()
        self.shutdown()  # type: ignore[no-untyped-call]  # waits for what was cancelled to be taken back

    # -- notifications ------------------------------------------------------------------------------------------

    def _did_change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        added = [folder.uri for folder in params.event.added]
        removed = [folder.uri for folder in params.event.removed]
        self._session.change_folders(added, removed)

    def _did_change_files(self, _params: object) -> None:
        self._session.files_changed()
        self._documents.look_again()

    def _did_focus(self, _params: object) -> None:
        self._session.focused()
        self._documents.look_again()

    def _did_change_context(self, params: object) -> None:
        self._session.change_context(
            protocol.Context.from_wire(params, protocol.DID_CHANGE_CONTEXT)
        )

    # -- requests -----------------------------------------------------------------------------------------------

    def _resolve(self, request: EditorRequest) -> dict[str, Any]:
        answers = self._session.resolve(protocol.ResolveParams.from_wire(request.params).uris)
        return {"answers": [answer.to_wire() for answer in answers]}

    def _environments(self, request: EditorRequest) -> dict[str, Any]:
        return self._session.environments(protocol.EnvironmentsParams.from_wire(request.params))

    def _elsewhere(self, request: EditorRequest) -> dict[str, Any]:
        return self._session.elsewhere(protocol.ElsewhereParams.from_wire(request.params))

    def _pythons(self, _asked: EditorRequest) -> dict[str, Any]:
        return self._session.machine()

    def _explain(self, request: EditorRequest) -> dict[str, Any]:
        params = protocol.UriParams.from_wire(request.params, protocol.EXPLAIN)
        return protocol.explanation_to_wire(self._session.explain(params.uri))

    def _select(self, request: EditorRequest) -> dict[str, Any]:
        params = protocol.SelectParams.from_wire(request.params)
        return self._session.select(params.uri, params.selection).to_wire()

    def _forget(self, request: EditorRequest) -> dict[str, Any]:
        params = protocol.UriParams.from_wire(request.params, protocol.FORGET)
        return self._session.forget(params.uri).to_wire()

    def _workflows(self, request: EditorRequest) -> dict[str, Any]:
        params = protocol.UriParams.from_wire(request.params, protocol.WORKFLOWS)
        return self._session.workflows(params.uri)

    def _choose_workflow(self, request: EditorRequest) -> dict[str, Any]:
        params = protocol.ChooseWorkflowParams.from_wire(request.params)
        return self._session.choose_workflow(params.uri, params.workflow).to_wire()

    def _about(self, _asked: EditorRequest) -> dict[str, Any]:
        return protocol.about_to_wire(workflow_helper.__version__, self._session.tools())

    # -- acts, which run beside ---------------------------------------------------------------------------------

    def _acts(self) -> dict[str, Callable[[EditorRequest], dict[str, Any]]]:
        """The actions by method."""
        act, tests = Acting(self._session), EditorTests(self._session)
        return {
            actions.CREATE_OPTIONS: _query(_uri(actions.CREATE_OPTIONS), act.options),
            actions.CREATE: self._shown(
                actions.EditorCreateParams.from_wire, act.create, "Creating an environment"
            ),
            actions.CHECK: _query(_environment(actions.CHECK), act.check),
            actions.SYNC: self._shown(
                actions.EditorSyncParams.from_wire, act.sync, "Syncing the environment"
            ),
            actions.DELETE: self._shown(
                actions.DeleteParams.from_wire, act.delete, "Deleting the environment"
            ),
            actions.PACKAGES: _query(_environment(actions.PACKAGES), act.packages),
            actions.INSTALL: self._shown(
                _packages(actions.INSTALL), act.install, "Installing packages"
            ),
            actions.UNINSTALL: self._shown(
                _packages(actions.UNINSTALL), act.uninstall, "Removing packages"
            ),
            actions.COMMAND: _query(actions.EditorCommandParams.from_wire, act.command),
            actions.ACTIVATION: _query(_environment(actions.ACTIVATION), act.activation),
            actions.TASKS: _query(_uri(actions.TASKS), act.tasks),
            actions.TASK_COMMAND: _query(
                actions.EditorTaskCommandParams.from_wire, act.task_command
            ),
            actions.SCRIPT: _query(actions.EditorScriptParams.from_wire, act.script),
            actions.PREPARE_SCRIPT: self._shown(
                actions.PrepareParams.from_wire,
                act.prepare_script,
                "Creating the script's environment",
            ),
            actions.PREFERENCE: _query(_uri(actions.PREFERENCE), act.preference),
            actions.PREFER: _query(actions.PreferParams.from_wire, act.prefer),
            actions.ENV_FILE: _query(actions.EnvFileParams.from_wire, act.env_file),
            actions.FILE_PROBLEMS: _query(_uri(actions.FILE_PROBLEMS), act.file_problems),
            test_actions.DISCOVER_TESTS: _query(
                test_actions.DiscoverTestsParams.from_wire, tests.discover
            ),
            test_actions.RUN_TESTS: self._streamed(tests.run),
        }

    def _streamed(
        self, run: Callable[[test_actions.RunTestsParams, Send, threading.Event], dict[str, Any]]
    ) -> Callable[[EditorRequest], dict[str, Any]]:
        """Report the progress of a run to a client that gave a token."""

        def work(request: EditorRequest) -> dict[str, Any]:
            params = test_actions.RunTestsParams.from_wire(request.params)

            def send(events: list[dict[str, Any]]) -> None:
                if params.token is not None:
                    value = {"events": events}
                    self._wire.send(types.PROGRESS, {"token": params.token, "value": value})

            return run(params, send, request.cancelled)

        return work

    def _beside(
        self, work: Callable[[EditorRequest], dict[str, Any]], request: EditorRequest
    ) -> dict[str, Any]:
        """Run ``work`` in another thread; it can be cancelled until it is done."""
        try:
            return work(request)
        finally:
            self._wire.running.pop(request.id, None)

    def _shown(
        self,
        read: Callable[[object], P],
        act: Callable[[P, Callable[[str], None], threading.Event], dict[str, Any]],
        title: str,
    ) -> Callable[[EditorRequest], dict[str, Any]]:
        """Return an action that reports progress to a client that gave a token."""

        def work(request: EditorRequest) -> dict[str, Any]:
            params = read(request.params)
            with WorkProgress(self._wire, params.token, title) as progress:
                return act(params, progress.report, request.cancelled)

        return work

    # -- what goes out ------------------------------------------------------------------------------------------

    def _guarded(self, act: Callable[[Any], object], params: object) -> object:
        """Call ``act(params)``, and raise its errors as errors for the client."""
        try:
            return act(params)
        except WorkflowError as error:
            raise JsonRpcException(
                error.message, error.wire_code, protocol.error_to_wire(error)
            ) from None
        except Exception:
            log.exception("unexpected error while answering %.500r", params)
            failure = unexpected()
            self.window_log_message(
                types.LogMessageParams(types.MessageType.Error, failure.message)
            )
            raise failure from None

    def _tell(self, answers: list[Answer]) -> None:
        wire = {"answers": [answer.to_wire() for answer in answers]}
        self._wire.notify(protocol.DID_CHANGE_INTERPRETER, wire)

    def _publish(self, params: dict[str, Any]) -> None:
        self._wire.send(documents.PUBLISH_DIAGNOSTICS, params)

    def _watch(self) -> None:
        """Ask the client to watch the files of the current answers that the workspace-wide globs do not cover."""
        with self._watching:
            if not self._wire.initialized or self._session.looks == self._watched:
                return
            self._watched = self._session.looks
            if supports(self.client_capabilities, "relative_pattern_support"):
                self._watch_places(self._session.places())

    def _watch_places(self, places: tuple[watch.WatchedPlace, ...]) -> None:
        if places == self._places:
            return
        before, self._places = self._places, places
        self._registrations += 1
        watchers = [
            types.FileSystemWatcher(types.RelativePattern(uris.from_path(place.folder), place.glob))
            for place in places
        ]
        self._register(f"{_ELSEWHERE}-{self._registrations}", watchers)
        if before:  # the new first, so that nothing goes unseen between
            gone = types.Unregistration(
                f"{_ELSEWHERE}-{self._registrations - 1}", types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            )
            self._request(
                types.CLIENT_UNREGISTER_CAPABILITY,
                types.UnregistrationParams(unregisterations=[gone]),
            )

    def _register(self, name: str, watchers: list[types.FileSystemWatcher]) -> None:
        registration = types.Registration(
            name,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            types.DidChangeWatchedFilesRegistrationOptions(watchers),
        )
        self._request(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration]))

    def _request(self, method: str, params: object) -> None:
        def check(future: Future[object]) -> None:
            if not future.cancelled() and (error := future.exception()) is not None:
                log.warning("the client refused %s: %s", method, error)

        self._wire.send_request(method, params).add_done_callback(check)


def _query(
    read: Callable[[object], T], act: Callable[[T, threading.Event], dict[str, Any]]
) -> Callable[[EditorRequest], dict[str, Any]]:
    """Return an action that reports no progress."""
    return lambda request: act(read(request.params), request.cancelled)


def _uri(method: str) -> Callable[[object], str]:
    return lambda wire: protocol.UriParams.from_wire(wire, method).uri


def _environment(method: str) -> Callable[[object], actions.EnvironmentParams]:
    return lambda wire: actions.EnvironmentParams.from_wire(wire, method)


def _packages(method: str) -> Callable[[object], actions.EditorPackagesParams]:
    return lambda wire: actions.EditorPackagesParams.from_wire(wire, method)


def _terminated(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
