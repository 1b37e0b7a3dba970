"""One request to a bundled workflow: the project, its tool, its progress, and its cancellation.

It contains what all tools share: finding the program, its environment variables, one lock for each project and tool,
running it with limits, removing incomplete results, and explaining failures.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from workflow_server.errors import invalid_param

from workflow_helper.errors import (
    Cancelled,
    ExecutionFailed,
    NotFound,
    Protected,
    PythonUnavailable,
    RequestFailed,
    ToolNotInstalled,
    UsageError,
)
from workflow_helper.filesystem.paths import is_inside_any
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Literal, NamedTuple, Protocol, TypeAlias

    from workflow_server.params import CreateParams
    from workflow_server.values import Command

    from workflow_helper.backends.project import Project
    from workflow_helper.discovery.tools import Folder
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.declared import DependencyGroups
    from workflow_helper.install.failures import ErrorPattern
    from workflow_helper.model import Host, Interpreter
    from workflow_helper.system.process import Finished

    #: How an environment that is not ``.venv`` is made known.
    Redirect: TypeAlias = Literal["file", "python-envs", "none"]

    class DrivenTool(Protocol):
        """The part of a bundled workflow that :class:`BackendContext` uses."""

        @property
        def name(self) -> str:
            """The workflow's name."""

        @property
        def program(self) -> str | None:
            """The path of its tool's program; ``None`` where it needs none."""

        @property
        def advice(self) -> str:
            """A sentence that says how to get the program."""

        @property
        def default_name(self) -> str:
            """The name of its default environment."""

        @property
        def parts(self) -> Callable[[Folder], DependencyGroups] | None:
            """The groups and extras of a project."""

        @property
        def writes(self) -> tuple[str, ...]:
            """The names of files of a project that the tool writes."""

        @property
        def error_patterns(self) -> tuple[ErrorPattern, ...]:
            """The failures of the tool, beside those that all tools have in common."""
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds that a tool may take to answer a query.
QUERY_TIMEOUT = 60.0
#: Seconds that a tool may take to make or change an environment: builds from source, slow networks.
CHANGE_TIMEOUT = 3600.0


