"""The arguments of tools: a JSON Schema for the client, and a check of what it sends."""

from __future__ import annotations

from workflow_helper.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, NamedTuple, TypeAlias

    #: ``text``: any string; ``word``: one that is no option of a program; ``words``: several of these; ``argv``: a command;
    #: ``texts``: any strings; ``seconds``: a whole number; ``flag``: true or false.
    Kind: TypeAlias = Literal["text", "word", "words", "argv", "texts", "seconds", "flag"]
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds that a command may take at most.
MOST_SECONDS = 3600
#: Characters of a string, and strings of a list.
_LONGEST = 32_768
_MANY = 1024


class Parameter(NamedTuple):
    """One member of a tool's arguments."""

    name: str
    kind: Kind
    description: str
    required: bool = False

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        return {**_schema(self.kind), "description": self.description}


def schema(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return the JSON Schema of a tool's arguments."""
    found: dict[str, Any] = {
        "type": "object",
        "properties": {one.name: one.schema() for one in parameters},
        "additionalProperties": False,
    }
    required = [one.name for one in parameters if one.required]
    return {**found, "required": required} if required else found


def checked(parameters: Sequence[Parameter], arguments: object) -> Mapping[str, Any]:
    """Return the arguments of a call.

    A null member counts as missing.

    Raises:
        UsageError: an argument is invalid; the error lists all mistakes.
    """
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        raise UsageError('"arguments" should be an object')
    values = {name: value for name, value in arguments.items() if value is not None}
    known = {one.name: one for one in parameters}
    wrong = [f'there is no "{name}"' for name in values if name not in known]
    wrong += [
        f'"{one.name}" is missing' for one in parameters if one.required and one.name not in values
    ]
    for name, value in values.items():
        if name in known and (expected := _expected(known[name].kind, value)) is not None:
            wrong.append(f'"{name}" should be {expected}')
    if wrong:
        takes = ", ".join(known) or "nothing"
        raise UsageError("; ".join(wrong[:5]), f"It takes: {takes}.")
    return values


def _schema(kind: Kind) -> dict[str, Any]:
    if kind == "flag":
        return {"type": "boolean"}
    if kind == "seconds":
        return {"type": "integer", "minimum": 1, "maximum": MOST_SECONDS}
    if kind in ("text", "word"):
        return {"type": "string", "minLength": 1}
    least = {"minItems": 1} if kind == "argv" else {}
    return {"type": "array", "items": {"type": "string"}, **least}


def _expected(kind: Kind, value: object) -> str | None:
    """Return what should be there instead of ``value``; ``None`` where it is right."""
    if kind == "flag":
        return None if isinstance(value, bool) else "true or false"
    if kind == "seconds":
        fits = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_SECONDS
        return None if fits else f"a whole number from 1 to {MOST_SECONDS}"
    if kind == "text":
        return None if _is_text(value) and value else "a string that is not empty"
    if kind == "word":
        return None if _is_word(value) else "a single-line string that does not start with a hyphen"
    if not isinstance(value, list) or len(value) > _MANY:
        return f"a list of at most {_MANY} strings"
    if kind == "words":
        fits = all(map(_is_word, value))
        return None if fits else "a list of single-line strings that do not start with a hyphen"
    fits = all(map(_is_text, value)) and (kind != "argv" or bool(value and value[0]))
    return (
        None
        if fits
        else "a list of strings, the program first"
        if kind == "argv"
        else "a list of strings"
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value


def _is_word(value: object) -> bool:
    """Return whether ``value`` can be shown to a user unescaped, and cannot be taken for an option."""
    return (
        isinstance(value, str)
        and _is_text(value)
        and value.strip() != ""
        and value.isprintable()
        and not value.strip().startswith("-")
    )
