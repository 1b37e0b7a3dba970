"""The handlers of the methods, and the capabilities that follow."""

from __future__ import annotations

from workflow_server.handlers import Handler
from workflow_server.methods import METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any, TypeAlias, TypeVar

    from workflow_server.model import Interpreter
    from workflow_server.values import (
        Changes,
        Command,
        Execution,
        InSync,
        Package,
        RunConfiguration,
        ServerEnvironment,
        Task,
        TestRunEnd,
    )

    T = TypeVar("T")
    #: A handler, plain or ``async``; which parameters it takes is its own choice.
    Answers: TypeAlias = Callable[..., T] | Callable[..., Awaitable[T]]
    F_List = TypeVar("F_List", bound=Answers[Iterable[ServerEnvironment]])
    F_Environment = TypeVar("F_Environment", bound=Answers[ServerEnvironment])
    F_Nothing = TypeVar("F_Nothing", bound=Answers[None])
    F_Execution = TypeVar("F_Execution", bound=Answers[Execution])
    F_Changes = TypeVar("F_Changes", bound=Answers[Changes])
    F_InSync = TypeVar("F_InSync", bound=Answers[InSync])
    F_Packages = TypeVar("F_Packages", bound=Answers[Iterable[Package]])
    F_Command = TypeVar("F_Command", bound=Answers[Command])
    F_Pythons = TypeVar("F_Pythons", bound=Answers[Iterable[Interpreter]])
    F_Python = TypeVar("F_Python", bound=Answers[Interpreter])
    F_Tasks = TypeVar("F_Tasks", bound=Answers[Iterable[Task]])
    F_Configurations = TypeVar("F_Configurations", bound=Answers[Iterable[RunConfiguration]])
    F_Tests = TypeVar("F_Tests", bound=Answers[TestRunEnd])
    F_Any = TypeVar("F_Any", bound=Answers[Any])

#: Methods that no handler answers.
LIFECYCLE = ("exit", "initialize", "shutdown")
_RESERVED = ("execution/", "test/", "remote/", "$/")


