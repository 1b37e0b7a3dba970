"""The Python that is shown for a folder while it has no environment (E8): the one that a terminal would start."""

from __future__ import annotations

from workflow_helper.discovery import python_version_file, roots
from workflow_helper.discovery.environments.locate import View, of_machine
from workflow_helper.discovery.interpreters.choose import allowed, meant
from workflow_helper.discovery.interpreters.describe import prefix_of
from workflow_helper.discovery.interpreters.find import inspect, installed, outside
from workflow_helper.discovery.interpreters.path import active_python
from workflow_helper.filesystem.paths import is_inside_any, same
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host, Interpreter
else:
    from workflow_server.namedtuple import NamedTuple


class Terms(NamedTuple):
    """The settings of an editor that add to the machine's Pythons."""

    #: The interpreter that the user's own settings name.
    preferred: str | None = None
    #: Untrusted folders: nothing in them is shown.
    closed: tuple[str, ...] = ()


EVERYTHING = Terms()


def of_folder(root: str, host: Host, disk: Disk) -> Environment | None:
    """Return :func:`environment` for all Pythons of the machine outside ``root``."""
    return environment(outside(installed(host, disk), (root,), host), root, host, disk)


def environment(
    pythons: Sequence[Interpreter], root: str, host: Host, disk: Disk, terms: Terms = EVERYTHING
) -> Environment | None:
    """Return the choice of :func:`python` as an environment."""
    found = python(pythons, root, host, disk, terms)
    if found is None:
        return None
    prefix = prefix_of(found.path, host, disk)
    return of_machine(found) if prefix is None else View(root, host, disk).at(prefix, "system")


def python(
    pythons: Sequence[Interpreter], root: str, host: Host, disk: Disk, terms: Terms = EVERYTHING
) -> Interpreter | None:
    """Return the first allowed by ``requires-python``: of the settings, of ``.python-version``, of PATH, then the best.

    ``pythons`` are those of the machine that may be shown. The one on PATH may lie in an environment that belongs to no
    other project, as in most container images.
    """
    if terms.preferred is not None:
        found = inspect(terms.preferred, host, disk)
        if found is not None and allowed((found,), root, disk):
            return found
    pin = python_version_file.pinned(root, host, disk)
    if pin is not None:
        fitting = allowed(meant(pin, pythons, root, host, disk), root, disk)
        if fitting:
            return fitting[0]
    first = _on_path(pythons, root, host, disk, terms)
    return first or next(iter(allowed(pythons, root, disk)), None)


def _on_path(
    pythons: Sequence[Interpreter], root: str, host: Host, disk: Disk, terms: Terms
) -> Interpreter | None:
    """Return the first Python on PATH, under any of its usual names, if it may be shown."""
    path = active_python(host, disk, root, ("python3", "python"))
    if path is None:
        return None
    prefix = prefix_of(path, host, disk)
    if prefix is None:
        real = real_path(path)
        shown = [one for one in pythons if real_path(one.path) == real]
    elif _is_of_another_project(prefix, root, host, disk) or is_inside_any(prefix, terms.closed):
        shown = []
    else:
        found = inspect(path, host, disk)
        shown = [found] if found else []
    return next(iter(allowed(shown, root, disk)), None)


def _is_of_another_project(prefix: str, root: str, host: Host, disk: Disk) -> bool:
    found = roots.find(parent(host, prefix), host, disk)
    return found.marker is not None and not any(same(one, root) for one in found.all)
