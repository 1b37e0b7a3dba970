"""The open documents of an editor that this server reads: those that declare workflows or list environments."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from workflow_helper.errors import UsageError
from workflow_helper.filesystem.reader import TOML_LIMIT
from workflow_helper.lsp import uris
from workflow_helper.lsp.debounce import Later
from workflow_helper.lsp.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow_helper.lsp.document import Document
    from workflow_helper.model import Host

log = logging.getLogger("workflow_helper.lsp")

DID_OPEN = "textDocument/didOpen"
DID_CHANGE = "textDocument/didChange"
DID_CLOSE = "textDocument/didClose"
COMPLETION = "textDocument/completion"
HOVER = "textDocument/hover"
PUBLISH_DIAGNOSTICS = "textDocument/publishDiagnostics"
#: What a client sends about documents, read here as it comes.
METHODS = frozenset((DID_OPEN, DID_CHANGE, DID_CLOSE, COMPLETION, HOVER))
#: The characters that begin a value, a table or a part of a path.
TRIGGERS = ('"', "'", "[", "{", "/", ".")

#: Seconds after the last relevant key stroke until problems are published, so that half a word causes none.
_PAUSE = 0.2
#: Documents that are kept at once. An editor has a handful of these files open.
_MOST_DOCUMENTS = 64


class Documents:
    """The open documents of one editor; may be used by several threads.

    ``publish`` is called with the parameters of LSP's ``publishDiagnostics``. A client may send every document that it
    has; for others, only the name is checked.
    """

    def __init__(self, host: Host, publish: Callable[[dict[str, Any]], None]) -> None:
        self._host = host
        self._publish = publish
        self._lock = threading.Lock()
        self._open: dict[str, Document] = {}
        #: Those whose problems are to be published again.
        self._due: set[str] = set()
        #: One publication after another, and none after its document was closed.
        self._publishing = threading.Lock()
        self._later = Later(_PAUSE, self._publish_problems)

    def open(self, params: object) -> None:
        """Open a document.

        Raises:
            UsageError: the parameters are wrong.
        """
        document = Fields(_table(params, DID_OPEN, "textDocument"), DID_OPEN)
        uri, text = document.text("uri"), document.any_text("text") or ""
        path = _path(uri)
        # Imported with the first document that may matter: most sessions have none.
        if path is None or not path.endswith((".toml", ".python-envs")):
            return
        from workflow_helper.lsp.document import Document, kind_of

        kind = kind_of(path, self._host)
        if kind is None or len(text) > TOML_LIMIT:
            return
        with self._lock:
            if len(self._open) < _MOST_DOCUMENTS or uri in self._open:
                self._open[uri] = Document(path, kind, text, document.integer("version"))
        self._soon(uri)

    def change(self, params: object) -> None:
        """Change a document.

        Raises:
            UsageError: the parameters are wrong.
        """
        identity = Fields(_table(params, DID_CHANGE, "textDocument"), DID_CHANGE)
        uri = identity.text("uri")
        with self._lock:
            document = self._open.get(uri)
            if document is None:
                return
            changes = Fields(params, DID_CHANGE).tables("contentChanges")
            try:
                document = document.changed(changes, identity.integer("version"))
            except (KeyError, TypeError, ValueError):
                raise UsageError(f"{DID_CHANGE}: a range must have two positions") from None
            self._open[uri] = document
            if len(document.text) > TOML_LIMIT:
                del self._open[uri]
        self._soon(uri)

    def close(self, params: object) -> None:
        """Close a document and clear its problems.

        Raises:
            UsageError: the parameters are wrong.
        """
        uri = Fields(_table(params, DID_CLOSE, "textDocument"), DID_CLOSE).text("uri")
        with self._publishing:
            with self._lock:
                known = self._open.pop(uri, None)
            if known is not None:
                self._publish({"uri": uri, "diagnostics": []})

    def completion(self, params: object) -> dict[str, Any] | None:
        """Answer LSP's ``completion``.

        Raises:
            UsageError: the parameters are wrong.
        """
        from workflow_helper.lsp import completion

        found = self._at(params, COMPLETION)
        return None if found is None else completion.at(*found, self._host)

    def hover(self, params: object) -> dict[str, Any] | None:
        """Answer LSP's ``hover``.

        Raises:
            UsageError: the parameters are wrong.
        """
        from workflow_helper.lsp import completion

        found = self._at(params, HOVER)
        return None if found is None else completion.hover(*found, self._host)

    def look_again(self) -> None:
        """Check the documents again: something changed on the disk."""
        with self._lock:
            self._due.update(self._open)
            due = bool(self._due)
        if due:
            self._later.soon()

    def leave(self) -> None:
        """Stop publishing."""
        self._later.close()

    def _at(self, params: object, method: str) -> tuple[Document, int] | None:
        uri = Fields(_table(params, method, "textDocument"), method).text("uri")
        with self._lock:
            document = self._open.get(uri)
        if document is None:
            return None
        try:
            return document, document.offset(_table(params, method, "position"))
        except (KeyError, TypeError, ValueError):
            raise UsageError(f"{method}: position must have a line and a character") from None

    def _soon(self, uri: str) -> None:
        with self._lock:
            if uri not in self._open:
                return
            self._due.add(uri)
        self._later.soon()

    def _publish_problems(self) -> None:
        from workflow_helper.lsp import diagnostics

        with self._lock:
            due, self._due = self._due, set()
        for uri in sorted(due):
            with self._publishing:
                with self._lock:
                    document = self._open.get(uri)
                if document is None:
                    continue
                try:
                    problems = diagnostics.of(document, self._host)
                except Exception:
                    log.exception("unexpected error while examining %s", uri)
                    continue
                wire = [diagnostics.to_wire(problem, document) for problem in problems]
                version = {} if document.version is None else {"version": document.version}
                self._publish({"uri": uri, **version, "diagnostics": wire})


def _table(params: object, method: str, field: str) -> dict[str, Any]:
    fields = Fields(params, method)
    value = fields.table(field)
    if value is None:
        raise fields.wrong(field, "an object")
    return value


def _path(uri: str) -> str | None:
    try:
        return uris.to_path(uri)
    except UsageError:
        return None  # of another scheme: never saved, or of a history of versions
