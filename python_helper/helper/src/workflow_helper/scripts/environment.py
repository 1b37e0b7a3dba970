"""Create a script's environment: once for its block and its lock, completely or not at all.

The contents depend on the script and on the user's configuration (an index, a proxy), but not on the script's folder: a
script behaves the same wherever it is started.
"""

from __future__ import annotations

import os

from workflow_helper.discovery import script_metadata
from workflow_helper.discovery.requires_python import newest_release
from workflow_helper.errors import (
    Cancelled,
    CreateFailed,
    LockOutdated,
    NotFound,
    PythonUnavailable,
    ToolNotInstalled,
    UnusableFile,
    WorkflowError,
)
from workflow_helper.filesystem.reader import LOCK_LIMIT, Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install import provision
from workflow_helper.install.failures import ErrorPattern
from workflow_helper.scripts import state, uv_table
from workflow_helper.system.output import decode_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflow_helper.discovery.script_metadata import Inline
    from workflow_helper.install.installer import Installer, InstallerCommand
    from workflow_helper.install.work import Work
    from workflow_helper.model import Environment, Host, Interpreter
    from workflow_helper.scripts.state import Script
    from workflow_helper.system.process import Finished

#: Seconds that one step may take: builds from source, slow networks.
TIMEOUT = 3600.0


def provide(path: str, host: Host, disk: Disk, work: Work) -> tuple[Script, Environment]:
    """Return the script at the absolute ``path``, and its environment, created if needed.

    Of several processes at once, one creates it and the others wait.

    Raises:
        NotFound: the script has no block.
        PythonUnavailable: no Python fits.
        UnusableFile: the metadata or the lock violates its standard.
        LockOutdated: the lock is out of date.
        CreateFailed: the new environment does not work.
        RequestFailed: the installer failed; the subclass depends on its output.
        ExecutionFailed: the installer did not start, took too long, or wrote too much.
        Cancelled: the user stopped it.
    """
    script = state.look(path, disk)
    if script is None:
        raise without_block(path)
    environment = state.existing(script, host, disk)
    if environment is not None:
        return script, environment
    return script, _Maker(script, host, disk, work).provide()


def without_block(path: str) -> NotFound:
    """Return the error for a script without a block."""
    return NotFound(
        f"{path} has no inline metadata",
        f"'wsp script add {os.path.basename(path)} REQ' writes it.",
    )


def missing_python(path: str, host: Host, disk: Disk) -> str | None:
    """Return the release of Python to install for the script at ``path``, such as ``3.13``, if no Python fits.

    ``None`` if one fits, or if no release is known to fit.

    Raises:
        UnusableFile: the script cannot be read, or its metadata is not as the standard says.
    """
    requires = script_metadata.checked(path, script_metadata.text_of(path, disk)).requires_python
    try:
        python_for(requires, path, host, disk)
    except PythonUnavailable:
        return newest_release(requires)
    return None


def python_for(requires: str | None, path: str, host: Host, disk: Disk) -> Interpreter:
    """Return the best Python of the machine for the script at ``path``.

    Raises:
        PythonUnavailable: no Python fits.
    """
    from workflow_helper.discovery.interpreters import find as interpreters

    # What lies beside a script is no Python of the machine.
    everything = interpreters.installed(host, disk)
    found = interpreters.outside(everything, (os.path.dirname(path),), host)
    fitting = interpreters.matching(requires, found) if requires and requires.strip() else found
    if not fitting:
        clause = f"fits requires-python = {requires!r} of {path}" if requires else "was found"
        release = newest_release(requires)
        hint = "'wsp python list' lists the available Pythons."
        if release is not None:
            hint = f"'wsp python install {release}' installs one."
        raise PythonUnavailable(
            f"no Python on this machine {clause}", hint, data={"python": release}
        )
    return fitting[0]


#: The beginnings of installers' output lines that are of no use to a user who waits for a script.
_NOISE = (
    "Activate with",
    "Creating ",
    "Looking in ",
    "Using CPython",
    "Using Python",
    "warning: The `--pylock` option",
)


