"""``wsp workflow`` and ``wsp explain``: show which workflow governs and why, and change the user's choice."""

from __future__ import annotations

import os

from workflow_helper.cli.context import FOUND, NOTHING, Result
from workflow_helper.model import SshLaunch
from workflow_helper.resolver.resolve import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from workflow_helper.backends.installed import InstalledTool
    from workflow_helper.cli.context import Invocation
    from workflow_helper.discovery.declarations import Policy
    from workflow_helper.model import Declaration

_POLICIES: Mapping[str | None, Policy] = {"override": "override", "default": "default"}


def _show(invocation: Invocation) -> Result:
    resolution = invocation.whole
    workflow = resolution.workflow
    document = {
        "root": resolution.root,
        "workflow": None if workflow is None else workflow.to_wire(),
    }
    if workflow is None:
        return Result(document, "", NOTHING, f"no workflow governs {resolution.root}")
    why = next(
        step.detail
        for step in resolution.trail
        if step.rule == workflow.rule and step.outcome == "matched"
    )
    return Result(document, workflow.name, FOUND, f"{workflow.rule}: {why}")


def _explain(invocation: Invocation) -> Result:
    resolution = invocation.whole
    workflow, environment = resolution.workflow, resolution.environment
    document = {
        "root": resolution.root,
        "workflow": None if workflow is None else workflow.to_wire(),
        "environment": None if environment is None else environment.to_wire(),
        "trail": [step.to_wire() for step in resolution.trail],
    }
    from workflow_helper.cli.render import trail

    return Result(document, trail(resolution))


def _list(invocation: Invocation) -> Result:
    from workflow_helper.backends.installed import installed
    from workflow_helper.discovery.declarations import of_user
    from workflow_helper.discovery.tools import BUNDLED
    from workflow_helper.trust.store import all_consents

    user = of_user(invocation.host, invocation.disk)
    consents = all_consents(invocation.host)
    tools = installed(invocation.host, invocation.disk, _around(invocation))
    preference = user.preference
    document = {
        "file": user.path,
        "preferred": None
        if preference is None
        else {**_declared(preference.declaration), "policy": preference.policy},
        "folders": [
            {
                "path": rule.path,
                "workflow": None if rule.declaration is None else _declared(rule.declaration),
            }
            for rule in user.folders
        ],
        "trusted": [consent.to_wire() for consent in consents],
        "bundled": sorted(BUNDLED),
        "installed": [tool.to_wire() for tool in tools],
        "problems": list(user.problems),
    }
    preferred = f"{preference.declaration.name} ({preference.policy})" if preference else "none"
    lines = [f"preferred  {preferred}"]
    lines += [f"in         {rule.path}: {_name(rule.declaration)}" for rule in user.folders]
    lines += [f"trusted    {consent.root}: {consent.name}" for consent in consents]
    lines.append(f"bundled    {', '.join(sorted(BUNDLED))}")
    lines += [f"installed  {_tool(tool)}" for tool in tools]
    lines.append(f"file       {user.path}")
    return Result(document, (*lines,), FOUND, (*user.problems,))


def _set(invocation: Invocation) -> Result:
    from workflow_helper.discovery.workflow_table import PROJECT_NAME
    from workflow_helper.errors import UsageError
    from workflow_helper.operations.prefer import PROJECT, PreferenceChange, prefer, prefer_for

    action = invocation.action
    if (action.operand is None) == (not action.rest):
        raise UsageError(
            "name one workflow, or give its command after --", "See 'wsp workflow set --help'."
        )
    folder = action.get("--for")
    if action.operand == PROJECT:
        if folder is None:
            raise UsageError(
                "'project' needs --for FOLDER", "To do that everywhere: 'wsp workflow unset'."
            )
        path = prefer_for(_folder(invocation, folder), PROJECT, invocation.host)
        return Result(
            {"file": path},
            f"{_folder(invocation, folder)} now uses the workflow that the project declares",
        )
    ssh, there = action.get("--ssh"), action.get("--at")
    if (ssh is None) != (there is None):
        raise UsageError("--ssh and --at must be given together", "See 'wsp workflow set --help'.")
    if folder is None and there is not None and PROJECT_NAME not in there:
        reason = f"all your projects would share one folder on {ssh}: {there}"
        hint = f"Let {PROJECT_NAME} stand for a project's name, as in /srv/{PROJECT_NAME}, or add --for FOLDER."
        raise UsageError(reason, hint)
    change = PreferenceChange(action.operand, action.rest, action.all("--requires"), ssh, there)
    value = change.table(invocation.host, invocation.cwd)
    name = (action.operand or action.rest[0]) + (f" on {ssh}" if ssh else "")
    if folder is not None:
        path = prefer_for(_folder(invocation, folder), value, invocation.host)
        return Result(
            {"file": path}, f"{name} is your workflow in {_folder(invocation, folder)} now"
        )
    path = prefer(value, _POLICIES.get(action.get("--policy")), invocation.host)
    return Result({"file": path}, f"{name} is your workflow now")


