"""Replace this process by the chosen Python, or by another program."""

from __future__ import annotations

from workflow_helper.errors import ProgramFailed
from workflow_helper.filesystem.paths import current_folder
from workflow_helper.filesystem.reader import Disk

from python_launcher.errors import NotStarted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflow_helper.model import Host

    from python_launcher.actions import Start


def start(action: Start, host: Host) -> int:
    """Become the chosen Python, with the action's arguments."""
    from python_launcher.select_python import Chooser

    cwd = current_folder()
    trail = Trail(host)
    choice = Chooser(cwd, host, Disk(), trail.tell, trail.warn).choose(
        action.version, action.arguments
    )
    argv = (choice.path, *choice.options, *action.arguments)
    trail.tell(f"starting {' '.join(argv)}")
    return become(argv, cwd, host.environ)


def become(argv: Sequence[str], cwd: str, environ: Mapping[str, str]) -> int:
    """Replace this process with ``argv``.

    Raises:
        NotStarted: the program cannot be started.
    """
    from workflow_helper.system.exec import hand_over

    try:
        return hand_over(argv, cwd, environ)
    except ProgramFailed as error:
        raise NotStarted(error.message, error.hint) from None


class Trail:
    """Writes to standard error how a Python was chosen, if ``PYLAUNCH_DEBUG`` is set."""

    def __init__(self, host: Host) -> None:
        self._enabled = bool(host.environ.get("PYLAUNCH_DEBUG"))

    def tell(self, sentence: str) -> None:
        """Write one step."""
        if self._enabled:
            self.warn(sentence)

    @staticmethod
    def warn(sentence: str) -> None:
        """Write why another Python than the expected one is used."""
        from workflow_helper.terminal.output import lines_of
        from workflow_helper.terminal.process import err

        err(lines_of(f"py: {sentence}"))