class Runner:
    """Runs installers for a script, with the user's configuration, but not with that of a project."""

    def __init__(self, script: Script, host: Host, work: Work) -> None:
        self.script = script
        self._host = host
        self._work = work

    def installer(self) -> Installer:
        """Return the installer of the machine."""
        from workflow_helper.install.installer import Installer

        return Installer.of(self._host, (*self._work.outside, self.script.folder))

    def run(self, what: str, call: InstallerCommand, home: str) -> str:
        """Run ``call`` in ``home``, a folder of the cache, and return what it wrote to standard output.

        ``what`` describes the step, as in "creating the environment".

        Raises:
            RequestFailed: ``call`` failed; the subclass depends on its output.
            ExecutionFailed: it did not start, took too long, or wrote too much.
            Cancelled: the user stopped it.
        """
        return decode_output(self._run(what, call, home).stdout)

    def _run(self, what: str, call: InstallerCommand, home: str) -> Finished:
        from workflow_helper.install.installer import raise_barrier
        from workflow_helper.install.runner import run_tool
        from workflow_helper.system.environ import for_tool

        raise_barrier(os.path.dirname(home))
        return run_tool(
            what,
            call.argv,
            cwd=home,
            environ=for_tool(self._host.environ, call.environ),
            timeout=TIMEOUT,
            cancelled=self._work.cancelled,
            on_line=self._report_line,
            patterns=self._patterns,
        )

    def install(self, what: str, call: InstallerCommand, prefix: str) -> None:
        """Run ``call``, which installs into the environment at ``prefix``, and check that it did."""
        from workflow_helper.install.installer import check_installed_into

        check_installed_into(
            self._run(what, call, os.path.dirname(prefix)).text, prefix, self._host
        )

    @property
    def _patterns(self) -> tuple[ErrorPattern, ...]:
        hint = f"'wsp script lock {self.script.name}' updates it."
        outdated = ErrorPattern(
            ("needs to be updated, but",), LockOutdated, "the script's lock is out of date", hint
        )
        too_old = ErrorPattern(
            ('unknown command "lock"', "invalid requirement: 'lock-version"),
            ToolNotInstalled,
            "its pip does not support lock files",
            "Install uv, or a newer pip for that Python.",
        )
        return (outdated, too_old)

    def _report_line(self, line: str) -> None:
        words = line.strip()
        if words and not words.startswith(_NOISE):
            self._work.report(words)


