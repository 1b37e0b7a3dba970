"""The conformance kit, run on a real server process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from python_workflow.system.child import Child
from python_workflow.wsp.conformance import check

if TYPE_CHECKING:
    from pathlib import Path

    from python_workflow.wsp.conformance import Report

#: Seconds for an answer of a server that is expected to give one.
PATIENT = 30.0
#: Seconds for one that is expected not to.
HASTY = 0.5


def checked(script: Path, cwd: Path, *, timeout: float = PATIENT) -> Report:
    """What holds of the server in ``script``, run in ``cwd``."""
    argv = [sys.executable, "-I", str(script)]
    environ = {"PATH": os.environ.get("PATH", "")}
    return check(
        argv, lambda: Child(argv, cwd=str(cwd), environ=environ), root=str(cwd), timeout=timeout
    )


def broken(report: Report) -> set[str]:
    """The clauses that do not hold."""
    return {one.clause for one in report.verdicts if one.outcome in ("failed", "warning")}
