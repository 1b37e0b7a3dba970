"""Start a script with this product's own copy of the server SDK, so that a server needs nothing installed for it.

The script finds only that package, and no other package that is installed beside it.
"""

from __future__ import annotations

import os

from workflow_server.start_script import CODE

from workflow_helper.discovery.script_metadata import SCRIPT_LIMIT
from workflow_helper.install import own_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Disk


def is_imported(script: str, disk: Disk) -> bool:
    """Return whether ``script``, a file or a folder with a ``__main__.py``, contains the SDK's name."""
    main = os.path.join(script, "__main__.py") if os.path.isdir(script) else script
    name = os.path.basename(own_copy.PACKAGE)
    return name.encode() in (disk.read(main, SCRIPT_LIMIT) or b"")


def words(script: str, *, beside: bool) -> tuple[str, ...]:
    """Return the arguments with which an isolated Python runs ``script``.

    ``beside``: modules beside the script are found too, as when it is started directly.
    """
    folder = (os.path.dirname(script),) if beside else ()
    return ("-c", CODE, os.path.dirname(own_copy.PACKAGE), script, *folder)
