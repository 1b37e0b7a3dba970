"""A bundled workflow as a server: its tool's functions, bound to the methods of the protocol.

Everything that files can answer is answered from files, trusted or not, and with or without the tool. Everything else
is a function of the tool's :class:`~workflow_helper.backends.base.Backend`.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param
from workflow_server.methods import MAX_NAME, MAX_OUTPUT
from workflow_server.values import Changes, Execution, Package, ServerEnvironment

from workflow_helper.backends import python_fit
from workflow_helper.backends.context import BackendContext, check_no_option
from workflow_helper.backends.project import Project, interpreter_of
from workflow_helper.discovery.environments import distributions as packages
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.errors import (
    MethodNotFound,
    OtherPython,
    Protected,
    PythonUnavailable,
    RequestFailed,
    UsageError,
)
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install.installed_state import UNKNOWN_PREFIX, in_sync
from workflow_helper.install.relocate import former_prefix, relocate
from workflow_helper.install.repair import as_before, forget, lost, repair
from workflow_helper.system.output import decode_output
from workflow_helper.trust.policy import untrusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from workflow_server import values
    from workflow_server.api import Reporter
    from workflow_server.handlers import Progress
    from workflow_server.params import (
        CommandParams,
        CreateParams,
        EnsureParams,
        ExecuteParams,
        IdParams,
        PackagesParams,
        SyncParams,
        TaskCommandParams,
        VersionParams,
    )
    from workflow_server.server import Server
    from workflow_server.values import Command, InSync, RunConfiguration, Task

    from workflow_helper.backends.base import Backend, Change
    from workflow_helper.backends.context import Redirect
    from workflow_helper.backends.python_fit import PythonFit, PythonRequest
    from workflow_helper.model import Environment, Host, Interpreter

    F = TypeVar("F")

#: The number of packages that are named of many.
MOST_NAMED = 3


def server(
    workflow: Backend, host: Host, outside: tuple[str, ...] = (), redirect: Redirect = "file"
) -> Server:
    """Return the server of ``workflow``.

    ``outside`` are folders from which no program is taken; ``redirect`` says how to record an environment that is not
    ``.venv``, for workflows that create such environments.
    """
    from workflow_server.server import Server

    from workflow_helper import __version__

    backend_server = Server(workflow.name, __version__, details=True, default=True)
    _Bundled(workflow, backend_server, host, outside, redirect).bind()
    return backend_server


class _Bundled:
    """The handlers. Each request has a disk of its own, so that changes since the last one are seen."""

    def __init__(
        self,
        workflow: Backend,
        server: Server,
        host: Host,
        outside: tuple[str, ...],
        redirect: Redirect,
    ) -> None:
        self._workflow = workflow
        self._server = server
        self._host = host
        self._outside = outside
        self._redirect = redirect

    def bind(self) -> None:
        """Register the handlers; what the tool cannot do is not offered."""
        server, workflow = self._server, self._workflow
        server.list_environments(self.environments)
        server.get_environment(self.get)
        if workflow.create is not None:
            server.create_environment(self.create)
            server.ensure_environment(self.ensure)
        server.delete_environment(self.delete)
        server.execute(self.execute)
        server.command(self.command)
        server.list_pythons(self.pythons)
        server.find_python(self.find_python)
        server.install_python(self.install_python)
        if workflow.sync is not None and workflow.check is not None:
            server.sync(self.sync)
            server.check(self.check)
        if workflow.install is not None and workflow.uninstall is not None:
            server.packages(self.packages)
            server.install(self.install)
            server.uninstall(self.uninstall)
        if workflow.tasks is not None and workflow.task_command is not None:
            server.list_tasks(self.tasks)
            server.task_command(self.task_command)
        if workflow.test_runs is not None:
            server.test_configurations(self.test_configurations)

    # What is told.

    def environments(self) -> list[ServerEnvironment]:
        """Return the environments whose Python's version is known: the protocol has no others."""
        listed = []
        for environment in self._all_environments(self._job()):
            version = python_fit.version_of(environment.python_version)
            if version is not None:
                listed.append(self._entry(environment, version))
            else:
                why = environment.status.message or "its Python's version cannot be read"
                self._server.log(f"{environment.id} is not listed: {why}", "warning")
        return listed

    def get(self, params: IdParams) -> ServerEnvironment:
        """Return the details of an environment."""
        context = self._job()
        return self._details(context, self._environment(context, params.id))

    def packages(self, params: IdParams) -> list[Package]:
        """Return the packages in an environment, read from its files."""
        context = self._job()
        return _installed(context, self._environment(context, params.id))

    def command(self, params: CommandParams) -> Command:
        """Return how to start a program in an environment."""
        context = self._job()
        return self._command(context, self._environment(context, params.id), params)

    def check(self, params: SyncParams, cancelled: threading.Event) -> InSync:
        """Return whether an environment is in sync with its lock."""
        from workflow_server.values import InSync

        context = self._job()._replace(cancelled=cancelled)
        environment = self._environment(context, params.id)
        self._check_package(params.package)
        if not environment.ok:
            return InSync(in_sync=False, message=environment.status.message)
        if damage := _damage(context, environment):
            return InSync(in_sync=False, message=damage)
        fit = fit_of(context, self._workflow, environment)
        if fit.mismatches:
            return InSync(in_sync=False, message=fit.mismatches)
        result = _require(self._workflow.check)(context, environment, params)
        if not fit.unknown or result.in_sync is False:
            return result
        return in_sync((), filter(None, (result.message.removeprefix(UNKNOWN_PREFIX), fit.unknown)))

    def tasks(self) -> list[Task]:
        """Return the project's named commands."""
        return [*_require(self._workflow.tasks)(self._job())]

    def task_command(self, params: TaskCommandParams) -> Command:
        """Return how to start a task."""
        return _require(self._workflow.task_command)(self._job(), params)

    def test_configurations(self) -> list[RunConfiguration]:
        """Return the ways of running the project's tests."""
        context = self._job()
        ids = {real_path(one.prefix): one.id for one in self.environments() if one.prefix}
        runs = _require(self._workflow.test_runs)(context)
        return [run.configuration(context.root, ids) for run in runs]

    def pythons(self) -> tuple[Interpreter, ...]:
        """Return the machine's Pythons, without those inside the project."""
        found = interpreters.installed(self._host, Disk())
        return interpreters.outside(found, (self._server.root, *self._outside), self._host)

    def find_python(self, params: VersionParams) -> Interpreter:
        """Return the best of the machine's Pythons that fits."""
        try:
            fitting = interpreters.matching(params.version, self.pythons())
        except UsageError as error:
            raise invalid_param("version", error.message) from None
        if not fitting:
            raise PythonUnavailable(
                f"no Python on this machine fits {params.version}",
                "'wsp python list' lists the available Pythons. Name another with --python.",
            )
        return fitting[0]

    # What is changed.

    def create(
        self, params: CreateParams, progress: Progress, cancelled: threading.Event
    ) -> ServerEnvironment:
        """Create an environment."""
        context = self._changing(progress, cancelled)
        self._check_package(params.package)
        check_no_option(params.packages or ())
        context.write_inside()
        with context.alone() as waited:
            if waited and (same := self._created_meanwhile(context, params)) is not None:
                return same
            prefix = _require(self._workflow.create)(context, params)
            # The tool may have changed what an environment's place depends on.
            context = self._job()
            return self._details(context, context.project.at(prefix, params.name))

    def ensure(
        self, params: EnsureParams, progress: Progress, cancelled: threading.Event
    ) -> ServerEnvironment:
        """Ensure an environment, through the other handlers."""
        from workflow_server.in_process import Own

        from workflow_helper.backends.ensure import EnsureContext, create_with_backend, ensure

        self._check_trusted()
        self._check_package(params.package)
        own = Own(self._server)
        context = EnsureContext(
            own,
            self._host,
            lambda request, context: create_with_backend(request, context, self._workflow),
            self._workflow.default_name,
            cancelled,
            _reporter(progress),
        )
        return ensure(params, context)

    def delete(self, params: IdParams, progress: Progress, cancelled: threading.Event) -> None:
        """Delete an environment in the project's folder, or in the folder where the tool keeps this project's environments."""
        from workflow_helper.backends.announce import forget_deleted
        from workflow_helper.install.delete import delete

        context = self._changing(progress, cancelled)
        with context.alone():
            environment = self._environment(context, params.id)
            prefix, allowed = environment.prefix, context.project.own_places()
            delete(
                prefix, context.root, context.host, context.disk, context.report, allowed=allowed
            )
            forget_deleted(context.root, prefix, context.host, context.disk, context.report)
            if self._workflow.after_delete is not None:
                self._workflow.after_delete(context, environment)

    def sync(self, params: SyncParams, progress: Progress, cancelled: threading.Event) -> Changes:
        """Sync an environment with its lock."""
        moved = False
        self._check_package(params.package)

        def sync(context: BackendContext, environment: Environment) -> None:
            nonlocal moved
            self._require_its_python(context, environment)
            if not params.frozen:
                context.write_inside()
            if (former := former_prefix(environment, context.host)) is not None:
                relocate(environment, former)
                moved = True
            forget(_lost(context, environment))
            _require(self._workflow.sync)(context, environment, params)

        done = self._changed(params.id, sync, progress, cancelled)
        return done._replace(changed=done.changed or moved)

    def install(
        self, params: PackagesParams, progress: Progress, cancelled: threading.Event
    ) -> Changes:
        """Install requirements."""
        return self._with_packages(self._workflow.install, params, progress, cancelled)

    def uninstall(
        self, params: PackagesParams, progress: Progress, cancelled: threading.Event
    ) -> Changes:
        """Uninstall packages."""
        return self._with_packages(self._workflow.uninstall, params, progress, cancelled)

    def execute(self, params: ExecuteParams, cancelled: threading.Event) -> Execution:
        """Run a program in an environment, to its end."""
        from workflow_server.params import CommandParams

        from workflow_helper.system.process import run

        self._check_trusted()
        context = self._job()
        environment = self._environment(context, params.id)
        command = self._command(
            context, environment, CommandParams(params.id, params.argv, params.cwd)
        )
        done = run(
            command.argv,
            cwd=command.cwd,
            environ={**command.applied(self._host.environ), **(params.env or {})},
            timeout=float("inf"),
            cancelled=cancelled,
            limit=MAX_OUTPUT,
        )
        return Execution(
            done.exit_code,
            decode_output(done.stdout),
            decode_output(done.stderr),
        )

    def install_python(
        self, params: VersionParams, progress: Progress, cancelled: threading.Event
    ) -> Interpreter:
        """Return an installed Python that fits, else install one with the tool."""
        try:
            return self.find_python(params)
        except PythonUnavailable as error:
            if self._workflow.install_python is None:
                reason = (
                    f"{error.message}, and the workflow {self._workflow.name} cannot install one"
                )
                raise PythonUnavailable(reason, error.hint, data=error.data) from None
        context = self._changing(progress, cancelled)
        with context.alone():
            return self._workflow.install_python(context, params.version)

    # Within.

    def _require_its_python(self, context: BackendContext, environment: Environment) -> None:
        """Raise :class:`OtherPython` if the environment has to be recreated, :class:`PythonUnavailable` if that is impossible."""
        workflow = self._workflow
        reason = fit_of(context, workflow, environment).mismatches
        if (
            not reason or workflow.brings_python
        ):  # whose sync changes the Python as it does any package
            return
        if workflow.new_python is not None:
            check_recreatable(context, workflow, environment, reason)
        raise OtherPython(reason, python_fit.HINT)

    def _job(self) -> BackendContext:
        root = self._server.root
        if is_remote(root):
            raise Protected(f"{root} is on another machine, which is not accessed")
        disk = Disk()
        project = Project(self._workflow.name, os.path.normpath(root), self._host, disk)
        trusted = self._server.client.project_trusted
        return BackendContext(
            self._workflow,
            project,
            self._host,
            disk,
            trusted=trusted,
            outside=self._outside,
            redirect=self._redirect,
        )

    def _changing(self, progress: Progress, cancelled: threading.Event) -> BackendContext:
        self._check_trusted()
        return self._job()._replace(report=progress, cancelled=cancelled)

    def _check_trusted(self) -> None:
        if not self._server.client.project_trusted:
            raise untrusted(self._server.root, "nothing is created, changed or run there")

    def _check_package(self, package: str | None) -> None:
        """Raise :class:`InvalidParams` if the request names a workspace member and the workflow has no workspaces."""
        if package is not None and not self._workflow.workspaces:
            raise invalid_param(
                "package", f"{self._workflow.name} cannot select one package of a workspace"
            )

    def _all_environments(self, context: BackendContext) -> tuple[Environment, ...]:
        found = {real_path(one.prefix): one for one in context.project.environments()}
        for name, prefix in self._query(context):
            if context.disk.is_present(prefix):
                found.setdefault(real_path(prefix), context.project.at(prefix, name))
        return tuple(found.values())

    def _query(self, context: BackendContext) -> tuple[tuple[str, str], ...]:
        """Return what the tool itself lists; nothing if it cannot be queried, since most is read from files."""
        if self._workflow.list_environments is None or not context.trusted:
            return ()
        try:
            return (*self._workflow.list_environments(context),)
        except RequestFailed as error:
            self._server.log(f"{self._workflow.name} was not queried: {error.message}", "warning")
            return ()

    def _environment(self, context: BackendContext, identity: str) -> Environment:
        for environment in context.project.environments():
            if environment.id == identity:
                return environment
        for environment in self._all_environments(context):
            if environment.id == identity:
                return environment
        return context.project.environment(identity)

    def _command(
        self, context: BackendContext, environment: Environment, params: CommandParams
    ) -> Command:
        if self._workflow.command is not None and context.trusted:
            return self._workflow.command(context, environment, params)
        return context.project.command(environment, params.argv, params.cwd)

    def _created_meanwhile(
        self, context: BackendContext, params: CreateParams
    ) -> ServerEnvironment | None:
        """Return the environment that another process created during the wait, if this request is for the same."""
        default = params.name in ("default", ".", self._workflow.default_name)
        for environment in context.project.environments():
            named = params.name in (environment.name, environment.id)
            if environment.ok and (named or (default and environment.default)):
                return self._details(context, environment)
        return None

    def _with_packages(
        self,
        change: Change | None,
        params: PackagesParams,
        progress: Progress,
        cancelled: threading.Event,
    ) -> Changes:
        check_no_option(params.packages)
        return self._changed(
            params.id,
            lambda context, environment: _require(change)(context, environment, params.packages),
            progress,
            cancelled,
        )

    def _changed(
        self,
        identity: str,
        change: Callable[[BackendContext, Environment], None],
        progress: Progress,
        cancelled: threading.Event,
    ) -> Changes:
        """Apply ``change`` to an environment, and return which installed packages changed."""
        context = self._changing(progress, cancelled)
        with context.alone():
            found = self._environment(context, identity)
            environment = as_before(found, context.host, context.disk)
            if not environment.ok:
                raise Protected(environment.status.message, "Delete it, then create it again.")
            before = {*_installed(context, environment)}
            with context.changing(environment.prefix) as changing:
                if not found.ok:
                    repair(environment.prefix, context.host)
                change(changing, environment)
            after = {*_installed(context._replace(disk=Disk()), environment)}
        installed, removed = tuple(sorted(after - before)), tuple(sorted(before - after))
        return Changes(bool(installed or removed), installed, removed)

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
            managed_by=self._workflow.name if self._workflow.program else None,
        )

    def _details(self, context: BackendContext, environment: Environment) -> ServerEnvironment:
        version = python_fit.version_of(environment.python_version)
        if version is None:
            why = environment.status.message or "its Python's version cannot be read"
            raise Protected(f"{environment.id} cannot be described: {why}")
        return self._entry(environment, version)._replace(
            interpreter_path=interpreter_of(environment, self._host),
            installed_packages=tuple(_installed(context, environment)),
            extra={},
        )


