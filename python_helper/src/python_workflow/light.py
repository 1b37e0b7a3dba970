"""``NamedTuple`` without :mod:`typing`.

``import typing`` costs more than the rest of an answer (8 ms of a budget of 25), so the values of
:mod:`python_workflow.model` are built by this stand-in at run time, while type checkers see the real thing:

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from typing import NamedTuple
    else:
        from python_workflow.light import NamedTuple

Only what the product uses is supported: annotated fields, defaults, methods and properties. The annotations of
the defining module must be strings (``from __future__ import annotations``).
"""

from __future__ import annotations

from collections import namedtuple


class _Meta(type):
    """Turns a class body into a tuple type whose methods are those of the body."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
        if not bases:
            return super().__new__(mcs, name, bases, body)
        annotations = body.get("__annotations__")
        if not isinstance(annotations, dict) or not annotations:
            raise TypeError(f"{name} has no annotated field")
        fields = list(annotations)
        defaults = [body.pop(field) for field in fields if field in body]
        made: type = namedtuple(name, fields, defaults=defaults)  # type: ignore[misc]  # noqa: PYI024
        for attribute, value in body.items():
            if attribute not in ("__annotations__", "__slots__", "__qualname__", "__module__"):
                setattr(made, attribute, value)
        made.__module__ = str(body["__module__"])
        made.__qualname__ = str(body["__qualname__"])
        made.__doc__ = str(body.get("__doc__") or name)
        return made


class NamedTuple(metaclass=_Meta):
    """Base of an immutable value; see the module's text."""
