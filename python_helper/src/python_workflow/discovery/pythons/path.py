"""The Pythons on ``PATH``.

Relative entries are ignored: what they lead to depends on the current folder. Folders named ``shims`` are passed
over: their programs choose a Python each time they start, and the Pythons behind them are found by other sources.
"""

from __future__ import annotations

from python_workflow.discovery.folders import is_absolute, name_of
from python_workflow.discovery.pythons.describing import interpreters_in
from python_workflow.real import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host

#: Programs that stand in for a Python that may not be installed: starting one opens a dialog or a shop.
PLACEHOLDERS = ("/usr/bin/python3",)


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """What is called like an interpreter in the folders of ``PATH``, in its order, each folder once."""
    # On many systems /bin leads to /usr/bin, and both are on PATH.
    seen = set()
    for entry in host.environ.get("PATH", "").split(";" if host.windows else ":"):
        folder = entry.strip('"') if host.windows else entry
        if not is_absolute(host, folder) or name_of(host, folder).lower() in (
            "shims",
            "windowsapps",
        ):
            continue
        real = real_path(folder)
        if real in seen:
            continue
        seen.add(real)
        for path in interpreters_in(folder, host, disk):
            if host.platform != "darwin" or path not in PLACEHOLDERS:
                yield "path", path


def active_python(host: Host, disk: Disk) -> str | None:
    """The path that the word ``python`` stands for in a shell, shims passed over; ``None`` when nothing does."""
    wanted = "python.exe" if host.windows else "python"
    return next(
        (path for _, path in find(host, disk) if name_of(host, path).lower() == wanted), None
    )
