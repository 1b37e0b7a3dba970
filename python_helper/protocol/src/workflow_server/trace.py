"""Trace the messages between client and server, for a person."""

from __future__ import annotations

from workflow_server.display import printable
from workflow_server.jsonrpc.framing import Decoder, Frame
from workflow_server.masking import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow_server.connection import Transport

#: Characters of a message that are shown.
_SHOWN = 4000


class Traced:
    """A transport that shows each message: ``-->`` to the server, ``<--`` from it."""

    def __init__(self, transport: Transport, show: Callable[[str], None]) -> None:
        self._transport = transport
        self._show = show
        self._sent = Decoder()
        self._received = Decoder()

    def write(self, data: bytes) -> None:
        """Show and pass on written data."""
        self._show_messages("-->", self._sent, data)
        self._transport.write(data)

    def read(self, timeout: float) -> bytes | None:
        """Pass on and show read data."""
        data = self._transport.read(timeout)
        if data:
            self._show_messages("<--", self._received, data)
        return data

    def ended(self) -> bool:
        """Return whether the server has ended."""
        return self._transport.ended()

    def stderr_tail(self) -> bytes:
        """Return the tail of its standard error."""
        return self._transport.stderr_tail()

    def end(self, grace: float) -> int | None:
        """End it within about ``grace`` seconds."""
        return self._transport.end(grace)

    def _show_messages(self, mark: str, decoder: Decoder, data: bytes) -> None:
        for event in decoder.feed(data):
            if isinstance(event, Frame):
                text = event.body.decode("utf-8", "replace").strip()
                self._show(f"{mark} {printable(masked(text), _SHOWN)}")
            else:
                self._show(f"{mark} {event.detail}: {event.data!r}")
