"""tox: the environments that its configuration names, created by ``tox run --notest``; each is a task as well.

Checked against tox 4.67. tox always gets the project's folder as the place of its configuration. Otherwise it searches
parent folders, whose plug-ins it would run, and without any configuration it invents an environment ``py``.
"""

from __future__ import annotations

import json
import os
import shlex

from workflow_server.errors import invalid_param
from workflow_server.values import Task

from workflow_helper.backends import fill
from workflow_helper.backends.announce import announce
from workflow_helper.backends.base import Backend
from workflow_helper.backends.test_commands import of_commands
from workflow_helper.backends.test_runs import TestRun, exists_in
from workflow_helper.discovery.tools.files import at, table_at, text_at, texts_at
from workflow_helper.discovery.tools.tox import DEFAULT, user_file, work_folder
from workflow_helper.errors import InvalidParams, Protected, PythonUnavailable, ToolNotInstalled
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.remove import remove_tree
from workflow_helper.install import guard
from workflow_helper.install.failures import ErrorPattern, failure
from workflow_helper.system.output import decode_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import NamedTuple

    from workflow_server.params import CreateParams, TaskCommandParams
    from workflow_server.values import Command

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.system.process import Finished
else:
    from workflow_server.namedtuple import NamedTuple

_KEYS = (
    "env_dir",
    "description",
    "package",
    "commands",
    "change_dir",
    "set_env",
    "venv_redirect",
    "venv_redirect_env",
)
#: Variables that tox sets of its own for every environment.
_OWN_VARIABLES = ("PIP_DISABLE_PIP_VERSION_CHECK", "PIP_USER", "VIRTUAL_ENV")
#: Where the configuration may stand, in the order in which tox looks for it, and what the file then holds.
_FILES = (
    ("tox.ini", b""),
    ("setup.cfg", b"[tox:tox]"),
    ("pyproject.toml", b"tool.tox"),
    ("tox.toml", b""),
)
#: The project's own plug-in.
_PLUGIN = "toxfile.py"
#: By these a package that is being worked on is installed.
_EDITABLE = ("editable", "editable-legacy")
#: How 'tox config' ends where some value could not be worked out, which then says so.
_IN_PART = (255, 0xFFFFFFFF)
#: A question leaves no byte code of a plug-in behind.
_QUIETLY = {"PYTHONDONTWRITEBYTECODE": "1"}
#: tox itself points ``.venv`` to an environment; here that is done by this product's rules. The section has another name in
#: each kind of file, and what names a section that is not there changes nothing.
_NO_REDIRECT = tuple(
    word for section in ("tox.", "tox:tox.", "") for word in ("-x", f"{section}venv_redirect=false")
)
#: The files that are left of an environment for which tox found no Python.
_INFO = ".tox-info.json"
_LEFT = {_INFO, "log", "tmp"}


class ToxEnvironment(NamedTuple):
    """An environment, as tox prints it."""

    folder: str
    description: str = ""
    #: The commands, a line each.
    commands: tuple[str, ...] = ()
    #: The folder that they are run in; ``None`` where it could not be worked out.
    change_dir: str | None = None
    #: The variables that they see, but for those that a run sets anyway.
    set_env: Mapping[str, str] = {}


class ToxConfiguration(NamedTuple):
    """A project's configuration, as tox prints it."""

    #: By name.
    environments: dict[str, ToxEnvironment]
    #: The one to which tox would point ``.venv``.
    default: str | None = None
    #: Whether it is to be pointed to at all.
    redirect: bool = False


