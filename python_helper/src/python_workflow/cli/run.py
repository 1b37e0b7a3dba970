"""Runs an :class:`Action`: one function a command, each from a question to a :class:`Result`."""

from __future__ import annotations

import os

from python_workflow.discovery.disk import Disk
from python_workflow.errors import (
    LastLineUnusable,
    UnusableFile,
    UsageError,
    WorkflowError,
)
from python_workflow.model import Question
from python_workflow.resolve import best_python, environments, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NamedTuple

    from python_workflow.cli.arguments import Action
    from python_workflow.model import Environment, Host, Interpreter, Resolution
    from python_workflow.workflows.venv import Redirect
else:
    from python_workflow.light import NamedTuple

FOUND, NOTHING = 0, 3
_REDIRECTS: Mapping[str, Redirect] = {
    "file": "file",
    "python-envs": "python-envs",
    "none": "none",
}


class Result(NamedTuple):
    """What a command has to say: the JSON document, the same for a person, and the exit status."""

    document: Mapping[str, Any]
    text: str
    exit_code: int = FOUND
    #: For stderr, in plain output: why.
    note: str = ""


class Asked(NamedTuple):
    """An action with the question that its common options ask."""

    action: Action
    question: Question
    host: Host
    disk: Disk
    #: Takes a sentence about what is being done.
    report: Callable[[str], None]

    @property
    def resolution(self) -> Resolution:
        """The quick answer."""
        return resolve(self.question, self.host, self.disk)


def run(action: Action, host: Host, cwd: str, report: Callable[[str], None]) -> Result:
    """Do what ``action`` asks for, telling ``report`` what takes time. Raises :class:`WorkflowError`."""
    disk = Disk()
    asked = Asked(action, question_of(action, host, cwd, disk), host, disk, report)
    return _COMMANDS[action.command](asked)


def question_of(action: Action, host: Host, cwd: str, disk: Disk) -> Question:
    """The question of an action's common options. Raises :class:`UsageError`."""
    given = action.get("--folder")
    folder = os.path.normpath(os.path.join(cwd, given)) if given is not None else cwd
    if given is not None and not disk.exists(folder):
        raise UsageError(f"{folder} does not exist", "--folder takes a folder, or a file in it.")
    workflow = action.get("--workflow")
    if workflow is not None:
        from python_workflow.discovery.declarations import of_word

        try:
            of_word(workflow, "--workflow", host, disk)
        except UnusableFile as error:
            raise UsageError(str(error)) from None
    return Question(
        folder,
        workflow,
        fallback=not action.flag("--no-fallback"),
        preference=_preference(action.get("--preference")),
        editor=action.flag("--editor"),
        trusted=action.flag("--trusted"),
        static=action.flag("--static"),
    )


def _preference(text: str | None) -> Mapping[str, Any] | None:
    if text is None or text == "null":
        return None
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--preference is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError('--preference should be an object with the keys "workflow" and "policy"')
    return value


# -- env ------------------------------------------------------------------------------------------------------------


def _env_default(asked: Asked) -> Result:
    resolution = asked.resolution
    if (
        resolution.environment is None
        and asked.action.flag("--or-system")
        and resolution.unusable is None
    ):
        python = best_python(resolution.root, asked.host, asked.disk)
        if python is not None:
            return _answer(
                resolution._replace(environment=python),
                "no environment of this project was found; "
                "this is the machine's best Python, not the project's own",
            )
    return _answer(resolution)


def _env_select(asked: Asked) -> Result:
    from python_workflow.selecting import choose

    resolution = choose(asked.question, asked.action.operand or "", asked.host, asked.disk)
    if resolution.declined:
        return Result(_document(resolution), f"no interpreter is used for {resolution.root}")
    return _answer(resolution)


def _env_forget(asked: Asked) -> Result:
    from python_workflow.selecting import forget

    resolution = forget(asked.question, asked.host, asked.disk)
    return _answer(resolution)._replace(exit_code=FOUND)


def _answer(resolution: Resolution, why: str = "") -> Result:
    if resolution.unusable is not None:
        raise LastLineUnusable(
            resolution.unusable, "Pick one with 'wsp env select ID', or mend the file."
        )
    environment = resolution.environment
    if environment is None:
        document = {**_document(resolution), "summary": resolution.summary}
        return Result(document, "", NOTHING, f"no environment: {resolution.summary}")
    return Result(_document(resolution), _line(environment), FOUND, why or resolution.summary)


def _document(resolution: Resolution) -> dict[str, Any]:
    environment = resolution.environment
    return {
        "root": resolution.root,
        "environment": None if environment is None else environment.to_wire(),
        "provisional": resolution.provisional,
    }


