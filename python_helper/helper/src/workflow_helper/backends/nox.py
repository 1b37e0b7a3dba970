"""nox: an environment for each session of a ``noxfile.py``, created by ``nox --install-only``; each is a task as well.

Checked against nox 2026. The sessions are known only after running the noxfile.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, contextmanager

from workflow_server.errors import invalid_param
from workflow_server.values import Task

from workflow_helper.backends import fill
from workflow_helper.backends.base import Backend
from workflow_helper.backends.nox_sessions import read_sessions
from workflow_helper.backends.test_commands import of_words
from workflow_helper.backends.test_runs import TestRun, exists_in
from workflow_helper.discovery.tools.files import text_at, text_of
from workflow_helper.discovery.tools.nox import DEFAULT, INNER, NOXFILE, environments_folder
from workflow_helper.errors import (
    ExecutionFailed,
    InvalidParams,
    Protected,
    PythonUnavailable,
    RequestFailed,
)
from workflow_helper.install.failures import ErrorPattern, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import NamedTuple

    from workflow_server.params import CreateParams, TaskCommandParams
    from workflow_server.values import Command

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.system.process import Finished
else:
    from workflow_server.namedtuple import NamedTuple

#: With these nox would run other sessions than the requested one, or rename them.
_SELECTING_VARIABLES = ("NOXSESSION", "NOXPYTHON", "NOXEXTRAPYTHON", "NOXFORCEPYTHON")
#: A query leaves no byte code of the noxfile behind, and creates no environment for its dependencies (PEP 723).
_QUERY_VARIABLES = {"PYTHONDONTWRITEBYTECODE": "1", "NOX_SCRIPT_MODE": "none"}
#: Every session, also those that are not run by default.
_LIST = ("--list", "--json", "-k", "True")
_INSTALL = (
    "--install-only",
    "--reuse-existing-virtualenvs",
    "--error-on-missing-interpreters",
    "--non-interactive",
)
#: Runs a session without those that it requires, whose environments would be changed as well.
_WITHOUT_REQUIRED = "--no-dependencies"
#: For a longer path, nox uses a hash as the environment's name.
_LONGEST = 100 - len("bin/pythonX.Y")
#: Unless its folder's is that long already.
_LONGEST_FOLDER = 100 - 9


class _Session(NamedTuple):
    """A session, as nox lists it."""

    name: str
    description: str
    #: The folder of its environment; ``None`` if it has none of its own, or if it is unknown.
    prefix: str | None
    #: What it is called before it was multiplied by Pythons and parameters.
    base: str


def _create(context: BackendContext, params: CreateParams) -> str:
    reason = "the noxfile determines what an environment contains"
    context.check_not_given(reason, groups=params.groups, extras=params.extras)
    sessions = _sessions(context, creating=True)
    session = _chosen(sessions, params.name)
    prefix = session.prefix
    if prefix is None:
        raise invalid_param("name", f"no environment can be created for the session {session.name}")
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid_param("path", f"nox can only create this environment in {prefix}")
    with context.creating(prefix) as creation:
        words = [_only(session.name), *_INSTALL]
        try:
            _nox(creation, f"creating {prefix}", [*words, _WITHOUT_REQUIRED])
        except ExecutionFailed as error:
            # An older nox does not know it; and with it no session may have another one run after it.
            if _WITHOUT_REQUIRED not in str(error.data.get("stderr")):
                raise
            others = {one.prefix for one in sessions if one.prefix is not None} - {prefix}
            with _all_absent(creation, others) as all_of_them:
                _nox(all_of_them, f"creating {prefix}", words)
        python = creation.check_created(params, prefix)
        if params.packages:
            fill.install(creation, fill.Target(prefix, python, {}), params.packages)
    return prefix


@contextmanager
def _all_absent(context: BackendContext, prefixes: Iterable[str]) -> Iterator[BackendContext]:
    """Mark all missing ``prefixes`` as unfinished, since it is unknown which of them nox will create."""
    with ExitStack() as noted:
        for prefix in prefixes:
            if not os.path.lexists(prefix):
                context = noted.enter_context(context.creating(prefix))
        yield context


def _tasks(context: BackendContext) -> list[Task]:
    if not context.trusted:  # asking for them runs the noxfile
        return []
    return [Task(session.name, session.description) for session in _sessions(context)]


def _test_runs(context: BackendContext) -> Iterator[TestRun]:
    if not context.trusted:  # asking for them runs the noxfile
        return
    noxfile = text_of(context.project.folder, os.path.join(context.root, NOXFILE)) or ""
    bodies = read_sessions(noxfile)
    for session in _sessions(context):
        body = bodies.get(session.base)
        if session.prefix is None or body is None or not body.has_environment:
            continue
        folder = os.path.normpath(os.path.join(context.root, body.folder or ""))
        exists = exists_in(context, folder)
        for words, env in body.commands:
            command = of_words(words, exists)
            if command is not None:
                yield TestRun(
                    id=session.name,
                    environment=session.name,
                    prefix=session.prefix,
                    command=command,
                    cwd=folder,
                    env=env,
                    source=NOXFILE,
                )
                break


def _task_command(context: BackendContext, params: TaskCommandParams) -> Command:
    names = [session.name for session in _sessions(context)]
    if params.name not in names:
        raise invalid_param(
            "name", f"the noxfile has no session {params.name!r} (it has {_joined_names(names)})"
        )
    more = ["--", *params.argv] if params.argv else []
    return context.start([_only(params.name), *more], _SELECTING_VARIABLES)


# -- asking nox -------------------------------------------------------------------------------------------------


def _nox(context: BackendContext, what: str, arguments: Sequence[str]) -> Finished:
    return context.run(
        what,
        arguments,
        environ=dict.fromkeys(_SELECTING_VARIABLES),
        on_line=lambda line: context.report(line.strip().removeprefix("nox > ")),
    )


def _only(name: str) -> str:
    return f"--sessions={name}"


def _sessions(context: BackendContext, *, creating: bool = False) -> list[_Session]:
    """Return every session. With ``creating``, nox may create the environment for the noxfile's own inline metadata."""
    if not context.trusted:
        raise context.untrusted_error()
    what = "listing the sessions of the noxfile"
    inner = os.path.join(context.root, ".nox", INNER)
    try:
        environ = {**dict.fromkeys(_SELECTING_VARIABLES), **_QUERY_VARIABLES}
        files = [os.path.join(context.root, name) for name in (NOXFILE, "pyproject.toml")]
        done = context.run_for_output(what, _LIST, environ=environ, inner=inner, decided_by=files)
    except RequestFailed:
        noxfile = text_of(context.project.folder, os.path.join(context.root, NOXFILE)) or ""
        if not creating or "# /// script" not in noxfile:
            raise
        done = _nox(context, what, _LIST)
    top = environments_folder(context.project.folder)
    return [_session(context.root, top, one) for one in parse_sessions(done, what)]


