"""The command line as ``command`` runs it, without the start of an interpreter: for hundreds of questions.

What depends on that start is to be shown with ``command`` itself: streams that are terminals or closed, variables that Python
heeds, what is loaded, and a program that starts it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from support.command import GUARD, Finished, assert_no_accident, details
from support.forking import CAN_FORK, forks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from support.machine import Machine

#: What nearly every command loads.
MODULES = (
    "json",
    "subprocess",
    "workflow_helper.cli.arguments",
    "workflow_helper.cli.commands.env",
    "workflow_helper.cli.commands.workflow",
    "workflow_helper.cli.render",
    "workflow_helper.cli.dispatch",
    "workflow_helper.discovery.python_version_file",
    "workflow_helper.discovery.requires_python",
    "workflow_helper.filesystem.toml_keys",
    "workflow_helper.operations.governance",
    "workflow_helper.terminal.json_encoder",
    "workflow_helper.terminal.output",
    "workflow_helper.terminal.process",
    "workflow_helper.terminal.progress",
    "workflow_helper.resolver.resolve",
    "workflow_helper.state.selections",
    "workflow_helper.system.host",
    "workflow_helper.trust.policy",
)


def wsp(
    machine: Machine,
    *words: str | bytes,
    cwd: str | bytes | PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
    quoting: bool = False,
) -> Finished:
    """Run ``wsp WORDS...`` in the workspace, or in ``cwd``, with the machine's environment and ``environ``.

    Whatever is asked, a traceback or an internal error is a failure; ``quoting``: a traceback may be one of somebody else's.
    """
    argv = [*map(os.fsdecode, words)]
    folder = os.fsdecode(machine.workspace if cwd is None else cwd)
    variables = {**machine.environ, **(environ or {})}
    if CAN_FORK:
        program = ["workflow_helper", *argv]
        done = forks(modules=MODULES).run(program, cwd=folder, environ=variables, is_module=True)
    else:
        # What is in the folder shadows nothing, as where `wsp` itself is started.
        done = subprocess.run(
            [sys.executable, "-I", "-m", "workflow_helper", *argv],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GUARD,
            check=False,
        )
    finished = Finished(done.returncode, done.stdout, done.stderr)
    if not quoting or b"an internal error" in finished.stdout:
        assert_no_accident(finished)
    return finished


def explained(machine: Machine, *words: str, cwd: str | PathLike[str] | None = None) -> str:
    """The trail that ``wsp explain`` tells, a sentence a line."""
    finished = wsp(machine, "explain", "--json", *words, cwd=cwd)
    assert finished.exit_code == 0, finished.text
    return details(finished.document["trail"])