class Registry:
    """Handlers by method, with a decorator for each."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        #: The capabilities that are offered, where handlers alone do not tell.
        self.declared: set[str] = set()

    # One decorator a method.

    def list_environments(self, handler: F_List) -> F_List:
        """Register the handler of ``environment/list``: without params; the environments in any order."""
        return self._bind("environment/list", handler)

    def create_environment(self, handler: F_Environment) -> F_Environment:
        """Register the handler of ``environment/create``: takes :class:`CreateParams`; the new environment."""
        return self._bind("environment/create", handler)

    def get_environment(self, handler: F_Environment) -> F_Environment:
        """Register the handler of ``environment/get``: takes :class:`IdParams`; raises :class:`EnvironmentNotFound`."""
        return self._bind("environment/get", handler)

    def delete_environment(self, handler: F_Nothing) -> F_Nothing:
        """Register the handler of ``environment/delete``: takes :class:`IdParams`; returns nothing."""
        return self._bind("environment/delete", handler)

    def execute(self, handler: F_Execution) -> F_Execution:
        """Register the handler of ``environment/execute``: takes :class:`ExecuteParams`."""
        return self._bind("environment/execute", handler)

    def sync(self, handler: F_Changes) -> F_Changes:
        """Register the handler of ``environment/sync``: takes :class:`SyncParams`. Goes with :meth:`check`."""
        return self._bind("environment/sync", handler)

    def check(self, handler: F_InSync) -> F_InSync:
        """Register the handler of ``environment/check``: takes :class:`SyncParams`. Goes with :meth:`sync`."""
        return self._bind("environment/check", handler)

    def ensure_environment(self, handler: F_Environment) -> F_Environment:
        """Register the handler of ``environment/ensure``: takes :class:`EnsureParams`; a matching environment."""
        return self._bind("environment/ensure", handler)

    def packages(self, handler: F_Packages) -> F_Packages:
        """Register the handler of ``environment/packages``: takes :class:`IdParams`. Goes with :meth:`install` and :meth:`uninstall`."""
        return self._bind("environment/packages", handler)

    def install(self, handler: F_Changes) -> F_Changes:
        """Register the handler of ``environment/install``: takes :class:`PackagesParams`."""
        return self._bind("environment/install", handler)

    def uninstall(self, handler: F_Changes) -> F_Changes:
        """Register the handler of ``environment/uninstall``: takes :class:`PackagesParams`."""
        return self._bind("environment/uninstall", handler)

    def command(self, handler: F_Command) -> F_Command:
        """Register the handler of ``environment/command``: takes :class:`CommandParams`."""
        return self._bind("environment/command", handler)

    def list_pythons(self, handler: F_Pythons) -> F_Pythons:
        """Register the handler of ``python/list``: the best first; without params. Goes with the next two."""
        return self._bind("python/list", handler)

    def find_python(self, handler: F_Python) -> F_Python:
        """Register the handler of ``python/find``: takes :class:`VersionParams`; raises :class:`PythonUnavailable`."""
        return self._bind("python/find", handler)

    def install_python(self, handler: F_Python) -> F_Python:
        """Register the handler of ``python/install``: takes :class:`VersionParams`."""
        return self._bind("python/install", handler)

    def list_tasks(self, handler: F_Tasks) -> F_Tasks:
        """Register the handler of ``task/list``: without params. Goes with :meth:`task_command`."""
        return self._bind("task/list", handler)

    def task_command(self, handler: F_Command) -> F_Command:
        """Register the handler of ``task/command``: takes :class:`TaskCommandParams`."""
        return self._bind("task/command", handler)

    def test_configurations(self, handler: F_Configurations) -> F_Configurations:
        """Register the handler of ``test/configurations``: without params; the ways of running the project's tests."""
        return self._bind("test/configurations", handler)

    def discover_tests(self, handler: F_Tests) -> F_Tests:
        """``test/discover``: takes :class:`TestParams` and ``updates``; how it ended. Goes with :meth:`run_tests`."""
        return self._bind("test/discover", handler)

    def run_tests(self, handler: F_Tests) -> F_Tests:
        """``test/run``: takes :class:`TestParams` and ``updates``; how it ended. Goes with :meth:`test_configurations`."""
        return self._bind("test/run", handler)

    def script_environment(self, handler: F_Environment) -> F_Environment:
        """Register the handler of ``script/environment``: takes :class:`ScriptParams`."""
        return self._bind("script/environment", handler)

    def method(self, name: str) -> Callable[[F_Any], F_Any]:
        """Register the server's own method, such as ``x-mytool/lint``: it takes raw params, and returns JSON.

        Raises:
            ValueError: the name is the protocol's own, or reserved.
        """
        if name in METHODS or name in LIFECYCLE or name.startswith(_RESERVED):
            raise ValueError(f"{name} is not a name for a method of a server's own")
        return lambda handler: self._bind(name, handler)

    @property
    def methods(self) -> list[str]:
        """All methods that are bound, in order."""
        cancel = ["$/cancelRequest"] if "cancel" in self.capabilities else []
        return sorted([*self.handlers, *LIFECYCLE, *cancel])

    @property
    def capabilities(self) -> frozenset[str]:
        """The capabilities beyond the base profile, derived from the registered handlers."""
        offered = self.declared | {
            capability
            for name in self.handlers
            if name in METHODS and (capability := METHODS[name].capability) is not None
        }
        handlers = self.handlers.values()
        if any(one.wants_progress for one in handlers):
            offered.add("progress")
        if any(one.wants_cancelled or one.is_async for one in handlers):
            offered.add("cancel")
        return frozenset(offered)

    def check_complete(self) -> None:
        """Raise :class:`ValueError` if a method of an offered capability is missing."""
        if "environment/list" not in self.handlers:
            raise ValueError("environment/list has no handler, but every server lists environments")
        offered = self.capabilities
        missing = [
            f"{one.name} ({one.capability})"
            for one in METHODS.values()
            if one.capability in offered and one.name not in self.handlers
        ]
        if "test.run" in offered and "test.configurations" not in offered:
            missing.append("test/configurations (test.run)")
        if missing:
            raise ValueError(f"methods without a handler: {', '.join(missing)}")

    def _bind(self, method: str, handler: F_Any) -> F_Any:
        if method in self.handlers:
            raise ValueError(f"{method} has a handler already")
        self.handlers[method] = Handler.of(handler)
        return handler
