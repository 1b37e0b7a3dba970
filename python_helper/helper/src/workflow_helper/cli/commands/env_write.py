"""``wsp env create``, ``ensure``, ``sync`` and ``delete``: what changes a folder's environments."""

from __future__ import annotations

import os
from contextlib import contextmanager

from workflow_helper.cli.commands.env import broken, picked, wishes
from workflow_helper.cli.context import Result
from workflow_helper.cli.render import line
from workflow_helper.errors import Broken, LastLineUnusable, NotFound, NothingGoverns, Refused
from workflow_helper.terminal.output import Verbatim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from workflow_server.values import Changes

    from workflow_helper.backends.context import Redirect
    from workflow_helper.cli.context import Invocation
    from workflow_helper.install.work import Work
    from workflow_helper.model import Environment

_REDIRECTS: Mapping[str, Redirect] = {
    "file": "file",
    "python-envs": "python-envs",
    "none": "none",
}


_INSTEAD = "To create a plain .venv anyway, add '--workflow venv'."


def _create(invocation: Invocation) -> Result:
    from workflow_helper.operations.create import CreateRequest, create

    action = invocation.action
    redirect = _REDIRECTS[action.get("--redirect") or "file"]
    groups, extras = wishes(invocation)
    request = CreateRequest(action.operand, _python(invocation), redirect, groups, extras)

    def make(work: Work) -> Environment:
        return create(invocation.session_with(work), request)

    with _instead():
        created = _with_python(invocation, make)
    root, created = _as_listed(invocation, created)
    return Result({"root": root, "environment": created.to_wire()}, line(created))


def _ensure(invocation: Invocation) -> Result:
    from workflow_server.params import EnsureParams

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.operations.ensure import ensure

    action = invocation.action
    groups, extras = wishes(invocation)
    request = EnsureParams(
        action.operand,
        _python(invocation),
        groups or None,
        extras or None,
        action.get("--package"),
        action.all("--with") or None,
    )
    default = invocation.resolution.environment

    def make(work: Work) -> Environment:
        return ensure(invocation.session_with(work), request, default)

    with _instead():
        found = _with_python(invocation, make)
    root, found = _as_listed(invocation._replace(disk=Disk()), found)
    document = {"root": root, "environment": found.to_wire()}
    # On another machine it has none that could be started here.
    return Result(document, Verbatim(found.interpreter_path or found.prefix))


@contextmanager
def _instead() -> Iterator[None]:
    """Add a hint on how to create a plain environment to an error that no workflow could be used."""
    try:
        yield
    except (NothingGoverns, Refused) as error:
        error.hint = f"{error.hint or ''} {_INSTEAD}".strip()
        raise


def _python(invocation: Invocation) -> str | None:
    """Return the requested Python; a relative path is resolved from the current folder."""
    spec = invocation.action.get("--python")
    is_path = spec is not None and os.path.basename(spec) != spec and spec[:1] not in "<>=!~"
    return os.path.normpath(os.path.join(invocation.cwd, spec)) if spec and is_path else spec


def _with_python(invocation: Invocation, make: Callable[[Work], Environment]) -> Environment:
    """Call ``make``; where the machine lacks the Python that the project asks for, offer to install it."""
    from workflow_helper.apps.python_prompt import with_python
    from workflow_helper.discovery import roots
    from workflow_helper.discovery.interpreters.choose import release_for

    ask = asker(invocation)
    python = None
    # One that is named is installed without a question.
    if ask is not None and invocation.action.get("--python") is None:
        root = roots.of(invocation.question, invocation.host, invocation.disk).root
        python = release_for(root, invocation.host, invocation.disk)
    return with_python(python, make, invocation.host, working=lambda: working(invocation), ask=ask)


