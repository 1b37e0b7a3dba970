"""The action of each tool, from a call to a document. The documents are those of ``wsp ... --json``, if it has the same command."""

from __future__ import annotations

import os

from workflow_helper.errors import (
    Broken,
    LastLineUnusable,
    MethodNotFound,
    NotFound,
    NothingGoverns,
    Refused,
    UsageError,
)
from workflow_helper.filesystem.reader import Disk
from workflow_helper.mcp.parameters import MOST_SECONDS
from workflow_helper.mcp.tools import SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from workflow_server.values import Command, Task

    from workflow_helper.mcp.call import ToolCall
    from workflow_helper.model import Environment, Resolution
    from workflow_helper.operations.sync import Wishes

    Document: TypeAlias = dict[str, Any]

#: Characters of each stream of a command that are handed on: the last ones, where errors are.
SHOWN = 30_000

_CREATE = "Call create_environment."
_ENSURE = "Call ensure_environment."
_SYNC = "Call sync_environment."
_RECREATE = (
    "Call sync_environment with recreate=true: it deletes the environment and creates it again."
)


def _default(call: ToolCall) -> Document:
    resolution, script = call.resolved(), call.script
    environment, summary, hint = resolution.environment, resolution.summary, None
    if script is not None:
        environment = call.of_script(script)
        summary = f"{script.name} has inline metadata, and so an environment of its own"
    if environment is None:
        _, listed = call.listed()
        hint = _without_default(call, resolution, listed)
    return {
        "root": resolution.root,
        "environment": None if environment is None else environment.to_wire(),
        "summary": summary,
        "hint": hint,
    }


def _without_default(
    call: ToolCall, resolution: Resolution, listed: tuple[Environment, ...]
) -> str:
    """Return advice for a folder without a default."""
    from workflow_helper.operations.governance import trouble_of

    if call.script is not None:
        return _ENSURE
    trouble = trouble_of(resolution)
    if trouble is not None and trouble.code == Refused.code:
        return "Only the user can trust the workflow, by 'wsp workflow trust' in a terminal: tell them."
    if resolution.declined:
        return "The user chose to use no interpreter here. Ask them."
    if resolution.unusable is not None:
        return "Correct its .python-envs file, or name another environment."
    usable = [one.id for one in listed if one.ok]
    if usable:
        return f'None is the default: name one as "environment": {", ".join(usable)}.'
    if any(one.status.state == "broken" for one in listed):
        return f"It is broken. {_RECREATE}"
    return _CREATE


def _list(call: ToolCall) -> Document:
    from workflow_helper.operations.governance import trouble_of

    resolution, listed = call.listed()
    trouble = trouble_of(resolution)
    return {
        "root": resolution.root,
        "environments": [one.to_wire() for one in listed],
        "trouble": trouble and {"code": trouble.code, "message": trouble.message},
    }


def _explain(call: ToolCall) -> Document:
    resolution = call.resolved(whole=True)
    workflow, environment = resolution.workflow, resolution.environment
    return {
        "root": resolution.root,
        "workflow": None if workflow is None else workflow.to_wire(),
        "environment": None if environment is None else environment.to_wire(),
        "trail": [step.to_wire() for step in resolution.trail],
    }


def _check(call: ToolCall) -> Document:
    resolution, environment = call.picked()
    if environment is None:
        _, listed = call.listed()
        hint = _without_default(call, resolution, listed)
        return _state(resolution.root, None, "none", resolution.summary, hint)
    if environment.source == "script":
        return _state(resolution.root, environment, "in_sync", "", None)
    return _checked(call, resolution.root, environment)


def _checked(call: ToolCall, root: str, environment: Environment) -> Document:
    from workflow_helper.operations.sync import check

    if not environment.ok:
        hint = _RECREATE if environment.status.state == "broken" else None
        return _state(root, environment, "broken", environment.status.message, hint)
    found = check(
        call.session,
        environment,
        _wishes(call),
    )
    if found.in_sync is None:
        hint = "Use it: run_in_environment. Where a module is missing: sync_environment, or install_packages."
        return _state(root, environment, "unknown", found.message, hint)
    if found.in_sync:
        return _state(root, environment, "in_sync", found.message, None)
    hint = _RECREATE if found.recreate else _SYNC
    return _state(root, environment, "out_of_sync", found.message, hint)