def parse_sessions(done: Finished, what: str) -> list[object]:
    """Return the sessions that ``nox --list --json`` printed.

    Raises:
        RequestFailed: nox failed; the message has its reason.
    """
    # The noxfile may have printed something before.
    for line in reversed(done.stdout.splitlines()):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, list):
            return [one for one in found if text_at(one, "session") is not None]
    raise failure(what, "nox", done, BACKEND.error_patterns)


def _session(root: str, top: str | None, record: object) -> _Session:
    name = text_at(record, "session") or ""
    prefix = None
    if top is not None and isinstance(record, dict) and record.get("python") is not False:
        prefix = os.path.normpath(os.path.join(root, place(top, name)))
    base = text_at(record, "name") or name
    return _Session(name, text_at(record, "description") or "", prefix, base)


def _chosen(sessions: Iterable[_Session], name: str) -> _Session:
    """Return the session that is called ``name``, or whose environment is.

    Raises:
        InvalidParams: there is no such session.
    """
    by_name: dict[str, _Session] = {}
    for session in sessions:
        if session.prefix is not None:
            by_name.setdefault(os.path.basename(session.prefix), session)
    by_name |= {session.name: session for session in sessions}
    if name not in by_name and name in ("default", "."):
        name = DEFAULT
    if name not in by_name:
        names = [session.name for session in sessions]
        raise invalid_param(
            "name", f"the noxfile has no session {name!r} (it has {_joined_names(names)})"
        )
    return by_name[name]


def _joined_names(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def place(top: str, session: str) -> str:
    """Return where nox keeps the environment of ``session``; ``top`` is the folder of all of them, as nox spells it."""
    import re
    import unicodedata
    from hashlib import sha1

    def mark(text: str) -> str:
        return sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()[:8]

    plain = unicodedata.normalize("NFKD", session).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"[^\w\s-]", "-", plain).strip().lower()
    plain = re.sub(r"[-\s]+", "-", plain).strip("-") or mark(session)
    path = os.path.join(top, plain)
    if len(path) > _LONGEST and len(top) < _LONGEST_FOLDER:
        return os.path.join(top, mark(plain))
    return path


BACKEND = Backend(
    name="nox",
    program="nox",
    advice="Install it with 'pipx install nox' or 'uv tool install nox'.",
    default_name=DEFAULT,
    create=_create,
    install=fill.install_into,
    uninstall=fill.take_out_of,
    tasks=_tasks,
    task_command=_task_command,
    test_runs=_test_runs,
    error_patterns=(
        ErrorPattern(
            ("no such file exists",),
            Protected,
            "the folder has no noxfile.py",
            "nox creates environments for the sessions that it defines. For a plain .venv: --workflow venv.",
        ),
        ErrorPattern(
            ("sessions not found",),
            InvalidParams,
            "the noxfile has no such session",
            "'nox --list' lists the sessions.",
        ),
        ErrorPattern(
            ("failed: python interpreter",),
            PythonUnavailable,
            "this machine does not have the Python that the session asks for",
            "'wsp python list' lists the available Pythons. The noxfile sets the Python of each session.",
        ),
        ErrorPattern(
            ("modulenotfounderror",),
            ExecutionFailed,
            "a module that the noxfile, or a session, imports is missing",
            "What a noxfile imports has to be installed beside nox, or named in its '# /// script' block.",
        ),
    ),
)
