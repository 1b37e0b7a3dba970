"""The results at the client: immutable values, each with its shape on the wire (``docs/spec/``).

They are read as a client must: unknown members are ignored, and only needed ones are required. ``from_wire`` raises
:class:`~workflow_server.shapes.ShapeError` with every violation.
"""

from __future__ import annotations

import os

from workflow_server.display import printable
from workflow_server.model import Interpreter, Status
from workflow_server.shapes import (
    Member,
    ShapeError,
    Violation,
    absolute,
    anything,
    array_of,
    flag,
    nullable,
    number,
    one_of,
    passable,
    passable_path,
    require,
    shape,
    table_of,
    text,
    token,
    whole_number,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Literal, NamedTuple, TypeVar

    from workflow_server.shapes import Check

    TestState = Literal["found", "unusable", "running", "passed", "failed", "skipped", "error"]

    T = TypeVar("T")
else:
    from workflow_server.namedtuple import NamedTuple


#: Characters of ids and names that are taken from a server. It should keep to :data:`workflow_server.methods.MAX_ID`
#: and :data:`~workflow_server.methods.MAX_NAME`, and others do not.
MAX_ID = 1024
MAX_NAME = 255


class Package(NamedTuple):
    """An installed distribution."""

    name: str
    version: str

    @classmethod
    def from_wire(cls, wire: object) -> Package:
        """Read from an element of ``environment/packages``' result."""
        known = require(_PACKAGE, wire)
        return cls(printable(known["name"]), printable(known["version"]))

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"name", "version"}``."""
        return self._asdict()


class Initialized(NamedTuple):
    """The answer to ``initialize``: the server and its capabilities."""

    methods: frozenset[str]
    protocol_version: str
    #: Those offered that this client may use; empty for a base server.
    capabilities: frozenset[str] = frozenset()
    server_name: str | None = None
    server_version: str | None = None

    @classmethod
    def from_wire(cls, wire: object) -> Initialized:
        """Read from ``initialize``'s result."""
        known = require(_INITIALIZED, wire)
        info = known.get("server_info") or {}
        return cls(
            frozenset(known["methods"]),
            known["protocol_version"],
            frozenset(
                name
                for name, offer in (known.get("capabilities") or {}).items()
                if offer is True or isinstance(offer, dict)
            ),
            info.get("name"),
            info.get("version"),
        )


class ServerEnvironment(NamedTuple):
    """An environment of a server, in a list or in detail."""

    id: str
    name: str
    #: ``X.Y`` or ``X.Y.Z``.
    python_version: str
    #: Absolute; ``None`` if there is none, or if a list left it out.
    interpreter_path: str | None = None
    installed_packages: tuple[Package, ...] | None = None
    extra: Mapping[str, Any] | None = None
    # With the capability environment.details.
    default: bool = False
    prefix: str | None = None
    kind: str | None = None
    status: Status = Status()
    managed_by: str | None = None

    @classmethod
    def from_wire(cls, wire: object) -> ServerEnvironment:
        """Read from an entry of a list, or from details."""
        known = require(_ENVIRONMENT, wire)
        packages, status = known.get("installed_packages"), known.get("status")
        return cls(
            known["id"],
            known["name"],
            known["python_version"],
            known.get("interpreter_path") or None,
            None if packages is None else _packages(packages),
            known.get("extra"),
            known.get("default") is True,
            known.get("prefix"),
            known.get("kind"),
            Status() if status is None else Status(status["state"], printable(status["message"])),
            known.get("managed_by"),
        )

    @classmethod
    def odd(cls, wire: object, reason: str) -> ServerEnvironment:
        """Return a broken environment for an invalid entry, with ``reason`` and its name, if any."""
        entry = wire if isinstance(wire, dict) else {}
        named = [
            one for one in (entry.get("id"), entry.get("name")) if isinstance(one, str) and one
        ]
        name = named[0][:MAX_NAME] if named else "?"
        return cls(name, name, "", status=Status("broken", printable(reason)))

    def base(self) -> ServerEnvironment:
        """Return it without members that need ``environment.details``."""
        return ServerEnvironment(*self[:6])

    def to_wire(self) -> dict[str, Any]:
        """Return an object with the members that are known."""
        wire: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "python_version": self.python_version,
            "interpreter_path": self.interpreter_path,
        }
        if self.installed_packages is not None:
            wire["installed_packages"] = [one.to_wire() for one in self.installed_packages]
            wire["extra"] = dict(self.extra or {})
        if self.default:
            wire["default"] = True
        if self.status != Status():
            wire["status"] = self.status.to_wire()
        others = {"prefix": self.prefix, "kind": self.kind, "managed_by": self.managed_by}
        return wire | {name: value for name, value in others.items() if value is not None}


