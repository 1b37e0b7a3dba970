"""Measure which lines a run of tests covers, by coverage.py in the project's own environment."""

from __future__ import annotations

import json
import os

from workflow_helper.discovery.environments.distributions import located
from workflow_helper.errors import ProgramFailed, ToolNotInstalled
from workflow_helper.filesystem.reader import Disk
from workflow_helper.operations.run import command
from workflow_helper.system.process import run
from workflow_helper.test_runner.start import FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple

    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.operations.test import RunRequest
else:
    from workflow_server.namedtuple import NamedTuple

#: Where coverage.py puts, and finds, what it measured.
_VARIABLE = "COVERAGE_FILE"
_TIMEOUT = 120.0
#: Bytes of its report.
_LIMIT = 64 * 1024 * 1024


class CoveredFile(NamedTuple):
    """The executed lines of one file, counted from 1."""

    #: Absolute.
    file: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]
    #: From which line to which other one (negative: out of the function that begins there), and whether that was taken.
    branches: tuple[tuple[int, int, bool], ...]

    def to_wire(self) -> dict[str, Any]:
        """Return an object with its members."""
        return {
            "file": self.file,
            "executed": list(self.executed),
            "missing": list(self.missing),
            "branches": [
                {"from": start, "to": to, "taken": taken} for start, to, taken in self.branches
            ],
        }


def measured(
    session: FolderSession, environment: Environment, request: RunRequest, place: str
) -> tuple[FolderSession, RunRequest]:
    """Return the session and the request that make a run measure coverage; ``place`` is a folder for the data.

    Raises:
        ToolNotInstalled: coverage.py is not installed in ``environment``.
    """
    packages = located(environment.prefix, session.host, session.disk)
    if "coverage" not in packages:
        raise ToolNotInstalled(
            f"coverage is not installed in {environment.id}",
            "'wsp env ensure --with coverage' installs it.",
        )
    # The plug-in would measure in its stead where the project's configuration says so.
    options = ("--no-cov",) if "pytest-cov" in packages else ()
    return _reporting_to(session, place), request._replace(
        launcher=("-m", "coverage", "run"), options=(*request.options, *options)
    )


def covered(
    session: FolderSession, environment: Environment, root: str, place: str
) -> tuple[CoveredFile, ...]:
    """Return the coverage of the run that :func:`measured` prepared, by file.

    Raises:
        ProgramFailed: coverage.py wrote no report.
    """
    session = _reporting_to(session, place)
    output = ""
    if not session.disk.is_file(_data(place)) and session.disk.names(place):
        # The project has each process write a file of its own.
        output = _run(session, environment, root, ("combine", place))
    report = os.path.join(place, "report.json")
    output += _run(session, environment, root, ("json", "-i", "-o", report))
    data = Disk().read(report, _LIMIT)
    if data is None:
        raise ProgramFailed(f"coverage wrote no report: {output.strip() or 'nothing was measured'}")
    try:
        files = json.loads(data)["files"]
        found = [_file(os.path.join(root, name), output) for name, output in files.items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProgramFailed(f"coverage wrote an unexpected report: {error}") from None
    return tuple(one for one in found if not one.file.startswith(FOLDER))


def _file(path: str, report: Mapping[str, Any]) -> CoveredFile:
    branches = [
        (int(first), int(last), is_taken)
        for name, is_taken in (("executed_branches", True), ("missing_branches", False))
        for first, last in report.get(name, ())
    ]
    return CoveredFile(
        file=os.path.normpath(path),
        executed=tuple(map(int, report["executed_lines"])),
        missing=tuple(map(int, report["missing_lines"])),
        branches=tuple(sorted(branches)),
    )


def _run(
    session: FolderSession, environment: Environment, root: str, words: tuple[str, ...]
) -> str:
    """Run coverage.py, and return its output; its exit status is ignored, since a missed threshold is not a failure."""
    program = environment.interpreter_path or "python"
    how = command(session, environment, (program, "-m", "coverage", *words), root)
    done = run(
        how.argv,
        cwd=how.cwd,
        environ=how.applied(session.host.environ),
        timeout=_TIMEOUT,
        cancelled=session.work.cancelled,
    )
    return done.text


def _reporting_to(session: FolderSession, place: str) -> FolderSession:
    environ = {**session.host.environ, _VARIABLE: _data(place)}
    return session._replace(host=session.host._replace(environ=environ))


def _data(place: str) -> str:
    return os.path.join(place, "data")
