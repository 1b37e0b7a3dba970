"""Compare a project with its environment, and install the difference with uv or pip.

A lock is followed exactly: packages that it does not name are uninstalled. Without a lock, missing dependencies are
installed, and nothing is uninstalled.
"""

from __future__ import annotations

import os

from workflow_helper.backends.project import interpreter_of
from workflow_helper.discovery.environments import distributions as packages
from workflow_helper.errors import LockOutdated
from workflow_helper.install import declared as install_declared
from workflow_helper.install import pylock, requirements_txt
from workflow_helper.install.installed_state import InstalledPackages, differences, marker_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from packaging.pylock import Package

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.errors import UnusableFile
    from workflow_helper.install.declared import DeclaredDependencies
    from workflow_helper.install.installer import Installer
    from workflow_helper.install.pylock import EnvironmentLock, LockComparison
    from workflow_helper.model import Environment
    from workflow_helper.system.process import Finished
else:
    from workflow_server.namedtuple import NamedTuple


class Target(NamedTuple):
    """The environment to fill."""

    prefix: str
    #: Its interpreter.
    python: str
    #: The values that markers are evaluated with: see :func:`workflow_helper.install.installed_state.marker_variables`.
    variables: Mapping[str, str]


def target(context: BackendContext, environment: Environment) -> Target:
    """Return an existing environment as a :class:`Target`."""
    folders = packages.folders(environment.prefix, context.host, context.disk)
    libraries = {os.path.basename(os.path.dirname(folder)) for folder in folders}
    implementation = next(
        (name for name in ("pypy", "graalpy") for one in libraries if one.startswith(name)),
        "cpython",
    )
    return Target(
        environment.prefix,
        interpreter_of(environment, context.host),
        marker_variables(environment.python_version, implementation),
    )


class InstallPlan(NamedTuple):
    """The packages that an environment lacks, and how they are installed."""

    #: Empty if there is nothing to do.
    differences: tuple[str, ...]
    #: The differences between the lock and the declared requirements.
    stale: tuple[str, ...]
    declared: DeclaredDependencies
    lock: EnvironmentLock | None = None
    comparison: LockComparison | None = None
    #: What files do not show, a few words each: an installer finds out.
    unknown: tuple[str, ...] = ()
    #: The reason why no installer could carry it out, where that is known.
    unusable: UnusableFile | None = None


def plan(
    context: BackendContext,
    target: Target,
    groups: tuple[str, ...] | None,
    extras: tuple[str, ...] | None,
    *,
    new: bool = False,
) -> InstallPlan:
    """Return the plan that makes the environment match the project, computed from files alone.

    ``new``: the environment is still to be created, whatever exists at its path now.

    Raises:
        UnusableFile: a file cannot be read or understood.
        InvalidParams: there is no such group or extra.
        PythonUnavailable: the lock file does not cover this Python.
    """
    installed = InstalledPackages(
        None if new else target.prefix, target.variables, context.host, context.disk
    )
    lock = pylock.read(context.root, context.disk)
    if lock is None:
        found = install_declared.declared(context.root, groups, extras, context.disk)
        found_differences = tuple(differences(found, context.root, installed, context.disk))
        if new and installed.unusable is not None:
            raise installed.unusable
        return InstallPlan(
            found_differences,
            (),
            found,
            unknown=tuple(installed.unknown),
            unusable=installed.unusable,
        )
    declared = install_declared.DeclaredDependencies()
    if install_declared.declares(context.root, context.disk):
        # The lock knows best which groups are there by default.
        declared = install_declared.declared(
            context.root, groups or (), extras, context.disk, files=False
        )
    else:
        lock.check_wishes(groups or (), extras or ())
    selected = lock.selected(target.variables, groups, extras)
    return _plan_by_lock(context, lock, selected, declared, installed)


def _plan_by_lock(
    context: BackendContext,
    lock: EnvironmentLock,
    selected: Mapping[str, Package],
    declared: DeclaredDependencies,
    installed: InstalledPackages,
) -> InstallPlan:
    requirements, own_project = (*declared.own, *declared.requirements), declared.own_project
    stale = tuple(pylock.stale(selected, requirements, installed, install_declared.PYPROJECT))
    beside: DeclaredDependencies = install_declared.DeclaredDependencies()
    if own_project is not None and own_project.name not in selected:
        # Locks of dependencies alone are common; one wants to work on the project in its environment anyway.
        beside = install_declared.DeclaredDependencies(install_declared.PYPROJECT, own_project)
    name = (
        own_project.name or installed.editable_from(context.root)
        if own_project is not None
        else None
    )
    comparison = lock.compare(selected, installed, () if name is None else (name,))
    listed = (*comparison.differences, *differences(beside, context.root, installed, context.disk))
    return InstallPlan(listed, stale, beside, lock, comparison, tuple(installed.unknown))


