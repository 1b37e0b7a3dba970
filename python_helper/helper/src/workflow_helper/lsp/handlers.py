"""The actions of the editor, each through the workflow that governs the folder.

Other requests are answered meanwhile, so each action has its own disk, and holds the session's lock only while it
reads.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from workflow_helper.discovery.environments.locate import of_machine
from workflow_helper.errors import (
    Broken,
    LockOutdated,
    NotFound,
    NothingGoverns,
    PythonUnavailable,
    Refused,
    ToolNotInstalled,
    UnusableFile,
    WorkflowError,
)
from workflow_helper.filesystem.reader import Disk
from workflow_helper.lsp import actions
from workflow_helper.resolver import resolve
from workflow_helper.trust import policy

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping

    from workflow_server.values import Command

    from workflow_helper.discovery.declarations import Policy
    from workflow_helper.lsp.session import EditorSession
    from workflow_helper.model import Environment, Question
    from workflow_helper.operations.session import FolderSession

    Report = Callable[[str], None]


_POLICIES: Mapping[str, Policy] = {"override": "override", "default": "default"}


class Acting:
    """The actions for one editor. Each method raises :class:`WorkflowError`, and stops when ``cancelled`` is set."""

    def __init__(self, session: EditorSession) -> None:
        self._session = session
        self._host = session.host

    def options(self, uri: str, _cancelled: threading.Event) -> dict[str, Any]:
        """Return the choices for a new environment, as :data:`actions.CREATE_OPTIONS` answers."""
        from workflow_helper.operations.create_options import offer

        question, pythons = self._session.question(uri), self._session.pythons()
        found = offer(question, self._host, pythons, self._session.workspace)
        return actions.options_to_wire(found, [of_machine(python) for python in found.pythons])

    def create(
        self, params: actions.EditorCreateParams, report: Report, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Create an environment, as :data:`actions.CREATE` answers."""
        from workflow_helper.operations import create as operations_create

        folder = self._session.folder(params.uri, cancelled, report)
        request = operations_create.CreateRequest(
            params.name, params.python, groups=params.groups, extras=params.extras
        )
        question = folder.question
        if params.workflow is not None:
            folder = folder._replace(question=question._replace(workflow=params.workflow))
        installed_python = operations_create.create(folder, request)
        self._session.changed()
        _, environments = self._session.listed(question)
        listed = (one for one in environments if one.prefix == installed_python.prefix)
        return {"environment": next(listed, installed_python).to_wire()}

    def check(
        self, params: actions.EnvironmentParams, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Return whether the environment can be used and is in sync, as :data:`actions.CHECK` answers. Changes nothing."""
        from workflow_helper.operations import sync

        folder = self._session.folder(params.uri, cancelled)
        environment = self._environment(folder.question, params.environment)
        if environment is None:
            return actions.checked_to_wire("none", "")
        if not environment.ok:
            return actions.checked_to_wire("broken", environment.status.message)
        told = sync.check(folder, environment, sync.Wishes())
        states = {None: "unknown", True: "in_sync", False: "out_of_sync"}
        return actions.checked_to_wire(states[told.in_sync], told.message, recreate=told.recreate)

    def sync(
        self, params: actions.EditorSyncParams, report: Report, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Sync the environment, as :data:`actions.SYNC` answers.

        Raises:
            Broken: it has to be recreated, and that is not allowed.
        """
        from workflow_helper.install.repair import as_before
        from workflow_helper.operations import delete, sync
        from workflow_helper.operations.sync_or_recreate import sync_or_recreate

        folder = self._session.folder(params.uri, cancelled, report)
        needed = self._needed(folder.question, params.environment)
        environment = as_before(needed, self._host, Disk())
        if not environment.ok and not params.recreate:
            raise Broken(environment.status.message, "Recreate it.")
        changes = None
        try:
            if environment.ok and not params.recreate:
                _, changes = sync_or_recreate(folder, environment, sync.Wishes())
            else:
                delete.recreate(folder, environment, sync.Wishes())
        finally:
            self._session.changed()
        return actions.synced_to_wire(changes)

    def delete(
        self, params: actions.DeleteParams, report: Report, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Delete an environment, as :data:`actions.DELETE` answers: its folder, and whether it was selected."""
        from workflow_helper.operations import delete

        folder = self._session.folder(params.uri, cancelled, report)
        environment = self._needed(folder.question, params.environment)
        try:
            forgotten = delete.delete(folder, environment, outside=params.outside)
        finally:
            self._session.changed()
        return {"deleted": environment.prefix, "forgotten": forgotten}

    def packages(
        self, params: actions.EnvironmentParams, _cancelled: threading.Event
    ) -> dict[str, Any]:
        """Return the packages, as :data:`actions.PACKAGES` answers. Reads files alone."""
        from workflow_helper.discovery.environments import distributions as packages

        environment = self._environment(self._session.question(params.uri), params.environment)
        if environment is None or environment.kind == "remote":
            return actions.packages_to_wire(None, ())  # no file of another machine is read
        found = packages.installed(environment.prefix, self._host, Disk())
        return actions.packages_to_wire(environment.prefix, found)

    def install(
        self, params: actions.EditorPackagesParams, report: Report, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Install requirements, as :data:`actions.INSTALL` answers."""
        return self._change("install", params, report, cancelled)

    def uninstall(
        self, params: actions.EditorPackagesParams, report: Report, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Uninstall packages, as :data:`actions.UNINSTALL` answers."""
        return self._change("uninstall", params, report, cancelled)

    def command(
        self, params: actions.EditorCommandParams, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Return how to start something in the environment, as :data:`actions.COMMAND` answers."""
        from workflow_helper.servers.ssh import with_terminal

        folder = self._session.folder(params.uri, cancelled)
        environment = self._usable(folder.question, params.environment)
        # What an editor starts on another machine, it starts in a terminal.
        return with_terminal(self._command(folder, environment, params.argv)).to_wire()

    def activation(
        self, params: actions.EnvironmentParams, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Return the variables of a terminal, as :data:`actions.ACTIVATION` answers."""
        folder = self._session.folder(params.uri, cancelled)
        environment = self._environment(folder.question, params.environment)
        if environment is None or not environment.ok or environment.interpreter_path is None:
            return actions.activation_to_wire(None, None)
        how = self._command(folder, environment, (environment.interpreter_path,))
        return actions.activation_to_wire(environment.prefix, how)

    def tasks(self, uri: str, cancelled: threading.Event) -> dict[str, Any]:
        """Return the project's named commands, as :data:`actions.TASKS` answers; none where no workflow may be queried."""
        from workflow_helper.operations import run

        folder = self._session.folder(uri, cancelled)
        try:
            found = run.tasks(folder)
        except (Refused, NothingGoverns):
            return actions.tasks_to_wire("", ())
        return actions.tasks_to_wire(*found)

    def task_command(
        self, params: actions.EditorTaskCommandParams, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Return how to start a task, as :data:`actions.TASK_COMMAND` answers."""
        from workflow_helper.operations import run
        from workflow_helper.servers.ssh import with_terminal

        folder = self._session.folder(params.uri, cancelled)
        how = run.task_command(folder, params.name, params.argv)
        return with_terminal(how).to_wire()  # an editor's tasks have one

    def script(
        self, params: actions.EditorScriptParams, _cancelled: threading.Event
    ) -> dict[str, Any]:
        """Return the metadata of a script, as :data:`actions.SCRIPT` answers. Reads files alone."""
        from workflow_helper.discovery import script_metadata
        from workflow_helper.lsp import uris
        from workflow_helper.scripts import state as known

        disk = Disk()
        path = None if uris.is_untitled(params.uri) else self._session.question(params.uri).folder
        try:
            if params.text is not None:
                text = script_metadata.lines_ended(params.text.removeprefix("\ufeff"))
            else:
                text = "" if path is None else script_metadata.text_of(path, disk)
        except UnusableFile:  # what is no text is no script
            text = ""
        found, problems = script_metadata.read(text)
        environment = None
        if path is not None and found.block is not None and not problems:
            script = known.of_block(path, found.block, disk)
            environment = known.existing(script, self._host, disk)
        return actions.script_to_wire(
            found, (*problems, *script_metadata.check(found)), environment
        )

    def prepare_script(
        self, params: actions.PrepareParams, report: Report, cancelled: threading.Event
    ) -> dict[str, Any]:
        """Create a script's own environment unless it is there, as :data:`actions.PREPARE_SCRIPT` answers.

        Raises:
            Refused: the script's folder is not trusted.
            WorkflowError: the environment could not be created.
        """
        from workflow_helper.scripts import environment as scripts_environment

        folder = self._session.folder(params.uri, cancelled, report)
        path = folder.question.folder
        decision = policy.decide("file", policy.Subject(path), *folder.resolve_arguments)
        if not decision.allowed:
            reason = f"{path} has no environment, because {decision.reason}"
            raise Refused(reason, decision.hint)
        try:
            _, environment = scripts_environment.provide(path, self._host, Disk(), folder.work)
        except (LockOutdated, PythonUnavailable, ToolNotInstalled, NotFound) as error:
            # What fixes these in a project does not fix them here, so their names are not sent.
            raise WorkflowError(error.message, error.hint) from None
        self._session.changed()
        return {"environment": environment.to_wire()}

    def preference(self, uri: str, _cancelled: threading.Event) -> dict[str, Any]:
        """Return the preferences in the user's own file, as :data:`actions.PREFERENCE` answers."""
        from workflow_helper.discovery.declarations import of_user

        disk = Disk()
        return actions.preference_to_wire(of_user(self._host, disk), self._root(uri, disk))

    def prefer(self, params: actions.PreferParams, _cancelled: threading.Event) -> dict[str, Any]:
        """Change the preferences in the user's own file, as :data:`actions.PREFER` answers: ``{"file"}``."""
        from workflow_helper.operations import prefer as operations_prefer

        root, host = self._root(params.uri, Disk()), self._host
        if params.word is None and not params.command:
            path = (
                operations_prefer.unset_for(root, host)
                if params.folder
                else operations_prefer.unset(host)
            )
        elif params.folder and params.word == operations_prefer.PROJECT:
            path = operations_prefer.prefer_for(root, operations_prefer.PROJECT, host)
        else:
            request = operations_prefer.PreferenceChange(
                params.word, params.command, params.requires
            )
            value = request.table(host, root)
            policy = _POLICIES.get(params.policy or "")
            path = (
                operations_prefer.prefer_for(root, value, host)
                if params.folder
                else operations_prefer.prefer(value, policy, host)
            )
        self._session.changed()
        return {"file": path}

    def file_problems(self, uri: str, _cancelled: threading.Event) -> dict[str, Any]:
        """Return the mistakes in the project's own files, as :data:`actions.FILE_PROBLEMS` answers: ``{"problems"}``."""
        from workflow_helper.lsp import file_problems

        disk = Disk()
        found = file_problems.of_root(self._root(uri, disk), disk)
        return {"problems": [problem.to_wire() for problem in found]}

    def env_file(
        self, params: actions.EnvFileParams, _cancelled: threading.Event
    ) -> dict[str, Any]:
        """Return the variables of a file, as :data:`actions.ENV_FILE` answers: ``{"variables"}``."""
        from workflow_helper.operations import env_file

        return {"variables": env_file.read(params.path, self._host, Disk())}

    def _root(self, uri: str, disk: Disk) -> str:
        from workflow_helper.discovery import roots

        return roots.of(self._session.question(uri), self._host, disk).root

    def _change(
        self,
        what: str,
        params: actions.EditorPackagesParams,
        report: Report,
        cancelled: threading.Event,
    ) -> dict[str, Any]:
        from workflow_helper.operations.packages import change_packages

        folder = self._session.folder(params.uri, cancelled, report)
        environment = self._usable(folder.question, params.environment)
        try:
            changes = change_packages(
                folder, environment, params.packages, install=what == "install"
            )
        finally:
            self._session.changed()
        return changes.to_wire()

    def _command(
        self, folder: FolderSession, environment: Environment, argv: tuple[str, ...]
    ) -> Command:
        from workflow_helper.operations import run

        path = folder.question.folder
        cwd = path if folder.disk.is_folder(path) else os.path.dirname(path)
        if environment.kind == "remote":
            # An editor says itself in which folder of this machine its commands start, and cannot say that of another.
            cwd = self._session.listed(folder.question)[0].root
        return run.command(folder, environment, argv, cwd)

    def _usable(self, question: Question, prefix: str | None) -> Environment:
        environment = self._needed(question, prefix)
        if not environment.ok:
            raise Broken(environment.status.message, "Recreate it.")
        return environment

    def _needed(self, question: Question, prefix: str | None) -> Environment:
        environment = self._environment(question, prefix)
        if environment is None:
            raise NotFound(f"{question.folder} has no environment", "Create one.")
        return environment

    def _environment(self, question: Question, prefix: str | None) -> Environment | None:
        """Return the environment in the folder ``prefix``; without it, the folder's default, else a broken default.

        Raises:
            NotFound: none is at ``prefix``.
        """
        found, listed = self._session.listed(question)
        if prefix is not None:
            known = next((one for one in listed if one.prefix == prefix), None)
            return known or resolve.look(prefix, question, self._host, Disk())
        if found.environment is not None:
            return found.environment
        return next((one for one in listed if one.status.state == "broken"), None)
