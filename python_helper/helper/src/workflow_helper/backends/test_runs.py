"""The ways in which a bundled workflow's tool runs a project's tests, as values of the protocol."""

from __future__ import annotations

import os

from workflow_server.values import RunConfiguration

from workflow_helper.backends import test_commands
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.tools.files import at, table_at, texts_at
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NamedTuple

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.backends.test_commands import TestCommand
else:
    from workflow_server.namedtuple import NamedTuple

#: Preferred names if several scripts run tests; the first that exists is used.
_USUAL = ("test", "tests", "pytest", "unit")
#: Characters of an id in the protocol.
_LONGEST_ID = 128


class TestRun(NamedTuple):
    """A way of running the tests in one environment of a tool."""

    id: str
    #: The name by which the tool makes the environment.
    environment: str
    #: Its folder, whether or not it is there; ``None`` where that is not known before it is.
    prefix: str | None
    #: ``None``: what the tests are written with.
    command: TestCommand | None = None
    #: The folder to run in, absolute; ``None``: the project's.
    cwd: str | None = None
    env: Mapping[str, str] = {}
    groups: tuple[str, ...] = ()
    default: bool = False
    #: The file that declares it, relative to the project.
    source: str | None = None

    def configuration(self, root: str, ids: Mapping[str, str]) -> RunConfiguration:
        """Return it in the protocol's form; ``known`` maps the real folder of each existing environment to its id."""
        identity = None if self.prefix is None else ids.get(real_path(self.prefix))
        command = self.command
        return RunConfiguration(
            id=self.id[:_LONGEST_ID],
            environment=identity or self.environment,
            framework="" if command is None else command.framework,
            argv=() if command is None else command.argv,
            paths=() if command is None else command.paths,
            cwd=self.cwd,
            env={**self.env, **({} if command is None else command.env)},
            groups=self.groups,
            missing=identity is None,
            default=self.default,
            declared_in=None if self.source is None else os.path.join(root, self.source),
        )


def plain_runs(context: BackendContext) -> Iterator[TestRun]:
    """Yield a run for each environment of a tool that does not define how tests are run; without any, for the default one."""
    groups = _groups_with_pytest(context)
    found = context.project.environments()
    for one in found:
        named = groups if one.default else ()
        yield TestRun(one.id, one.id, one.prefix, groups=named, default=one.default)
    if not found:
        name = context.workflow.default_name
        yield TestRun(name, name, None, groups=groups, default=True)


def script_runs(
    context: BackendContext, scripts: Mapping[str, object], source: str
) -> Iterator[TestRun]:
    """Yield a run for each of ``scripts`` that runs tests, in the default environment; without any, the plain runs."""
    place = next((one for one in context.project.environments() if one.default), None)
    groups = _groups_with_pytest(context)
    commands = {}
    for name, script in scripts.items():
        command = _of_script(script, context)
        if command is not None and not name.startswith("_"):
            commands[name] = command
    default = next((name for name in _USUAL if name in commands), next(iter(commands), None))
    for name, command in commands.items():
        yield TestRun(
            id=name,
            environment=context.workflow.default_name,
            prefix=None if place is None else place.prefix,
            command=command,
            groups=groups,
            default=name == default,
            source=source,
        )
    if not commands:
        yield from plain_runs(context)


def exists_in(context: BackendContext, folder: str) -> test_commands.Exists:
    """Return a function that checks whether a path relative to ``folder`` exists."""
    return lambda path: bool(path) and context.disk.exists(os.path.join(folder, path))


def _of_script(script: object, context: BackendContext) -> TestCommand | None:
    """Parse a script: a string, a list of words, or a table with one of these and variables."""
    exists = exists_in(context, context.root)
    text = at(script, "cmd") or at(script, "shell") if isinstance(script, dict) else script
    command = None
    if isinstance(text, str):
        command = test_commands.of_script(text, exists)
    elif isinstance(text, list) and all(isinstance(word, str) for word in text):
        command = test_commands.of_words(text, exists)
    if command is None:
        return None
    env = {name: value for name, value in table_at(script, "env").items() if isinstance(value, str)}
    return command._replace(env={**env, **command.env})


def _groups_with_pytest(context: BackendContext) -> tuple[str, ...]:
    """Return the groups of the project that contain pytest or one of its plug-ins."""
    parts = context.workflow.parts
    if parts is None:
        return ()
    folder = context.project.folder
    document = context.disk.toml(os.path.join(context.root, "pyproject.toml"))
    try:
        names = parts(folder).groups
    except UnusableFile:  # said where something is made of it
        return ()
    if not names:
        return ()
    from packaging.requirements import InvalidRequirement, Requirement

    found = []
    for group in names:
        listed = [
            *texts_at(document, "dependency-groups", group),
            *texts_at(document, "tool", "pdm", "dev-dependencies", group),
            *table_at(document, "tool", "poetry", "group", group, "dependencies"),
        ]
        for text in listed:
            try:
                name = normalized(Requirement(text).name)
            except InvalidRequirement:
                continue
            if name == "pytest" or name.startswith("pytest-"):
                found.append(group)
                break
    return tuple(found)
