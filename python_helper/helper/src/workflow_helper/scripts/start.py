"""Start a script whose environment exists, with as few imports as an answer."""

from __future__ import annotations

import os

from workflow_helper.discovery.environments.health import python_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_server.values import Command

    from workflow_helper.model import Host
    from workflow_helper.scripts.state import Script


def command(script: Script, prefix: str, words: Sequence[str], cwd: str, host: Host) -> Command:
    """Return the command that runs ``words`` (see :func:`words_of`) with the environment's Python, as in an activated terminal."""
    from workflow_server.values import Command

    # For no project: it is the script's alone.
    put = {"VIRTUAL_ENV": prefix, "PYTHON_WORKFLOW_ROOT": script.path}
    places = python_in(prefix, host)
    python = next((path for path in places if os.path.isfile(path)), places[0])
    return Command((python, *words), cwd, ("PYTHONHOME",), put, (os.path.dirname(python),))


def words_of(name: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Return a script and its arguments, with the script spelled so that no interpreter takes it for an option."""
    return (os.path.join(".", name) if name.startswith("-") else name, *arguments)
