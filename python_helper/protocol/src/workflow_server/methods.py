"""The methods that a client may call, and the checks of their parameters (``docs/spec/``)."""

from __future__ import annotations

from workflow_server.shapes import (
    Member,
    absolute,
    anything,
    array_of,
    flag,
    offered_members,
    params_violations,
    table_of,
    text,
    token,
    version,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from workflow_server.shapes import Check, Violation
else:
    from workflow_server.namedtuple import NamedTuple

PROTOCOL_VERSION = "0.1.0"

# Characters.
MAX_ID = 128
MAX_NAME = 64
MAX_CLIENT_NAME = 255
MAX_PROTOCOL_VERSION = 64
#: Bytes of output of ``environment/execute``, both streams together.
MAX_OUTPUT = 8 * 1024 * 1024

#: Every capability that exists.
CAPABILITIES = (
    "environment.details",
    "environment.default",
    "environment.sync",
    "environment.ensure",
    "environment.packages",
    "environment.watch",
    "command",
    "python",
    "task",
    "test.configurations",
    "test.run",
    "script",
    "progress",
    "cancel",
    "log",
)
#: The capabilities of a client: what a server may send by itself.
CLIENT_CAPABILITIES = ("environment.watch", "test.run", "progress", "log")


class Method(NamedTuple):
    """A request that a client may make."""

    name: str
    #: The capability that a server offers it by; ``None`` for the base profile's.
    capability: str | None
    params: tuple[Member, ...] = ()
    #: It makes, changes or runs something: giving up on it is more than forgetting its answer.
    changes: bool = False

    def violations(
        self, params: object, offered: frozenset[str] = frozenset()
    ) -> tuple[Violation, ...]:
        """Return why a client may not send ``params`` (or ``None``) to a server that offers ``offered``."""
        return params_violations(self.params, params, offered=offered)

    def accept(
        self, params: object, offered: frozenset[str] = frozenset()
    ) -> tuple[dict[str, Any], tuple[Violation, ...]]:
        """Return the ``params`` that a server with ``offered`` uses, and all mistakes in them.

        An empty array counts as an empty object, and ``null`` as an optional member left out. Unknown members are
        ignored, since a later client may send them.
        """
        given = {} if params is None or params == [] else params
        if not isinstance(given, dict):
            return {}, params_violations(self.params, given, offered=offered)
        known = {one.name: one for one in offered_members(self.params, offered)}
        accepted = {
            name: value
            for name, value in given.items()
            if name in known and (value is not None or known[name].required)
        }
        return accepted, params_violations(self.params, accepted, offered=offered)


def _optional(name: str, check: Check, capability: str | None = None) -> Member:
    return Member(name, check, required=False, capability=capability)


_ID = Member("id", text(1, MAX_ID))
_TEXTS = array_of(text())
_ARGV = Member("argv", array_of(text(), 1))
_PACKAGES = Member("packages", array_of(text(1), 1))
_VERSION = Member("version", text(1))
_TOKEN = _optional("progress_token", token, "progress")
_GROUPS, _EXTRAS = _optional("groups", _TEXTS), _optional("extras", _TEXTS)
_PACKAGE = _optional("package", text(1))
_DETAILS = "environment.details"

_TESTS = (
    Member("configuration", text(1, MAX_ID)),
    Member("update_token", token),
    _optional("names", array_of(text(1))),
    _TOKEN,
)

#: By name. ``exit`` and ``$/cancelRequest`` are notifications, and not among them.
METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "initialize",
            None,
            (
                Member("client_name", text(1, MAX_CLIENT_NAME)),
                Member("client_protocol_version", text(1, MAX_PROTOCOL_VERSION)),
                _optional("project_root", absolute),
                _optional("project_trusted", flag),
                _optional("client_capabilities", table_of(anything)),
                _optional("locale", text()),
            ),
        ),
        Method("shutdown", None),
        Method("environment/list", None),
        Method("environment/get", None, (_ID,)),
        Method(
            "environment/create",
            None,
            (
                Member("name", text(1, MAX_NAME)),
                Member("python_version", version, waived_by=_DETAILS),
                _optional("python", absolute, _DETAILS),
                _optional("groups", _TEXTS, _DETAILS),
                _optional("extras", _TEXTS, _DETAILS),
                _optional("package", text(1), _DETAILS),
                _optional("path", absolute, _DETAILS),
                _optional("packages", _TEXTS, _DETAILS),
                _TOKEN,
            ),
            changes=True,
        ),
        Method("environment/delete", None, (_ID, _TOKEN), changes=True),
        Method(
            "environment/execute",
            None,
            (_ID, _ARGV, _optional("cwd", text()), _optional("env", table_of(text())), _TOKEN),
            changes=True,
        ),
        Method(
            "environment/sync",
            "environment.sync",
            (_ID, _GROUPS, _EXTRAS, _PACKAGE, _optional("frozen", flag), _TOKEN),
            changes=True,
        ),
        Method(
            "environment/check",
            "environment.sync",
            (_ID, _GROUPS, _EXTRAS, _PACKAGE, _optional("plan", flag), _TOKEN),
        ),
        Method(
            "environment/ensure",
            "environment.ensure",
            (
                _optional("name", text(1, MAX_ID)),
                _optional("python", text(1)),
                _GROUPS,
                _EXTRAS,
                _PACKAGE,
                _optional("packages", _TEXTS),
                _optional("path", absolute),
                _TOKEN,
            ),
            changes=True,
        ),
        Method("environment/packages", "environment.packages", (_ID, _TOKEN)),
        Method(
            "environment/install", "environment.packages", (_ID, _PACKAGES, _TOKEN), changes=True
        ),
        Method(
            "environment/uninstall", "environment.packages", (_ID, _PACKAGES, _TOKEN), changes=True
        ),
        Method("environment/command", "command", (_ID, _ARGV, _optional("cwd", text()), _TOKEN)),
        Method("python/list", "python", (_TOKEN,)),
        Method("python/find", "python", (_VERSION, _TOKEN)),
        Method("python/install", "python", (_VERSION, _TOKEN), changes=True),
        Method("task/list", "task", (_TOKEN,)),
        Method("task/command", "task", (Member("name", text()), _optional("argv", _TEXTS), _TOKEN)),
        Method("test/configurations", "test.configurations", (_TOKEN,)),
        Method("test/discover", "test.run", _TESTS, changes=True),
        Method("test/run", "test.run", _TESTS, changes=True),
        Method("script/environment", "script", (Member("path", absolute), _TOKEN), changes=True),
    )
}
