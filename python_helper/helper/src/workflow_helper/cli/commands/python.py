"""``wsp python``: the Pythons of this machine."""

from __future__ import annotations

import os

from workflow_helper.cli.context import FOUND, NOTHING, Result
from workflow_helper.cli.render import columns
from workflow_helper.discovery.interpreters.architecture import architecture
from workflow_helper.terminal.output import Verbatim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_helper.cli.context import Invocation
    from workflow_helper.model import Interpreter


def _list(invocation: Invocation) -> Result:
    from workflow_helper.discovery.interpreters.find import installed

    found = installed(invocation.host, invocation.disk)
    document = {"pythons": [_described(python, invocation) for python in found]}
    text = (*(_line(python, invocation) for python in found),)
    return Result(
        document, text, FOUND if found else NOTHING, "" if found else "no Python was found"
    )


def _find(invocation: Invocation) -> Result:
    from workflow_helper.discovery.interpreters import fallback
    from workflow_helper.discovery.interpreters import find as interpreters

    spec = invocation.action.operand
    if spec is not None and (os.sep in spec or "/" in spec):
        python = interpreters.inspect(
            os.path.join(invocation.question.folder, spec), invocation.host, invocation.disk
        )
        found: tuple[Interpreter, ...] = () if python is None else (python,)
    else:
        everything = interpreters.installed(invocation.host, invocation.disk)
        if spec is None:
            shown = fallback.python(
                everything, invocation.resolution.root, invocation.host, invocation.disk
            )
            found = () if shown is None else (shown,)
        else:
            found = interpreters.matching(spec, everything)
    best = found[0] if found else None
    if best is None:
        why = f"no Python here fits {spec or 'this project'}"
        return Result({"python": None, "summary": why}, "", NOTHING, why)
    return Result({"python": _described(best, invocation)}, Verbatim(best.path))


def _install(invocation: Invocation) -> Result:
    from workflow_helper.install.python import install
    from workflow_helper.system.shutdown import cancelling

    with cancelling() as cancelled:
        invocation.servers.cancelled = cancelled
        done = install(invocation.action.operand or "", invocation.host, invocation.work)
    python, by = done
    document = {"python": _described(python, invocation), "installed_by": by}
    outcome = "was there" if by is None else f"was installed by {by}"
    return Result(document, Verbatim(python.path), FOUND, f"Python {python.version} {outcome}")


def _described(python: Interpreter, invocation: Invocation) -> dict[str, Any]:
    """Return the description of an interpreter, with the processor that it was built for."""
    return {**python.to_wire(), "architecture": architecture(python.path, invocation.disk)}


def _line(python: Interpreter, invocation: Invocation) -> str:
    return columns(
        (python.version or "unknown", 10),
        (python.implementation, 22),
        (architecture(python.path, invocation.disk) or "", 10),
        (python.source, 16),
        (python.path, 0),
    )


COMMANDS = {"python list": _list, "python find": _find, "python install": _install}