def _sync(invocation: Invocation) -> Result:
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.repair import as_before
    from workflow_helper.operations.delete import recreate
    from workflow_helper.operations.sync_or_recreate import sync_or_recreate

    resolution, environment = picked(invocation, broken=True)
    if resolution.unusable is not None and environment is None:
        raise LastLineUnusable(
            resolution.unusable, "Name an environment. 'wsp env list' lists them."
        )
    if environment is None:
        raise NotFound(resolution.absence, "'wsp env create' creates one.")
    environment = as_before(environment, invocation.host, invocation.disk)
    if not environment.ok:
        _check_recreate_allowed(invocation, environment)
    with working(invocation):
        if environment.ok:
            environment, synced_with = sync_or_recreate(
                invocation.session,
                environment,
                wishes(invocation),
                frozen=invocation.action.flag("--frozen"),
                recreate=invocation.action.flag("--recreate") or None,
            )
        else:
            environment = recreate(
                invocation.session,
                environment,
                wishes(invocation),
            )
            synced_with = None
    recreated = synced_with is None
    changes = _all_of(environment, invocation) if synced_with is None else synced_with
    root, synced = _as_listed(invocation._replace(disk=Disk()), environment)
    document = {
        "root": root,
        "environment": synced.to_wire(),
        **changes.to_wire(),
        "recreated": recreated,
    }
    return Result(document, _summary(synced, changes, recreated=recreated))


def _check_recreate_allowed(invocation: Invocation, environment: Environment) -> None:
    """Prompt on a terminal whether to recreate.

    Raises:
        Broken: the user does not agree, or cannot be prompted.
    """
    reason = broken(environment)
    if environment.status.state != "broken":
        raise reason
    if invocation.action.flag("--recreate"):
        return
    ask = asker(invocation)
    if ask is None:
        raise Broken(reason.message, "Add --recreate to delete and recreate it.")
    invocation.report.clear()
    from workflow_helper.terminal.output import cell, tell

    tell(cell(reason.message))
    if not ask(f"Delete {environment.prefix} and recreate it? [y/N] "):
        raise Broken(f"{environment.id} is broken, and was not changed")


def _all_of(environment: Environment, invocation: Invocation) -> Changes:
    """Return all installed packages as the changes of a new environment."""
    from workflow_server.values import Changes, Package

    from workflow_helper.discovery.environments import distributions
    from workflow_helper.filesystem.reader import Disk

    found = distributions.installed(environment.prefix, invocation.host, Disk())
    return Changes(True, tuple(Package(one.name, one.version) for one in found), ())  # noqa: FBT003


def _summary(environment: Environment, changes: Changes, *, recreated: bool) -> tuple[str, ...]:
    rows = [f"+ {one.name} {one.version}" for one in changes.installed]
    rows += [f"- {one.name} {one.version}" for one in changes.removed]
    if recreated:
        return (*rows, f"{environment.id} was recreated")
    rows.append(f"{environment.id} {'is up to date now' if changes.changed else 'was in sync'}")
    return (*rows,)


def _delete(invocation: Invocation) -> Result:
    from workflow_helper.operations.delete import delete

    resolution, environment = picked(invocation)
    if environment is None:  # the operand is needed, so that this is not
        raise NotFound(resolution.absence)
    was_gone = environment.kind != "remote" and not os.path.lexists(environment.prefix)
    with working(invocation):
        forgotten = delete(
            invocation.session,
            environment,
            outside=invocation.action.flag("--outside"),
        )
    document = {
        "root": resolution.root,
        "deleted": environment.prefix,
        "forgotten": forgotten,
    }
    selected = ", and is no longer selected" if forgotten else ""
    return Result(
        document,
        f"{environment.prefix} {'was gone already' if was_gone else 'is deleted'}{selected}",
    )


@contextmanager
def working(invocation: Invocation) -> Iterator[Work]:
    """Yield a :class:`Work` that Ctrl-C stops and undoes cleanly."""
    from workflow_helper.system.shutdown import cancelling

    with cancelling() as cancelled:
        invocation.servers.cancelled = cancelled
        yield invocation.work


def asker(invocation: Invocation) -> Callable[[str], bool] | None:
    """Return a function that prompts a person; ``None`` where prompts are not possible."""
    from workflow_helper.terminal.prompt import is_interactive, says_yes

    action = invocation.action
    if not is_interactive() or action.flag("--no-input") or action.flag("--json"):
        return None

    def ask(question: str) -> bool:
        invocation.report.clear()
        return says_yes(question)

    return ask


def _as_listed(invocation: Invocation, environment: Environment) -> tuple[str, Environment]:
    """Return the root, and the changed environment as the folder's list has it, marked if it is the default."""
    resolution, listed = invocation.listed
    same = (one for one in listed if one.prefix == environment.prefix)
    return resolution.root, next(same, environment)


COMMANDS = {
    "env create": _create,
    "env ensure": _ensure,
    "env sync": _sync,
    "env delete": _delete,
}
