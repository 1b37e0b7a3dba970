"""The actions that an editor can request: the methods, and the shapes of their messages.

``docs/editor-protocol.schema.json`` has the shapes. All of these may take long: other requests are answered meanwhile,
and each can be cancelled. ``environment`` is the absolute path of an environment's folder; without it, that of the file
or folder is used.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_server.values import Changes

from workflow_helper.lsp.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_server.values import Command, Task

    from workflow_helper.discovery.declarations import UserFile
    from workflow_helper.discovery.environments.distributions import Distribution
    from workflow_helper.discovery.script_metadata import Inline, MetadataProblem
    from workflow_helper.model import Environment
    from workflow_helper.operations.create_options import CreateOptions

CREATE_OPTIONS = "pythonWorkflow/createOptions"
CREATE = "pythonWorkflow/create"
CHECK = "pythonWorkflow/check"
SYNC = "pythonWorkflow/sync"
DELETE = "pythonWorkflow/delete"
PACKAGES = "pythonWorkflow/packages"
INSTALL = "pythonWorkflow/install"
UNINSTALL = "pythonWorkflow/uninstall"
COMMAND = "pythonWorkflow/command"
ACTIVATION = "pythonWorkflow/activation"
TASKS = "pythonWorkflow/tasks"
TASK_COMMAND = "pythonWorkflow/taskCommand"
SCRIPT = "pythonWorkflow/script"
PREPARE_SCRIPT = "pythonWorkflow/prepareScript"
PREFERENCE = "pythonWorkflow/preference"
PREFER = "pythonWorkflow/prefer"
FILE_PROBLEMS = "pythonWorkflow/fileProblems"
ENV_FILE = "pythonWorkflow/envFile"


class EditorCreateParams(NamedTuple):
    """``{"uri", "workflow"?, "name"?, "python"?, "groups"?, "extras"?, "workDoneToken"?}``."""

    uri: str
    #: A bundled workflow's name; ``None``: the one that governs.
    workflow: str | None
    #: ``None``: what the workflow calls its default.
    name: str | None
    #: An absolute path of an interpreter, or a version such as ``3.12``; ``None``: what suits the project.
    python: str | None
    groups: tuple[str, ...]
    extras: tuple[str, ...]
    #: The token for progress, when the client wants any.
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object) -> EditorCreateParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, CREATE)
        return cls(
            fields.text("uri"),
            fields.optional_text("workflow"),
            fields.optional_text("name"),
            fields.optional_text("python"),
            fields.optional_texts("groups"),
            fields.optional_texts("extras"),
            fields.token(),
        )


class EditorSyncParams(NamedTuple):
    """``{"uri", "environment"?, "recreate"?, "workDoneToken"?}``."""

    uri: str
    environment: str | None
    #: A broken environment may be deleted and recreated.
    recreate: bool
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object) -> EditorSyncParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, SYNC)
        return cls(
            fields.text("uri"),
            fields.optional_text("environment"),
            fields.flag("recreate"),
            fields.token(),
        )


class EnvironmentParams(NamedTuple):
    """``{"uri", "environment"?}``."""

    uri: str
    environment: str | None

    @classmethod
    def from_wire(cls, wire: object, method: str) -> EnvironmentParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, method)
        return cls(fields.text("uri"), fields.optional_text("environment"))


class DeleteParams(NamedTuple):
    """``{"uri", "environment", "outside"?, "workDoneToken"?}``."""

    uri: str
    environment: str
    #: It may lie where neither the project nor its workflow keeps environments.
    outside: bool
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object) -> DeleteParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, DELETE)
        return cls(
            fields.text("uri"), fields.text("environment"), fields.flag("outside"), fields.token()
        )


class EditorPackagesParams(NamedTuple):
    """``{"uri", "environment"?, "packages", "workDoneToken"?}``: requirements to install, or names to uninstall."""

    uri: str
    environment: str | None
    packages: tuple[str, ...]
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object, method: str) -> EditorPackagesParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, method)
        return cls(
            fields.text("uri"),
            fields.optional_text("environment"),
            fields.texts("packages"),
            fields.token(),
        )


class EditorCommandParams(NamedTuple):
    """``{"uri", "environment"?, "argv"}``: a program with its arguments, by its name or its absolute path."""

    uri: str
    environment: str | None
    argv: tuple[str, ...]

    @classmethod
    def from_wire(cls, wire: object) -> EditorCommandParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, COMMAND)
        argv = fields.texts("argv")
        if not argv:
            raise fields.wrong("argv", "a program and its arguments")
        return cls(fields.text("uri"), fields.optional_text("environment"), argv)


class EditorTaskCommandParams(NamedTuple):
    """``{"uri", "name", "argv"?}``: ``argv`` is added to the task's own."""

    uri: str
    name: str
    argv: tuple[str, ...]

    @classmethod
    def from_wire(cls, wire: object) -> EditorTaskCommandParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, TASK_COMMAND)
        return cls(fields.text("uri"), fields.text("name"), fields.optional_texts("argv"))


class EditorScriptParams(NamedTuple):
    """``{"uri", "text"?}``: ``text`` is the unsaved text in the editor, if it differs from the file."""

    uri: str
    text: str | None

    @classmethod
    def from_wire(cls, wire: object) -> EditorScriptParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, SCRIPT)
        return cls(fields.text("uri"), fields.any_text("text"))


