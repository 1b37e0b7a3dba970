"""``NamedTuple`` without :mod:`typing`, and without the code that :mod:`collections` writes for every class.

``import typing`` costs 4 ms, and the classes of :func:`collections.namedtuple` 2 ms more, of an answer's 13.

So this class replaces it at run time, while type checkers see the real one. It supports annotated fields, defaults,
methods and properties. The module's annotations must be strings (``from __future__ import annotations``).
"""

from __future__ import annotations

from _operator import itemgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from typing_extensions import Self, override
else:

    def override(method: object) -> object:
        """Mark a method as overriding one of a base class, for type checkers."""
        return method


class _Value(tuple):  # type: ignore[type-arg]
    """The base of the classes; their fields are in :attr:`_fields`, in order."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()
    _field_defaults: dict[str, Any] = {}  # noqa: RUF012 - as namedtuple has it

    def __new__(cls, *args: Any, **named: Any) -> Self:  # noqa: ANN401 - as namedtuple has it
        if named or len(args) != len(cls._fields):
            left = cls._fields[len(args) :]
            # Nearly always nothing but defaults is left, and a list may be of hundreds of values.
            if not named and left and all(map(cls._field_defaults.__contains__, left)):
                args = (*args, *map(cls._field_defaults.__getitem__, left))
            else:
                args = cls._bound(args, named)
        return tuple.__new__(cls, args)

    @classmethod
    def _bound(cls, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        given = dict(zip(cls._fields, args, strict=False))
        twice = given.keys() & named.keys()
        unknown = named.keys() - set(cls._fields)
        if twice or unknown or len(args) > len(cls._fields):
            wrong = ", ".join(sorted(twice | unknown)) or f"{len(args)} values"
            raise TypeError(f"{cls.__name__} does not take {wrong}")
        values = {**cls._field_defaults, **given, **named}
        missing = [field for field in cls._fields if field not in values]
        if missing:
            raise TypeError(f"{cls.__name__} needs {', '.join(missing)}")
        return tuple([values[field] for field in cls._fields])

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Self:
        return cls(*values)

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def _replace(self, **named: Any) -> Self:  # noqa: ANN401 - as namedtuple has it
        values = tuple([named.pop(*pair) for pair in zip(self._fields, self, strict=True)])
        return tuple.__new__(type(self), values) if not named else type(self)(*self, **named)

    @override
    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({fields})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)


class _Meta(type):
    """Turns a class body into a tuple type with the same methods."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
        if not bases:
            return super().__new__(mcs, name, bases, body)
        annotations = body.get("__annotations__")
        if not isinstance(annotations, dict) or not annotations:
            raise TypeError(f"{name} has no annotated field")
        fields = tuple(annotations)
        defaults = {field: body[field] for field in fields if field in body}
        getters = {field: property(itemgetter(index)) for index, field in enumerate(fields)}
        own = {"__slots__": (), "_fields": fields, "_field_defaults": defaults}
        return type(name, (_Value,), {**body, **getters, **own, "__match_args__": fields})


class NamedTuple(metaclass=_Meta):
    """Base of an immutable value; see the module."""
