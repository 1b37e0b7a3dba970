"""Run a tool that installs something, wait for its end, and explain its failure."""

from __future__ import annotations

import os

from workflow_helper.errors import ExecutionFailed, ProgramFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from typing_extensions import Required, TypedDict, Unpack

    from workflow_helper.install.failures import ErrorPattern
    from workflow_helper.system.process import Finished

    class How(TypedDict, total=False):
        """The keyword arguments of :func:`workflow_helper.system.process.run`."""

        cwd: Required[str]
        environ: Required[Mapping[str, str]]
        timeout: Required[float]
        cancelled: threading.Event | None
        on_line: Callable[[str], None] | None
        inherited: Sequence[int]


def run_tool(
    what: str,
    argv: Sequence[str],
    *,
    accepted: Sequence[int] = (0,),
    patterns: Sequence[ErrorPattern] = (),
    **how: Unpack[How],
) -> Finished:
    """Run ``argv`` to its end, as :func:`workflow_helper.system.process.run` does.

    ``what`` says what is being done, as in "creating .venv". ``accepted`` are the exit statuses that do not count as a
    failure; ``patterns`` are this tool's failures, in addition to the common ones.

    Raises:
        RequestFailed: It failed; the subclass depends on its output.
        ExecutionFailed: It did not start, took too long, or wrote too much.
        Cancelled: ``how["cancelled"]`` was set.
    """
    from workflow_helper.system.process import run

    try:
        finished = run(argv, **how)
    except ProgramFailed as error:
        raise ExecutionFailed(f"{what} failed: {error.message}", error.hint) from None
    if finished.exit_code not in accepted:
        from workflow_helper.install.failures import failure

        raise failure(what, os.path.basename(argv[0]), finished, patterns)
    return finished
