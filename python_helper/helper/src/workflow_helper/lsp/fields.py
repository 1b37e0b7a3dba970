"""The fields of one message's parameters, checked as they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflow_helper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fields:
    """An object that a client sent; each reader raises :class:`UsageError`, which names the method and the field."""

    def __init__(self, wire: object, method: str) -> None:
        self._method = method
        if not isinstance(wire, dict):
            raise UsageError(f"{method}: the parameters must be an object")
        self._wire: Mapping[str, object] = wire

    def wrong(self, field: str, expected: str) -> UsageError:
        """Return the error for a field that is not what was expected."""
        return UsageError(f"{self._method}: {field} must be {expected}")

    def token(self, field: str = "workDoneToken") -> str | int | None:
        """Return the token for progress reports, if the client sent one."""
        value = self._wire.get(field)
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            raise self.wrong(field, "a string or a number")
        return value

    def text(self, field: str) -> str:
        """Return a string that is not empty."""
        value = self._wire.get(field)
        if not isinstance(value, str) or not value:
            raise self.wrong(field, "a string that is not empty")
        return value

    def optional_text(self, field: str) -> str | None:
        """Return a string that is not empty; ``None`` where it is null or absent."""
        return None if self._wire.get(field) is None else self.text(field)

    def text_or_null(self, field: str) -> str | None:
        """Return a string that is not empty, or null; the member must be present, since a missing one may be misspelled."""
        if field not in self._wire:
            raise self.wrong(field, "a string or null")
        return self.optional_text(field)

    def any_text(self, field: str) -> str | None:
        """Return a string, also an empty one; ``None`` where it is null or absent."""
        value = self._wire.get(field)
        if value is not None and not isinstance(value, str):
            raise self.wrong(field, "a string")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._wire.get(field)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(field, "a list of strings")
        return tuple(value)

    def optional_texts(self, field: str) -> tuple[str, ...]:
        """Return a list of strings; none where it is null or absent."""
        return () if self._wire.get(field) is None else self.texts(field)

    def flag(self, field: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._wire.get(field, default)
        if not isinstance(value, bool):
            raise self.wrong(field, "true or false")
        return value

    def integer(self, field: str) -> int | None:
        """Return a whole number; ``None`` where it is null or absent."""
        value = self._wire.get(field)
        if isinstance(value, bool) or not isinstance(value, int | None):
            raise self.wrong(field, "a whole number")
        return value

    def tables(self, field: str) -> list[dict[str, Any]]:
        """Return a list of objects."""
        value = self._wire.get(field)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(field, "a list of objects")
        return value

    def is_table(self, field: str) -> bool:
        """Return whether the field is an object."""
        return isinstance(self._wire.get(field), dict)

    def table(self, field: str) -> dict[str, Any] | None:
        """Return an object; ``None`` where it is null or absent."""
        value = self._wire.get(field)
        if value is not None and not isinstance(value, dict):
            raise self.wrong(field, "an object or null")
        return value
