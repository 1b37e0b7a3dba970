"""The params of each method as a named tuple, checked before a handler gets them (``docs/spec/``).

Members that the client left out are ``None``, unless said otherwise. Arrays are tuples.
"""

from __future__ import annotations

from workflow_server.errors import InvalidParams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple


class NoParams(NamedTuple):
    """For ``environment/list``, ``python/list``, ``task/list`` and ``test/configurations``: there are no params."""

    method: str


class IdParams(NamedTuple):
    """For ``environment/get``, ``environment/delete`` and ``environment/packages``."""

    id: str


class CreateParams(NamedTuple):
    """For ``environment/create``. All but the first two come only to a server that offers ``environment.details``."""

    name: str
    #: ``X.Y`` or ``X.Y.Z``; ``None``, only with ``environment.details``: the server chooses.
    python_version: str | None = None
    #: The interpreter to make it with, absolute.
    python: str | None = None
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] | None = None
    #: The package of the workspace that it is for; ``None`` for the project itself.
    package: str | None = None
    #: The folder to make, absolute.
    path: str | None = None
    #: Requirements (PEP 508).
    packages: tuple[str, ...] | None = None


class ExecuteParams(NamedTuple):
    """For ``environment/execute``."""

    id: str
    argv: tuple[str, ...]
    #: Relative to the project's folder, or absolute.
    cwd: str | None = None
    env: Mapping[str, str] | None = None


class SyncParams(NamedTuple):
    """For ``environment/sync``, and ``environment/check``: ``frozen`` is of the first alone, ``plan`` of the second."""

    id: str
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] | None = None
    #: The workspace member to use; ``None`` for the project itself.
    package: str | None = None
    frozen: bool = False
    #: Tell the plan also where that takes a while.
    plan: bool = False


class EnsureParams(NamedTuple):
    """For ``environment/ensure``."""

    #: The id or the name; ``None``: the default one.
    name: str | None = None
    #: ``3.12``, ``3.12.4``, ``>=3.11``, or the absolute path of an interpreter; ``None``: any that the project allows.
    python: str | None = None
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] | None = None
    #: The package of the workspace that it is for; ``None`` for the project itself.
    package: str | None = None
    #: Requirements (PEP 508).
    packages: tuple[str, ...] | None = None
    #: Its folder, absolute.
    path: str | None = None


class PackagesParams(NamedTuple):
    """For ``environment/install`` (requirements, PEP 508) and ``environment/uninstall`` (names)."""

    id: str
    packages: tuple[str, ...]


class CommandParams(NamedTuple):
    """For ``environment/command``."""

    id: str
    argv: tuple[str, ...]
    #: Relative to the project's folder, or absolute.
    cwd: str | None = None


class VersionParams(NamedTuple):
    """For ``python/find`` and ``python/install``: ``3.12``, ``3.12.4``, ``>=3.11,<3.13``, ``pypy3.10``."""

    version: str


class TaskCommandParams(NamedTuple):
    """For ``task/command``."""

    name: str
    #: To add to the task's own.
    argv: tuple[str, ...] = ()


class TestParams(NamedTuple):
    """For ``test/discover`` and ``test/run``."""

    #: The id of one of ``test/configurations``.
    configuration: str
    #: Names the stream of updates; a handler has no use for it.
    update_token: str | int
    #: Ids of tests, files, folders, classes, from the project's folder; ``None`` for all.
    names: tuple[str, ...] | None = None


class ScriptParams(NamedTuple):
    """For ``script/environment``."""

    #: Absolute.
    path: str


#: The params of each method that a handler may answer; those that are not here have none.
PARAMS: dict[str, type[tuple[Any, ...]]] = {
    "environment/create": CreateParams,
    "environment/get": IdParams,
    "environment/delete": IdParams,
    "environment/execute": ExecuteParams,
    "environment/sync": SyncParams,
    "environment/check": SyncParams,
    "environment/ensure": EnsureParams,
    "environment/packages": IdParams,
    "environment/install": PackagesParams,
    "environment/uninstall": PackagesParams,
    "environment/command": CommandParams,
    "python/find": VersionParams,
    "python/install": VersionParams,
    "task/command": TaskCommandParams,
    "test/discover": TestParams,
    "test/run": TestParams,
    "script/environment": ScriptParams,
}


def folder_name(name: str) -> str:
    """Return ``name`` if it is a plain folder's name, not a path or an option.

    Raises:
        InvalidParams: for any other name.
    """
    if name in ("", ".", "..") or name.startswith("-") or set(name) & set("/\\:"):
        raise InvalidParams(f"{name!r} cannot be the name of a folder")
    if not name.isprintable():
        raise InvalidParams(f"{name!r} holds a character that cannot be seen")
    return name


def params_of(method: str, wire: Mapping[str, Any]) -> object:
    """Return the params of ``method`` from their validated wire shape."""
    kind = PARAMS.get(method)
    if kind is None:
        return NoParams(method)
    return kind(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in wire.items()
            if name != "progress_token"
        }
    )
