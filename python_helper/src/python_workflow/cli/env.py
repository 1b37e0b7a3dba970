"""``wsp env``: the folder's environments."""

from __future__ import annotations

from python_workflow.cli.asked import FOUND, NOTHING, Result
from python_workflow.cli.render import line
from python_workflow.discovery import roots
from python_workflow.errors import LastLineUnusable, WorkflowError
from python_workflow.resolve import best_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from python_workflow.cli.asked import Asked
    from python_workflow.model import Environment, Resolution
    from python_workflow.workflows.known import Redirect

_REDIRECTS: Mapping[str, Redirect] = {
    "file": "file",
    "python-envs": "python-envs",
    "none": "none",
}


def _default(asked: Asked) -> Result:
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
    return _answer(resolution, explained=asked.question.editor)


def _select(asked: Asked) -> Result:
    from python_workflow.selecting import choose

    resolution = choose(
        asked.question, asked.action.operand or "", asked.host, asked.disk, asked.ask
    )
    if resolution.declined:
        return Result(_document(resolution), f"no interpreter is used for {resolution.root}")
    return _answer(resolution)


def _forget(asked: Asked) -> Result:
    from python_workflow.selecting import forget

    resolution = forget(asked.question, asked.host, asked.disk, asked.ask)
    if resolution.unusable is not None:  # forgetting is done all the same
        return Result(_document(resolution), "", FOUND, resolution.unusable)
    return _answer(resolution)._replace(exit_code=FOUND)


def _answer(resolution: Resolution, why: str = "", *, explained: bool = False) -> Result:
    if resolution.unusable is not None:
        raise LastLineUnusable(
            resolution.unusable, "Pick one with 'wsp env select ID', or mend the file."
        )
    environment = resolution.environment
    document = _document(resolution)
    if environment is None or explained:
        # An editor shows why with its first answer, too.
        document["summary"] = resolution.summary
    if environment is None:
        return Result(document, "", NOTHING, f"no environment: {resolution.summary}")
    return Result(document, line(environment), FOUND, why or resolution.summary)


def _document(resolution: Resolution) -> dict[str, Any]:
    environment = resolution.environment
    return {
        "root": resolution.root,
        "environment": None if environment is None else environment.to_wire(),
        "provisional": resolution.provisional,
    }


def _list(asked: Asked) -> Result:
    resolution, found = asked.listed
    document = {
        "root": resolution.root,
        "environments": [environment.to_wire() for environment in found],
    }
    text = "\n".join(
        ("* " if environment.default else "  ") + line(environment) for environment in found
    )
    return Result(document, text, FOUND, "" if found else f"{resolution.root} has no environment")


def _show(asked: Asked) -> Result:
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


def _check(asked: Asked) -> Result:
    resolution, environment = _picked(asked)
    if environment is None:
        _, listed = asked.listed
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

    return resolution, named(
        asked.question, asked.action.operand, asked.host, asked.disk, asked.ask
    )


def _create(asked: Asked) -> Result:
    from python_workflow.creating import Wanted, create
    from python_workflow.launch.provision import Work

    action = asked.action
    found = roots.find(asked.question.folder, asked.host, asked.disk)
    redirect = _REDIRECTS[action.get("--redirect") or "file"]
    wanted = Wanted(action.operand, action.get("--python"), redirect)
    environment = create(
        wanted,
        asked.question,
        asked.host,
        asked.disk,
        server=asked.servers.session,
        work=Work(asked.report, outside=found.all),
    )
    # What was just made is told as the folder knows it: as the default, if it is.
    resolution, listed = asked.listed
    made = next((one for one in listed if one.prefix == environment.prefix), environment)
    document = {"root": resolution.root, "environment": made.to_wire()}
    return Result(document, line(made))


COMMANDS = {
    "env default": _default,
    "env list": _list,
    "env show": _show,
    "env check": _check,
    "env select": _select,
    "env forget": _forget,
    "env create": _create,
}
