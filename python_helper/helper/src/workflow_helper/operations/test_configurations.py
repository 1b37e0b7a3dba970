"""The ways of running a project's tests: those that its workflow lists, and those of tox and nox."""

from __future__ import annotations

from workflow_server.display import printable

from workflow_helper.discovery import roots
from workflow_helper.discovery.test_framework import framework_of
from workflow_helper.discovery.tools import Folder, present
from workflow_helper.errors import EnvironmentNotFound, ToolNotInstalled, WorkflowError
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.resolver.workflow_rules import FALLBACK
from workflow_helper.servers.convert import environment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NamedTuple

    from workflow_server.values import RunConfiguration

    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession, OpenWorkflow

    #: Takes the name of a tool that could not tell its configurations, and why.
    OnTrouble = Callable[[str, WorkflowError], None]
else:
    from workflow_server.namedtuple import NamedTuple


#: The sources of environments that the user named.
_SELECTED = ("selected", "activated", "settings")


class _WorkflowTests(NamedTuple):
    """The workflow that governs, and the configurations that it lists."""

    name: str
    is_bundled: bool
    configurations: tuple[TestConfiguration, ...]


class TestConfiguration(NamedTuple):
    """A way of running a project's tests."""

    #: By it the user names the configuration; no two of a project have the same.
    id: str
    #: For a person.
    name: str
    #: The environment that they run in; ``None`` where it is not there yet.
    environment: Environment | None
    #: The name by which its workflow makes that environment, or brings it up to date.
    environment_name: str
    #: The bundled workflow that keeps the environment; ``None``: the one that governs.
    workflow: str | None = None
    #: ``pytest`` or ``unittest``; ``""``: what the tests are written with.
    framework: str = ""
    #: Options of the framework.
    argv: tuple[str, ...] = ()
    #: Where the tests are, from ``cwd``; those that the user names take their place.
    paths: tuple[str, ...] = ()
    #: The folder to run in, absolute.
    cwd: str = ""
    #: Variables to set.
    env: Mapping[str, str] = {}
    #: Dependency groups that the tests need.
    groups: tuple[str, ...] = ()
    #: It is used if the user names none.
    default: bool = False
    #: The file that declares it, absolute.
    declared_in: str | None = None
    #: What the server of the workflow knows it by, where that finds and runs the tests; ``""``: they are run from here.
    server_id: str = ""
    #: Why the tests cannot run in it as things are; ``""`` where they can.
    obstacle: str = ""

    @property
    def description(self) -> str:
        """Its environment, framework and options on one line, for lists."""
        where = "" if self.environment is None else self.environment.id
        command = " ".join((self.framework, *self.argv, *self.paths)).strip()
        name = "" if self.name in (self.id, where) else self.name
        return ", ".join(filter(None, (name, where, command, self.obstacle)))

    def to_wire(self) -> dict[str, Any]:
        """Return an object with its members; ``null`` for a missing environment, and for unknown values."""
        return {
            "id": self.id,
            "name": self.name,
            "environment": None if self.environment is None else self.environment.to_wire(),
            "workflow": self.workflow,
            "framework": self.framework or None,
            "argv": list(self.argv),
            "paths": list(self.paths),
            "cwd": self.cwd,
            "env": dict(self.env),
            "default": self.default,
            "declared_in": self.declared_in,
            "obstacle": self.obstacle or None,
        }

    @property
    def is_run_by_server(self) -> bool:
        """True if the server of its workflow finds and runs the tests."""
        return bool(self.server_id)

    @property
    def can_prepare(self) -> bool:
        """True if :func:`workflow_helper.operations.test_preparation.prepare` could remove the obstacle."""
        return self.environment is None or bool(self.obstacle and self.groups)


def test_configurations(
    session: FolderSession,
    root: str,
    listed: Sequence[Environment],
    on_trouble: OnTrouble | None = None,  # noqa: PT028 - no test of ours
) -> tuple[TestConfiguration, ...]:
    """Return the ways of running the tests of the project at ``root``, the default one first.

    ``listed`` are the environments of the folder, as :func:`workflow_helper.resolver.resolve.environments` has them.
    Each environment without a configuration gets one, unless a declared server lists others. A tool other than the
    workflow that cannot be queried is left out, and ``on_trouble`` is called. Nothing is created or changed.

    Raises:
        Refused: The user's trust is missing.
        ServerFailed: The server of the workflow that governs could not be queried.
    """
    governing = _governing(session, root, listed)
    beside: list[TestConfiguration] = []
    for tool in _other_tools(governing.name, session, root):
        try:
            beside += _tool_configurations(tool, session, root, listed)
        except WorkflowError as error:
            if on_trouble is not None:
                on_trouble(tool, error)
    if beside and governing.name == FALLBACK:
        # Nothing of the project asks for an environment of the fallback's.
        governing = governing._replace(
            configurations=tuple(
                one for one in governing.configurations if one.environment is not None
            )
        )
    found = [*governing.configurations, *beside]
    if governing.is_bundled or not found:
        covered = {_place(one.environment) for one in found if one.environment is not None}
        rest = [one for one in listed if _place(one) not in covered]
        found += [of_environment(one, root, session) for one in rest]
    default = _default(governing.configurations, root, listed, session)
    first = () if default is None else (default,)
    unique: dict[str, TestConfiguration] = {}
    for one in (*first, *(one._replace(default=False) for one in found)):
        unique.setdefault(one.id, one)
    return tuple(unique.values())


