"""``wsp check``: a server's conformance, once, or again whenever its files change."""

from __future__ import annotations

import os
import sys
import time

from workflow_helper.cli.commands.protocol import governing_server, started
from workflow_helper.cli.context import Result
from workflow_helper.discovery import roots
from workflow_helper.errors import UsageError
from workflow_helper.terminal.output import lines_of
from workflow_helper.terminal.process import out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    from workflow_server.conformance import Report

    from workflow_helper.cli.context import Invocation
    from workflow_helper.system.child import Child
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds between two looks at a server's files.
_LOOK = 0.3


class CheckTarget(NamedTuple):
    """The server that is checked."""

    #: Its name in the report.
    name: tuple[str, ...]
    root: str
    start: Callable[[], Child]
    #: The files that it is made of, as far as they are known.
    files: tuple[str, ...]


def _check(invocation: Invocation) -> Result:
    checked = _named(invocation) if invocation.action.rest else _declared(invocation)
    if not invocation.action.flag("--watch"):
        return _result(_report(invocation, checked))
    if invocation.action.flag("--json"):
        raise UsageError(
            "--watch and --json cannot be given together: --watch never ends, and --json prints one document"
        )
    while True:
        seen = _stamps(checked.files)
        report = _report(invocation, checked)
        watching = f"Watching {', '.join(checked.files) or 'nothing'}. Stop with Ctrl-C."
        out(lines_of((*report.render().rstrip().split("\n"), "", watching)))
        while _stamps(checked.files) == seen:
            time.sleep(_LOOK)


def _result(report: Report) -> Result:
    text = (*report.render().rstrip().split("\n"),)
    return Result(report.to_wire(), text, report.exit_code)


def _report(invocation: Invocation, checked: CheckTarget) -> Report:
    from workflow_server.conformance import check

    show_case = invocation.report if sys.stderr.isatty() else None
    return check(checked.name, checked.start, root=checked.root, on_case=show_case)


def _named(invocation: Invocation) -> CheckTarget:
    """Return the server whose command the action names."""
    argv = invocation.action.rest
    root = roots.of(invocation.question, invocation.host, invocation.disk).root
    paths = [os.path.normpath(os.path.join(invocation.cwd, word)) for word in argv]
    files = tuple(path for path in paths if os.path.isfile(path))
    return CheckTarget(argv, root, lambda: started(invocation, argv, root), files)


def _declared(invocation: Invocation) -> CheckTarget:
    """Return the server of the workflow that governs the folder, as it is started there."""
    from workflow_helper.system.child import Child

    root, workflow = governing_server(invocation)
    servers = invocation.servers.started()

    def start() -> Child:
        how = servers.command(workflow, root)
        return Child(how.argv, cwd=how.cwd, environ=how.environ)

    return CheckTarget((workflow.name,), root, start, servers.files(workflow, root))


def _stamps(files: tuple[str, ...]) -> list[tuple[int, int] | None]:
    return [_stamp(path) for path in files]


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:  # an editor may put another one in its place just now
        return None
    return found.st_mtime_ns, found.st_size


COMMANDS = {"check": _check}