def _create(context: BackendContext, params: CreateParams) -> str:
    reason = "tox's configuration determines what an environment contains"
    context.check_not_given(reason, groups=params.groups, extras=params.extras)
    configuration = _configuration(context, creating=True)
    name = params.name
    if name not in configuration.environments and name in ("default", "."):
        name = configuration.default or DEFAULT
    prefix = (
        configuration.environments.get(name) or _factor_environment(context, name, configuration)
    ).folder
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"tox can only create this environment in {prefix}")
    _clear(prefix, context)
    with context.creating(prefix) as creation:
        words = _words(context, "run", name)
        creation.run(f"creating {prefix}", [*words, "--notest", "-s", "false", *_NO_REDIRECT])
        python = creation.check_created(params, prefix)
        if params.packages:
            fill.install(creation, fill.Target(prefix, python, {}), params.packages)
    if name == configuration.default and configuration.redirect:
        inside = prefix.startswith(context.root + os.sep)
        path = os.path.relpath(prefix, context.root).replace(os.sep, "/") if inside else prefix
        announce(context, path)
    return prefix


def _tasks(context: BackendContext) -> list[Task]:
    if not context.trusted:  # which environments there are is worked out by tox alone
        return []
    environments = _configuration(context).environments
    return [Task(name, one.description) for name, one in environments.items()]


def _test_runs(context: BackendContext) -> Iterator[TestRun]:
    if not context.trusted:  # tox runs a plug-in of the project to tell
        return
    source = _source(context)
    for name, environment in _configuration(context).environments.items():
        exists = exists_in(context, environment.change_dir or context.root)
        command = of_commands(map(_split, environment.commands), exists)
        if command is not None:
            yield TestRun(
                id=name,
                environment=name,
                prefix=environment.folder,
                command=command,
                cwd=environment.change_dir,
                env=environment.set_env,
                source=source,
            )


def _source(context: BackendContext) -> str | None:
    """Return the file that tox takes for its configuration."""
    for name, word in _FILES:
        path = os.path.join(context.root, name)
        if context.disk.is_file(path) and (not word or context.disk.mentions(path, word)):
            return name
    return None


def _split(line: str) -> list[str]:
    """Split a command, as tox prints it; a sign in front says how its exit status counts."""
    try:
        words = shlex.split(line)
    except ValueError:  # words that tox had escaped otherwise
        words = line.split()
    return words[1:] if words[:1] in (["-"], ["!"], ["@"]) else words


def _task_command(context: BackendContext, params: TaskCommandParams) -> Command:
    configuration = _configuration(context)
    if params.name not in configuration.environments:
        _factor_environment(context, params.name, configuration)
    more = ["--", *params.argv] if params.argv else []
    return context.start([*_words(context, "run", params.name), *more])


def _list_environments(context: BackendContext) -> Iterable[tuple[str, str]]:
    environments = _configuration(context).environments
    return [(name, one.folder) for name, one in environments.items()]


# -- asking tox -------------------------------------------------------------------------------------------------


def _words(context: BackendContext, verb: str, name: str) -> list[str]:
    return [verb, "-c", context.root, f"-e{name}"]


def _configuration(context: BackendContext, *, creating: bool = False) -> ToxConfiguration:
    """Return every configured environment. With ``creating``, tox may create an environment to run itself in.

    Raises:
        ToolNotInstalled: tox lacks packages in the project's ``requires``.
    """
    try:
        return _ask(context, "ALL")
    except ToolNotInstalled:
        if not creating:
            raise
    done = context.run("preparing tox", _question(context, "ALL"), accepted=(0, *_IN_PART))
    return parse_configuration(done)


def _factor_environment(
    context: BackendContext, name: str, configuration: ToxConfiguration
) -> ToxEnvironment:
    """Return an environment that needs no configuration of its own, as ``py312``.

    Raises:
        InvalidParams: there is no such environment.
    """
    try:
        found = _ask(context, name).environments.get(name)
    except InvalidParams:
        found = None
    if found is None:
        names = ", ".join(configuration.environments) or "none"
        raise invalid_param(
            "name", f"tox has no environment {name!r} (its configuration has {names})"
        )
    return found


