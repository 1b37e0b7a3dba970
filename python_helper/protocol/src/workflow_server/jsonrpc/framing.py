"""Framing: bytes in, message bodies out.

Two framings are supported, distinguished by the first byte that is not white space:

* a header block, as in the "base protocol" of the Language Server Protocol: ``Content-Length: N``, an empty line, N bytes;
* one line of JSON, which starts with ``{`` or ``[``.

Everything else is noise, a banner for example, and is reported with its bytes. The events do not depend on how the
bytes are cut into chunks.

For a protocol with lines only (the stdio transport of the Model Context Protocol), every line is a body. Header lines
end in CR LF; LF, and CR CR LF of a text stream on Windows, are accepted too.
"""

from __future__ import annotations

from workflow_server.jsonrpc.messages import MAX_DEPTH, deeper_than, dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, NamedTuple, TypeAlias

    from workflow_server.jsonrpc.messages import Outgoing

    Kind: TypeAlias = Literal["noise", "headers", "too_large", "truncated"]
else:
    from workflow_server.namedtuple import NamedTuple

#: Bytes of one message's body.
MAX_MESSAGE = 64 * 1024 * 1024
#: Bytes of one header block, and of a line of noise that is waited for.
MAX_HEADERS = 8 * 1024
#: Bytes that a problem shows.
SHOWN = 256

_SPACE = b" \t\r\n"
#: Both header fields that exist start so (LSP, "Header Part").
_HEADER = b"content-"


class Frame(NamedTuple):
    """The unparsed body of one message."""

    body: bytes


class FramingProblem(NamedTuple):
    """Bytes that are not a message."""

    #: ``"noise"``: neither framing; ``"headers"``: a bad header block; ``"too_large"``: over a limit; ``"truncated"``:
    #: the input ended within a message.
    kind: Kind
    #: What is wrong, in a few words.
    detail: str
    #: The first :data:`SHOWN` of the offending bytes.
    data: bytes
    #: Where the next message starts is not known: all further input is ignored.
    fatal: bool


class _HeaderError(Exception):
    """A header block without a valid length."""


class Decoder:
    """Splits a stream of bytes into bodies. With ``lines``, each line that is not blank is one."""

    def __init__(
        self,
        *,
        max_message: int = MAX_MESSAGE,
        max_headers: int = MAX_HEADERS,
        lines: bool = False,
    ) -> None:
        self._lines = lines
        self._max_message = max_message
        self._max_headers = max_headers
        self._buffer = bytearray()
        #: How far the buffer was searched in vain: a message in small pieces is not searched from its start each time.
        self._searched = 0
        #: The length of the body that is being received, or ``None`` between messages.
        self._length: int | None = None
        self._in_noise = False
        self._lost = False

    @property
    def pending(self) -> bytes:
        """The first :data:`SHOWN` bytes of an incomplete message."""
        return bytes(self._buffer[:SHOWN])

    def feed(self, data: bytes) -> list[Frame | FramingProblem]:
        """Return the messages and problems that ``data`` completes, in order."""
        if self._lost:
            return []
        self._buffer += data
        events: list[Frame | FramingProblem] = []
        while (event := self._next()) is not None:
            events.append(event)
        return events

    def finish(self) -> list[Frame | FramingProblem]:
        """Return the problem with the rest at the end of the input, if any; ends the decoder."""
        left, self._lost = bytes(self._buffer[:SHOWN]), True
        self._buffer.clear()
        if self._in_noise or (not left and self._length is None):
            return []
        if self._length is None and not _may_be_message(left):
            return [_noise(left)]
        return [FramingProblem("truncated", "the input ended within a message", left, fatal=True)]

    def _next(self) -> Frame | FramingProblem | None:
        """Take one event off the buffer's start; ``None`` if more bytes are needed, or after the end."""
        if self._lost:
            return None
        if self._length is not None:
            return self._body(self._length)
        if self._in_noise and not self._leave_noise():
            return None
        self._skip_space()
        start = bytes(self._buffer[: len(_HEADER)]).lower()
        if not start:
            return None
        if self._lines or start[:1] in (b"{", b"["):
            return self._line()
        if start == _HEADER:
            return self._headers()
        if _HEADER.startswith(start):
            return None
        if (leads := self._other_fields_lead_to_headers()) is None:
            return None
        return self._headers() if leads else self._noise()

    def _other_fields_lead_to_headers(self) -> bool | None:
        """Return whether only other fields come before a known one; ``None`` if that is incomplete."""
        import re  # slow to load, and rare

        # A line that can only be another field: banners and logs seldom end in CR LF, and never look so besides.
        other_field = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[^\r\n]*\r\n")
        at = 0
        while (field := other_field.match(self._buffer, at, self._max_headers)) is not None:
            at = field.end()
            if self._buffer[at : at + len(_HEADER)].lower() == _HEADER:
                return True
        whole = self._buffer.find(b"\n", at) >= 0 or len(self._buffer) > self._max_headers
        return None if at and not whole else False

    def _skip_space(self) -> None:
        count = 0
        while count < len(self._buffer) and self._buffer[count] in _SPACE:
            count += 1
        if count:
            self._drop(count)

    def _body(self, length: int) -> Frame | None:
        if len(self._buffer) < length:
            return None
        self._length = None
        return Frame(self._take(length))

    def _line(self) -> Frame | FramingProblem | None:
        end = self._find(b"\n", self._max_message)
        if end > self._max_message:
            return self._give_up("too_large", f"a line of more than {self._max_message} bytes", end)
        return None if end < 0 else Frame(self._take(end + 1).rstrip(_SPACE))

    def _headers(self) -> Frame | FramingProblem | None:
        end = self._end_of_headers()
        if end < 0:
            return None
        if end > self._max_headers:
            problem = f"a header block of more than {self._max_headers} bytes"
            return self._give_up("too_large", problem, end)
        try:
            length = _content_length(bytes(self._buffer[:end]))
        except _HeaderError as error:
            return self._give_up("headers", str(error), end)
        if length > self._max_message:
            problem = f"a message of {length} bytes, more than {self._max_message}"
            return self._give_up("too_large", problem, end)
        self._drop(end)
        self._length = length
        return self._body(length)

    def _end_of_headers(self) -> int:
        """Return the index after the first empty line; -1 if it is missing; more than the limit if it is too far."""
        at = self._searched
        while (end := self._buffer.find(b"\n", at, self._max_headers)) >= 0:
            if not self._buffer[at:end].strip(b"\r"):
                return end + 1
            # Searched from the start of a line on, since its end may not have come yet.
            at = self._searched = end + 1
        return self._max_headers + 1 if len(self._buffer) > self._max_headers else -1

    def _noise(self) -> FramingProblem | None:
        end = self._find(b"\n", self._max_headers)
        if end < 0:
            return None
        self._in_noise = end > self._max_headers
        return _noise(self._take(end).rstrip(b"\r"))

    def _leave_noise(self) -> bool:
        end = self._buffer.find(b"\n")
        self._drop(len(self._buffer) if end < 0 else end)
        self._in_noise = end < 0
        return not self._in_noise

    def _find(self, what: bytes, limit: int) -> int:
        """Return the index of ``what``; -1 if it is missing; more than ``limit`` if it is too far."""
        end = self._buffer.find(what, self._searched, limit + 1)
        if end < 0:
            self._searched = len(self._buffer)
            return limit + 1 if len(self._buffer) > limit else -1
        return end

    def _take(self, count: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:count])
        self._drop(count)
        return taken

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._searched = 0

    def _give_up(self, kind: Kind, detail: str, offending: int) -> FramingProblem:
        # No more than the bytes that decided it: what follows them may not have come yet.
        shown = bytes(self._buffer[: min(SHOWN, offending)])
        self._lost = True
        self._buffer.clear()
        return FramingProblem(kind, detail, shown, fatal=True)


