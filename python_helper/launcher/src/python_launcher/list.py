"""``py --list``: the Pythons of the machine, and the option for each."""

from __future__ import annotations

from workflow_helper.discovery.interpreters import spec
from workflow_helper.discovery.interpreters.architecture import architecture
from workflow_helper.discovery.interpreters.find import installed
from workflow_helper.errors import WorkflowError
from workflow_helper.filesystem.paths import current_folder
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.terminal.output import lines_of
from workflow_helper.terminal.process import err, out

from python_launcher import pythons
from python_launcher.errors import NoPython
from python_launcher.select_python import Chooser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from workflow_helper.model import Host, Interpreter

    from python_launcher.actions import Listing
    from python_launcher.select_python import SelectedPython
else:
    from workflow_server.namedtuple import NamedTuple

#: The exit status of a list that is empty.
_NOTHING = 3


class Row(NamedTuple):
    """One Python, and the option that starts it."""

    python: Interpreter
    #: ``"-3.12"``; ``None`` where another one is started for all that could be said.
    flag: str | None
    default: bool

    def to_wire(self, disk: Disk) -> dict[str, Any]:
        """Return the element of ``py --list --json``."""
        return {
            **self.python.to_wire(),
            "architecture": architecture(self.python.path, disk),
            "flag": self.flag,
            "default": self.default,
        }


def show(action: Listing, host: Host) -> int:
    """Write the list, and return the exit status."""
    disk = Disk()
    choice, why = _default(host, disk)
    rows = _rows(choice, host, disk)
    if action.json:
        from workflow_helper.terminal.json_encoder import to_json

        default = None if choice is None else {"path": choice.path, "rule": choice.rule}
        out(to_json({"pythons": [row.to_wire(disk) for row in rows], "default": default}))
        return 0 if rows or choice else _NOTHING
    if why:
        err(f"py: {why}")
    lines = [] if choice is None or any(row.default for row in rows) else [_environment(choice)]
    lines += [_line(row, disk, paths=action.paths) for row in rows]
    if lines:
        out(lines_of((*lines,)))
    elif not why:
        err("py: no Python was found")
    return 0 if lines else _NOTHING


def _default(host: Host, disk: Disk) -> tuple[SelectedPython | None, str]:
    """Return the Python that ``py`` without arguments starts here, or why it starts none."""
    try:
        return Chooser(current_folder(), host, disk, _nobody, _nobody).choose(None), ""
    except NoPython:
        return None, ""
    except WorkflowError as error:
        return None, error.message


def _nobody(_: str) -> None:
    """Ignore a step, because the list does not show how a Python was chosen."""


def _rows(choice: SelectedPython | None, host: Host, disk: Disk) -> list[Row]:
    """Return the rows, the best Python first, as the product ranks them."""
    everything = installed(host, disk)
    # In the order in which a version finds them.
    on_path = {real_path(one.path) for one in pythons.on_path(host, disk)}
    first = [one for one in everything if real_path(one.path) in on_path]
    ordered = [*sorted(first, key=pythons.minor_first), *everything]
    owners: dict[str, str] = {}
    for python in ordered:
        for flag in _flags(python):
            owners.setdefault(flag, python.path)
    chosen = None if choice is None else real_path(choice.path)
    # The Python of an environment leads to that of the machine, and is another one.
    of_machine = choice is not None and choice.rule not in ("activated", "wsp", ".venv")
    return [
        Row(
            python,
            next((flag for flag in _flags(python) if owners[flag] == python.path), None),
            of_machine and real_path(python.path) == chosen,
        )
        for python in everything
    ]


def _flags(python: Interpreter) -> list[str]:
    """Return the options that select ``python``, the shortest first."""
    if python.version is None:
        return []
    implementation, _, kind = python.implementation.partition("+")
    name = "" if implementation == "cpython" else implementation
    end = "t" if kind else ""
    minor = ".".join(python.version.split(".")[:2])
    begin = "-V:" if name else "-"
    spelled = [f"{name}{minor}{end}", f"{name}{python.version}{end}"]
    return [f"{begin}{one}" for one in dict.fromkeys(spelled) if _is_spec(one)]


def _is_spec(text: str) -> bool:
    try:
        spec.parse(text)
    except WorkflowError:
        return False
    return True


def _line(row: Row, disk: Disk, *, paths: bool) -> str:
    python = row.python
    head = f"{row.flag or '':14} {'*' if row.default else ' '} "
    if paths:
        return f"{head}{python.path}"
    processor = architecture(python.path, disk) or ""
    label = f"Python {python.version or '?'}"
    return f"{head}{label:16} {python.implementation:22} {processor:8} {python.path}"


def _environment(choice: SelectedPython) -> str:
    return f"{'':14} * {choice.path}  ({choice.rule})"
