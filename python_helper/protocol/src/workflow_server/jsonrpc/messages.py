"""The messages of JSON-RPC 2.0 as immutable values.

Sections cited are those of https://www.jsonrpc.org/specification. Stricter than the text in one thing: an id is a string, an
integer or null (section 4 says that numbers "SHOULD NOT contain fractional parts"), so that every id can be echoed as it came.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any, NamedTuple, TypeAlias

    Id: TypeAlias = str | int | None
    Params: TypeAlias = Mapping[str, Any] | list[Any]
else:
    from workflow_server.namedtuple import NamedTuple

#: Arrays and objects within each other, the message itself included.
MAX_DEPTH = 64

# Section 5.1.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603


class Request(NamedTuple):
    """Section 4: answered once, with the same id."""

    id: Id
    method: str
    params: Params | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form."""
        params = {} if self.params is None else {"params": self.params}
        return {"jsonrpc": "2.0", "id": self.id, "method": self.method, **params}


class Notification(NamedTuple):
    """Section 4.1: a request without an id, never answered."""

    method: str
    params: Params | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form."""
        params = {} if self.params is None else {"params": self.params}
        return {"jsonrpc": "2.0", "method": self.method, **params}


class Response(NamedTuple):
    """Section 5: the result of a request."""

    id: Id
    result: Any

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"jsonrpc": "2.0", "id": self.id, "result": self.result}


class ErrorResponse(NamedTuple):
    """Sections 5 and 5.1: the error of a request. The id is null if it could not be read."""

    id: Id
    code: int
    message: str
    #: Any JSON; null is the same as none.
    data: Any = None

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form."""
        data = {} if self.data is None else {"data": self.data}
        error = {"code": self.code, "message": self.message, **data}
        return {"jsonrpc": "2.0", "id": self.id, "error": error}


class Invalid(NamedTuple):
    """An invalid body or element of a batch, and a server's answer to it."""

    code: int
    #: What is wrong, in a few words.
    detail: str
    #: The request's id where it could be read, else null.
    id: Id = None
    #: It was a response, which is never answered.
    response: bool = False
    #: Over a limit: the connection is not to be used any more.
    fatal: bool = False

    def answer(self) -> ErrorResponse:
        """Return the server's error."""
        return ErrorResponse(self.id, self.code, self.detail)


class Batch(NamedTuple):
    """Section 6: several messages; their answers come as one array, in any order."""

    messages: tuple[Message | Invalid, ...]

    def to_wire(self) -> list[dict[str, Any]]:
        """Return the JSON form, without invalid messages, which have none."""
        return [one.to_wire() for one in self.messages if not isinstance(one, Invalid)]


if TYPE_CHECKING:
    Message: TypeAlias = Request | Notification | Response | ErrorResponse
    Outgoing: TypeAlias = Message | Batch
    Incoming: TypeAlias = Message | Batch | Invalid


def id_key(one: Id) -> Hashable:
    """Return a key that distinguishes ids as JSON does: ``1`` from ``"1"`` and ``true``."""
    return (type(one).__name__, one)


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


class _Rules:
    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, _refuse


_SPACE = " \t\n\r"
# To load json, and re with it, takes as long as a bare Python. Its parts in C do without; what they refuse, it judges.
try:
    import _json

    _c: Any = _json
    _scan = _c.make_scanner(_Rules)
    _encode = _c.make_encoder(None, None, _c.encode_basestring_ascii, None, ":", ",", 0, 0, 0)
except (ImportError, AttributeError, TypeError):
    _scan = _encode = None


def loads(text: str) -> object:
    """Return the value of the JSON ``text``.

    Raises:
        ValueError, RecursionError: there is none.
    """
    if _scan is not None:
        try:
            value, end = _scan(text, len(text) - len(text.lstrip(_SPACE)))
            if not text[end:].strip(_SPACE):
                return value
        except (StopIteration, ValueError, SystemError):
            # The last: until 3.12, bad syntax raises nothing at all while json.decoder is not loaded.
            pass
    import json

    return json.JSONDecoder(parse_constant=_refuse).decode(text)


