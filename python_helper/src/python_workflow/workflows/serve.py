"""``wsp serve``: a bundled workflow as a workflow server on standard input and output, or a declarative adapter.

Every bundled workflow tells of its environments from files. The fallback, ``venv``, also makes, deletes and runs: in
projects that are trusted.
"""

from __future__ import annotations

import os
import sys

from python_workflow.discovery import interpreters, packages
from python_workflow.discovery.disk import Disk
from python_workflow.discovery.paths import is_remote
from python_workflow.discovery.tools import BUNDLED
from python_workflow.discovery.wsp_table import bundled_names
from python_workflow.errors import (
    InvalidParams,
    NotFound,
    Protected,
    PythonUnavailable,
    UsageError,
)
from python_workflow.workflows.project import Project, interpreter_of
from python_workflow.wsp.methods import MAX_NAME, MAX_OUTPUT
from python_workflow.wsp.server import Server, own_streams
from python_workflow.wsp.values import Execution, Package, ServerEnvironment

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from typing_extensions import override

    from python_workflow.model import Environment, Host, Interpreter
    from python_workflow.wsp.handlers import Progress
    from python_workflow.wsp.params import (
        CommandParams,
        CreateParams,
        ExecuteParams,
        IdParams,
        VersionParams,
    )
    from python_workflow.wsp.values import Command
else:

    def override(method: object) -> object:
        """Typing's, which costs more to import than this whole module."""
        return method


FALLBACK = "venv"


def serve(name: str | None, config: str | None = None) -> int:
    """Be the server of the bundled workflow ``name``, the fallback if none is named, or of the adapter ``config``.

    Gives the status to end the process with. Raises :class:`UsageError` for a name that is none, and
    :class:`UnusableFile` for an adapter that cannot be served.
    """
    from python_workflow.system.host import this_host

    if config is not None and name is not None:
        raise UsageError("'wsp serve' takes a workflow's name or --config, not both")
    if name is not None and name not in BUNDLED:
        raise UsageError(f"there is no bundled workflow {name!r}", f"There are {bundled_names()}.")
    _end_by_interrupt()
    # Before an adapter imports anything: what that prints is no message.
    streams = own_streams()
    if config is not None:
        from python_workflow.launch.adapter import load

        server: Server = load(os.path.abspath(config), this_host(), Disk())
    else:
        server = bundled(name or FALLBACK, this_host())
    try:
        return server.serve(*streams)
    except KeyboardInterrupt:
        return 130


def bundled(name: str, host: Host) -> Server:
    """The server of the bundled workflow ``name``."""
    from python_workflow import __version__

    server = Server(name, __version__, details=True, default=True)
    reader = _Maker(name, server, host) if name == FALLBACK else _Reader(name, server, host)
    reader.bind()
    return server


class _Reader:
    """Answers from files, trusted or not."""

    def __init__(self, name: str, server: Server, host: Host) -> None:
        self._name = name
        self._server = server
        self._host = host
        self._disk = Disk()

    def bind(self) -> None:
        """Register what this answers."""
        server = self._server
        server.list_environments(self.list)
        server.get_environment(self.get)
        server.command(self.command)
        server.list_pythons(self.pythons)
        server.find_python(self.find_python)
        server.install_python(self.install_python)

    @property
    def _project(self) -> Project:
        root = self._server.root
        if is_remote(root):
            raise Protected(f"{root} is on another machine, which is not looked at")
        return Project(self._name, os.path.normpath(root), self._host, self._disk)

    def list(self) -> list[ServerEnvironment]:
        """Those whose Python's version is known: the protocol has no others."""
        listed = []
        for environment in self._project.environments():
            version = _version(environment.python_version)
            if version is not None:
                listed.append(self._entry(environment, version))
            else:
                why = environment.status.message or "its Python's version cannot be read"
                self._server.log(f"{environment.id} is not listed: {why}", "warning")
        return listed

    def get(self, params: IdParams) -> ServerEnvironment:
        """All that is known of one."""
        return self._details(self._project.environment(params.id))

    def command(self, params: CommandParams) -> Command:
        """How to start a program in one."""
        project = self._project
        return project.command(project.environment(params.id), params.argv, params.cwd)

    def pythons(self) -> tuple[Interpreter, ...]:
        """The machine's."""
        return interpreters.installed(self._host, self._disk)

    def find_python(self, params: VersionParams) -> Interpreter:
        """The best of the machine's that fits."""
        try:
            fitting = interpreters.matching(params.version, self.pythons())
        except UsageError as error:
            raise _invalid("version", error) from None
        if not fitting:
            raise PythonUnavailable(f"no Python on this machine fits {params.version}")
        return fitting[0]

    def install_python(self, params: VersionParams) -> Interpreter:
        """One that is there; this product's own workflows bring none."""
        try:
            return self.find_python(params)
        except PythonUnavailable as error:
            raise PythonUnavailable(
                f"{error.message}, and the workflow {self._name} installs none"
            ) from None

    def _entry(self, environment: Environment, version: str) -> ServerEnvironment:
        return ServerEnvironment(
            environment.id,
            environment.name[:MAX_NAME],
            version,
            environment.interpreter_path,
            default=environment.default,
            prefix=environment.prefix,
            kind=environment.kind,
            status=environment.status,
            managed_by=None if self._name == FALLBACK else self._name,
        )

    def _details(self, environment: Environment) -> ServerEnvironment:
        version = _version(environment.python_version)
        if version is None:
            why = environment.status.message or "its Python's version cannot be read"
            raise Protected(f"{environment.id} cannot be told of: {why}")
        installed = packages.installed(environment.prefix, self._host, self._disk)
        return self._entry(environment, version)._replace(
            interpreter_path=interpreter_of(environment, self._host),
            installed_packages=tuple(Package(*one) for one in installed),
            extra={},
        )


