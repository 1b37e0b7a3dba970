from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest
from workflow_helper.model import Environment, Status

# The way that the product's own values are written.
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple


class Point(NamedTuple):
    """A value with everything that the product's values have."""

    x: int
    y: int = 2

    @property
    def total(self) -> int:
        """The sum."""
        return self.x + self.y

    def moved(self, by: int) -> Point:
        """Another one."""
        return self._replace(x=self.x + by)


def test_a_light_value_is_a_tuple_with_names() -> None:
    """Fields, defaults, equality, replacement and unpacking are those of typing.NamedTuple."""
    point = Point(1)
    assert point == (1, 2)
    assert (point.x, point.y, point.total) == (1, 2, 3)
    assert Point(y=5, x=4)._asdict() == {"x": 4, "y": 5}
    assert point.moved(3) == Point(4)
    assert {point: "hashable"}[Point(1, 2)] == "hashable"
    assert repr(point) == "Point(x=1, y=2)"
    assert Point._fields == ("x", "y")


def test_a_light_value_cannot_be_changed() -> None:
    """Values are handed around without fear."""
    with pytest.raises(AttributeError):
        Point(1).x = 2  # type: ignore[misc]  # what mypy says before, Python says too


def test_a_light_class_knows_where_it_comes_from() -> None:
    """Its name, module and text are its own, so that it can be documented, copied and pickled."""
    assert (Point.__module__, Point.__qualname__) == (__name__, "Point")
    assert Point.__doc__ == "A value with everything that the product's values have."
    environment = Environment(
        "a", "a", "venv", "/a", None, None, "tool", status=Status("broken", "x")
    )
    assert copy.deepcopy(environment) == environment
    assert pickle.loads(pickle.dumps(environment)) == environment  # noqa: S301 - our own


def test_a_light_class_needs_fields() -> None:
    """A class without fields is a mistake and says so."""
    with pytest.raises(TypeError, match="Empty has no annotated field"):

        class Empty(NamedTuple):
            """Nothing."""


@pytest.mark.parametrize(
    ("args", "named", "message"),
    [
        ((), {}, "Point needs x"),
        ((1, 2, 3), {}, "Point does not take 3 values"),
        ((1,), {"x": 1}, "Point does not take x"),
        ((1,), {"z": 1}, "Point does not take z"),
    ],
)
def test_a_light_value_takes_its_fields_and_no_others(
    args: tuple[int, ...], named: dict[str, int], message: str
) -> None:
    """A value that lacks a field, or is given one too many, is a mistake and says which."""
    with pytest.raises(TypeError, match=message):
        Point(*args, **named)
