from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from workflow_server import Server
from workflow_server.handlers import Handler, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow_server import Environment


def nothing() -> list[Environment]:
    """No environments."""
    return []


def test_a_server_with_a_list_alone_is_of_the_base_profile_with_a_log() -> None:
    """A server that only lists binds the life cycle and the list, and offers nothing but the log."""
    server = Server("a")
    server.list_environments(nothing)
    assert server.methods == ["environment/list", "exit", "initialize", "shutdown"]
    assert server.capabilities == {"log"}


def test_a_decorator_leaves_the_function_as_it_is() -> None:
    """A decorated handler can be called as before."""
    server = Server("a")
    assert server.list_environments(nothing) is nothing


def test_the_default_comes_with_the_details() -> None:
    """A server that says which environment is the default offers the details, where the default stands."""
    assert Server("a", default=True).capabilities >= {"environment.default", "environment.details"}
    assert "environment.default" not in Server("a", details=True).capabilities


def test_a_method_has_one_handler() -> None:
    """A second handler for a method is refused."""
    server = Server("a")
    server.list_environments(nothing)
    with pytest.raises(ValueError, match="environment/list has a handler already"):
        server.list_environments(nothing)


def test_what_is_offered_by_half_is_told_before_serving() -> None:
    """A server that binds one method of a capability, and not the others, does not start."""
    server = Server("a")
    server.list_environments(nothing)
    server.sync(lambda params: params)
    with pytest.raises(ValueError, match=r"environment/check \(environment.sync\)"):
        server.run()


def test_a_server_lists_environments() -> None:
    """A server without the one method that all have does not start."""
    with pytest.raises(ValueError, match="every server lists environments"):
        Server("a").run()


@pytest.mark.parametrize(
    "name", ["environment/list", "initialize", "exit", "test/run", "remote/x", "$/y"]
)
def test_own_methods_have_own_names(name: str) -> None:
    """A method of a server's own cannot take a name of the protocol, nor a reserved one."""
    with pytest.raises(ValueError, match="not a name"):
        Server("a").method(name)


class Calling:
    """Handlers that are no plain functions."""

    def __call__(self, params: object, progress: Progress) -> None:
        """An object that can be called."""

    def method(self, params: object, cancelled: object) -> None:
        """A method."""

    async def later(self) -> None:
        """A method that is awaited."""


def both(progress: Progress, cancelled: object) -> None:
    """A handler without params."""


def named(anything: object, *, progress: Progress) -> None:
    """A handler whose params have a name of their own."""


async def later(params: object, *, cancelled: object) -> None:
    """A handler that is awaited."""


def greedy(params: object, server: object) -> None:
    """A handler that wants what there is not."""


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """A handler in the clothes of another function."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize(
    ("function", "wants"),
    [
        (nothing, (False, False, False, False)),
        (lambda params: params, (True, False, False, False)),
        (both, (False, True, True, False)),
        (named, (True, True, False, False)),
        (later, (True, False, True, True)),
        (Calling(), (True, True, False, False)),
        (Calling().method, (True, False, True, False)),
        (Calling().later, (False, False, False, True)),
        (functools.partial(later, cancelled=None), (True, False, True, True)),
        (decorated(nothing), (False, False, False, False)),
        (decorated(later), (True, False, True, True)),
    ],
)
def test_handlers_get_what_their_signature_names(
    function: Callable[..., Any], wants: tuple[bool, ...]
) -> None:
    """Whatever kind of callable a handler is, its signature says what it is given, and whether it is awaited."""
    handler = Handler.of(function)
    result = handler.takes_params, handler.wants_progress, handler.wants_cancelled, handler.is_async
    assert result == wants


def test_a_handler_that_wants_more_is_refused() -> None:
    """A parameter for which nothing would be passed is told when the handler is registered."""
    with pytest.raises(TypeError, match="takes params, server but only params, progress"):
        Handler.of(greedy)


def test_progress_begins_once_and_ends_if_it_began() -> None:
    """Progress is begin, reports, end, with percentages between 0 and 100; nothing comes after its end."""
    reports: list[dict[str, object]] = []
    progress = Progress(reports.append)
    progress("One", -3)
    progress("Two", 300)
    progress("Three")
    progress.end()
    progress("Late")
    progress.end()
    assert reports == [
        {"kind": "begin", "title": "One", "percentage": 0},
        {"kind": "report", "message": "Two", "percentage": 100},
        {"kind": "report", "message": "Three"},
        {"kind": "end"},
    ]
    untold: list[dict[str, object]] = []
    Progress(untold.append).end()
    assert untold == []
