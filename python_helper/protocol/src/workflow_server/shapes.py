"""Composable checks of JSON values that list every violation with its path.

A check takes a value and its path (``""`` for the whole, ``python_version``, ``packages[2]``, ``env.HOME``) and yields
violations.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NamedTuple, TypeAlias

    Check: TypeAlias = Callable[[object, str], Iterator["Violation"]]
else:
    from workflow_server.namedtuple import NamedTuple


class Violation(NamedTuple):
    """One thing that is invalid."""

    path: str
    #: What was expected.
    message: str

    @property
    def sentence(self) -> str:
        """Path and expectation together."""
        return f"{self.path}: {self.message}" if self.path else self.message

    def to_wire(self) -> dict[str, str]:
        """Return ``{"path", "message"}``."""
        return self._asdict()


class Member(NamedTuple):
    """A member of an object."""

    name: str
    check: Check
    required: bool = True
    #: The capability that must be offered for it to be there at all; ``None`` for the base profile's.
    capability: str | None = None
    #: The capability with which a required member may be left out.
    waived_by: str | None = None


class ShapeError(ValueError):
    """A value of a wrong shape; ``violations`` has all mistakes."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(one.sentence for one in violations[:5]))
        self.violations = violations


def require(check: Check, value: object) -> dict[str, Any]:
    """Return ``value`` if it is an object that passes ``check``.

    Raises:
        ShapeError: it does not.
    """
    found = tuple(check(value, ""))
    if found or not isinstance(value, dict):
        raise ShapeError(found or (Violation("", "an object is expected"),))
    return value


def anything(_value: object, _path: str) -> Iterator[Violation]:
    """Accept any JSON."""
    return iter(())


def flag(value: object, path: str) -> Iterator[Violation]:
    """Accept a boolean."""
    if not isinstance(value, bool):
        yield Violation(path, "a boolean is expected")


def whole_number(value: object, path: str) -> Iterator[Violation]:
    """Accept an integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield Violation(path, "an integer is expected")


def number(value: object, path: str) -> Iterator[Violation]:
    """Accept a number that is not negative."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < 1e12:
        yield Violation(path, "a number that is not negative is expected")


def token(value: object, path: str) -> Iterator[Violation]:
    """Accept a string or an integer."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        yield Violation(path, "a string or an integer is expected")


def text(least: int = 0, most: int | None = None) -> Check:
    """Return a check for a string of ``least`` to ``most`` characters."""

    def check(value: object, path: str) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield Violation(path, "a string is expected")
        elif len(value) < least:
            yield Violation(path, f"at least {least} character{'s'[: least != 1]} is needed")
        elif most is not None and len(value) > most:
            yield Violation(path, f"at most {most} characters are allowed")

    return check


def one_of(*words: str) -> Check:
    """Return a check for one of some strings."""

    def check(value: object, path: str) -> Iterator[Violation]:
        if value not in words:
            yield Violation(path, f"one of {', '.join(words)} is expected")

    return check


def version(value: object, path: str) -> Iterator[Violation]:
    """Accept ``X.Y`` or ``X.Y.Z``, in at most 32 characters."""
    parts = value.split(".") if isinstance(value, str) and len(value) <= 32 else []
    if len(parts) not in (2, 3) or not all(map(_is_number, parts)):
        yield Violation(path, "X.Y or X.Y.Z is expected")


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and (part == "0" or not part.startswith("0"))


def absolute(value: object, path: str) -> Iterator[Violation]:
    """Accept an absolute path, of any platform, since it may be on another machine."""
    if not isinstance(value, str) or not (
        value.startswith(("/", "\\\\")) or (value[1:2] == ":" and value[2:3] in ("\\", "/"))
    ):
        yield Violation(path, "an absolute path is expected")


def passable(value: object, path: str) -> Iterator[Violation]:
    """Accept a string that can be an argument: without NUL or half of a surrogate pair."""
    if not isinstance(value, str):
        yield Violation(path, "a string is expected")
    elif not is_passable(value):
        yield Violation(path, "a string without NUL or half of a surrogate pair is expected")


def passable_path(value: object, path: str) -> Iterator[Violation]:
    """Accept an absolute path that can be an argument."""
    yield from absolute(value, path)
    if isinstance(value, str):
        yield from passable(value, path)


def is_passable(text: str) -> bool:
    """Return whether ``text`` can be an argument and a file's name.

    Python's surrogates for the bytes of a name that is not UTF-8 are allowed.
    """
    try:
        return "\0" not in text and bool(text.encode("utf-8", "surrogateescape") is not None)
    except UnicodeEncodeError:
        return False


def nullable(inner: Check) -> Check:
    """Return a check for ``null``, or what ``inner`` allows."""

    def check(value: object, path: str) -> Iterator[Violation]:
        if value is not None:
            yield from inner(value, path)

    return check


def array_of(inner: Check, least: int = 0) -> Check:
    """Return a check for an array of at least ``least`` elements."""

    def check(value: object, path: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(path, "an array is expected")
            return
        if len(value) < least:
            yield Violation(path, f"at least {least} element{'s'[: least != 1]} is needed")
        for index, one in enumerate(value):
            yield from inner(one, f"{path}[{index}]")

    return check


def table_of(inner: Check) -> Check:
    """Return a check for an object whose members all have the same shape."""

    def check(value: object, path: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(path, "an object is expected")
            return
        for name, one in value.items():
            yield from inner(one, _member_path(path, name))

    return check


def shape(*members: Member) -> Check:
    """Return a check for an object with these members; others are ignored, as a client must (clause profile-unknown)."""
    by_name = {member.name: member for member in members}

    def check(value: object, path: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(path, "an object is expected")
            return
        for name, member in by_name.items():
            if name in value:
                yield from member.check(value[name], _member_path(path, name))
            elif member.required:
                yield Violation(_member_path(path, name), "is missing")

    return check


def offered_members(members: tuple[Member, ...], offered: frozenset[str]) -> tuple[Member, ...]:
    """Return the ``members`` that exist with ``offered``, each required or not as there."""
    return tuple(
        one._replace(required=one.required and one.waived_by not in offered)
        for one in members
        if one.capability is None or one.capability in offered
    )


def params_violations(
    members: tuple[Member, ...],
    params: object,
    *,
    offered: frozenset[str] = frozenset(),
) -> tuple[Violation, ...]:
    """Return all violations of ``params``, whose ``members`` depend on the ``offered`` capabilities.

    Unknown members are violations too.
    """
    known = offered_members(members, offered)
    found = list(shape(*known)({} if params is None else params, ""))
    if isinstance(params, dict):
        names = {one.name for one in known}
        found += [
            Violation(name, "no such member is known") for name in params if name not in names
        ]
    return tuple(found)


def _member_path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
