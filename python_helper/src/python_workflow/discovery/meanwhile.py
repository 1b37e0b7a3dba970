"""The Python that is shown for a folder while it has no environment (E7): one of the machine's, never the project's own."""

from __future__ import annotations

from python_workflow.discovery import pinned
from python_workflow.discovery.pythons.path import active_python
from python_workflow.discovery.requires import allowed
from python_workflow.real import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from python_workflow.discovery.disk import Disk
    from python_workflow.model import Host, Interpreter


def python(pythons: Sequence[Interpreter], root: str, host: Host, disk: Disk) -> Interpreter | None:
    """The first that ``requires-python`` allows: what ``.python-version`` names, PATH's, then the best of ``pythons``."""
    pin = pinned.pinned(root, host, disk)
    if pin is not None:
        fitting = allowed(pinned.meant(pin, pythons, root, host, disk), root, disk)
        if fitting:
            return fitting[0]
    fitting = allowed(pythons, root, disk)
    return _on_path(fitting, root, host, disk) or next(iter(fitting), None)


def _on_path(
    fitting: Sequence[Interpreter], root: str, host: Host, disk: Disk
) -> Interpreter | None:
    """The first of PATH, whatever word a person would say, if it is one of ``fitting``."""
    path = active_python(host, disk, root, ("python3", "python"))
    real = real_path(path) if path else None
    return next((one for one in fitting if real_path(one.path) == real), None)