def _env_list(asked: Asked) -> Result:
    resolution, found = environments(asked.question, asked.host, asked.disk)
    document = {
        "root": resolution.root,
        "environments": [environment.to_wire() for environment in found],
    }
    text = "\n".join(
        ("* " if environment.default else "  ") + _line(environment) for environment in found
    )
    return Result(document, text, FOUND, "" if found else f"{resolution.root} has no environment")


def _env_show(asked: Asked) -> Result:
    resolution, environment = _picked(asked)
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
    return Result(document, "\n".join(f"{name:12} {value}" for name, value in rows))


def _env_check(asked: Asked) -> Result:
    resolution, environment = _picked(asked)
    if environment is None:
        _, listed = environments(asked.question, asked.host, asked.disk)
        environment = next((one for one in listed if not one.ok), None)
        if environment is None:
            return _answer(resolution)
    if not environment.ok:
        raise WorkflowError(environment.status.message)
    document = {"root": resolution.root, "environment": environment.to_wire()}
    return Result(
        document,
        f"{environment.id} works: Python {environment.python_version or '(version unknown)'}",
    )


def _picked(asked: Asked) -> tuple[Resolution, Environment | None]:
    """The environment that the operand names, else the default."""
    resolution = asked.resolution
    if asked.action.operand is None:
        return resolution, resolution.environment
    from python_workflow.selecting import named

    return resolution, named(asked.question, asked.action.operand, asked.host, asked.disk)


def _env_create(asked: Asked) -> Result:
    from python_workflow.creating import Wanted, create

    action = asked.action
    redirect = _REDIRECTS[action.get("--redirect") or "file"]
    wanted = Wanted(action.operand, action.get("--python"), redirect)
    environment = create(wanted, asked.question, asked.host, asked.disk, report=asked.report)
    # What was just made is told as the folder knows it: as the default, if it is.
    resolution, listed = environments(asked.question, asked.host, asked.disk)
    made = next((one for one in listed if one.prefix == environment.prefix), environment)
    document = {"root": resolution.root, "environment": made.to_wire()}
    return Result(document, _line(made))


# -- the rest -------------------------------------------------------------------------------------------------------


def _workflow_show(asked: Asked) -> Result:
    resolution = resolve(asked.question, asked.host, asked.disk, whole=True)
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


def _explain(asked: Asked) -> Result:
    resolution = resolve(asked.question, asked.host, asked.disk, whole=True)
    workflow, environment = resolution.workflow, resolution.environment
    document = {
        "root": resolution.root,
        "workflow": None if workflow is None else workflow.to_wire(),
        "environment": None if environment is None else environment.to_wire(),
        "trail": [step.to_wire() for step in resolution.trail],
    }
    from python_workflow.cli.render import trail

    return Result(document, trail(resolution))


def _python_list(asked: Asked) -> Result:
    from python_workflow.discovery.interpreters import installed

    found = installed(asked.host, asked.disk)
    document = {"pythons": [python.to_wire() for python in found]}
    text = "\n".join(_python_line(python) for python in found)
    return Result(
        document, text, FOUND if found else NOTHING, "" if found else "no Python was found"
    )


def _python_find(asked: Asked) -> Result:
    from python_workflow.discovery import interpreters
    from python_workflow.discovery.requires import allowed

    spec = asked.action.operand
    if spec is not None and (os.sep in spec or "/" in spec):
        python = interpreters.inspect(
            os.path.join(asked.question.folder, spec), asked.host, asked.disk
        )
        found: tuple[Interpreter, ...] = () if python is None else (python,)
    else:
        everything = interpreters.installed(asked.host, asked.disk)
        if spec is None:
            found = allowed(everything, asked.resolution.root, asked.disk)
        else:
            found = interpreters.matching(spec, everything)
    best = found[0] if found else None
    if best is None:
        return Result(
            {"python": None}, "", NOTHING, f"no Python here fits {spec or 'this project'}"
        )
    return Result({"python": best.to_wire()}, best.path)


def _completion(asked: Asked) -> Result:
    from python_workflow.cli.completion import script

    shell = asked.action.operand or ""
    text = script(shell)
    return Result({"shell": shell, "script": text}, text)


def _line(environment: Environment) -> str:
    from python_workflow.cli.render import line

    return line(environment)


def _python_line(python: Interpreter) -> str:
    from python_workflow.cli.render import columns

    return columns(
        (python.version or "unknown", 10),
        (python.implementation, 22),
        (python.source, 16),
        (python.path, 0),
    )


_COMMANDS: dict[str, Callable[[Asked], Result]] = {
    "env default": _env_default,
    "env list": _env_list,
    "env show": _env_show,
    "env check": _env_check,
    "env select": _env_select,
    "env forget": _env_forget,
    "env create": _env_create,
    "workflow show": _workflow_show,
    "explain": _explain,
    "python list": _python_list,
    "python find": _python_find,
    "completion": _completion,
}