def _ask(context: BackendContext, selection: str) -> ToxConfiguration:
    """Return tox's configuration of the environments ``selection``; nothing is created."""
    if not context.trusted:
        raise context.untrusted_error()
    work = work_folder(context.project.folder)
    done = context.run_for_output(
        "reading tox's configuration",
        [*_question(context, selection), "--no-provision"],
        environ=_QUIETLY,
        accepted=(0, *_IN_PART),
        inner=None if work is None else os.path.join(work, ".tox"),
        decided_by=[
            *(
                os.path.join(context.root, name)
                for name in (*(name for name, _ in _FILES), _PLUGIN)
            ),
            user_file(context.project.folder),
        ],
    )
    return parse_configuration(done)


def _question(context: BackendContext, selection: str) -> list[str]:
    # The seed of hashes would be another one each time.
    how = ("--hashseed", "notset", "--core", "--format", "json", "-k", *_KEYS)
    return [*_words(context, "config", selection), *how]


def parse_configuration(done: Finished) -> ToxConfiguration:
    """Return what ``tox config --core --format json`` printed.

    Raises:
        RequestFailed: tox failed; the message has its reason.
    """
    # A plug-in may have printed something before.
    text = "\n".join(["", *decode_output(done.stdout).splitlines()])
    try:
        document, _ = json.JSONDecoder().raw_decode(text, text.rindex("\n{\n") + 1)
    except (ValueError, RecursionError):
        raise failure("reading tox's configuration", "tox", done, BACKEND.error_patterns) from None
    environments: dict[str, ToxEnvironment] = {}
    editable = []
    for name, table in table_at(document, "env").items():
        folder = text_at(table, "env_dir")
        # What tox builds packages in has no description.
        if folder is not None and at(table, "description") is not None:
            environments[name] = ToxEnvironment(
                folder=os.path.normpath(folder),
                description=text_at(table, "description") or "",
                commands=tuple(texts_at(table, "commands")),
                change_dir=text_at(table, "change_dir"),
                set_env={
                    key: value
                    for key, value in table_at(table, "set_env").items()
                    if isinstance(value, str) and key not in _OWN_VARIABLES
                },
            )
            if text_at(table, "package") in _EDITABLE:
                editable.append(name)
    pinned = text_at(document, "tox", "venv_redirect_env")
    default = next((name for name in (DEFAULT, *editable) if name in environments), None)
    if pinned not in (None, "None"):
        default = pinned if pinned in environments else None
    return ToxConfiguration(
        environments, default, at(document, "tox", "venv_redirect") is not False
    )


def _clear(prefix: str, context: BackendContext) -> None:
    """Remove the remains of an environment that tox failed to create."""
    try:
        names = set() if os.path.islink(prefix) else set(os.listdir(prefix))
        # Its file shows that the folder is tox's; a folder with only logs may belong to the user.
        if (
            _INFO in names
            and names <= _LEFT
            and guard.why_precious(real_path(prefix), context.root, context.host) is None
        ):
            remove_tree(prefix)
    except OSError:  # then it exists, which is reported
        return


BACKEND = Backend(
    name="tox",
    program="tox",
    advice="Install it with 'pipx install tox' or 'uv tool install tox'.",
    default_name=DEFAULT,
    create=_create,
    install=fill.install_into,
    uninstall=fill.take_out_of,
    tasks=_tasks,
    task_command=_task_command,
    test_runs=_test_runs,
    list_environments=_list_environments,
    error_patterns=(
        ErrorPattern(
            ("could not find any config file",),
            Protected,
            "the folder has no tox configuration",
            "'tox quickstart' writes one. For a plain .venv: --workflow venv.",
        ),
        ErrorPattern(
            ("provisioning explicitly disabled",),
            ToolNotInstalled,
            "tox lacks packages that the project's 'requires' lists, and reading the configuration does not install them",
            "To install them, create an environment: 'wsp env create' or 'tox run --notest'.",
        ),
        ErrorPattern(
            ("provided environments not found",),
            InvalidParams,
            "tox's configuration has no such environment",
            "'tox list' lists the environments.",
        ),
        ErrorPattern(
            ("could not find python interpreter",),
            PythonUnavailable,
            "this machine does not have the Python that the environment asks for",
            "'wsp python list' lists the available Pythons. tox's configuration sets the Python of each environment.",
        ),
    ),
)