def _state(
    root: str, environment: Environment | None, state: str, message: str, hint: str | None
) -> Document:
    return {
        "root": root,
        "state": state,
        "environment": None if environment is None else environment.to_wire(),
        "message": message,
        "hint": hint,
    }


def _refuse_script(call: ToolCall) -> None:
    if (script := call.script) is not None:
        reason = f"the environment of {script.name} holds what its inline metadata says"
        raise UsageError(reason, f"Change that comment where it lacks something. {_ENSURE}")


def _create(call: ToolCall) -> Document:
    from workflow_helper.operations.create import CreateRequest, create

    _refuse_script(call)
    call.require_bounds()
    groups, extras = _wishes(call)
    request = CreateRequest(call.text("name"), call.text("python"), groups=groups, extras=extras)
    created = create(
        call.session,
        request,
    )
    resolution, listed = call.listed()
    known = next((one for one in listed if one.prefix == created.prefix), created)
    checked = _checked(call, resolution.root, known)
    if checked["state"] == "unknown":  # an unknown state is no reason to do it again
        checked["message"] = f"Created. Not checked: {checked['message']}"
    return checked


def _ensure(call: ToolCall) -> Document:
    from workflow_server.params import EnsureParams

    from workflow_helper.operations.ensure import ensure

    if call.script is not None:
        return _ensure_of_script(call)
    call.require_bounds()
    groups, extras = _wishes(call)
    request = EnsureParams(
        call.text("name"),
        call.text("python"),
        groups or None,
        extras or None,
        call.text("package"),
        call.texts("packages") or None,
    )
    found = ensure(
        call.session,
        request,
        call.resolved().environment,
    )
    resolution, listed = call.listed()
    known = next((one for one in listed if one.prefix == found.prefix), found)
    return {"root": resolution.root, "environment": known.to_wire()}


def _ensure_of_script(call: ToolCall) -> Document:
    from workflow_helper.scripts.environment import provide

    if any(name != "folder" for name in call.arguments):
        _refuse_script(call)
    script, environment = provide(call.question.folder, call.host, Disk(), call.work)
    return {"root": script.folder, "environment": environment.to_wire()}


def _sync(call: ToolCall) -> Document:
    from workflow_server.values import Changes, Package

    from workflow_helper.discovery.environments import distributions
    from workflow_helper.install.repair import as_before
    from workflow_helper.operations.delete import recreate
    from workflow_helper.operations.sync_or_recreate import sync_or_recreate

    _refuse_script(call)
    root, environment = _needed(call)
    call.require_bounds()
    environment = as_before(environment, call.host, Disk())
    changes = None
    if not environment.ok and not call.flag("recreate"):
        raise Broken(environment.status.message, _RECREATE)
    if environment.ok:
        environment, changes = sync_or_recreate(
            call.session,
            environment,
            _wishes(call),
            frozen=call.flag("frozen"),
            recreate=call.flag("recreate"),
        )
    else:
        environment = recreate(call.session, environment, _wishes(call))
    recreated = changes is None
    if changes is None:
        found = distributions.installed(environment.prefix, call.host, Disk())
        installed = tuple(Package(one.name, one.version) for one in found)
        changes = Changes(changed=True, installed=installed, removed=())
    return {
        "root": root,
        "environment": environment.to_wire(),
        **changes.to_wire(),
        "recreated": recreated,
    }


def _install(call: ToolCall) -> Document:
    from workflow_helper.operations.packages import change_packages

    _refuse_script(call)
    root, environment = _usable(call)
    call.require_bounds()
    changes = change_packages(
        call.session,
        environment,
        call.texts("packages"),
        install=True,
    )
    return {"root": root, "environment": environment.to_wire(), **changes.to_wire()}


def _packages(call: ToolCall) -> Document:
    from workflow_helper.discovery.environments import distributions

    root, environment = _needed(call)
    if environment.kind == "remote":
        reason = f"{environment.prefix} is on another machine, whose files are not read"
        raise MethodNotFound(reason, "Run 'python -m pip list' in it.")
    found = distributions.installed(environment.prefix, call.host, Disk())
    return {
        "root": root,
        "environment": environment.to_wire(),
        "packages": [{"name": one.name, "version": one.version} for one in found],
    }