class BackendContext(NamedTuple):
    """The argument of each function of a :class:`~workflow_helper.backends.base.Backend`."""

    workflow: DrivenTool
    project: Project
    host: Host
    disk: Disk
    #: Whether anything may be run that the project holds, names or points to.
    trusted: bool
    #: Takes a sentence on what is being done now.
    report: Callable[[str], None] = lambda _: None
    cancelled: threading.Event | None = None
    #: Folders beside the project from which no program is taken.
    outside: tuple[str, ...] = ()
    #: The descriptor of the lock of what is being made, for the tool to inherit.
    locks: tuple[int, ...] = ()
    #: How an environment that is not ``.venv`` is made known, by the workflow that makes such.
    redirect: Redirect = "file"

    @property
    def root(self) -> str:
        """The project's folder."""
        return self.project.root

    # The tool.

    def program(self) -> str:
        """Return the absolute path of the tool's program.

        Raises:
            ToolNotInstalled: no program of its name is on PATH.
        """
        from workflow_helper.system.which import find_program

        name = self.workflow.program or self.workflow.name
        found = find_program(name, self.host, outside=(self.root, *self.outside))
        if found is None:
            raise ToolNotInstalled(
                f"{name} is not installed: no program of that name is on PATH",
                f"{self.workflow.advice} For a plain .venv anyway: --workflow venv.",
                data={"tool": name},
            )
        return found

    def run(
        self,
        what: str,
        arguments: Sequence[str],
        *,
        environ: Mapping[str, str | None] | None = None,
        program: str | None = None,
        timeout: float = CHANGE_TIMEOUT,
        on_line: Callable[[str], None] | None = None,
        accepted: Sequence[int] = (0,),
    ) -> Finished:
        """Run the tool with ``arguments`` in the project's folder, to its end.

        ``what`` says what is being done, as in "creating .venv". ``environ`` changes single variables, ``None`` removes
        one. ``program`` is another than the tool's, absolute. ``on_line`` receives the lines that it writes; without it
        they are reported unchanged. ``accepted`` are the exit statuses that do not count as a failure.

        Raises:
            ToolNotInstalled: no program of its name is on PATH.
            RequestFailed: it failed; the subclass depends on its output.
            ExecutionFailed: it did not start, took too long, or wrote too much.
            Cancelled: the request was cancelled.
        """
        from workflow_helper.install.runner import run_tool

        return run_tool(
            what,
            [program or self.program(), *arguments],
            cwd=self.root,
            environ=self.environ(environ or {}),
            timeout=timeout,
            cancelled=self.cancelled,
            on_line=self._plainly if on_line is None else on_line,
            inherited=() if sys.platform == "win32" else self.locks,
            accepted=accepted,
            patterns=self.workflow.error_patterns,
        )

    def run_for_output(
        self,
        what: str,
        arguments: Sequence[str],
        *,
        environ: Mapping[str, str | None] | None = None,
        accepted: Sequence[int] = (0,),
        inner: str | None = None,
        decided_by: Sequence[str] | None = None,
    ) -> Finished:
        """Run the tool as :meth:`run` does, for its output alone: with less time, and without reporting its lines.

        ``inner`` is the folder of an environment that the tool creates to run itself in, with plug-ins of the project
        beside it. If the tool on PATH fails because it lacks these plug-ins, the one in that environment is run.
        ``decided_by`` are the absolute paths of the files that the output depends on: while they do not change, a
        repeated call within moments returns the same output.
        """
        if decided_by is not None:
            from workflow_helper.backends.recent_answers import shared

            variables = frozenset(self.environ(environ or {}).items())
            question = (self.program(), *arguments), self.root, variables, inner
            return shared(
                question,
                decided_by,
                lambda: self.run_for_output(
                    what, arguments, environ=environ, accepted=accepted, inner=inner
                ),
            )

        def run(arguments: Sequence[str], program: str | None = None) -> Finished:
            return self.run(
                what,
                arguments,
                environ=environ,
                program=program,
                timeout=QUERY_TIMEOUT,
                on_line=lambda _: None,
                accepted=accepted,
            )

        try:
            return run(arguments)
        except RequestFailed as error:
            within = None if inner is None else self.project.at(inner)
            if within is None or not within.ok:
                raise
            try:
                return run(["-I", "-m", self.workflow.name, *arguments], within.interpreter_path)
            except RequestFailed:
                raise error from None

    def start(self, arguments: Sequence[str], unset: Sequence[str] = ()) -> Command:
        """Return how to start the tool with ``arguments`` as the user would, without a shell's activation.

        ``unset`` are more variables to remove.

        Raises:
            ToolNotInstalled: no program of its name is on PATH.
        """
        from workflow_server.values import Command

        from workflow_helper.system.environ import REMOVED

        return Command((self.program(), *arguments), self.root, (*REMOVED, *unset))

    def environ(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """Return the variables for the tool: the user's, without a shell's activation, with ``changes``."""
        from workflow_helper.system.environ import for_tool

        return for_tool(self.host.environ, changes)

    def untrusted_error(self) -> Protected:
        """Return the error for a query that only the tool could answer, in a project that is not trusted."""
        from workflow_helper.trust.policy import untrusted

        return untrusted(self.root, f"{self.workflow.name} was not run")

    # Creating and changing.

    def write_inside(self, *more: str) -> None:
        """Check that all files that the tool would write are in the project.

        ``more`` are relative paths of files in addition to those that it always writes.

        Raises:
            Protected: one is outside of the project, or its path leads out of it.
        """
        projects = (self.root, *self.project.folder.enclosing)
        usual = (os.path.join(one, name) for one in projects for name in self.workflow.writes)
        for path in (*usual, *(os.path.join(self.root, one) for one in more)):
            if not is_inside_any(path, projects):
                raise Protected(
                    f"{self.workflow.name} would write {real_path(path)}, outside of the project",
                    f"{path} leads out of the project. Replace the link with a file or folder in the project.",
                )

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Hold the lock of this project and tool, after waiting for other holders; yields whether it had to wait."""
        from hashlib import sha256

        from workflow_helper.filesystem.locks import hold

        key = f"{self.workflow.name}\0{real_path(self.root)}"
        name = sha256(os.fsencode(key)).hexdigest()[:32]
        is_reported = False

        def waiting() -> None:
            nonlocal is_reported
            if not is_reported:
                self.report(f"Waiting for other work in {self.root} to end")
                is_reported = True
            self.check_cancelled()

        with hold(os.path.join(self.host.state, "locks", name), waiting) as waited:
            yield waited

    @contextmanager
    def creating(self, prefix: str) -> Iterator[BackendContext]:
        """Note that the environment at ``prefix`` is unfinished until the body ends: see :mod:`install.claim`.

        The body creates the folder, through the yielded context. If it fails, the folder is removed; if this process is
        killed, the folder is not taken for a usable environment.

        Raises:
            AlreadyExists: there is something at ``prefix`` other than the remains of a killed creation.
        """
        from workflow_helper.install.claim import unfinished

        with unfinished(prefix, self.host) as lock:
            yield self._replace(locks=(*self.locks, lock))

    @contextmanager
    def changing(self, prefix: str) -> Iterator[BackendContext]:
        """Note that the packages of the environment at ``prefix`` are changed until the body ends.

        The body runs the tool that changes them, through the yielded context. If the change is interrupted, the
        environment counts as broken from then on.

        Raises:
            Locked: another process is changing the environment.
        """
        from workflow_helper.install.claim import changing

        with changing(prefix, self.host) as lock:
            yield self._replace(locks=(*self.locks, lock))

    def check_cancelled(self) -> None:
        """Raise :class:`Cancelled` if the request was cancelled."""
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled(f"{self.workflow.name} was stopped")

    # The request.

    def check_default_name(self, name: str) -> None:
        """Raise :class:`InvalidParams` if ``name`` is not the name of the one environment that the tool manages."""
        if name not in (self.workflow.default_name, "default", "."):
            raise invalid_param(
                "name",
                f"{self.workflow.name} manages one environment per project, called {self.workflow.default_name}",
            )

    def check_not_given(self, reason: str, **params: object) -> None:
        """Raise :class:`InvalidParams` with ``reason`` if any of ``params``, by their names, was given."""
        for name, value in params.items():
            if value:
                raise invalid_param(name, reason)

    def check_created(self, params: CreateParams, prefix: str) -> str:
        """Check that a tool that chooses the Python itself created an environment at ``prefix`` with the requested Python.

        Returns the environment's interpreter.

        Raises:
            ExecutionFailed: the tool created no usable environment.
            PythonUnavailable: the environment has another Python.
        """
        from workflow_helper.discovery.environments import health
        from workflow_helper.discovery.interpreters import find as interpreters
        from workflow_helper.filesystem.reader import Disk
        from workflow_helper.model import Interpreter

        created = health.written(prefix, self.host, Disk())
        if created.status.state != "ok" or created.interpreter_path is None:
            why = created.status.message or "it has no interpreter"
            raise ExecutionFailed(f"{self.workflow.name} created no usable environment: {why}")
        version = params.python_version
        if params.python is not None:
            version = self.python(params).version
        python = Interpreter(created.interpreter_path, created.python_version, "cpython", "")
        if version is not None and not interpreters.matching(version, (python,)):
            raise PythonUnavailable(
                f"{self.workflow.name} creates {prefix} with Python {created.python_version}, not {version}",
                "The project declares the Python. Leave out --python, or change the project's declaration.",
            )
        return created.interpreter_path

    def python(self, params: CreateParams) -> Interpreter:
        """Return the interpreter for a new environment: the requested one, else what the project names, else the best.

        Raises:
            PythonUnavailable: there is no such Python.
            InvalidParams: the version is not a valid one.
        """
        from workflow_helper.discovery.interpreters import find as interpreters
        from workflow_helper.discovery.interpreters.choose import choose_python

        spec = params.python if params.python is not None else params.python_version
        try:
            python = choose_python(spec, self.root, self.host, self.disk)
        except NotFound as error:
            raise PythonUnavailable(
                error.message, error.hint, data=getattr(error, "data", None)
            ) from None
        except UsageError as error:
            raise invalid_param("python_version", error.message) from None
        if params.python is not None and params.python_version is not None:
            try:
                fits = interpreters.matching(params.python_version, (python,))
            except UsageError as error:
                raise invalid_param("python_version", error.message) from None
            if not fits:
                raise PythonUnavailable(
                    f"{params.python} is Python {python.version}, not {params.python_version}"
                )
        return python

    def _plainly(self, line: str) -> None:
        self.report(line.strip())


def check_no_option(packages: Sequence[str]) -> None:
    """Raise :class:`InvalidParams` for a requirement that a tool could take for an option of its own."""
    for index, package in enumerate(packages):
        if package.startswith("-"):
            raise invalid_param(
                f"packages[{index}]", f"{package!r} begins with '-', so it is not a package"
            )