def carry_out(
    context: BackendContext, target: Target, what: InstallPlan, packages: Sequence[str] = ()
) -> None:
    """Carry out the plan ``what``, and install ``packages``; the caller holds the lock of ``context``."""
    if what.unusable is not None:
        raise what.unusable
    filler = _filler(context, target)
    if what.lock is not None and what.comparison is not None:
        filler.install_locked(what.lock, what.comparison)
        if any(one not in what.comparison.differences for one in what.differences):
            filler.install(("--no-deps", *what.declared.words))
        if packages:
            filler.install(("--", *packages))
        return
    words = what.declared.words if what.differences or what.unknown else ()
    if words or packages:
        filler.install(_join(words, packages))


def check_locked(context: BackendContext, what: InstallPlan) -> None:
    """Raise :class:`LockOutdated` unless there is a lock that covers every declared dependency."""
    if what.lock is None:
        raise pylock.none_there(context.root)
    if what.stale:
        raise LockOutdated(outdated(what), what.lock.advice)


def outdated(what: InstallPlan) -> str:
    """Return the sentence that the lock is out of date, and the reason."""
    from workflow_helper.install.installed_state import sentence_of

    return f"{pylock.NAME} is out of date: {sentence_of(what.stale)}"


def install(context: BackendContext, target: Target, names: Sequence[str]) -> None:
    """Install requirements."""
    install_words(context, target, ("--", *names))


def install_words(context: BackendContext, target: Target, words: Sequence[str]) -> None:
    """Install ``words``, arguments that uv and pip have in common."""
    _filler(context, target).install(words)


def uninstall(context: BackendContext, target: Target, names: Sequence[str]) -> None:
    """Uninstall packages."""
    _filler(context, target).uninstall(names)


def install_into(
    context: BackendContext, environment: Environment, packages: tuple[str, ...]
) -> None:
    """Install requirements into ``environment``, without adding them to a file of the project."""
    install(context, target(context, environment), packages)


def take_out_of(
    context: BackendContext, environment: Environment, packages: tuple[str, ...]
) -> None:
    """Uninstall packages from ``environment``, without changing a file of the project."""
    uninstall(context, target(context, environment), packages)


def _filler(context: BackendContext, target: Target) -> _Filler:
    from workflow_helper.install.installer import Installer

    return _Filler(context, target, Installer.of(context.host, (context.root, *context.outside)))


class _Filler:
    """Runs the installer in the project's folder, which relative paths in the project's files refer to."""

    def __init__(self, context: BackendContext, target: Target, installer: Installer) -> None:
        self._job = context
        self._target = target
        self._installer = installer

    def install_locked(self, lock: EnvironmentLock, comparison: LockComparison) -> None:
        """Install the packages that a lock names."""
        import tempfile

        if comparison.archives:
            with tempfile.TemporaryDirectory(prefix="python-workflow-") as folder:
                path = os.path.join(folder, pylock.NAME)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(lock.of_archives(comparison.archives))
                self.install(("--no-deps", "-r", path))
        if comparison.words:
            self.install(("--no-deps", *comparison.words))
        if comparison.surplus:
            self.uninstall(comparison.surplus)

    def install(self, words: Sequence[str]) -> None:
        """Install ``words``, arguments that uv and pip have in common."""
        import tempfile

        if self._installer.uv is None:
            self._install(words)
            return
        with tempfile.TemporaryDirectory(prefix="python-workflow-") as folder:
            self._install(requirements_txt.in_utf8(words, self._job.root, folder, self._job.disk))

    def _install(self, words: Sequence[str]) -> None:
        from workflow_helper.install.installer import check_installed_into

        prefix = self._target.prefix
        call = self._installer.install(prefix, self._target.python, words)
        finished = self._run(f"installing into {prefix}", call.argv, call.environ)
        check_installed_into(finished.text, prefix, self._job.host)

    def uninstall(self, names: Sequence[str]) -> None:
        """Uninstall packages."""
        call = self._installer.uninstall(self._target.prefix, self._target.python, names)
        self._run(f"removing packages from {self._target.prefix}", call.argv, call.environ)

    def _run(self, what: str, argv: Sequence[str], environ: Mapping[str, str | None]) -> Finished:
        return self._job.run(what, argv[1:], program=argv[0], environ=environ, on_line=self._tell)

    def _tell(self, line: str) -> None:
        """Report the lines of uv's or pip's output that are of use to a person."""
        words = line.strip()
        if not words.startswith("Looking in ") and "finished with status 'done'" not in words:
            self._job.report(words.removesuffix(": started"))


def _join(words: Sequence[str], packages: Sequence[str]) -> tuple[str, ...]:
    if not packages:
        return tuple(words)
    return (*words, *packages) if "--" in words else (*words, "--", *packages)
