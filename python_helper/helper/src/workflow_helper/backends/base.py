"""The interface of every module of this package: one function for each thing that its tool can do.

A function that a tool lacks is ``None``, and its server does not offer the method. A function receives a
:class:`~workflow_helper.backends.context.BackendContext`, the only way in which it starts the tool, and raises errors
of :mod:`workflow_helper.errors`. Unless its comment says otherwise, it is called only for trusted projects, while the
lock of project and tool is held.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NamedTuple, TypeAlias

    from workflow_server.params import CommandParams, CreateParams, SyncParams, TaskCommandParams
    from workflow_server.values import Command, InSync, Task

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.backends.python_fit import PythonRequest
    from workflow_helper.backends.test_runs import TestRun
    from workflow_helper.discovery.tools import Folder
    from workflow_helper.install.declared import DependencyGroups
    from workflow_helper.install.failures import ErrorPattern
    from workflow_helper.model import Environment, Interpreter

    #: Changes packages in an environment: requirements (PEP 508) to install, or names to take out.
    Change: TypeAlias = Callable[[BackendContext, Environment, tuple[str, ...]], None]
else:
    from workflow_server.namedtuple import NamedTuple


class Backend(NamedTuple):
    """A bundled workflow: its tool, and its functions."""

    #: As in :data:`workflow_helper.discovery.tools.BUNDLED`.
    name: str
    #: The tool's program; ``None`` where the workflow needs none.
    program: str | None
    #: How to get the program, as a sentence.
    advice: str
    #: The name of its default environment where the user gives none.
    default_name: str
    #: Creates an environment, and returns its folder; inside :meth:`BackendContext.creating`, so that nothing incomplete is left.
    create: Callable[[BackendContext, CreateParams], str] | None = None
    #: Makes an environment hold what the lock, or else the project, says. With ``frozen`` the lock file is not written.
    sync: Callable[[BackendContext, Environment, SyncParams], None] | None = None
    #: Whether :attr:`sync` would find nothing to do. Changes nothing, not even a lock file; called without the lock. In
    #: a project that is not trusted it reads files alone, and raises :meth:`BackendContext.untrusted_error` where files are not enough.
    check: Callable[[BackendContext, Environment, SyncParams], InSync] | None = None
    #: What the project says of the Python of an environment; ``None``: its ``requires-python``. Reads files alone.
    python_requests: Callable[[BackendContext, Environment], Iterable[PythonRequest]] | None = None
    #: The Python that it would be recreated with. Raises :class:`PythonUnavailable`; ``None`` where the tool alone knows.
    new_python: Callable[[BackendContext, Environment], Interpreter] | None = None
    install: Change | None = None
    uninstall: Change | None = None
    #: The project's named commands. Called without the lock; reads files alone where the project is not trusted.
    tasks: Callable[[BackendContext], Iterable[Task]] | None = None
    #: How to start one of them. Called without the lock.
    task_command: Callable[[BackendContext, TaskCommandParams], Command] | None = None
    #: How to start a program in an environment, where that takes more than the environment's own variables. Called
    #: without the lock.
    command: Callable[[BackendContext, Environment, CommandParams], Command] | None = None
    #: The ways of running the project's tests. Called without the lock; reads files alone where the project is not trusted.
    test_runs: Callable[[BackendContext], Iterable[TestRun]] | None = None
    #: Removes what the tool recorded elsewhere about an environment whose folder was deleted.
    after_delete: Callable[[BackendContext, Environment], None] | None = None
    #: Begins a project in the root, which is an empty folder made for it. Called without the lock.
    new: Callable[[BackendContext], None] | None = None
    #: Installs a Python, where the tool manages some.
    install_python: Callable[[BackendContext, str], Interpreter] | None = None
    #: Environments that only the tool itself knows of, by name and folder. Called without the lock, only where the project
    #: is trusted; where it fails, those in the tool's usual places are listed anyway.
    list_environments: Callable[[BackendContext], Iterable[tuple[str, str]]] | None = None
    #: The groups and extras that can be requested. Reads files alone; raises :class:`UnusableFile`.
    parts: Callable[[Folder], DependencyGroups] | None = None
    #: Whether the user may give a new environment any name; else the tool, or what the project declares, names it.
    any_name: bool = False
    #: Whether an environment's Python comes from the tool's own packages, so that it can be requested by version alone.
    brings_python: bool = False
    #: Whether the tool's own sync replaces an environment whose Python is not one that the project allows.
    replaces: bool = False
    #: Whether requests can be about a package of a workspace, by the param ``package``.
    workspaces: bool = False
    #: Names of files of a project that the tool writes, through links as well.
    writes: tuple[str, ...] = ()
    #: Failures of this tool, beside those that all tools have in common.
    error_patterns: tuple[ErrorPattern, ...] = ()
