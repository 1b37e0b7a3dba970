"""``wsp env``: the folder's environments."""

from __future__ import annotations

import os

from workflow_helper.cli.context import FAILED, FOUND, NOTHING, Result
from workflow_helper.cli.render import line
from workflow_helper.errors import Broken, LastLineUnusable, OutOfSync, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_helper.cli.context import Invocation
    from workflow_helper.model import Environment, Resolution
    from workflow_helper.operations.sync import CheckResult, Wishes


def _default(invocation: Invocation) -> Result:
    resolution = invocation.resolution
    if (
        resolution.environment is None
        and invocation.action.flag("--or-system")
        and resolution.unusable is None
    ):
        from workflow_helper.discovery.interpreters import fallback

        python = fallback.of_folder(resolution.root, invocation.host, invocation.disk)
        if python is not None:
            return _answer(
                resolution._replace(environment=python),
                "this project has no environment, so this is the Python that a terminal would start",
            )
    # Distinguish several environments without a default from none; an editor's first answer does not need that.
    counted = (
        resolution.environment is None
        and not invocation.question.editor
        and not resolution.declined
    )
    listed = invocation.listed[1] if counted and resolution.unusable is None else ()
    return _answer(resolution, explained=invocation.question.editor, listed=listed)


def _select(invocation: Invocation) -> Result:
    from workflow_helper.operations.select import choose

    resolution = choose(
        invocation.question,
        invocation.action.operand or "",
        invocation.host,
        invocation.disk,
        invocation.ask,
    )
    if resolution.declined:
        return Result(_document(resolution), f"no interpreter is used for {resolution.root}")
    return _answer(resolution)


def _forget(invocation: Invocation) -> Result:
    from workflow_helper.operations.select import forget

    resolution = forget(invocation.question, invocation.host, invocation.disk, invocation.ask)
    if resolution.unusable is not None:  # forgetting is done anyway
        return Result(_document(resolution), "", FOUND, resolution.unusable)
    return _answer(resolution)._replace(exit_code=FOUND)


def _answer(
    resolution: Resolution,
    why: str = "",
    *,
    explained: bool = False,
    listed: tuple[Environment, ...] = (),
) -> Result:
    if resolution.unusable is not None:
        raise LastLineUnusable(
            resolution.unusable, "Pick one with 'wsp env select ID', or fix the file."
        )
    environment = resolution.environment
    document = _document(resolution)
    if environment is None and listed:
        document["environments"] = len(listed)
        usable = sum(one.ok for one in listed)
        if usable > 1 and not any(one.default for one in listed):
            why = f"{usable} environments, none is the default: choose one with 'wsp env select'"
    if environment is None or explained:
        document["summary"] = resolution.summary
    if explained:
        # An editor shows why with its first answer, too, and decides nothing of it by itself.
        document["own"] = resolution.own
    if environment is None:
        return Result(document, "", NOTHING, why or resolution.absence)
    return Result(document, line(environment), FOUND, why or resolution.summary)


def _document(resolution: Resolution) -> dict[str, Any]:
    environment = resolution.environment
    return {
        "root": resolution.root,
        "environment": None if environment is None else environment.to_wire(),
        "provisional": resolution.provisional,
    }


def _list(invocation: Invocation) -> Result:
    from workflow_helper.operations.governance import trouble_of

    resolution, found = invocation.listed
    names = [environment.name for environment in found]
    rows = [
        ("* " if environment.default else "  ")
        + line(environment, _label(environment, names, resolution.root))
        for environment in found
    ]
    if invocation.action.flag("--all"):
        from workflow_helper.operations.select import elsewhere

        further = elsewhere(resolution.root, found, invocation.host, invocation.disk)
        # By the name that selects it: the relative path is of no use.
        rows += [f"  {line(one, one.name)}" for one in further]
        found = (*found, *further)
    document: dict[str, Any] = {
        "root": resolution.root,
        "environments": [environment.to_wire() for environment in found],
    }
    text = (*rows,)
    trouble = trouble_of(resolution)
    if trouble is None:
        note = "" if found else f"{resolution.root} has no environment"
        return Result(document, text, FOUND, note)
    document["trouble"] = {"code": trouble.code, "message": trouble.message}
    nothing = NOTHING if trouble.code == Refused.code else FAILED
    return Result(document, text, FOUND if found else nothing, warning=trouble.message)


def _label(environment: Environment, names: list[str], root: str) -> str:
    """Return the label of an environment in a list: its place in the project, else its name if no other has that."""
    lies_there = os.path.join(root, environment.id) == environment.prefix
    is_inside = not environment.id.startswith((os.pardir, os.sep))
    if (lies_there and is_inside) or not environment.name or names.count(environment.name) > 1:
        return environment.id
    return environment.name