def dumps(value: object) -> str:
    """Return ``value`` as JSON in ASCII, without white space. Raises like :func:`json.dumps`."""
    if _encode is not None:
        try:
            return "".join(_encode(value, 0))
        except (TypeError, ValueError, RecursionError):
            pass
    import json

    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def parse(body: bytes) -> Incoming:
    """Return the message in ``body``, or :class:`Invalid`. Never raises."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Invalid(PARSE_ERROR, f"not UTF-8 at byte {error.start}")
    too_deep = Invalid(PARSE_ERROR, f"nested deeper than {MAX_DEPTH}", fatal=True)
    try:
        value = loads(text)
    except RecursionError:
        return too_deep
    except ValueError as error:  # bad syntax, NaN, an integer of more than 4300 digits
        return Invalid(PARSE_ERROR, f"not JSON: {error}")
    if deeper_than(MAX_DEPTH, value, text.count("[") + text.count("{")):
        return too_deep
    return from_wire(value)


def from_wire(value: object) -> Incoming:
    """Return the message, or the batch, in a JSON value."""
    if not isinstance(value, list):
        return _message(value)
    if not value:
        return Invalid(INVALID_REQUEST, "an empty batch")
    return Batch(tuple(_message(one) for one in value))


def deeper_than(limit: int, value: object, brackets: int) -> bool:
    """Return whether arrays and objects are nested more than ``limit`` deep; there are at most ``brackets``."""
    if brackets <= limit:
        return False
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list, tuple))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list, tuple))
        ]
        if not level:
            return False
    return True


def _message(value: object) -> Message | Invalid:
    if not isinstance(value, dict):
        return Invalid(INVALID_REQUEST, "not an object")
    if "method" in value:
        return _call(value)
    if "result" in value or "error" in value:
        return _answer(value)
    return Invalid(INVALID_REQUEST, "neither a method, nor a result, nor an error", _id_of(value))


def _call(value: dict[str, Any]) -> Message | Invalid:
    if value.get("jsonrpc") != "2.0":
        return Invalid(INVALID_REQUEST, '"jsonrpc" is not "2.0"', _id_of(value))
    if not _is_id(value.get("id")):
        return Invalid(INVALID_REQUEST, '"id" is not a string, an integer or null')
    method, params = value["method"], value.get("params")
    if not isinstance(method, str):
        return Invalid(INVALID_REQUEST, '"method" is not a string', _id_of(value))
    if params is not None and not isinstance(params, (dict, list)):
        return Invalid(INVALID_REQUEST, '"params" is neither an object nor an array', _id_of(value))
    return Request(value["id"], method, params) if "id" in value else Notification(method, params)


def _answer(value: dict[str, Any]) -> Message | Invalid:
    if value.get("jsonrpc") != "2.0":
        return _no_answer('"jsonrpc" is not "2.0"', value)
    if "id" not in value or not _is_id(value["id"]):
        return _no_answer('"id" is not a string, an integer or null', value)
    if "error" not in value:
        return Response(value["id"], value["result"])
    if "result" in value:
        return _no_answer("both a result and an error", value)
    error = value["error"]
    if not isinstance(error, dict):
        return _no_answer('"error" is not an object', value)
    code, message = error.get("code"), error.get("message")
    if not isinstance(code, int) or isinstance(code, bool) or not isinstance(message, str):
        return _no_answer('"error" lacks an integer "code" or a string "message"', value)
    return ErrorResponse(value["id"], code, message, error.get("data"))


def _no_answer(detail: str, value: dict[str, Any]) -> Invalid:
    return Invalid(INVALID_REQUEST, detail, _id_of(value), response=True)


def _is_id(value: object) -> bool:
    return value is None or (isinstance(value, (str, int)) and not isinstance(value, bool))


def _id_of(value: dict[str, Any]) -> Id:
    given = value.get("id")
    return given if _is_id(given) else None