class Execution(NamedTuple):
    """The end of a program that ``environment/execute`` ran, and its output."""

    exit_code: int
    stdout: str
    stderr: str

    @classmethod
    def from_wire(cls, wire: object) -> Execution:
        """Read from ``environment/execute``'s result."""
        known = require(_EXECUTION, wire)
        return cls(known["exit_code"], known["stdout"], known["stderr"])

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"exit_code", "stdout", "stderr"}``."""
        return self._asdict()


class Changes(NamedTuple):
    """The changes that ``environment/sync``, ``install`` or ``uninstall`` made."""

    changed: bool
    installed: tuple[Package, ...]
    removed: tuple[Package, ...]

    @classmethod
    def from_wire(cls, wire: object) -> Changes:
        """Read from the result of one of the three."""
        known = require(_CHANGES, wire)
        return cls(known["changed"], _packages(known["installed"]), _packages(known["removed"]))

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"changed", "installed", "removed"}``."""
        return {
            "changed": self.changed,
            "installed": [one.to_wire() for one in self.installed],
            "removed": [one.to_wire() for one in self.removed],
        }


class Plan(NamedTuple):
    """The changes of a sync; an upgrade is in both, with its new and its old version."""

    install: tuple[Package, ...] = ()
    remove: tuple[Package, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"install", "remove"}``."""
        return {name: [one.to_wire() for one in side] for name, side in self._asdict().items()}


class InSync(NamedTuple):
    """The answer to a check: whether an environment is in sync with its lock, and a sentence why not, or why unknown."""

    #: ``None`` where that cannot be told.
    in_sync: bool | None
    message: str
    #: ``None`` if the effect of a sync is unknown, which does not mean "nothing".
    plan: Plan | None = None

    @classmethod
    def from_wire(cls, wire: object) -> InSync:
        """Read from ``environment/check``'s result."""
        known = require(_IN_SYNC, wire)
        plan_wire = known.get("plan")
        plan = plan_wire and Plan(_packages(plan_wire["install"]), _packages(plan_wire["remove"]))
        return cls(known["in_sync"], printable(known["message"]), plan)

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"in_sync", "message", "plan"?}``."""
        wire: dict[str, Any] = {"in_sync": self.in_sync, "message": self.message}
        return wire if self.plan is None else {**wire, "plan": self.plan.to_wire()}


class Command(NamedTuple):
    """A plain child process to start."""

    argv: tuple[str, ...]
    #: Absolute.
    cwd: str
    # Changes to the variables, applied in this order.
    unset: tuple[str, ...] = ()
    set: Mapping[str, str] = {}
    prepend_path: tuple[str, ...] = ()
    #: The other machine on which it is started, by ssh; never on the wire.
    host: str | None = None

    @classmethod
    def from_wire(cls, wire: object) -> Command:
        """Read from the result of ``environment/command`` or ``task/command``."""
        known = require(_COMMAND, wire)
        env = known["env"]
        return cls(
            tuple(known["argv"]),
            known["cwd"],
            tuple(env["unset"]),
            dict(env["set"]),
            tuple(env["prepend_path"]),
        )

    def applied(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return ``environ`` with these changes."""
        changed = {name: value for name, value in environ.items() if name not in self.unset}
        changed.update(self.set)
        if self.prepend_path:
            paths = (*self.prepend_path, changed.get("PATH", os.defpath))
            changed["PATH"] = os.pathsep.join(path for path in paths if path)
        return changed

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"argv", "cwd", "env": {"unset", "set", "prepend_path"}}``."""
        return {
            "argv": list(self.argv),
            "cwd": self.cwd,
            "env": {
                "unset": list(self.unset),
                "set": dict(self.set),
                "prepend_path": list(self.prepend_path),
            },
        }


class Task(NamedTuple):
    """A named command of the project."""

    name: str
    description: str = ""

    @classmethod
    def from_wire(cls, wire: object) -> Task:
        """Read from an entry of ``task/list``."""
        known = require(_TASK, wire)
        return cls(known["name"], known.get("description", ""))

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"name", "description"?}``."""
        return _filled(self, "name")