def _run(call: ToolCall) -> Document:
    from workflow_helper.operations.run import command, command_of_script

    root, environment = _usable(call)
    script = call.script
    if environment.source == "script" and script is not None:
        argv, cwd = call.texts("command"), _cwd(call)
        return _captured(
            call, root, command_of_script(script, environment, argv, cwd, call.session)
        )
    call.require_bounds()
    cwd = _cwd(call)
    how = command(
        call.session,
        environment,
        call.texts("command"),
        cwd,
    )
    return _captured(call, root, how)


def _tasks(call: ToolCall) -> Document:
    from workflow_helper.operations.run import tasks

    root = call.resolved(whole=True).root
    workflow: str | None = None
    found: tuple[Task, ...] = ()
    summary = ""
    try:
        workflow, found = tasks(
            call.session,
        )
    except (Refused, NothingGoverns) as error:
        summary = error.message
    if workflow is not None and not found:
        summary = f"{workflow} knows of no task in {root}"
    return {
        "root": root,
        "workflow": workflow,
        "tasks": [one.to_wire() for one in found],
        "summary": summary,
    }


def _run_task(call: ToolCall) -> Document:
    from workflow_helper.operations.run import task_command

    call.require_bounds()
    how = task_command(
        call.session,
        call.text("name") or "",
        call.texts("arguments"),
    )
    return _captured(call, call.resolved().root, how)


def _captured(call: ToolCall, root: str, how: Command) -> Document:
    """Run a command until it ends, or until its time limit."""
    from workflow_helper.system.process import run

    call.bounds.require(how.cwd)
    seconds = call.arguments.get("timeout", SECONDS)
    call.job.report(f"Running {os.path.basename(how.argv[0])}")
    done = run(
        how.argv,
        cwd=how.cwd,
        environ=how.applied(call.host.environ),
        timeout=min(seconds, MOST_SECONDS),
        cancelled=call.job.cancelled,
        on_line=call.job.report,
    )
    texts = [stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr)]
    return {
        "root": root,
        "exit_code": done.exit_code,
        "stdout": texts[0][-SHOWN:],
        "stderr": texts[1][-SHOWN:],
        "truncated": any(len(text) > SHOWN for text in texts),
    }


def _cwd(call: ToolCall) -> str:
    """Return the folder to run in.

    Raises:
        OutOfBounds: the folder is out of bounds.
        UsageError: there is no such folder.
    """
    disk = Disk()
    folder = call.question.folder
    if not disk.is_folder(folder):
        folder = os.path.dirname(folder)
    cwd = os.path.normpath(os.path.join(folder, call.text("cwd") or ""))
    call.bounds.require(cwd)
    if not disk.is_folder(cwd):
        raise UsageError(f"{cwd} is not a folder", '"cwd" names the folder to run in.')
    return cwd


def _wishes(call: ToolCall) -> Wishes:
    from workflow_helper.operations.sync import Wishes

    return Wishes(call.texts("groups"), call.texts("extras"))


def _needed(call: ToolCall) -> tuple[str, Environment]:
    """Return the root, and the requested environment.

    Raises:
        LastLineUnusable: the default that ``.python-envs`` names cannot be used.
        NotFound: there is no environment.
    """
    resolution, environment = call.picked()
    if environment is None:
        _, listed = call.listed()
        hint = _without_default(call, resolution, listed)
        if resolution.unusable is not None:
            raise LastLineUnusable(resolution.unusable, hint)
        raise NotFound(resolution.absence, hint)
    return resolution.root, environment


def _usable(call: ToolCall) -> tuple[str, Environment]:
    """Return the root, and an environment that works.

    Raises:
        LastLineUnusable: the default that ``.python-envs`` names cannot be used.
        NotFound: there is no environment.
        Broken: the environment does not work.
    """
    root, environment = _needed(call)
    if not environment.ok:
        hint = _RECREATE if environment.status.state == "broken" else None
        raise Broken(environment.status.message, hint)
    return root, environment


ACTIONS: Mapping[str, Callable[[ToolCall], Document]] = {
    "default_environment": _default,
    "list_environments": _list,
    "explain_environment": _explain,
    "check_environment": _check,
    "create_environment": _create,
    "ensure_environment": _ensure,
    "sync_environment": _sync,
    "run_in_environment": _run,
    "list_tasks": _tasks,
    "run_task": _run_task,
    "list_packages": _packages,
    "install_packages": _install,
}
