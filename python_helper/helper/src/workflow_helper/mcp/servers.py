"""The workflow servers of one client."""

from __future__ import annotations

from threading import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.model import Host
    from workflow_helper.servers.manager import Servers


class Backends:
    """The workflow servers, imported and started when the first is needed."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = Lock()
        self._started: Servers | None = None

    def started(self) -> Servers:
        """Return the servers themselves."""
        with self._lock:
            if self._started is None:
                from workflow_helper.filesystem.reader import Disk
                from workflow_helper.servers.manager import Servers

                # As on the command line: only what the user consented to.
                self._started = Servers(self._host, Disk, by_consent=True)
            return self._started

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            if self._started is not None:
                self._started.close()