class PrepareParams(NamedTuple):
    """``{"uri", "workDoneToken"?}``."""

    uri: str
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object) -> PrepareParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, PREPARE_SCRIPT)
        return cls(fields.text("uri"), fields.token())


class EnvFileParams(NamedTuple):
    """``{"path"}``: an absolute path."""

    path: str

    @classmethod
    def from_wire(cls, wire: object) -> EnvFileParams:
        """Read the parameters.

        Raises:
            UsageError: there is no absolute path.
        """
        fields = Fields(wire, ENV_FILE)
        path = fields.text("path")
        if not os.path.isabs(path):
            raise fields.wrong("path", "an absolute path")
        return cls(path)


class PreferParams(NamedTuple):
    """``{"uri", "workflow", "policy"?, "folder"?}``: what the user's ``pyworkflow.toml`` is to say."""

    uri: str
    #: A bundled name or an absolute path, ``"project"`` to follow the project, or ``None`` to remove the preference.
    word: str | None
    #: Instead of a word: a program with its arguments, and what it requires.
    command: tuple[str, ...]
    requires: tuple[str, ...]
    policy: str | None
    #: For the root of ``uri`` alone, instead of everywhere.
    folder: bool

    @classmethod
    def from_wire(cls, wire: object) -> PreferParams:
        """Read from ``"workflow"``: a text, ``{"cmd", "requires"?}``, or null.

        Raises:
            UsageError: the value is anything else.
        """
        fields = Fields(wire, PREFER)
        table = fields.table("workflow") if fields.is_table("workflow") else None
        command = Fields(table, f"{PREFER}: workflow") if table is not None else None
        policy = fields.optional_text("policy")
        if policy not in (None, "override", "default"):
            raise fields.wrong("policy", "'override' or 'default'")
        return cls(
            fields.text("uri"),
            None if command is not None else fields.text_or_null("workflow"),
            () if command is None else command.texts("cmd"),
            () if command is None else command.optional_texts("requires"),
            policy,
            fields.flag("folder"),
        )


def script_to_wire(
    inline: Inline, problems: Sequence[MetadataProblem], environment: Environment | None
) -> dict[str, Any]:
    """Return the answer to :data:`SCRIPT`: the metadata of a script.

    ``script``: whether it has metadata, even with mistakes. ``first_line`` and ``last_line`` of its block are counted
    from 0, and null without a complete block. ``environment`` is null until it was created for the current metadata.
    """
    block = inline.block
    return {
        "script": block is not None or bool(problems),
        "first_line": None if block is None else block.first,
        "last_line": None if block is None else block.last,
        "requires_python": inline.requires_python,
        "dependencies": list(inline.dependencies),
        "problems": [one.to_wire() for one in problems],
        "environment": None if environment is None else environment.to_wire(),
    }


def options_to_wire(offer: CreateOptions, pythons: Sequence[Environment]) -> dict[str, Any]:
    """Return the answer to :data:`CREATE_OPTIONS`; ``pythons`` are those that the project allows, the best first."""
    return {
        "root": offer.root,
        "governing": offer.governing,
        "why": offer.why,
        "workflows": [maker.to_wire() for maker in offer.makers],
        "pythons": [python.to_wire() for python in pythons],
    }


def checked_to_wire(state: str, message: str, *, recreate: bool = False) -> dict[str, Any]:
    """Return the result of a check.

    ``state``: ``"in_sync"``, ``"out_of_sync"``, ``"broken"``, ``"none"`` for no environment, or ``"unknown"``;
    ``message`` says what is wrong, or why it is unknown. ``recreate``: it has to be recreated to be in sync.
    """
    return {"state": state, "message": message, "recreate": recreate or state == "broken"}


def synced_to_wire(changes: Changes | None) -> dict[str, Any]:
    """Return the result of a sync; ``changes`` is ``None`` for an environment that was recreated."""
    result = Changes(True, (), ()) if changes is None else changes  # noqa: FBT003
    return {**result.to_wire(), "recreated": changes is None}


def packages_to_wire(prefix: str | None, found: Sequence[Distribution]) -> dict[str, Any]:
    """Return the answer to :data:`PACKAGES`: the environment, and its packages by name."""
    listed = [{"name": one.name, "version": one.version} for one in found]
    return {"prefix": prefix, "packages": listed}


def activation_to_wire(prefix: str | None, command: Command | None) -> dict[str, Any]:
    """Return the answer to :data:`ACTIVATION`: the environment, and its changes to a terminal's variables, if there is one."""
    env = (
        {"unset": [], "set": {}, "prepend_path": []}
        if command is None
        else command.to_wire()["env"]
    )
    return {"prefix": prefix, "env": env}


def preference_to_wire(user: UserFile, root: str) -> dict[str, Any]:
    """Return the answer to :data:`PREFERENCE`: the user's general preference, and the rule for ``root``.

    ``{"file", "root", "preferred": {"name", "policy"} | null, "rule": {"workflow": name | null} | null}``; a rule without a
    name follows the project.
    """
    preference = user.preference
    rule = next((one for one in reversed(user.folders) if one.is_for(root)), None)
    return {
        "file": user.path,
        "root": root,
        "preferred": None
        if preference is None
        else {"name": preference.declaration.name, "policy": preference.policy},
        "rule": None
        if rule is None
        else {"workflow": None if rule.declaration is None else rule.declaration.name},
    }


def tasks_to_wire(workflow: str, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return the answer to :data:`TASKS`: the workflow's name, and the project's named commands."""
    return {"workflow": workflow, "tasks": [task.to_wire() for task in tasks]}