def _unset(invocation: Invocation) -> Result:
    from workflow_helper.errors import UsageError
    from workflow_helper.operations.prefer import unset, unset_for

    folder = invocation.action.get("--for")
    if invocation.action.flag("--choice"):
        if folder is not None:
            raise UsageError(
                "--for and --choice cannot be given together", "Run the command once for each."
            )
        return _unset_choice(invocation)
    if folder is not None:
        path = unset_for(_folder(invocation, folder), invocation.host)
        return Result(
            {"file": path}, f"there is no rule for {_folder(invocation, folder)} any more"
        )
    return Result({"file": unset(invocation.host)}, "you no longer prefer a workflow")


def _unset_choice(invocation: Invocation) -> Result:
    from workflow_helper.errors import NotFound
    from workflow_helper.operations.select import forget_workflow, remembered

    root, chosen = remembered(invocation.question, invocation.host, invocation.disk)
    if chosen.workflow is None:
        hint = "In the editor, 'Choose Workflow for This Folder...' does."
        raise NotFound(f"no workflow was chosen for {root}", hint)
    forget_workflow(invocation.question, invocation.host, invocation.disk)
    document = {"root": root, "was": chosen.workflow}
    return Result(document, f"{chosen.workflow} is no longer chosen for {root}")


def _trust(invocation: Invocation) -> Result:
    from workflow_helper.trust import store as consent

    root, declaration = _of_project(invocation)
    consented, covered = consent.give(declaration, root, invocation.host)
    named = [f"  {path}" for path in covered]
    document = {"root": root, "trusted": consented.to_wire(), "files": list(covered)}
    if declaration.bundled is not None:
        return Result(document, f"{consented.name} may run for {root} now")
    if isinstance(declaration.launch, SshLaunch):
        from workflow_helper.servers.ssh import shown

        what = f"{consented.declared_in} may start this now, by ssh, {shown(declaration.launch)}"
        return Result(document, what)
    what = f"{consented.name} of {consented.declared_in} may run now"
    return Result(document, (f"{what}, with" if named else what, *named))


def _untrust(invocation: Invocation) -> Result:
    from workflow_helper.discovery import roots
    from workflow_helper.errors import NotFound
    from workflow_helper.trust import store as consent

    found = roots.of(invocation.question, invocation.host, invocation.disk)
    # The nearest alone: what encloses it was allowed by itself, and may govern other projects.
    revoked = next((root for root in found.all if consent.revoke(root, invocation.host)), None)
    if revoked is None:
        raise NotFound(
            f"{found.root} was not trusted", "'wsp workflow list' lists what is trusted."
        )
    return Result({"root": found.root, "revoked": [revoked]}, f"no longer trusted: {revoked}")


def _of_project(invocation: Invocation) -> tuple[str, Declaration]:
    """Return the nearest root that declares a workflow, and the declaration; else the root of a bundled workflow that governs.

    Raises:
        WorkflowError: the nearest declaration has mistakes.
        NotFound: nothing is declared, and no bundled workflow governs.
    """
    from workflow_helper.discovery import declarations, roots
    from workflow_helper.errors import NotFound, WorkflowError

    found = roots.of(invocation.question, invocation.host, invocation.disk)
    for root in found.all:
        declared = declarations.of_project(root, invocation.disk)
        if declared.declaration is not None and declared.declaration.bundled is None:
            return root, declared.declaration
        if declared.problems:
            raise WorkflowError(declared.problems[0], "Fix the declaration first.")
    from workflow_helper.operations.governance import place

    at = place(
        resolve(invocation.question, invocation.host, invocation.disk, whole=True),
        invocation.host,
        invocation.disk,
    )
    if at is None:
        reason = f"{found.root} declares no workflow, and yours may run anyway"
        raise NotFound(reason, "'wsp workflow show' shows which one governs.")
    return at.root, at.declaration


def _around(invocation: Invocation) -> tuple[str, ...]:
    """Return the project and the projects that enclose it."""
    from workflow_helper.discovery import roots

    return roots.of(invocation.question, invocation.host, invocation.disk).all


def _tool(tool: InstalledTool) -> str:
    return " ".join(word for word in (tool.name, tool.version, f"({tool.program})") if word)


def _folder(invocation: Invocation, word: str) -> str:
    from workflow_helper.discovery.declarations import expand_home

    return os.path.normpath(os.path.join(invocation.cwd, expand_home(word, invocation.host)))


def _declared(declaration: Declaration) -> dict[str, Any]:
    return {"name": declaration.name, "launch": declaration.launch.to_wire()}


def _name(declaration: Declaration | None) -> str:
    return "as the project says" if declaration is None else declaration.name


COMMANDS = {
    "workflow show": _show,
    "workflow list": _list,
    "workflow set": _set,
    "workflow unset": _unset,
    "workflow trust": _trust,
    "workflow untrust": _untrust,
    "explain": _explain,
}
