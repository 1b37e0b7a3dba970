"""Progress of a request, as LSP reports it to a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from workflow_server.masking import masked

if TYPE_CHECKING:
    from pygls.protocol import LanguageServerProtocol
    from typing_extensions import Self


class WorkProgress:
    """The progress of one request, for a client that sent a token; as a context manager, it reports its begin and end."""

    def __init__(self, sender: LanguageServerProtocol, token: str | int | None, title: str) -> None:
        self._sender = sender
        self._token = token
        self._title = title

    def __enter__(self) -> Self:
        self._send(types.WorkDoneProgressBegin(self._title, cancellable=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._send(types.WorkDoneProgressEnd())

    def report(self, message: str) -> None:
        """Report ``message``."""
        self._send(types.WorkDoneProgressReport(message=masked(message)))

    def _send(self, value: object) -> None:
        if self._token is not None:
            params = types.ProgressParams(token=self._token, value=value)
            self._sender.notify(types.PROGRESS, params)
