"""The conformance kit behind ``wsp check``: check a server clause by clause.

The clauses are in ``docs/spec/``, the report in ``docs/spec/conformance.md``.
"""

from __future__ import annotations

from workflow_server.conformance.cases import SCENES
from workflow_server.conformance.client import Abort
from workflow_server.conformance.report import Findings, Report, Verdict
from workflow_server.conformance.runner import Stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workflow_server.conformance.client import CheckTransport

__all__ = ["TIMEOUT", "Report", "Verdict", "check"]

#: Seconds that a server has for an answer, or to end.
TIMEOUT = 10.0


def check(
    argv: Sequence[str],
    start: Callable[[], CheckTransport],
    *,
    root: str,
    timeout: float = TIMEOUT,
    on_case: Callable[[str], None] | None = None,
) -> Report:
    """Check the server that ``start`` starts, a new process for each conversation.

    ``argv`` is its name in the report; ``root`` is the absolute folder that it runs in, sent as ``project_root``;
    ``on_case`` is called before each case. Errors of ``start`` are not caught.
    """
    findings = Findings()
    stage = Stage(start, findings, root=root, timeout=timeout)
    for scene in SCENES:
        if on_case is not None:
            on_case((scene.__doc__ or "").strip())
        try:
            scene(stage)
        except Abort as abort:
            if not abort.judged:
                findings.judge("message-once", holds=False, detail=str(abort))
            if stage.profile is None:
                break
    return Report(
        tuple(argv),
        stage.server_info,
        stage.profile,
        tuple(sorted(stage.capabilities)),
        findings.verdicts(),
    )
