"""The shape of each method's result, as a server must send it (``docs/spec/``).

A server checks its answers against these shapes, and so does the conformance kit. A client reads with
:mod:`workflow_server.values`, which is more tolerant.
"""

from __future__ import annotations

from workflow_server.methods import MAX_ID, MAX_NAME, MAX_PROTOCOL_VERSION
from workflow_server.shapes import (
    Member,
    Violation,
    absolute,
    anything,
    array_of,
    flag,
    nullable,
    one_of,
    shape,
    table_of,
    text,
    version,
    whole_number,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_server.shapes import Check

#: The members of an environment in a list, by the base profile, and those of its details.
LISTED = ("id", "name", "python_version")
DETAILED = (*LISTED, "interpreter_path", "installed_packages", "extra")


def _nothing(value: object, path: str) -> Iterator[Violation]:
    if value is not None:
        yield Violation(path, "null is expected")


def _optional(name: str, check: Check) -> Member:
    return Member(name, check, required=False)


_PACKAGES = array_of(shape(Member("name", text(1)), Member("version", text())))
_BASE = (
    Member("id", text(1, MAX_ID)),
    Member("name", text(1, MAX_NAME)),
    Member("python_version", version),
)
_MORE = (
    _optional("default", flag),
    _optional("prefix", absolute),
    _optional("kind", text(1)),
    _optional(
        "status",
        shape(Member("state", one_of("ok", "broken", "unsupported")), Member("message", text())),
    ),
    _optional("managed_by", text(1)),
)
_LIST = array_of(shape(*_BASE, _optional("interpreter_path", nullable(absolute)), *_MORE))
_DETAILS = shape(
    *_BASE,
    Member("interpreter_path", absolute),
    Member("installed_packages", _PACKAGES),
    Member("extra", table_of(anything)),
    *_MORE,
)
_CHANGES = shape(
    Member("changed", flag), Member("installed", _PACKAGES), Member("removed", _PACKAGES)
)
_PLAN = shape(Member("install", _PACKAGES), Member("remove", _PACKAGES))
_COMMAND = shape(
    Member("argv", array_of(text(), 1)),
    Member("cwd", absolute),
    Member(
        "env",
        shape(
            Member("set", table_of(text())),
            Member("unset", array_of(text())),
            Member("prepend_path", array_of(absolute)),
        ),
    ),
)
_RUN = shape(Member("status", whole_number), _optional("message", text()))
_INTERPRETER = shape(
    Member("path", absolute),
    Member("version", nullable(text(1))),
    Member("implementation", text(1)),
    Member("source", text(1)),
)


def offer(value: object, path: str) -> Iterator[Violation]:
    """Accept a capability's value."""
    if not isinstance(value, (bool, dict)):
        yield Violation(path, "true or an object is expected")


#: By method; ``exit`` has none.
RESULTS: dict[str, Check] = {
    "initialize": shape(
        Member("methods", array_of(text(1))),
        Member("protocol_version", text(1, MAX_PROTOCOL_VERSION)),
        _optional("server_info", shape(Member("name", text(1)), Member("version", text()))),
        _optional("capabilities", table_of(offer)),
    ),
    "shutdown": _nothing,
    "environment/list": _LIST,
    "environment/create": _DETAILS,
    "environment/get": _DETAILS,
    "environment/delete": shape(Member("id", text(1, MAX_ID))),
    "environment/execute": shape(
        Member("exit_code", whole_number), Member("stdout", text()), Member("stderr", text())
    ),
    "environment/sync": _CHANGES,
    "environment/check": shape(
        Member("in_sync", nullable(flag)), Member("message", text()), _optional("plan", _PLAN)
    ),
    "environment/ensure": _DETAILS,
    "environment/packages": _PACKAGES,
    "environment/install": _CHANGES,
    "environment/uninstall": _CHANGES,
    "environment/command": _COMMAND,
    "python/list": array_of(_INTERPRETER),
    "python/find": _INTERPRETER,
    "python/install": _INTERPRETER,
    "task/list": array_of(shape(Member("name", text(1)), _optional("description", text()))),
    "task/command": _COMMAND,
    "test/configurations": array_of(
        shape(
            Member("id", text(1, MAX_ID)),
            Member("environment", text(1, MAX_ID)),
            _optional("name", text(1)),
            _optional("framework", one_of("pytest", "unittest")),
            _optional("argv", array_of(text())),
            _optional("paths", array_of(text(1))),
            _optional("cwd", absolute),
            _optional("env", table_of(text())),
            _optional("groups", array_of(text(1))),
            _optional("missing", flag),
            _optional("default", flag),
            _optional("declared_in", absolute),
        )
    ),
    "test/discover": _RUN,
    "test/run": _RUN,
    "script/environment": _DETAILS,
}
