"""The Pythons that uv installed."""

from __future__ import annotations

from workflow_helper.discovery.interpreters.describe import folders_like, interpreters_in
from workflow_helper.filesystem.user_dirs import is_absolute, join, roaming_app_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the interpreters in uv's folder: a folder each, as ``cpython-3.12.4-linux-x86_64-gnu``."""
    below = ("*",) if host.windows else ("*", "bin")
    for folder in folders_like(join(host, _top(host), *below), host, disk):
        for path in interpreters_in(folder, host, disk):
            yield "uv", path


def _top(host: Host) -> str:
    configured = host.environ.get("UV_PYTHON_INSTALL_DIR", "")
    if is_absolute(host, configured):
        return configured
    if host.windows:
        return join(host, roaming_app_data(host), "uv", "python")
    # uv keeps to the XDG folders on macOS too.
    data = host.environ.get("XDG_DATA_HOME", "")
    return join(
        host,
        data if is_absolute(host, data) else join(host, host.home, ".local", "share"),
        "uv",
        "python",
    )