def default_configuration(
    session: FolderSession, root: str, listed: Sequence[Environment]
) -> TestConfiguration | None:
    """Return the configuration to use if the user names none: the workflow's default, else the default environment.

    A selected environment takes precedence over the workflow's default. ``None`` if there is no default environment.

    Raises:
        Refused: the user's trust is missing.
        ServerFailed: the server of the workflow that governs could not be queried.
    """
    return _default(_governing(session, root, listed).configurations, root, listed, session)


def _default(
    configurations: Sequence[TestConfiguration],
    root: str,
    listed: Sequence[Environment],
    session: FolderSession,
) -> TestConfiguration | None:
    environment = next((one for one in listed if one.default), None)
    meant = next((one for one in configurations if one.default), None)
    if environment is None:
        return meant
    if meant is not None and meant.environment is not None:
        is_same = _place(meant.environment) == _place(environment)
        if is_same or environment.source not in _SELECTED:
            return meant
    return of_environment(environment, root, session)._replace(default=True)


def of_environment(
    environment: Environment, root: str, session: FolderSession
) -> TestConfiguration:
    """Return the plain configuration for the tests of the project at ``root`` in ``environment``."""
    plain = TestConfiguration(
        id=environment.id,
        name=environment.name,
        environment=environment,
        environment_name=environment.id,
        cwd=root,
        default=environment.default,
    )
    return plain._replace(obstacle=_obstacle(plain, root, session))


def _governing(session: FolderSession, root: str, listed: Sequence[Environment]) -> _WorkflowTests:
    # To ask for tests is to ask to run the project's code.
    with session.open(changing=True) as opened:
        configurations = _declared(opened, None, root, listed)
        return _WorkflowTests(opened.workflow.name, opened.default_name is not None, configurations)


def _tool_configurations(
    tool: str, session: FolderSession, root: str, listed: Sequence[Environment]
) -> tuple[TestConfiguration, ...]:
    """Return the configurations of a tool that does not govern; their ids begin with its name."""
    question = session.question._replace(folder=root, workflow=tool)
    with session._replace(question=question).open(changing=True) as opened:
        found = _declared(opened, tool, root, listed)
    return tuple(one._replace(id=f"{tool}:{one.id}", default=False) for one in found)


def _other_tools(governs: str, session: FolderSession, root: str) -> list[str]:
    """Return the tools whose files are in the project, but which never govern by recognition."""
    around = roots.around(root, session.host, session.disk)
    folder = Folder(root, around, session.host, session.disk)
    return [tool.name for tool in present(folder) if not tool.governs and tool.name != governs]


def _declared(
    opened: OpenWorkflow, tool: str | None, root: str, listed: Sequence[Environment]
) -> tuple[TestConfiguration, ...]:
    """Return the configurations that the workflow itself lists."""
    if "test.configurations" not in opened.calls.capabilities:
        return ()
    declared = opened.calls.run_configurations()
    if not declared:
        return ()
    known = _environments_by_id(opened, listed)
    return tuple(_convert(one, tool, root, known.get(one.environment), opened) for one in declared)


def _environments_by_id(
    opened: OpenWorkflow, listed: Sequence[Environment]
) -> dict[str, Environment]:
    """Return the environments of the workflow by its own ids, each as the folder's list has it."""
    by_id = {one.id: one for one in listed}
    by_place = {_place(one): one for one in listed}
    found = {}
    for entry in opened.environments():
        own = environment_of(entry, opened.session.disk, is_default=entry.default)
        # A base server tells no place in its list; an id is its own then.
        same = by_place.get(_place(own)) if own.prefix else by_id.get(own.id)
        found[entry.id] = same or own
    return found


def _convert(
    run: RunConfiguration,
    tool: str | None,
    root: str,
    environment: Environment | None,
    opened: OpenWorkflow,
) -> TestConfiguration:
    runs = "test.run" in opened.calls.capabilities
    one = TestConfiguration(
        id=printable(run.id),
        name=run.name or printable(run.id),
        environment=environment,
        environment_name=run.environment,
        workflow=tool,
        framework=run.framework if run.framework in ("pytest", "unittest") else "",
        argv=run.argv,
        paths=run.paths,
        cwd=run.cwd or root,
        env=run.env,
        groups=run.groups,
        default=run.default,
        declared_in=run.declared_in,
        server_id=run.id if runs else "",
    )
    if run.framework and not one.framework and not runs:
        obstacle = f"the tests are for {printable(run.framework)}, which is not known here"
        return one._replace(obstacle=obstacle)
    if environment is None and not run.missing:
        lost = (
            f"the workflow names the environment {printable(run.environment)}, and does not list it"
        )
        raise EnvironmentNotFound(lost)
    return one._replace(obstacle=_obstacle(one, root, opened.session))


def _obstacle(one: TestConfiguration, root: str, session: FolderSession) -> str:
    """Return why the tests cannot run, as far as files show it."""
    environment = one.environment
    if environment is None:
        return f"the environment {printable(one.environment_name)} does not exist yet"
    if not environment.ok:
        return environment.status.message
    if one.is_run_by_server:
        return ""
    if environment.kind == "remote":
        return f"{environment.id} is on another machine, where tests are not run"
    try:
        framework_of(root, environment, session.host, session.disk, one.framework)
    except ToolNotInstalled as error:
        return error.message
    return ""


def _place(environment: Environment) -> str:
    """Return the key by which two entries are the same environment."""
    if environment.kind == "system":
        return real_path(environment.interpreter_path or "")
    return real_path(environment.prefix) if environment.prefix else f"\0{environment.id}"
