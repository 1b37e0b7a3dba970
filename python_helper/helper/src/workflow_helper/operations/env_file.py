"""Read the file of variables for processes that an editor starts: the one in its settings, else the project's ``.env``.

The command line leaves this to the shell, or to a tool such as uv.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.trust import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host, Question

NAME = ".env"


def variables(question: Question, root: str, host: Host, disk: Disk) -> dict[str, str]:
    """Return the variables for processes in the project ``root``; none without such a file.

    Raises:
        UnusableFile: The file cannot be read.
    """
    what = policy.Subject(root)
    if not question.editor or not policy.decide("change", what, question, host, disk).allowed:
        return {}
    path = question.env_file or os.path.join(root, NAME)
    # Nobody has to have one, and a folder of that name is a virtual environment.
    return read(path, host, disk) if not is_remote(path) and disk.is_file(path) else {}


def read(path: str, host: Host, disk: Disk) -> dict[str, str]:
    """Return the variables of the file at ``path``, which is absolute.

    Raises:
        UnusableFile: It does not exist, or cannot be read.
    """
    from workflow_helper.discovery.tools import dotenv

    text = None if is_remote(path) else disk.text(path)
    if text is None:
        raise UnusableFile(path, "does not exist")
    return dotenv.variables(text, host.environ)
