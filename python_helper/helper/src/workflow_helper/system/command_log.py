"""The log of every command that is run: for ``wsp -v``, and for the editor's log."""

from __future__ import annotations

import sys

from workflow_server.masking import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: The logger of the commands, at level info.
NAME = "workflow_helper.commands"


def log_command(argv: Sequence[str], cwd: str) -> None:
    """Log that ``argv`` is started in ``cwd``, without its secrets."""
    # A listener has imported it already; without one, its import of 5 ms is avoided.
    logging = sys.modules.get("logging")
    if logging is not None and (log := logging.getLogger(NAME)).isEnabledFor(logging.INFO):
        import shlex

        log.info("%s", masked(f"{shlex.join(argv)} (in {cwd})"))
