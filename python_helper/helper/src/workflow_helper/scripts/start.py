"""Start a script whose environment is there. As light as an answer: a warm start loads nothing else."""

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
    """Return its environment's Python with ``words`` (see :func:`words_of`), as in a terminal where it is activated."""
    from workflow_server.values import Command

    # For no project: it is the script's alone.
    put = {"VIRTUAL_ENV": prefix, "PYTHON_WORKFLOW_ROOT": script.path}
    places = python_in(prefix, host)
    python = next((path for path in places if os.path.isfile(path)), places[0])
    return Command((python, *words), cwd, ("PYTHONHOME",), put, (os.path.dirname(python),))


def words_of(name: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Return a script as it was named, which no interpreter takes for an option, and its arguments."""
    return (os.path.join(".", name) if name.startswith("-") else name, *arguments)
