"""``wsp serve``: a bundled workflow as a workflow server on standard input and output, or a declarative adapter."""

from __future__ import annotations

import os
import sys

from python_workflow.discovery.disk import Disk
from python_workflow.discovery.tools import BUNDLED
from python_workflow.discovery.wsp_table import bundled_names
from python_workflow.errors import UsageError
from python_workflow.wsp.streams import own_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.wsp.server import Server

FALLBACK = "venv"


def serve(name: str | None, config: str | None = None) -> int:
    """Be the server of the bundled workflow ``name``, the fallback if none is named, or of the adapter ``config``.

    Gives the status to end the process with. Raises :class:`UsageError` for a name that is none, and
    :class:`UnusableFile` for an adapter that cannot be served.
    """
    from python_workflow.system.host import this_host

    if config is not None and name is not None:
        raise UsageError("'wsp serve' takes a workflow's name or --config, not both")
    if name is not None and name not in BUNDLED:
        raise UsageError(f"there is no bundled workflow {name!r}", f"There are {bundled_names()}.")
    _end_by_interrupt()
    # Before an adapter imports anything: what that prints is no message.
    streams = own_streams()
    if config is not None:
        from python_workflow.launch.adapter import load

        server: Server = load(os.path.abspath(config), this_host(), Disk())
    else:
        from python_workflow.workflows.bundled import server as bundled
        from python_workflow.workflows.registry import WORKFLOWS

        server = bundled(WORKFLOWS[name or FALLBACK], this_host())
    try:
        return server.serve(*streams)
    except KeyboardInterrupt:
        return 130


def _end_by_interrupt() -> None:
    """Asked to end (TERM), end as for an interrupt: a program that is running is ended, and what is half-made goes."""
    import signal

    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, signal.default_int_handler)