def _show(invocation: Invocation) -> Result:
    resolution, environment = picked(invocation)
    if environment is None:
        return _answer(resolution)
    document = {"root": resolution.root, "environment": environment.to_wire()}
    rows = [
        ("id", environment.id),
        ("name", environment.name),
        ("kind", environment.kind),
        ("folder", environment.prefix),
        ("interpreter", environment.interpreter_path or "none"),
        ("python", environment.python_version or "unknown"),
        ("named by", environment.source),
        ("state", environment.status.message or environment.status.state),
        ("default", "yes" if environment.default else "no"),
    ]
    return Result(document, (*(f"{name:12} {value}" for name, value in rows),))


def _check(invocation: Invocation) -> Result:
    from workflow_helper.operations.sync import check

    resolution, environment = picked(invocation, broken=True)
    if environment is None:
        return _answer(resolution)
    if not environment.ok:
        raise broken(environment)
    found = check(
        invocation.session,
        environment,
        wishes(invocation),
        plan=invocation.action.flag("--plan"),
    )
    if invocation.action.flag("--plan"):
        return _planned(resolution, environment, found)
    if found.in_sync is False:
        reason = f"{environment.id} works, but is out of sync: {found.message}"
        words = _sync_words(invocation, environment, recreate=found.recreate)
        does = "recreates it" if found.recreate else "brings it up to date"
        raise OutOfSync(reason, f"{words} {does}.")
    document = {
        "root": resolution.root,
        "environment": environment.to_wire(),
        "in_sync": found.in_sync,
        "message": found.message,
    }
    works = f"{environment.id} works: Python {environment.python_version or '(version unknown)'}"
    if found.in_sync:
        return Result(document, f"{works}, in sync with its project")
    return Result(document, f"{works}. It is unknown whether it is in sync: {found.message}")


def _planned(resolution: Resolution, environment: Environment, found: CheckResult) -> Result:
    """Return what a sync would do, which is an answer also where the environment is out of sync."""
    document = {
        "root": resolution.root,
        "environment": environment.to_wire(),
        "in_sync": found.in_sync,
        "message": found.message,
        "plan": None if found.plan is None else found.plan.to_wire(),
        "recreate": found.recreate,
    }
    note = found.message or f"{environment.id} is in sync with its project"
    if found.recreate:
        return Result(document, f"{environment.id} would be recreated", FAILED, note)
    if found.plan is None:
        note += " (what a sync would change is unknown)"
        return Result(document, "", FAILED if found.in_sync is False else FOUND, note)
    rows = [f"+ {one.name} {one.version}".rstrip() for one in found.plan.install]
    rows += [f"- {one.name} {one.version}".rstrip() for one in found.plan.remove]
    return Result(document, (*rows,), FAILED if found.in_sync is False else FOUND, note)


def broken(environment: Environment) -> Broken:
    """Return the error for an environment that cannot be used."""
    is_broken = environment.status.state == "broken"
    hint = f"'wsp env sync {environment.id}' recreates it, if you want that." if is_broken else None
    return Broken(f"{environment.id}: {environment.status.message}", hint)


def wishes(invocation: Invocation) -> Wishes:
    """Return the groups and extras that the action names."""
    from workflow_helper.operations.sync import Wishes

    return Wishes(invocation.action.all("--group"), invocation.action.all("--extra"))


def _sync_words(invocation: Invocation, environment: Environment, *, recreate: bool) -> str:
    words = ["wsp env sync", *(["--recreate"] if recreate else [])]
    if invocation.action.operand is not None:
        words.append(environment.id)
    words += [f"--group {group}" for group in invocation.action.all("--group")]
    words += [f"--extra {extra}" for extra in invocation.action.all("--extra")]
    return f"'{' '.join(words)}'"


def picked(
    invocation: Invocation, *, whole: bool = False, broken: bool = False
) -> tuple[Resolution, Environment | None]:
    """Return the answer, and the environment that the operand names, else the default; with ``broken``, else a broken one.

    With ``whole`` the answer tells which workflow governs.
    """
    resolution = invocation.whole if whole else invocation.resolution
    if invocation.action.operand is not None:
        from workflow_helper.operations.select import named

        word = invocation.action.operand
        return resolution, named(
            invocation.question, word, invocation.host, invocation.disk, invocation.ask
        )
    environment = resolution.environment
    if broken and environment is None and resolution.unusable is None and not resolution.declined:
        _, listed = invocation.listed
        environment = next((one for one in listed if not one.ok), None)
    return resolution, environment


COMMANDS = {
    "env default": _default,
    "env list": _list,
    "env show": _show,
    "env check": _check,
    "env select": _select,
    "env forget": _forget,
}
