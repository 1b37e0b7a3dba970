"""Templates with ``{key}`` in a declarative adapter: parsed once, when it is loaded, and filled in for each request.

``{key}`` stands for a member of the request's params, ``{{`` and ``}}`` for braces, and a word that is just ``{argv}`` for
all words of a list of strings.
"""

from __future__ import annotations

from workflow_helper.errors import ExecutionFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

#: The text that stands for several words.
SPLICED = "{argv}"


def check(text: str) -> str | None:
    """Return what is wrong with a template, as the end of a sentence; ``None`` if it is valid."""
    try:
        _pieces(text)
    except ValueError as error:
        return str(error)
    return None


def words(template: Sequence[str], params: Mapping[str, Any]) -> list[str]:
    """Fill in a command's words.

    Raises:
        ExecutionFailed: a text cannot be filled in; see ``data["reason"]``.
    """
    filled: list[str] = []
    for word in template:
        if word == SPLICED:
            filled += _splice(params)
        else:
            filled.append(text(word, params))
    return filled


def text(template: str, params: Mapping[str, Any]) -> str:
    """Fill in one text.

    Raises:
        ExecutionFailed: it cannot be filled in; see ``data["reason"]``.
    """
    return "".join(
        _shown(piece, params) if is_key else piece for piece, is_key in _pieces(template)
    )


def value(template: Any, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Fill in a result's template: all strings in it, at any depth.

    Raises:
        ExecutionFailed: a text cannot be filled in; see ``data["reason"]``.
    """
    if isinstance(template, str):
        return text(template, params)
    if isinstance(template, list):
        return [value(one, params) for one in template]
    if isinstance(template, dict):
        return {name: value(one, params) for name, one in template.items()}
    return template


def _pieces(template: str) -> list[tuple[str, bool]]:
    """Return literal text and keys, in order; the second value of each pair distinguishes them.

    Raises:
        ValueError: a brace is unmatched, or a pair of braces holds no key.
    """
    pieces: list[tuple[str, bool]] = []
    rest = template
    while rest:
        at = min((rest.find(brace) for brace in "{}" if brace in rest), default=len(rest))
        pieces.append((rest[:at], False))
        rest = rest[at:]
        if rest[:2] in ("{{", "}}"):
            pieces.append((rest[0], False))
            rest = rest[2:]
        elif rest:
            key, closed, rest = rest[1:].partition("}") if rest[0] == "{" else ("", "", "")
            if not closed:
                raise ValueError("has an unmatched brace (write {{ or }} for a literal brace)")
            if not key.isidentifier():
                raise ValueError(f"has {{{key}}}, which names no member of a request's params")
            pieces.append((key, True))
    return pieces


def _shown(key: str, params: Mapping[str, Any]) -> str:
    found = _look_up(key, params)
    # True and False are numbers in Python, but not on a command line.
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        raise _failed("unsupported-template-value", f"{{{key}}} is neither a string nor a number")
    shown = str(found)
    if "\0" in shown:
        raise _failed("unsupported-template-value", f"{{{key}}} contains a NUL character")
    return shown


def _splice(params: Mapping[str, Any]) -> list[str]:
    found = _look_up("argv", params)
    if not isinstance(found, list) or not all(
        isinstance(word, str) and "\0" not in word for word in found
    ):
        raise _failed("unsupported-template-value", f"{SPLICED} is not a list of strings")
    return found


def _look_up(key: str, params: Mapping[str, Any]) -> object:
    if key not in params:
        raise _failed("missing-template-key", f"the request has no {key!r} to put for {{{key}}}")
    return params[key]


def _failed(reason: str, message: str) -> ExecutionFailed:
    return ExecutionFailed(message, data={"reason": reason})
