"""The command line that starts a declared workflow's server."""

from __future__ import annotations

import os

from workflow_helper.discovery import roots
from workflow_helper.discovery.declarations import expand_home
from workflow_helper.errors import NotFound, UnusableFile, UsageError
from workflow_helper.filesystem.paths import absolute, is_remote
from workflow_helper.model import (
    BundledLaunch,
    ModuleLaunch,
    ProgramLaunch,
    ScriptLaunch,
    SshLaunch,
)
from workflow_helper.trust import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.work import Work
    from workflow_helper.model import Host, Interpreter, Workflow
    from workflow_helper.servers.ssh import RemoteFolder
    from workflow_helper.trust.snapshot import Snapshot
else:
    from workflow_server.namedtuple import NamedTuple


#: Tells a script that runs from a private copy where it came from.
SCRIPT_DIR = "PYTHON_WORKFLOW_SCRIPT_DIR"


class ServerCommand(NamedTuple):
    """The command line of a server."""

    #: The workflow's name, for messages.
    name: str
    #: The program by its absolute path, and its arguments.
    argv: tuple[str, ...]
    cwd: str
    environ: Mapping[str, str]
    #: The private copy that it runs, for what a project declares as a script.
    snapshot: Snapshot | None = None
    #: The machine that it runs on, if it is not this one.
    place: RemoteFolder | None = None


def command(workflow: Workflow, root: str, host: Host, disk: Disk, work: Work) -> ServerCommand:
    """Return the command that starts the server of ``workflow`` for ``root``; its requirements are installed first.

    The caller has checked that it may be started.

    Raises:
        NotFound: a program or a file does not exist.
        UsageError: a requirement is invalid.
        UnusableFile: inline metadata is invalid.
        CreateFailed: installing fails.
        Cancelled: the user stopped it.
    """
    return _Maker(workflow, root, host, disk, work).provide()


def place(word: str, base: str, host: Host, disk: Disk) -> str:
    """Return the path of ``word`` in a declaration, relative to ``base``, the folder of the declaring file.

    Raises:
        UsageError: it is on another machine.
        NotFound: it does not exist.
    """
    text = expand_home(word, host)
    if is_remote(text):
        raise UsageError(f"the workflow's {word} is on another machine, which is not accessed")
    path = absolute(base, text)
    if not disk.exists(path):
        raise NotFound(f"the workflow's {word} does not exist: {path}")
    return path


