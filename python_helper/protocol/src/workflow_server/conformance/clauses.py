"""The clauses of the specification that a conversation can check, in page order, and those it cannot.

A test compares them with the pages: every clause for servers is in one of the two tables, with its page and its level.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple


class Clause(NamedTuple):
    """One clause that is checked."""

    #: The file below ``docs/spec/``.
    page: str
    #: ``"MUST"`` or ``"SHOULD"``.
    level: str


def _of(page: str, must: str, should: str = "") -> dict[str, Clause]:
    return {name: Clause(page, "MUST") for name in must.split()} | {
        name: Clause(page, "SHOULD") for name in should.split()
    }


#: By name.
CLAUSES: dict[str, Clause] = {
    **_of(
        "index.md",
        "profile-version profile-announced profile-methods profile-unasked reserved-names",
        "own-names",
    ),
    **_of(
        "base-protocol.md",
        "transport-stdio transport-stdout transport-flush framing-server framing-server-answer limits-send "
        "message-version message-id message-once message-result message-notification "
        "message-unknown-method message-pipelining",
        "framing-server-any limits-receive message-not-json message-not-request message-no-params batch-answer",
    ),
    **_of(
        "lifecycle.md",
        "lifecycle-first lifecycle-again lifecycle-after-shutdown lifecycle-end-of-input "
        "initialize-unknown initialize-result initialize-methods initialize-invalid "
        "shutdown-result exit-status exit-at-once",
        "initialize-wrong",
    ),
    **_of("errors.md", "error-shape", "error-violations"),
    **_of(
        "environment.md",
        "environment-bound environment-valid environment-list-shape environment-list-order "
        "environment-default environment-get-unknown environment-get-same "
        "environment-execute-argv environment-execute-status",
        "environment-unknown",
    ),
    **_of("sync.md", "check-plan"),
    **_of("ensure.md", "ensure-valid ensure-python"),
    **_of("packages.md", "", "packages-order"),
    **_of("python.md", "python-find-none"),
    **_of("task.md", "task-list-names task-command-unknown"),
    **_of(
        "test.md",
        "test-configuration-ids test-configuration-environment test-configuration-default "
        "test-run-configurations test-unknown test-updates test-discover-states",
    ),
    **_of("progress.md", "progress-asked progress-order"),
    **_of("cancel.md", "cancel-answer cancel-unknown"),
}

_FILES = "its effects on files and processes cannot be observed"
_SLOW = "testing it would create or change something"

#: Clauses that bind a server and are not checked, with the reason.
UNSEEN: dict[str, str] = {
    "transport-stderr": "log messages are read, but not checked",
    "initialize-untrusted": _FILES,
    "error-range": "which codes are the server's own is unknown",
    "error-no-traceback": "testing it would require the server to fail",
    "environment-list-quiet": _FILES,
    "environment-create-name": _SLOW,
    "environment-create-ignored": _SLOW,
    "environment-create-over": _SLOW,
    "environment-create-whole": _SLOW,
    "environment-delete-own": _SLOW,
    "environment-execute-limit": "testing it would run a program with endless output",
    "sync-frozen": _SLOW,
    "sync-changed": _SLOW,
    "check-quiet": _FILES,
    "ensure-over": _SLOW,
    "ensure-again": _SLOW,
    "ensure-whole": _FILES,
    "install-options": _SLOW,
    "uninstall-absent": _SLOW,
    "watch-why": _SLOW,
    "command-plain": "the command is not run",
    "command-quiet": _FILES,
    "python-list-quiet": _FILES,
    "test-configurations-quiet": _FILES,
    "test-discover-quiet": _FILES,
    "test-run-results": "the tests of a project are not run",
    "test-run-whole": "the tests of a project are not run",
    "script-no-run": _FILES,
    "cancel-whole": _FILES,
    "log-secrets": "what counts as a secret is unknown",
}
