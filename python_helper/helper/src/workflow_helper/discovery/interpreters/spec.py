"""Parse a specification of a Python, and rank Pythons, without importing the search for them."""

from __future__ import annotations

from workflow_helper.discovery.interpreters.describe import STEMS
from workflow_helper.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.model import Interpreter
else:
    from workflow_server.namedtuple import NamedTuple

#: The implementations that can be requested.
HINT = 'Give a version ("3.12", "3.12.4", "3.13t"), an implementation ("pypy3.10") or a range (">=3.11,<3.13").'
_FREETHREADED = "+freethreaded"


class Spec(NamedTuple):
    """A version, an implementation, or both."""

    #: ``None`` for any.
    implementation: str | None
    #: ``"3.12"``: itself and all that begin with it; empty for any.
    version: str
    freethreaded: bool

    def fits(self, python: Interpreter) -> bool:
        """Return whether ``python`` fits; a free-threaded build fits only if that is requested."""
        return (
            self.implementation in (None, python.implementation.partition("+")[0])
            and self.freethreaded == python.implementation.endswith(_FREETHREADED)
            and _begins_with(python.version, self.version)
        )


def parse(spec: str) -> Spec:
    """Parse ``3.12``, ``3.12.4``, ``3.13t``, ``pypy``, ``pypy3.10``, ``cpython@3.12``.

    Raises:
        UsageError: ``spec`` names no version.
    """
    text = spec.strip()
    implementation = None
    for stem, name in (*STEMS.items(), ("cpython", "cpython")):
        if text.lower().startswith(stem):
            # A bare "python3.12" asks for no implementation.
            implementation = None if stem == "python" else name
            text = text[len(stem) :].lstrip("@-")
            break
    else:
        if text in ("", "t"):
            raise UsageError("no Python version was given", HINT)
    freethreaded = text.endswith("t")
    text = text.removesuffix("t")
    parts = text.split(".") if text else []
    if len(parts) > 3 or not all(
        part.isascii() and part.isdecimal() for part in _without_stage(parts)
    ):
        raise UsageError(f"{spec!r} names no Python version", HINT)
    return Spec(implementation, text, freethreaded)


def rank(python: Interpreter) -> tuple[bool, bool, list[int]]:
    """Return a key that sorts the best first: the newest released CPython, then all others, then those without a version.

    Sorting is stable, so equals stay in their order.
    """
    if python.version is None:
        return True, True, []
    digits, released = _release(python.version)
    return (
        False,
        not (released and python.implementation == "cpython"),
        [-digit for digit in digits],
    )


def _release(version: str) -> tuple[list[int], bool]:
    """Return the three numbers of a version, 0 for an unknown patch number, and whether it is a release."""
    numbers = []
    released = True
    for part in version.split("."):
        digits = 0
        while digits < len(part) and part[digits].isdecimal():
            digits += 1
        numbers.append(int(part[:digits] or "0"))
        released = released and digits == len(part)
    return [*numbers, 0, 0, 0][:3], released


def _without_stage(parts: list[str]) -> list[str]:
    """Return ``["3", "14", "0rc1"]`` without the stage of a pre-release."""
    if len(parts) == 3:
        for stage in ("rc", "a", "b"):
            number, found, count = parts[2].partition(stage)
            if found and count.isdecimal():
                return [*parts[:2], number]
    return parts


def _begins_with(version: str | None, prefix: str) -> bool:
    return not prefix or (version is not None and f"{version}.".startswith(f"{prefix}."))
