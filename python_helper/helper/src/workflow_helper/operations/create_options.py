"""The choices for a new environment: workflows, names, Pythons, groups and extras.

Only files are read, so that the choices can be shown for any folder before anything is run.
"""

from __future__ import annotations

from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.errors import UnusableFile, WorkflowError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.operations.governance import place
from workflow_helper.resolver.resolve import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NamedTuple

    from workflow_helper.backends.base import Backend
    from workflow_helper.model import Host, Interpreter, Question, Resolution
else:
    from workflow_server.namedtuple import NamedTuple


class Maker(NamedTuple):
    """A workflow that could create the environment."""

    name: str
    #: Its program is there, or it needs none.
    installed: bool
    #: The advice how to get its program, where that is missing.
    advice: str
    #: It governs the folder.
    governs: bool
    #: The user may give the environment any name.
    any_name: bool
    #: Names that it would give, and that are free; the default first.
    names: tuple[str, ...]
    groups: tuple[str, ...]
    extras: tuple[str, ...]
    #: Releases of Python that could be installed besides those that are there.
    installable: tuple[str, ...]
    #: Files of the project whose requirements a new environment is given, as far as files tell; relative to its root.
    installs: tuple[str, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """Return an object with these members, lists for tuples."""
        return {
            "name": self.name,
            "installed": self.installed,
            "advice": self.advice,
            "governs": self.governs,
            "any_name": self.any_name,
            "names": list(self.names),
            "groups": list(self.groups),
            "extras": list(self.extras),
            "installable": list(self.installable),
            "installs": list(self.installs),
        }


class CreateOptions(NamedTuple):
    """The choices for a folder."""

    root: str
    #: The workflow that governs, and why, as a sentence.
    governing: str | None
    why: str
    #: The governing one first, then those that are installed.
    makers: tuple[Maker, ...]
    #: The Pythons of the machine that the project allows, the best first.
    pythons: tuple[Interpreter, ...]


def offer(
    question: Question,
    host: Host,
    pythons: Iterable[Interpreter],
    outside: Sequence[str] = (),
) -> CreateOptions:
    """Return the choices for ``question.folder``; no program is taken from folders ``outside``."""
    from workflow_helper.backends.registry import WORKFLOWS
    from workflow_helper.discovery.interpreters.choose import allowed
    from workflow_helper.install.python_installers import INSTALLERS

    disk = Disk()
    able = any(one.find(host, outside) for one in INSTALLERS)
    resolution = resolve(question, host, disk, whole=True)
    governing, why = resolution.workflow, _why(resolution)
    at = place(resolution, host, disk)
    machine = _Machine(host, outside, allowed(pythons, resolution.root, disk), able)
    found = [
        _maker(WORKFLOWS[name], resolution, machine, governs=name == (at and at.name))
        for name in BUNDLED
    ]
    if governing is not None and at is None:
        found.append(Maker(governing.name, True, "", True, True, ("default",), (), (), ()))  # noqa: FBT003
    found.sort(key=lambda maker: (not maker.governs, not maker.installed))
    name = governing and governing.name
    return CreateOptions(resolution.root, name, why, tuple(found), machine.pythons)


def _why(resolution: Resolution) -> str:
    rule = resolution.workflow and resolution.workflow.rule
    matched = (
        step.detail for step in resolution.trail if step.rule == rule and step.outcome == "matched"
    )
    return next(matched, "")


class _Machine(NamedTuple):
    """The Pythons and programs of the machine that the project can use."""

    host: Host
    #: The folders from which no program is taken.
    outside: Sequence[str]
    #: The Pythons that the project allows, the best first.
    pythons: tuple[Interpreter, ...]
    #: Whether something here can install a Python.
    installs_python: bool


def _maker(workflow: Backend, resolution: Resolution, machine: _Machine, *, governs: bool) -> Maker:
    from workflow_helper.backends.project import Project
    from workflow_helper.install.declared import DependencyGroups
    from workflow_helper.system.which import find_program

    root = (resolution.governed if governs else None) or resolution.root
    disk = Disk()
    project = Project(workflow.name, root, machine.host, disk)
    try:
        parts = DependencyGroups() if workflow.parts is None else workflow.parts(project.folder)
    except (UnusableFile, WorkflowError):  # told when it is tried
        parts = DependencyGroups()
    places = sorted(project.places(), key=lambda one: not one.default)
    names = [one.name for one in places if not disk.is_present(one.prefix)]
    if not places:
        names = [workflow.default_name]
    program = workflow.program
    return Maker(
        workflow.name,
        program is None or find_program(program, machine.host, outside=machine.outside) is not None,
        workflow.advice,
        governs,
        workflow.any_name,
        tuple(names),
        parts.groups,
        parts.extras,
        _installable(
            machine.pythons,
            root,
            disk,
            can_install=machine.installs_python or workflow.install_python is not None,
        ),
        _installs(workflow, root, disk),
    )


def _installs(workflow: Backend, root: str, disk: Disk) -> tuple[str, ...]:
    """Return the files whose requirements are installed into a new environment of ``root`` by default."""
    import os

    from workflow_helper.backends import venv
    from workflow_helper.install import declared, pylock

    if workflow.name != venv.BACKEND.name:
        return ()
    if disk.is_file(os.path.join(root, pylock.NAME)):
        return (pylock.NAME,)
    try:
        found = declared.declared(root, None, None, disk)
    except WorkflowError:  # told when it is tried
        return ()
    if found.files:
        return found.files
    holds = found.own_project is not None or found.own or found.requirements
    return (declared.PYPROJECT,) if holds else ()


def _installable(
    pythons: Iterable[Interpreter], root: str, disk: Disk, *, can_install: bool
) -> tuple[str, ...]:
    """Return maintained releases that the project allows and the machine does not have."""
    from workflow_helper.discovery.requires_python import releases, requires_python

    if not can_install:
        return ()
    there = {".".join((python.version or "").split(".")[:2]) for python in pythons}
    allowed = releases(requires_python(root, disk) or "")
    return tuple(release for release in allowed if release not in there)