class RunConfiguration(NamedTuple):
    """A way of running the project's tests."""

    id: str
    #: The id of the environment that they run in, where that is there.
    environment: str
    #: For a person; ``""`` where the id is that, too.
    name: str = ""
    #: ``pytest`` or ``unittest``; ``""``: what the tests are written with.
    framework: str = ""
    #: Options of the framework.
    argv: tuple[str, ...] = ()
    #: Where the tests are, from ``cwd``; those that the user names take their place.
    paths: tuple[str, ...] = ()
    #: Absolute; ``None``: the project's folder.
    cwd: str | None = None
    #: Variables to set.
    env: Mapping[str, str] = {}
    #: Dependency groups that they need.
    groups: tuple[str, ...] = ()
    #: The environment is not there yet: ``environment`` is the name to create it by.
    missing: bool = False
    #: It is used if none is named.
    default: bool = False
    #: The file that declares it, absolute.
    declared_in: str | None = None

    @classmethod
    def from_wire(cls, wire: object) -> RunConfiguration:
        """Read from an entry of ``test/configurations``."""
        known = require(_CONFIGURATION, wire)
        return cls(
            known["id"],
            known["environment"],
            printable(known.get("name", "")),
            known.get("framework", ""),
            tuple(known.get("argv", ())),
            tuple(known.get("paths", ())),
            known.get("cwd"),
            dict(known.get("env", {})),
            tuple(known.get("groups", ())),
            known.get("missing", False),
            known.get("default", False),
            known.get("declared_in"),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return its members, without empty ones."""
        return _filled(self)


class TestUpdate(NamedTuple):
    """An update about a test, or a file of tests."""

    id: str
    #: One of :data:`TEST_STATES`.
    state: TestState
    #: In seconds.
    duration: float = 0.0
    #: Why it did not pass, in a line or a few.
    message: str = ""
    #: The whole of that, such as a traceback.
    detail: str = ""
    #: Where it failed, else where it is written; absolute.
    file: str | None = None
    #: From 1.
    line: int | None = None
    #: What it printed.
    output: str = ""
    #: What the subtest is called, where it is one.
    subtest: str | None = None

    @classmethod
    def from_wire(cls, wire: object) -> TestUpdate:
        """From an entry of ``updates`` of ``test/update``."""
        known = require(_UPDATE, wire)
        return cls(
            known["id"],
            known["state"],
            float(known.get("duration", 0.0)),
            known.get("message", ""),
            known.get("detail", ""),
            known.get("file"),
            known.get("line"),
            known.get("output", ""),
            known.get("subtest"),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return its members, without empty ones."""
        return _filled(self, "id", "state")


class TestRunEnd(NamedTuple):
    """The end of ``test/discover`` or ``test/run``."""

    #: As pytest's exit status.
    status: int
    #: What kept it from its work.
    message: str = ""

    @classmethod
    def from_wire(cls, wire: object) -> TestRunEnd:
        """From the result of either."""
        known = require(_RUN_END, wire)
        return cls(known["status"], known.get("message", ""))

    def to_wire(self) -> dict[str, Any]:
        """``{"status", "message"?}``."""
        return _filled(self, "status")


class ProgressReport(NamedTuple):
    """The progress of a request: one ``begin``, any number of ``report``, one ``end``."""

    kind: str
    title: str = ""
    message: str = ""
    #: 0 to 100, or ``None``.
    percentage: int | None = None

    @classmethod
    def from_wire(cls, wire: object) -> ProgressReport:
        """Read from the value of ``$/progress``; overlong texts are cut."""
        known = require(_PROGRESS, wire)
        return cls(
            known["kind"],
            printable(known.get("title", "")),
            printable(known.get("message", "")),
            known.get("percentage"),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"kind", "title"?, "message"?, "percentage"?}``."""
        return {name: one for name, one in self._asdict().items() if one not in ("", None)}


def interpreter_from_wire(wire: object) -> Interpreter:
    """Read from an entry of ``python/list``, or the result of ``python/find`` or ``python/install``."""
    known = require(_INTERPRETER, wire)
    return Interpreter(known["path"], known["version"], known["implementation"], known["source"])


def id_from_wire(wire: object) -> str:
    """Read from ``environment/delete``'s result."""
    return str(require(_IDENTIFIED, wire)["id"])


def each(wire: object, read: Callable[[object], T]) -> tuple[T, ...]:
    """Return the elements of an array, each converted by ``read``."""
    if not isinstance(wire, list):
        raise ShapeError((Violation("", "an array is expected"),))
    found: list[T] = []
    for index, one in enumerate(wire):
        try:
            found.append(read(one))
        except ShapeError as error:
            raise ShapeError(
                tuple(
                    Violation(f"[{index}]{'.' * bool(bad.path)}{bad.path}", bad.message)
                    for bad in error.violations
                )
            ) from None
    return tuple(found)


def _filled(value: Any, *required: str) -> dict[str, Any]:  # noqa: ANN401 - any named tuple
    """Return the members of ``value`` that are not empty, and the ``required`` ones."""
    return {
        name: list(one) if isinstance(one, tuple) else one
        for name, one in value._asdict().items()
        if one or name in required
    }


def _packages(wire: list[dict[str, str]]) -> tuple[Package, ...]:
    return tuple(Package.from_wire(one) for one in wire)


def _optional(name: str, check: Check) -> Member:
    return Member(name, check, required=False)


def _path_or_nothing(value: object, path: str) -> Iterator[Violation]:
    # Empty in servers that know of none; never a relative one, which would be found in whatever folder is current.
    if value not in (None, ""):
        yield from absolute(value, path)


_PACKAGE = shape(Member("name", text()), Member("version", text()))
_INITIALIZED = shape(
    Member("methods", array_of(text())),
    Member("protocol_version", text(1, 64)),
    _optional(
        "server_info", nullable(shape(_optional("name", text()), _optional("version", text())))
    ),
    _optional("capabilities", nullable(table_of(anything))),
)
_ENVIRONMENT = shape(
    Member("id", text(1, MAX_ID)),
    Member("name", text(1, MAX_NAME)),
    # Not `version`: one environment with a pre-release Python is no reason to know none of the others.
    Member("python_version", text(1, 32)),
    _optional("interpreter_path", _path_or_nothing),
    _optional("installed_packages", nullable(array_of(_PACKAGE))),
    _optional("extra", nullable(table_of(anything))),
    _optional("default", nullable(flag)),
    _optional("prefix", nullable(absolute)),
    _optional("kind", nullable(text())),
    _optional(
        "status",
        nullable(
            shape(Member("state", one_of("ok", "broken", "unsupported")), Member("message", text()))
        ),
    ),
    _optional("managed_by", nullable(text())),
)
_IDENTIFIED = shape(Member("id", text(1, MAX_ID)))
_EXECUTION = shape(
    Member("exit_code", whole_number), Member("stdout", text()), Member("stderr", text())
)
_CHANGES = shape(
    Member("changed", flag),
    Member("installed", array_of(_PACKAGE)),
    Member("removed", array_of(_PACKAGE)),
)
_IN_SYNC = shape(
    Member("in_sync", nullable(flag)),
    Member("message", text()),
    _optional(
        "plan",
        nullable(
            shape(Member("install", array_of(_PACKAGE)), Member("remove", array_of(_PACKAGE)))
        ),
    ),
)
_COMMAND = shape(
    Member("argv", array_of(passable, 1)),
    Member("cwd", passable_path),
    Member(
        "env",
        shape(
            Member("unset", array_of(passable)),
            Member("set", table_of(passable)),
            Member("prepend_path", array_of(passable_path)),
        ),
    ),
)
_TASK = shape(Member("name", text(1)), _optional("description", text()))
_CONFIGURATION = shape(
    Member("id", text(1, MAX_ID)),
    Member("environment", text(1, MAX_ID)),
    _optional("name", text(1)),
    _optional("framework", text()),  # a later version may know more
    _optional("argv", array_of(passable)),
    _optional("paths", array_of(passable)),
    _optional("cwd", passable_path),
    _optional("env", table_of(passable)),
    _optional("groups", array_of(text(1))),
    _optional("missing", flag),
    _optional("default", flag),
    _optional("declared_in", absolute),
)
#: A test that is found, or a file of which none can be; then how a run of it goes.
TEST_STATES = ("found", "unusable", "running", "passed", "failed", "skipped", "error")
_UPDATE = shape(
    Member("id", text(1)),
    Member("state", one_of(*TEST_STATES)),
    _optional("duration", number),
    _optional("message", text()),
    _optional("detail", text()),
    _optional("file", absolute),
    _optional("line", whole_number),
    _optional("output", text()),
    _optional("subtest", text()),
)
_RUN_END = shape(Member("status", whole_number), _optional("message", text()))
_PROGRESS = shape(
    Member("kind", one_of("begin", "report", "end")),
    _optional("title", text()),
    _optional("message", text()),
    _optional("percentage", whole_number),
)
_INTERPRETER = shape(
    Member("path", absolute),
    Member("version", nullable(text())),
    Member("implementation", text()),
    Member("source", text()),
)
# What carries a token besides, in `$/progress` and in `test/update`.
PROGRESS_PARAMS = shape(Member("token", token), Member("value", _PROGRESS))
LOG_PARAMS = shape(
    Member("level", one_of("error", "warning", "info", "debug")), Member("message", text())
)
UPDATE_PARAMS = shape(Member("token", token), Member("updates", array_of(_UPDATE)))
