"""``wsp check``: a server's conformance, once, or again whenever its files change."""

from __future__ import annotations

import os
import sys
import time

from python_workflow.cli.asked import Result
from python_workflow.cli.other import governing_server, started
from python_workflow.console.process import out
from python_workflow.discovery import roots
from python_workflow.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    from python_workflow.cli.asked import Asked
    from python_workflow.system.child import Child
    from python_workflow.wsp.conformance import Report
else:
    from python_workflow.light import NamedTuple

#: Seconds between two looks at a server's files.
_LOOK = 0.3


class Checked(NamedTuple):
    """The server that is checked."""

    #: What it is called in the report.
    name: tuple[str, ...]
    root: str
    start: Callable[[], Child]
    #: The files that it is made of, as far as they are known.
    files: tuple[str, ...]


def _check(asked: Asked) -> Result:
    checked = _named(asked) if asked.action.rest else _declared(asked)
    if not asked.action.flag("--watch"):
        return _result(_report(asked, checked))
    if asked.action.flag("--json"):
        raise UsageError("--watch goes on for ever, and --json prints one document")
    while True:
        seen = _stamps(checked.files)
        report = _report(asked, checked)
        out(report.render().rstrip())
        out(f"\nWatching {', '.join(checked.files) or 'nothing'}. Stop with Ctrl-C.")
        while _stamps(checked.files) == seen:
            time.sleep(_LOOK)


def _result(report: Report) -> Result:
    return Result(report.to_wire(), report.render().rstrip(), report.exit_code)


def _report(asked: Asked, checked: Checked) -> Report:
    from python_workflow.wsp.conformance import check

    told = asked.report if sys.stderr.isatty() else None
    return check(checked.name, checked.start, root=checked.root, told=told)


def _named(asked: Asked) -> Checked:
    """Return the server whose command the action names."""
    argv = asked.action.rest
    root = roots.of(asked.question, asked.host, asked.disk).root
    paths = [os.path.normpath(os.path.join(asked.cwd, word)) for word in argv]
    files = tuple(path for path in paths if os.path.isfile(path))
    return Checked(argv, root, lambda: started(asked, argv, root), files)


def _declared(asked: Asked) -> Checked:
    """Return the server of the workflow that governs the folder, as it is started there."""
    from python_workflow.system.child import Child

    root, workflow = governing_server(asked)
    servers = asked.servers.started()

    def start() -> Child:
        how = servers.command(workflow, root)
        return Child(how.argv, cwd=how.cwd, environ=how.environ)

    return Checked((workflow.name,), root, start, servers.files(workflow, root))


def _stamps(files: tuple[str, ...]) -> list[tuple[int, int] | None]:
    return [_stamp(path) for path in files]


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:  # an editor may put another one in its place just now
        return None
    return found.st_mtime_ns, found.st_size


COMMANDS = {"check": _check}
