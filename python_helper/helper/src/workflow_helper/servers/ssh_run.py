"""Run a command on another machine in the foreground, with this process's streams, terminal and exit status."""

from __future__ import annotations

import os
import tempfile

from workflow_helper.errors import HostUnreachable
from workflow_helper.servers.ssh import FAILED, with_terminal
from workflow_helper.servers.ssh_failures import explain, has_exit_status
from workflow_helper.system.foreground import wait_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflow_server.values import Command


def run(command: Command, environ: Mapping[str, str]) -> int:
    """Run ``command`` on another machine with this process's streams and terminal, and return its exit status.

    If the connection breaks, ssh ends with 255, as the program itself may; only ssh's log shows the difference.

    Raises:
        HostFailed: the connection cannot be made, or breaks.
    """
    host = command.host or ""
    if os.isatty(0) and os.isatty(1):
        command = with_terminal(command)
    file, log = tempfile.mkstemp(prefix="python-workflow-ssh-")
    try:
        os.close(file)
        ssh, *rest = command.argv
        argv = (ssh, "-E", log, "-o", "LogLevel=DEBUG1", *rest)
        status = wait_for(argv, command.cwd, command.applied(environ), given_up=FAILED)
        if status == FAILED:
            with open(log, encoding="utf-8", errors="replace") as lines:
                trace = lines.read()
            if not has_exit_status(trace):
                raise explain(host, trace) or HostUnreachable(
                    host, "can no longer be reached: the connection has ended"
                )
        return status
    finally:
        os.unlink(log)
