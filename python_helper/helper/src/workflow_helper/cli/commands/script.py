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
    from workflow_helper.scripts.edit import Edited


def _run(asked: Invocation) -> Result:
    if state.is_elsewhere(asked.action.operand or ""):
        asked = _brought(asked)
    script = state.look(_path(asked), asked.disk)
    if script is None:
        return Result({}, "", command=_of_folder(asked))
    # Unless it came to be in the meantime.
    environment = state.existing(script, asked.host, asked.disk) or _made(asked)
    how = command(script, environment.prefix, words(asked.action), asked.cwd, asked.host)
    return Result({}, "", command=how)


def _brought(asked: Invocation) -> Invocation:
    """Return the invocation for the copy of a script that is not a file of this machine, which the user agreed to run."""
    from workflow_helper.scripts.remote import bring
    from workflow_helper.terminal.prompt import agrees_at_terminal, piped

    action = asked.action
    path = bring(
        action.operand or "",
        asked.host,
        piped=piped,
        ask=lambda question: None if action.flag("--no-input") else agrees_at_terminal(question),
        agreed=action.flag("--yes"),
    )
    question = asked.question._replace(folder=path)
    return asked._replace(action=action._replace(operand=path), question=question)


def _env(asked: Invocation) -> Result:
    from workflow_helper.cli.render import line
    from workflow_helper.discovery import script_metadata

    path = _path(asked)
    script = state.look(path, asked.disk)
    found = script_metadata.checked(path, script_metadata.text_of(path, asked.disk))
    environment = None
    if script is not None:
        environment = state.existing(script, asked.host, asked.disk)
        if environment is None and asked.action.flag("--make"):
            environment = _made(asked)
    document: dict[str, Any] = {
        "script": path,
        "requires_python": found.requires_python,
        "dependencies": list(found.dependencies),
        "lock": None if script is None else script.lock,
        "environment": None if environment is None else environment.to_wire(),
    }
    if environment is not None:
        return Result(document, line(environment))
    why = "has no inline metadata" if script is None else "has an environment that is not made yet"
    document["summary"] = f"{path} {why}"
    mends = "" if script is None else "; 'wsp script run' makes it, and --make here"
    return Result(document, "", NOTHING, f"{document['summary']}{mends}")


def _new(asked: Invocation) -> Result:
    from workflow_helper.scripts.new import new_script

    path = _path(asked)
    new_script(path, asked.host, asked.disk)
    return Result({"script": path}, f"{path} was written")


def _add(asked: Invocation) -> Result:
    from workflow_helper.scripts.edit import add

    return _edited(asked, add(_path(asked), asked.action.rest))


def _remove(asked: Invocation) -> Result:
    from workflow_helper.scripts.edit import remove

    return _edited(asked, remove(_path(asked), asked.action.rest))


def _edited(asked: Invocation, edited: Edited) -> Result:
    path = _path(asked)
    document = {
        "script": path,
        "dependencies": list(edited.dependencies),
        "changed": edited.changed,
    }
    note = ""
    if edited.changed and asked.disk.is_present(path + state.LOCK_SUFFIX):
        note = f"{path}{state.LOCK_SUFFIX} is out of date: 'wsp script lock' updates it"
    return Result(document, (*edited.dependencies,), FOUND, note)


def _lock(asked: Invocation) -> Result:
    from workflow_helper.cli.commands.env_write import working
    from workflow_helper.scripts.lock import lock

    with working(asked) as work:
        locked = lock(_path(asked), asked.host, work)
    document = {"script": _path(asked), "lock": locked.path, "changed": locked.changed}
    said = "is written" if locked.changed else "was up to date"
    return Result(document, f"{locked.path} {said}")


def _clean(asked: Invocation) -> Result:
    from workflow_helper.scripts.clean import clean

    path = None if asked.action.operand is None else _path(asked)
    done = clean(asked.host, path)
    document = {"removed": done.removed, "kept": done.kept, "freed": done.freed}
    megabytes = done.freed / 1024**2
    return Result(document, f"{done.removed} removed, {done.kept} kept, {megabytes:.1f} MB freed")


def _path(asked: Invocation) -> str:
    return script_path(asked.action, asked.cwd)


def _made(asked: Invocation) -> Environment:
    """Create the script's environment; Ctrl-C stops that in order."""
    from workflow_helper.cli.commands.env_write import working
    from workflow_helper.scripts.environment import provide
    from workflow_helper.system.shutdown import end_in_order

    end_in_order()
    _offer_python(asked)
    with working(asked) as work:
        _, environment = provide(_path(asked), asked.host, asked.disk, work)
    return environment


def _offer_python(asked: Invocation) -> None:
    """Offer to install a Python for the script where none fits."""
    from workflow_helper.cli.commands.env_write import asker, working
    from workflow_helper.scripts.environment import missing_python

    ask = asker(asked)
    if ask is None:
        return
    path = _path(asked)
    release = missing_python(path, asked.host, asked.disk)
    if release is None:
        return
    if ask(f"No Python here fits what {path} requires. Install Python {release}? [y/N] "):
        from workflow_helper.install.python import install

        with working(asked) as work:
            install(release, asked.host, work)


def _of_folder(asked: Invocation) -> Command:
    """Return how to start a script without metadata: in its folder's environment, else as a terminal would."""
    from workflow_helper.discovery.interpreters import fallback
    from workflow_helper.operations import run

    resolution = asked.whole
    if resolution.unusable is not None:
        raise LastLineUnusable(
            resolution.unusable, "Pick one with 'wsp env select ID', or fix the file."
        )
    environment = resolution.environment or fallback.of_folder(
        resolution.root, asked.host, asked.disk
    )
    if environment is None or environment.interpreter_path is None:
        raise NotFound(f"no Python was found to run {_path(asked)} with")
    return run.command(
        asked.session,
        environment,
        (environment.interpreter_path, *words(asked.action)),
        asked.cwd,
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
