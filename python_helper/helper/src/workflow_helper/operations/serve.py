"""``wsp serve``: a bundled workflow as a workflow server on standard input and output, or a declarative adapter."""

from __future__ import annotations

import os
import sys

from workflow_server.streams import own_streams

from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.discovery.workflow_table import bundled_names
from workflow_helper.errors import UsageError
from workflow_helper.filesystem.reader import Disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.server import Server

FALLBACK = "venv"


def serve(name: str | None, config: str | None = None) -> int:
    """Run the server of the bundled workflow ``name``, or of the fallback without a name, or of the adapter ``config``.

    Return the exit status of the process.

    Raises:
        UsageError: ``name`` is not a bundled workflow, or ``config`` is given as well.
        UnusableFile: the adapter cannot be served.
    """
    from workflow_helper.system.host import this_host

    if config is not None and name is not None:
        raise UsageError("'wsp serve' takes a workflow's name or --config, not both")
    if name is not None and name not in BUNDLED:
        raise UsageError(
            f"there is no bundled workflow {name!r}",
            f"The bundled workflows are {bundled_names()}.",
        )
    _end_by_interrupt()
    # Before an adapter imports anything: what that prints is no message.
    streams = own_streams()
    if config is not None:
        from workflow_helper.servers.adapter import load

        server: Server = load(os.path.abspath(config), this_host(), Disk())
    else:
        from workflow_helper.backends.registry import WORKFLOWS
        from workflow_helper.backends.server import server as bundled

        server = bundled(WORKFLOWS[name or FALLBACK], this_host())
    try:
        return server.serve(*streams)
    except KeyboardInterrupt:
        return 130


def _end_by_interrupt() -> None:
    """Treat TERM as an interrupt: a running program is ended, and what is incomplete is removed."""
    import signal

    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, signal.default_int_handler)
