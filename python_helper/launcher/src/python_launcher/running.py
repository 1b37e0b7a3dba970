"""Does what an action says: the quick ways are here, and each of the others in a module of its own."""

from __future__ import annotations

from python_workflow.console.process import current_folder, out
from python_workflow.discovery.disk import Disk
from python_workflow.errors import ProgramFailed
from python_workflow.system.host import this_host

from python_launcher.arguments import Help, Listing, Named, Start
from python_launcher.errors import NotStarted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from python_workflow.model import Host

    from python_launcher.arguments import Action, BuiltIn


def run(action: Action) -> int:
    """Do what ``action`` says; the exit status, where no program has taken this one's place. Raises :class:`WorkflowError`."""
    if isinstance(action, Help):
        from python_launcher.helping import text

        out(text(action.command, this_host()))
        return 0
    host = this_host()
    if isinstance(action, Start):
        return start(action, host)
    if isinstance(action, Named):
        from python_launcher.extensions import call

        return call(action, host)
    if isinstance(action, Listing):
        from python_launcher.listing import show

        return show(action, host)
    return _built_in(action, host)


def start(action: Start, host: Host) -> int:
    """Become the Python that is meant, with the action's arguments."""
    from python_launcher.choosing import Chooser

    cwd = current_folder()
    trail = Trail(host)
    choice = Chooser(cwd, host, Disk(), trail.tell).choose(action.wanted, action.arguments)
    argv = (choice.path, *choice.options, *action.arguments)
    trail.tell(f"starting {' '.join(argv)}")
    return become(argv, cwd, host.environ)


def become(argv: Sequence[str], cwd: str, environ: Mapping[str, str]) -> int:
    """Have ``argv`` take this process's place. Raises :class:`NotStarted`."""
    from python_workflow.system.handing import hand_over

    try:
        return hand_over(argv, cwd, environ)
    except ProgramFailed as error:
        raise NotStarted(error.message, error.hint) from None


class Trail:
    """Tells how a Python was chosen on standard error, where ``PYLAUNCH_DEBUG`` asks for that."""

    def __init__(self, host: Host) -> None:
        self._asked = bool(host.environ.get("PYLAUNCH_DEBUG"))

    def tell(self, sentence: str) -> None:
        """Tell one step."""
        if self._asked:
            from python_workflow.console.process import err

            err(f"py: {sentence}")


def _built_in(action: BuiltIn, host: Host) -> int:
    group = action.command.partition(" ")[0]
    if group in ("run", "script"):
        from python_launcher.scripts import run_file

        return run_file(action, host)
    if action.command in ("x", "tool run"):
        from python_launcher.tools import run_once

        return run_once(action, host)
    if group == "extension":
        from python_launcher.extensions import COMMANDS
    else:
        from python_launcher.tools import COMMANDS
    return COMMANDS[action.command](action, host)
