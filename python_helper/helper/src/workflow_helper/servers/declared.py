"""``wsp serve --declaration``: become the server of a declaration, when another machine starts it over ssh."""

from __future__ import annotations

import json

from workflow_helper.discovery.workflow_table import read_wsp
from workflow_helper.errors import UnusableFile, UsageError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.model import Workflow
from workflow_helper.servers.launch import command
from workflow_helper.system.exec import hand_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.model import Host

_WHERE = "--declaration"


def serve_declared(text: str, host: Host, folder: str) -> int:
    """Become the server that ``text``, a ``wsp = ...`` as JSON, declares for ``folder``; its requirements are installed first.

    The caller names the program explicitly, so that no consent is needed.

    Raises:
        UsageError: ``text`` is not a declaration, or a requirement is invalid.
        NotFound: a program or a file does not exist.
        UnusableFile: inline metadata is invalid.
        CreateFailed: installing fails.
        Cancelled: the user stopped it.
    """
    try:
        declared = read_wsp(json.loads(text), _WHERE, None, "wsp", declared_in=None)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{_WHERE} is not valid JSON: {error}") from None
    except UnusableFile as error:
        raise UsageError(str(error)) from None
    if declared.host is not None:
        raise UsageError(f"{_WHERE} leads to another machine")
    how = command(Workflow(declared, "W1"), folder, host, Disk(), Work())
    return hand_over(how.argv, how.cwd, how.environ)