class _Maker:
    def __init__(self, workflow: Workflow, root: str, host: Host, disk: Disk, work: Work) -> None:
        self._workflow = workflow
        self._root = root
        self._host = host
        self._disk = disk
        # A project never brings the program that runs its own workflow by accident: only a path of its own does. Nor
        # does a project around it.
        projects = (root, *roots.around(root, host, disk))
        self._work = work._replace(outside=(*work.outside, *projects))
        self._base = workflow.declaration.base(root)
        self._snapshot: Snapshot | None = None

    def provide(self) -> ServerCommand:
        launch = self._workflow.declaration.launch
        if isinstance(launch, BundledLaunch):
            return self._command((*self._host_program(), "serve", launch.name))
        if isinstance(launch, SshLaunch):
            return self._elsewhere(launch)
        if isinstance(launch, ProgramLaunch):
            return self._program(launch)
        if isinstance(launch, ScriptLaunch):
            return self._script(self._private(self._path(launch.path)))
        if isinstance(launch, ModuleLaunch):
            python = self._python_of(_listed(launch.requires))
            return self._command((*self._isolated(python), "-m", launch.name))
        return self._command((*self._host_program(), "serve", "--config", self._path(launch.path)))

    def _elsewhere(self, launch: SshLaunch) -> ServerCommand:
        from workflow_helper.servers import ssh

        place = ssh.place(launch, self._root, self._host, self._work.outside)
        how = self._command(place.serving(ssh.server_argv(launch.there)))
        return how._replace(place=place)

    def _program(self, launch: ProgramLaunch) -> ServerCommand:
        from workflow_helper.system.which import find_program

        name, *arguments = launch.argv
        scripts = None
        if launch.requires:
            from workflow_helper.install import provision

            prefix = self._environment(_listed(launch.requires), self._any_python())
            scripts = provision.scripts_of(prefix, self._host)
        if os.sep in name or "/" in name:
            found: str | None = self._path(name)
        else:
            # Its installed requirements come first, even if the cache is inside the root.
            inside = self._host._replace(environ={**self._host.environ, "PATH": scripts or ""})
            found = find_program(name, inside)
            found = found or find_program(name, self._host, outside=self._work.outside)
        if found is None:
            required = " among what it requires or" if scripts else ""
            raise NotFound(
                f"the workflow's program {name} was not found{required} on PATH",
                f'Install it, or declare what provides it: requires = "{name}".',
            )
        return self._command((found, *arguments), scripts)

    def _private(self, path: str) -> str:
        """Return ``path``, or the path of its private copy if the project itself declares it."""
        if os.path.isdir(path) and not self._disk.is_file(os.path.join(path, "__main__.py")):
            raise NotFound(f"the workflow's folder {path} has no __main__.py")
        what = policy.subject(self._workflow, self._root)
        if what.is_declared and what.declaration is not None:
            from workflow_helper.trust import snapshot

            self._snapshot = snapshot.take(what.declaration, self._root, self._host)
            return self._snapshot.script
        return path

    def _script(self, path: str) -> ServerCommand:
        if os.path.isdir(path) or path.endswith((".pyz", ".pyzw")):
            return self._command(
                (*self._isolated(self._any_python().path), *self._words(path, beside=False))
            )
        from workflow_helper.discovery.script_metadata import metadata
        from workflow_helper.install import own_copy, provision

        inline = metadata(path, self._disk)
        try:
            python = self._any_python(inline.requires_python, path)
        except UsageError as error:
            raise UnusableFile(path, f"its 'requires-python': {error.message}") from None
        starts = python.path
        dependencies = own_copy.without(inline.dependencies)
        if dependencies:
            self._base = os.path.dirname(self._snapshot.origin if self._snapshot else path)
            prefix = self._environment(dependencies, python)
            starts = provision.interpreter_of(prefix, self._host)
        words = self._words(path, beside=self._snapshot is not None)
        alone = self._isolated if len(words) > 1 else self._alone
        return self._command((*alone(starts), *words))

    def _words(self, path: str, *, beside: bool) -> tuple[str, ...]:
        """Return the arguments with which Python starts the script at ``path``, with the SDK where it uses that."""
        from workflow_helper.servers import sdk

        if path.endswith((".pyz", ".pyzw")) or not sdk.is_imported(path, self._disk):
            return (path,)
        return sdk.words(path, beside=beside)

    def _path(self, word: str) -> str:
        return place(word, self._base, self._host, self._disk)

    def _python_of(self, requirements: tuple[str, ...]) -> str:
        from workflow_helper.install import provision

        python = self._any_python()
        return (
            provision.interpreter_of(self._environment(requirements, python), self._host)
            if requirements
            else python.path
        )

    def _environment(self, requirements: tuple[str, ...], python: Interpreter) -> str:
        from workflow_helper.install import provision

        return provision.environment(
            requirements, self._base, python, self._host, self._disk, self._work
        )

    def _any_python(self, requires: str | None = None, origin: str = "") -> Interpreter:
        """Return a Python that fits: the one that runs this process, which is known to work, else the best."""
        from workflow_helper.discovery.interpreters import find as interpreters
        from workflow_helper.system.host import this_python

        own = interpreters.inspect(this_python(), self._host, self._disk)
        if own is not None and (requires is None or interpreters.matching(requires, (own,))):
            return own
        everything = interpreters.installed(self._host, self._disk)
        installed = interpreters.outside(everything, self._work.outside, self._host)
        fitting = installed if requires is None else interpreters.matching(requires, installed)
        if not fitting:
            reason = f"no Python on this machine fits requires-python = {requires!r} of {origin}"
            raise NotFound(reason, "Install one: 'wsp python list' lists the available Pythons.")
        return fitting[0]

    def _isolated(self, python: str) -> tuple[str, ...]:
        # Byte code beside the sources is neither read nor written: consent covers the sources alone.
        return (python, "-I", "-X", f"pycache_prefix={self._pycache()}")

    def _alone(self, python: str) -> tuple[str, ...]:
        """Return the arguments of :meth:`_isolated`; in a private copy, only files with consent lie beside a script."""
        if self._snapshot is None:
            return self._isolated(python)
        return (python, "-E", "-s", "-X", f"pycache_prefix={self._pycache()}")

    def _host_program(self) -> tuple[str, ...]:
        from workflow_helper.system.host import this_program

        return this_program()

    def _pycache(self) -> str:
        return os.path.join(self._host.cache, "pycache")

    def _command(self, argv: tuple[str, ...], scripts: str | None = None) -> ServerCommand:
        from workflow_helper.system.environ import scrubbed

        environ = scrubbed(self._host.environ, PYTHONPYCACHEPREFIX=self._pycache())
        environ.pop(SCRIPT_DIR, None)
        if self._snapshot is not None:
            environ[SCRIPT_DIR] = os.path.dirname(self._snapshot.origin)
        if scripts is not None:
            environ["PATH"] = _joined(scripts, environ.get("PATH", ""))
        return ServerCommand(self._workflow.name, argv, self._root, environ, self._snapshot)


def _listed(requires: str | tuple[str, ...]) -> tuple[str, ...]:
    return (requires,) if isinstance(requires, str) else requires


def _joined(first: str | None, rest: str) -> str:
    return os.pathsep.join(part for part in (first, rest) if part)
