"""``wsp script``: scripts that say in a comment what they need (PEP 723)."""

from __future__ import annotations

from workflow_helper.cli.context import FOUND, NOTHING, Result
from workflow_helper.cli.fast_path import script_path, words
from workflow_helper.errors import LastLineUnusable, NotFound
from workflow_helper.scripts import state
from workflow_helper.scripts.start import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_server.values import Command

    from workflow_helper.cli.context import Invocation
    from workflow_helper.model import Environment
    from workflow_helper.scripts.edit import EditResult


def _run(invocation: Invocation) -> Result:
    if state.is_elsewhere(invocation.action.operand or ""):
        invocation = _fetched(invocation)
    script = state.look(_path(invocation), invocation.disk)
    if script is None:
        return Result({}, "", command=_of_folder(invocation))
    # Unless it came to be in the meantime.
    environment = state.existing(script, invocation.host, invocation.disk) or _provide(invocation)
    how = command(
        script, environment.prefix, words(invocation.action), invocation.cwd, invocation.host
    )
    return Result({}, "", command=how)


def _fetched(invocation: Invocation) -> Invocation:
    """Return the invocation for the local copy of a script from a URL or standard input, which the user agreed to run."""
    from workflow_helper.scripts.remote import bring
    from workflow_helper.terminal.prompt import agrees_at_terminal, piped

    action = invocation.action
    path = bring(
        action.operand or "",
        invocation.host,
        piped=piped,
        ask=lambda question: None if action.flag("--no-input") else agrees_at_terminal(question),
        agreed=action.flag("--yes"),
    )
    question = invocation.question._replace(folder=path)
    return invocation._replace(action=action._replace(operand=path), question=question)


def _env(invocation: Invocation) -> Result:
    from workflow_helper.cli.render import line
    from workflow_helper.discovery import script_metadata

    path = _path(invocation)
    script = state.look(path, invocation.disk)
    found = script_metadata.checked(path, script_metadata.text_of(path, invocation.disk))
    environment = None
    if script is not None:
        environment = state.existing(script, invocation.host, invocation.disk)
        if environment is None and invocation.action.flag("--make"):
            environment = _provide(invocation)
    document: dict[str, Any] = {
        "script": path,
        "requires_python": found.requires_python,
        "dependencies": list(found.dependencies),
        "lock": None if script is None else script.lock,
        "environment": None if environment is None else environment.to_wire(),
    }
    if environment is not None:
        return Result(document, line(environment))
    why = (
        "has no inline metadata" if script is None else "has an environment that does not exist yet"
    )
    document["summary"] = f"{path} {why}"
    hint = "" if script is None else "; 'wsp script run' creates it, and --make here"
    return Result(document, "", NOTHING, f"{document['summary']}{hint}")


def _new(invocation: Invocation) -> Result:
    from workflow_helper.scripts.new import new_script

    path = _path(invocation)
    new_script(path, invocation.host, invocation.disk)
    return Result({"script": path}, f"{path} was written")


def _add(invocation: Invocation) -> Result:
    from workflow_helper.scripts.edit import add

    return _edit_result(invocation, add(_path(invocation), invocation.action.rest))


def _remove(invocation: Invocation) -> Result:
    from workflow_helper.scripts.edit import remove

    return _edit_result(invocation, remove(_path(invocation), invocation.action.rest))


def _edit_result(invocation: Invocation, result: EditResult) -> Result:
    path = _path(invocation)
    document = {
        "script": path,
        "dependencies": list(result.dependencies),
        "changed": result.changed,
    }
    note = ""
    if result.changed and invocation.disk.is_present(path + state.LOCK_SUFFIX):
        note = f"{path}{state.LOCK_SUFFIX} is out of date: 'wsp script lock' updates it"
    return Result(document, (*result.dependencies,), FOUND, note)


def _lock(invocation: Invocation) -> Result:
    from workflow_helper.cli.commands.env_write import working
    from workflow_helper.scripts.lock import lock

    with working(invocation) as work:
        locked = lock(_path(invocation), invocation.host, work)
    document = {"script": _path(invocation), "lock": locked.path, "changed": locked.changed}
    outcome = "is written" if locked.changed else "was up to date"
    return Result(document, f"{locked.path} {outcome}")


def _clean(invocation: Invocation) -> Result:
    from workflow_helper.scripts.clean import clean

    path = None if invocation.action.operand is None else _path(invocation)
    done = clean(invocation.host, path)
    document = {"removed": done.removed, "kept": done.kept, "freed": done.freed}
    megabytes = done.freed / 1024**2
    return Result(document, f"{done.removed} removed, {done.kept} kept, {megabytes:.1f} MB freed")


def _path(invocation: Invocation) -> str:
    return script_path(invocation.action, invocation.cwd)


def _provide(invocation: Invocation) -> Environment:
    """Create the script's environment; Ctrl-C stops that cleanly."""
    from workflow_helper.cli.commands.env_write import working
    from workflow_helper.scripts.environment import provide
    from workflow_helper.system.shutdown import end_in_order

    end_in_order()
    _offer_python(invocation)
    with working(invocation) as work:
        _, environment = provide(_path(invocation), invocation.host, invocation.disk, work)
    return environment


def _offer_python(invocation: Invocation) -> None:
    """Offer to install a Python for the script where none fits."""
    from workflow_helper.cli.commands.env_write import asker, working
    from workflow_helper.scripts.environment import missing_python

    ask = asker(invocation)
    if ask is None:
        return
    path = _path(invocation)
    release = missing_python(path, invocation.host, invocation.disk)
    if release is None:
        return
    if ask(f"No Python here fits what {path} requires. Install Python {release}? [y/N] "):
        from workflow_helper.install.python import install

        with working(invocation) as work:
            install(release, invocation.host, work)


def _of_folder(invocation: Invocation) -> Command:
    """Return how to start a script without metadata: with its folder's environment, else with the Python of a terminal."""
    from workflow_helper.discovery.interpreters import fallback
    from workflow_helper.operations import run

    resolution = invocation.whole
    if resolution.unusable is not None:
        raise LastLineUnusable(
            resolution.unusable, "Pick one with 'wsp env select ID', or fix the file."
        )
    environment = resolution.environment or fallback.of_folder(
        resolution.root, invocation.host, invocation.disk
    )
    if environment is None or environment.interpreter_path is None:
        raise NotFound(f"no Python was found to run {_path(invocation)} with")
    return run.command(
        invocation.session,
        environment,
        (environment.interpreter_path, *words(invocation.action)),
        invocation.cwd,
    )


COMMANDS = {
    "script run": _run,
    "script env": _env,
    "script new": _new,
    "script add": _add,
    "script remove": _remove,
    "script lock": _lock,
    "script clean": _clean,
}