class _Maker(_Reader):
    """Also makes, deletes and runs."""

    @override
    def bind(self) -> None:
        super().bind()
        server = self._server
        server.create_environment(self.create)
        server.delete_environment(self.delete)
        server.execute(self.execute)

    def create(
        self, params: CreateParams, progress: Progress, cancelled: threading.Event
    ) -> ServerEnvironment:
        """A new virtual environment right inside the project's folder."""
        from python_workflow.workflows import venv

        self._see_that_it_is_trusted()
        project = self._project
        _refuse_what_is_not_done(params, project.root)
        try:
            venv.check_name(params.name)
        except UsageError as error:
            raise _invalid("name", error) from None
        prefix = venv.create(
            project.root,
            params.name,
            self._python(params, project.root),
            self._host,
            self._disk,
            report=progress,
            cancelled=cancelled,
        )
        made = next(one for one in project.environments() if one.prefix == prefix)
        return self._details(made)

    def delete(self, params: IdParams, progress: Progress) -> None:
        """An environment that is inside the project's folder."""
        from python_workflow.workflows.deleting import delete

        self._see_that_it_is_trusted()
        project = self._project
        prefix = project.environment(params.id).prefix
        delete(prefix, project.root, self._host, self._disk, progress)

    def execute(self, params: ExecuteParams, cancelled: threading.Event) -> Execution:
        """A program in an environment, to its end."""
        from python_workflow.system.process import run

        self._see_that_it_is_trusted()
        project = self._project
        command = project.command(project.environment(params.id), params.argv, params.cwd)
        done = run(
            command.argv,
            cwd=command.cwd,
            environ=_inside(self._host.environ, command, params.env or {}),
            timeout=float("inf"),
            cancelled=cancelled,
            limit=MAX_OUTPUT,
        )
        return Execution(
            done.exit_code,
            done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"),
        )

    def _see_that_it_is_trusted(self) -> None:
        if not self._server.client.project_trusted:
            raise Protected(
                f"{self._server.root} is not trusted, so nothing is made, changed or run there",
                "Trust the project first.",
            )

    def _python(self, params: CreateParams, root: str) -> Interpreter:
        from python_workflow.workflows.venv import choose_python

        spec = params.python if params.python is not None else params.python_version
        try:
            python = choose_python(spec, root, self._host, self._disk)
        except NotFound as error:
            raise PythonUnavailable(error.message, error.hint) from None
        if params.python is not None and params.python_version is not None:
            try:
                fits = interpreters.matching(params.python_version, (python,))
            except UsageError as error:
                raise _invalid("python_version", error) from None
            if not fits:
                raise PythonUnavailable(
                    f"{params.python} is Python {python.version}, not {params.python_version}"
                )
        return python


def _refuse_what_is_not_done(params: CreateParams, root: str) -> None:
    """Raise :class:`InvalidParams`, with every violation, for wishes that this workflow does not grant."""
    wishes = {"groups": params.groups, "extras": params.extras, "packages": params.packages}
    found = {
        name: "the workflow venv makes environments without packages"
        for name, wish in wishes.items()
        if wish
    }
    expected = os.path.join(root, params.name)
    if params.path is not None and os.path.normpath(params.path) != expected:
        found["path"] = f"the workflow venv would make {expected}"
    if found:
        told = "; ".join(f"{path}: {message}" for path, message in found.items())
        violations = [{"path": path, "message": message} for path, message in found.items()]
        raise InvalidParams(told, data={"violations": violations})


def _invalid(path: str, error: UsageError) -> InvalidParams:
    violations = [{"path": path, "message": error.message}]
    return InvalidParams(error.message, error.hint, data={"violations": violations})


def _version(text: str | None) -> str | None:
    """``X.Y`` or ``X.Y.Z``, as the protocol has it, of a version with a stage or more parts."""
    parts: list[str] = []
    for part in (text or "").split(".")[:3]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if digits:
            parts.append(digits)
        if digits != part or not digits:
            break
    return ".".join(parts) if len(parts) > 1 else None


def _inside(
    environ: Mapping[str, str], command: Command, more: Mapping[str, str]
) -> dict[str, str]:
    """``environ`` as it is inside the environment that ``command`` is for, with ``more`` on top."""
    changed = {name: value for name, value in environ.items() if name not in command.unset}
    path = os.pathsep.join((*command.prepend_path, environ.get("PATH", os.defpath)))
    return {**changed, **command.set, "PATH": path, **more}


def _end_by_interrupt() -> None:
    """Asked to end (TERM), end as for an interrupt: a program that is running is ended, and what is half-made goes."""
    import signal

    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, signal.default_int_handler)
