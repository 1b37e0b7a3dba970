"""Long work for a person: its messages, its cancellation by Ctrl-C, and prompts."""

from __future__ import annotations

import contextlib

from workflow_helper.discovery import roots
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.system.shutdown import cancelling, end_in_order
from workflow_helper.terminal.process import err
from workflow_helper.terminal.progress import ProgressLine
from workflow_helper.terminal.prompt import is_interactive, says_yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from workflow_helper.model import Host

    from python_launcher.actions import BuiltIn

    T = TypeVar("T")


class Working:
    """The work of one action in the folder ``cwd``."""

    def __init__(self, action: BuiltIn, host: Host, cwd: str) -> None:
        self._action = action
        self._host = host
        self._cwd = cwd
        self._progress = ProgressLine(host.environ)

    def do(self, act: Callable[[Work], T], python: str | None = None) -> T:
        """Call ``act``; if the Python that it needs is missing, prompt whether to install it."""
        from workflow_helper.apps.python_prompt import with_python

        end_in_order()
        try:
            return with_python(python, act, self._host, working=self._working, ask=self.ask)
        finally:
            self._progress.clear()

    @property
    def ask(self) -> Callable[[str], bool] | None:
        """The function that prompts a person; ``None`` where prompts are not possible."""
        options = self._action.options
        asks = is_interactive() and "--no-input" not in options and "--json" not in options
        return self._ask if asks else None

    def tell(self, sentence: str) -> None:
        """Write a sentence for a person to standard error."""
        self._progress.clear()
        err(sentence)

    def _ask(self, question: str) -> bool:
        self._progress.clear()
        return says_yes(question)

    @contextlib.contextmanager
    def _working(self) -> Iterator[Work]:
        around = roots.find(self._cwd, self._host, Disk()).all
        with cancelling() as cancelled:
            yield Work(self._progress, cancelled, around, self._progress.advance)