def fit_of(context: BackendContext, workflow: Backend, environment: Environment) -> PythonFit:
    """Return whether the project allows the Python of ``environment``, from files alone."""
    return python_fit.fit(_requests(context, workflow, environment), environment, context)


def check_recreatable(
    context: BackendContext, workflow: Backend, environment: Environment, reason: str
) -> None:
    """Raise :class:`PythonUnavailable`, beginning with ``reason``, if no Python is available to recreate ``environment``."""
    if workflow.new_python is None:
        return
    try:
        python = workflow.new_python(context, environment)
    except PythonUnavailable as error:
        raise PythonUnavailable(f"{reason}; {error.message}", error.hint, data=error.data) from None
    python_fit.require_fit(_requests(context, workflow, environment), python, reason)


def _requests(
    context: BackendContext, workflow: Backend, environment: Environment
) -> Iterable[PythonRequest]:
    if workflow.python_requests is None:
        return python_fit.requires_python(context)
    return workflow.python_requests(context, environment)


def _reporter(progress: Progress) -> Reporter:
    """Return a reporter that turns the progress of parts into the progress of the whole."""

    def report(part: values.ProgressReport) -> None:
        if part.kind != "end":
            progress(part.message or part.title, part.percentage)

    return report


def _installed(context: BackendContext, environment: Environment) -> list[Package]:
    found = packages.installed(environment.prefix, context.host, context.disk)
    return [Package(*one) for one in found]


def _lost(context: BackendContext, environment: Environment) -> list[str]:
    """Return the records of packages whose files are gone; packages of conda are left out."""
    return [*lost(environment.prefix, context.host, Disk())] if environment.kind == "venv" else []


def _damage(context: BackendContext, environment: Environment) -> str:
    """Return a sentence about missing or moved files of an environment that starts; empty if there are none."""
    if (former := former_prefix(environment, context.host)) is not None:
        return f"it was moved: its programs start the Python of {former}"
    names = [os.path.basename(record).partition("-")[0] for record in _lost(context, environment)]
    gone = f"the files of {', '.join(names[:MOST_NAMED])}"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{gone}{more} are gone" if names else ""


def _require(function: F | None) -> F:
    """Return ``function``, which is not ``None`` because its method is bound."""
    if function is None:
        raise MethodNotFound("this workflow does not do that")
    return function