class _Maker:
    def __init__(self, script: Script, host: Host, disk: Disk, work: Work) -> None:
        self._script = script
        self._host = host
        self._disk = disk
        self._work = work
        self._runner = Runner(script, host, work)
        self._reported = False

    def provide(self) -> Environment:
        script = self._script
        metadata = self._metadata()
        python = python_for(metadata.requires_python, script.path, self._host, self._disk)
        about: dict[str, object] = {
            "script": real_path(script.path),
            "requires_python": metadata.requires_python,
            "dependencies": list(metadata.dependencies),
            "python": python.path,
        }
        local = state.stamps(uv_table.local_paths(metadata, script.folder), self._disk)
        if local:
            about[state.LOCAL] = local

        def make(prefix: str) -> None:
            self._make(prefix, python, metadata)
            self._check_unchanged()

        entry = state.cache_entry(script, self._host, self._disk)
        prefix = entry.provided(about, make, waiting=self._waiting)
        return state.environment_at(prefix, script, self._host, self._disk)

    def _metadata(self) -> Inline:
        path = self._script.path
        return script_metadata.checked(path, script_metadata.text_of(path, self._disk))

    def _waiting(self) -> None:
        if not self._reported:
            name = self._script.name
            self._work.report(
                f"Waiting for another process that is creating the environment of {name}"
            )
            self._reported = True
        if self._work.cancelled is not None and self._work.cancelled.is_set():
            raise Cancelled(f"the environment of {self._script.name} was not created: cancelled")

    def _check_unchanged(self) -> None:
        """Check that the script has not changed, because uv reads it again later."""
        now = state.look(self._script.path, Disk())
        if now is None or now.stamp != self._script.stamp:
            reason = f"{self._script.path} was changed while its environment was being created"
            raise WorkflowError(reason, "Try again.")

    def _make(self, prefix: str, python: Interpreter, metadata: Inline) -> None:
        version = python.version or "(unknown version)"
        self._work.report(f"Creating the environment of {self._script.name} with Python {version}")
        installer = self._runner.installer()
        home = os.path.dirname(prefix)
        lock = self._lock()
        # In one step, in which uv does not have to look at what it made; locks of the standard it takes in two.
        if lock != "pylock" and installer.uv is not None:
            call = uv_table.sync(
                installer.uv, self._script, python.path, prefix, locked=lock == "uv"
            )
            self._run(call, home)
        else:
            if lock == "uv":
                raise ToolNotInstalled(
                    f"{self._script.lock} is uv's own lock file, and uv is not installed",
                    "Install uv, or remove that file.",
                )
            self._run(installer.venv(python.path, prefix), home)
            self._fill(prefix, installer, metadata, locked=lock is not None)
        environment = self._look(prefix)
        if environment is not None:
            raise CreateFailed(
                f"the environment of {self._script.name} is not usable: {environment}"
            )

    def _look(self, prefix: str) -> str | None:
        from workflow_helper.discovery.environments import health

        status = health.written(prefix, self._host, Disk()).status
        return None if status.state == "ok" else status.message

    def _fill(self, prefix: str, installer: Installer, metadata: Inline, *, locked: bool) -> None:
        python = provision.interpreter_of(prefix, self._host)
        if locked:
            for words in self._locked(prefix, metadata):
                self._install(installer.install(prefix, python, words), prefix)
        elif metadata.dependencies:
            words = uv_table.for_pip(metadata, self._script)
            self._install(
                installer.install(prefix, python, (*words, "--", *metadata.dependencies)), prefix
            )

    def _run(self, call: InstallerCommand, home: str) -> None:
        self._runner.run(f"creating the environment of {self._script.name}", call, home)

    def _install(self, call: InstallerCommand, prefix: str) -> None:
        self._runner.install(f"creating the environment of {self._script.name}", call, prefix)

    def _lock(self) -> str | None:
        return lock_kind(self._script, self._disk)

    def _locked(self, prefix: str, metadata: Inline) -> list[Sequence[str]]:
        """Return arguments that make an installer follow the lock."""
        from packaging.requirements import Requirement

        from workflow_helper.discovery.environments import health
        from workflow_helper.install import pylock
        from workflow_helper.install.installed_state import (
            InstalledPackages,
            marker_variables,
            sentence_of,
        )

        script = self._script
        name = script.name + state.LOCK_SUFFIX
        lock = pylock.read(script.folder, self._disk, name)
        if lock is None:  # it went away
            raise UnusableFile(os.path.join(script.folder, name), "no longer exists")
        version = health.written(prefix, self._host, Disk()).python_version
        variables: Mapping[str, str] = marker_variables(version, "cpython")
        selected = lock.selected(variables, None, None)
        installed = InstalledPackages(None, variables, self._host, self._disk)
        requirements = [Requirement(one) for one in metadata.dependencies]
        stale = sentence_of(pylock.stale(selected, requirements, installed, script.name))
        if stale:
            hint = f"'wsp script lock {script.name}' updates it."
            raise LockOutdated(f"{script.lock} is out of date: {stale}", hint)
        comparison = lock.compare(selected, installed, ())
        words: list[Sequence[str]] = []
        if comparison.archives:
            # It stays beside what was installed from it.
            path = os.path.join(prefix, pylock.NAME)
            with open(path, "w", encoding="utf-8") as file:
                file.write(lock.of_archives(comparison.archives))
            words.append(("--no-deps", "-r", path))
        if comparison.words:
            words.append(("--no-deps", *(self._absolute(word) for word in comparison.words)))
        return words

    def _absolute(self, word: str) -> str:
        """Return the absolute path of a folder that a lock names relative to itself."""
        relative = word == "." or word.startswith("." + os.sep)
        return os.path.normpath(os.path.join(self._script.folder, word)) if relative else word


def lock_kind(script: Script, disk: Disk) -> str | None:
    """Return ``"pylock"`` if the script's lock follows PEP 751, ``"uv"`` if it is uv's own, ``None`` without one.

    Raises:
        UnusableFile: the lock is anything else.
    """
    if script.lock is None:
        return None
    document = disk.toml(script.lock, LOCK_LIMIT) or {}
    if "lock-version" in document:
        return "pylock"
    if "version" in document:
        return "uv"
    raise UnusableFile(script.lock, "is not a lock file: it has no 'lock-version'")
