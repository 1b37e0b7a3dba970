"""``py run`` and ``py script``: run a script with the dependencies in its inline metadata."""

from __future__ import annotations

import os

from workflow_helper.filesystem.paths import current_folder
from workflow_helper.filesystem.reader import Disk
from workflow_helper.scripts import state
from workflow_helper.scripts.start import command, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.model import Host

    from python_launcher.actions import BuiltIn


def run_file(action: BuiltIn, host: Host) -> int:
    """Become the script, in the environment of its metadata, which is created if needed.

    A script without metadata is started like ``py FILE``.
    """
    from python_launcher.exec import become, start

    cwd, disk = current_folder(), Disk()
    name = _fetch(action, host) if state.is_elsewhere(action.operand) else action.operand
    path = os.path.normpath(os.path.join(cwd, name))
    words = words_of(name, action.rest)
    script = state.look(path, disk)
    if script is None:
        from python_launcher.actions import Start

        return start(Start(words), host)
    prefix = state.prefix_of(script, host, disk)
    if prefix is None:
        from workflow_helper.scripts.environment import missing_python, provide

        from python_launcher.task import Working

        working = Working(action, host, cwd)
        python = None if working.ask is None else missing_python(path, host, disk)
        script, environment = working.do(lambda work: provide(path, host, disk, work), python)
        prefix = environment.prefix
    how = command(script, prefix, words, cwd, host)
    return become(how.argv, how.cwd, how.applied(host.environ))


def _fetch(action: BuiltIn, host: Host) -> str:
    """Return the local copy of a script from a URL or standard input, which the user agreed to run."""
    from workflow_helper.scripts.remote import bring
    from workflow_helper.terminal.prompt import agrees_at_terminal, piped

    asks = "--no-input" not in action.options
    return bring(
        action.operand,
        host,
        piped=piped,
        ask=lambda question: agrees_at_terminal(question) if asks else None,
        agreed="--yes" in action.options,
    )