def _may_be_message(left: bytes) -> bool:
    start = left[: len(_HEADER)].lower()
    return start[:1] in (b"{", b"[") or _HEADER.startswith(start)


def _noise(data: bytes) -> FramingProblem:
    return FramingProblem("noise", "neither a header nor a line of JSON", data[:SHOWN], fatal=False)


def _content_length(block: bytes) -> int:
    length: int | None = None
    for line in block.split(b"\n"):
        name, colon, value = line.strip().partition(b":")
        if not name:
            continue
        if not colon:
            raise _HeaderError("a header line without a colon")
        field = name.strip().lower()
        if field == b"content-length":
            digits = value.strip()
            # Not int() alone: it takes signs, underscores and other alphabets' digits.
            if not digits.isdigit() or len(digits) > 20 or length is not None:
                raise _HeaderError("a Content-Length that is not one number")
            length = int(digits)
        elif field == b"content-type" and not _is_utf8(value):
            raise _HeaderError("a Content-Type whose charset is not UTF-8")
    if length is None:
        raise _HeaderError("no Content-Length")
    return length


def _is_utf8(content_type: bytes) -> bool:
    for parameter in content_type.lower().split(b";")[1:]:
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"charset":
            return value.strip().strip(b'"') in (b"utf-8", b"utf8")
    return True


def encode(message: Outgoing) -> bytes:
    r"""Return ``message`` as bytes: a header block, and a body on one line.

    The body is ASCII (with ``\\u`` escapes) and ends in its only line break, which the length includes, so that a
    reader of lines needs only those that start with ``{``.

    Raises:
        ValueError: for values without a JSON form (NaN, say), and over a limit.
        TypeError: for other types.
    """
    line = encode_line(message)
    return b"Content-Length: %d\r\n\r\n" % len(line) + line


def encode_line(message: Outgoing) -> bytes:
    """Return ``message`` as one line of ASCII, its line break included. Raises as :func:`encode` does."""
    wire = message.to_wire()
    try:
        body = dumps(wire)
    except RecursionError:
        body = None
    if body is None or deeper_than(MAX_DEPTH, wire, body.count("[") + body.count("{")):
        raise ValueError(f"the message is nested deeper than {MAX_DEPTH}")
    if len(body) >= MAX_MESSAGE:
        raise ValueError(f"the message is longer than {MAX_MESSAGE} bytes")
    return f"{body}\n".encode("ascii")
