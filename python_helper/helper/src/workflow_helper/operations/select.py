"""Store and remove the user's selection for a folder."""

from __future__ import annotations

import os

from workflow_helper.discovery import roots
from workflow_helper.discovery.environments.health import is_environment
from workflow_helper.discovery.environments.locate import View
from workflow_helper.errors import NotFound, UnusableFile, UsageError, WorkflowError
from workflow_helper.resolver.resolve import environments, look, resolve
from workflow_helper.state import choices, selections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host, Question, Resolution
    from workflow_helper.resolver.environment_rules import Ask
    from workflow_helper.state.choices import Chosen

NONE = "none"


def choose(
    question: Question, selection: str, host: Host, disk: Disk, ask: Ask | None = None
) -> Resolution:
    """Remember ``selection`` for the root of ``question.folder``, and resolve again.

    ``selection`` is ``"none"``, an environment's id or name as the list gives them, or the path of an environment or an
    interpreter.

    Raises:
        NotFound: it is none of these.
        UsageError: several have its name.
        WorkflowError: what it names is broken, or on another machine.
    """
    root = roots.of(question, host, disk).root
    if selection == NONE:
        selections.select(root, None, host)
    else:
        environment = named(question, selection, host, disk, ask)
        if not environment.ok:
            raise WorkflowError(f"{selection} cannot be selected: {environment.status.message}")
        if environment.kind == "remote":
            reason = f"{selection} cannot be selected: it is on another machine"
            raise WorkflowError(reason, "The workflow there says which one is the default.")
        picked = (
            environment.interpreter_path if environment.kind == "system" else environment.prefix
        )
        selections.select(root, picked, host)
    return resolve(question, host, disk, ask=ask)


def forget(question: Question, host: Host, disk: Disk, ask: Ask | None = None) -> Resolution:
    """Forget the selection for the root of ``question.folder``, and resolve again."""
    selections.forget(roots.of(question, host, disk).root, host)
    return resolve(question, host, disk, ask=ask)


def remembered(question: Question, host: Host, disk: Disk) -> tuple[str, Chosen]:
    """Return the root of ``question.folder``, and the stored choices for it.

    Raises:
        UnusableFile: the stored choices cannot be read.
    """
    root = roots.of(question, host, disk).root
    return root, choices.chosen(root, host, disk)


def choose_workflow(question: Question, word: str, host: Host, disk: Disk) -> None:
    """Remember the workflow ``word`` for the root of ``question.folder`` (W1).

    ``word`` is a bundled workflow's name or the absolute path of a script. An environment that was selected before is
    forgotten, because the latest choice counts.

    Raises:
        UsageError: ``word`` is neither.
    """
    from workflow_helper.discovery.declarations import of_word

    try:
        of_word(word, "the workflow", host, disk)
    except UnusableFile as error:
        raise UsageError(str(error)) from None
    selections.choose_workflow(roots.of(question, host, disk).root, word, host)


def forget_workflow(question: Question, host: Host, disk: Disk) -> bool:
    """Forget the workflow that was chosen for the root of ``question.folder``, and return whether there was one."""
    return selections.forget_workflow(roots.of(question, host, disk).root, host)


def named(
    question: Question, word: str, host: Host, disk: Disk, ask: Ask | None = None
) -> Environment:
    """Return the environment ``word``: an id, a name or a path, or else the name of one elsewhere on this machine.

    Raises:
        NotFound: nothing is named so.
        UsageError: several are.
    """
    resolution, listed = environments(question, host, disk, ask=ask)
    # What is typed may be relative to where it is typed.
    paths = [
        os.path.normpath(os.path.join(folder, word))
        for folder in (question.folder, resolution.root)
    ]
    known = among(listed, word, paths)
    if known is not None:
        return known
    there = [path for path in paths if disk.exists(path)]
    for path in there:
        if disk.is_program(path) or is_environment(path, disk):
            return look(path, question, host, disk)
    further = elsewhere(resolution.root, listed, host, disk)
    fitting = _by_name(word, further)
    if len(fitting) > 1:
        prefixes = ", ".join(environment.prefix for environment in fitting)
        raise UsageError(f"{word!r} names {len(fitting)} environments", f"Use a path: {prefixes}")
    if fitting:
        # The list was a brief look.
        view = View(resolution.root, host, disk)
        return view.at(fitting[0].prefix, "elsewhere", fitting[0].name)
    if there:
        return look(there[0], question, host, disk)
    raise NotFound(
        f"{resolution.root} has no environment {word!r}", _instead(word, listed, further)
    )


def among(
    listed: Sequence[Environment], word: str, paths: Sequence[str] = ()
) -> Environment | None:
    """Return the one of ``listed`` that ``word`` names by its id or name, or that is at one of ``paths``.

    Raises:
        UsageError: several have the name ``word``.
    """
    for environment in listed:
        if word == environment.id:
            return environment
    fitting = _by_name(word, listed)
    if len(fitting) > 1:
        ids = ", ".join(environment.id for environment in fitting)
        raise UsageError(f"{word!r} names {len(fitting)} environments", f"Use an id: {ids}")
    if fitting:
        return fitting[0]
    for environment in listed:
        if environment.prefix in paths or environment.interpreter_path in paths:
            return environment
    return None


def elsewhere(
    root: str,
    listed: Iterable[Environment],
    host: Host,
    disk: Disk,
    folders: Iterable[str] = (),
) -> tuple[Environment, ...]:
    """Return the environments of this machine that are not in ``listed``, those of ``root``, by name.

    ``folders`` are searched in addition to those in the user's file.
    """
    from workflow_helper.discovery.declarations import of_user

    searched = (*of_user(host, disk).searched, *folders)
    return View(root, host, disk).elsewhere(listed, searched)


def _by_name(word: str, listed: Sequence[Environment]) -> list[Environment]:
    return [environment for environment in listed if word == environment.name] or [
        environment for environment in listed if word == os.path.basename(environment.prefix or "")
    ]


def _instead(word: str, listed: Sequence[Environment], further: Sequence[Environment]) -> str:
    """Return a hint with the folder's environments, and the most similar names on this machine."""
    from difflib import get_close_matches

    ids = ", ".join(environment.id for environment in listed)
    known = f"It has {ids}." if ids else "It has none, but a path can be named too."
    names = dict.fromkeys(environment.name for environment in (*listed, *further))
    near = get_close_matches(word, names)
    return f"{known} Did you mean {' or '.join(near)}?" if near else known
