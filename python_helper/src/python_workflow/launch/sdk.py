"""Start a script with this product's own copy of the server SDK, so that a server needs nothing installed for it.

Found by the script are the package and nothing that lies beside it: whatever else is installed here is none of its business.
"""

from __future__ import annotations

import os
import sys

from python_workflow.discovery.inline import SCRIPT_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

    from python_workflow.discovery.disk import Disk

#: How a script imports it, and how inline metadata names what brings it.
PACKAGE = "python_workflow"
DISTRIBUTION = "python-workflow"

_START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from python_workflow.launch.sdk import run; sys.path.pop(); run()"
)


def is_imported(script: str, disk: Disk) -> bool:
    """Tell whether ``script``, a file or a folder with a ``__main__.py``, speaks of the SDK."""
    main = os.path.join(script, "__main__.py") if os.path.isdir(script) else script
    return PACKAGE.encode() in (disk.read(main, SCRIPT_LIMIT) or b"")


def without(dependencies: Iterable[str]) -> tuple[str, ...]:
    """Return ``dependencies`` without the SDK's own distribution, of which a copy is here."""
    return tuple(text for text in dependencies if not _is_own(text))


def _is_own(text: str) -> bool:
    if not text.strip().lower().startswith(DISTRIBUTION.partition("-")[0]):
        return False
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return False
    return canonicalize_name(requirement.name) == DISTRIBUTION and requirement.url is None


def words(script: str, *, beside: bool) -> tuple[str, ...]:
    """Return the arguments with which an isolated Python becomes ``script``.

    ``beside``: modules that lie beside the script are found too, as when it is started directly.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folder = (os.path.dirname(script),) if beside else ()
    return ("-c", _START, os.path.dirname(package), script, *folder)


def run() -> NoReturn:
    """Become the script that :func:`words` named in ``sys.argv``."""
    _, _, script, *folders = sys.argv
    if os.path.isdir(script):
        folders.insert(0, script)
        script = os.path.join(script, "__main__.py")
    sys.path[:0] = folders
    sys.argv = [script]
    main = type(sys)("__main__")
    main.__file__ = script
    sys.modules["__main__"] = main
    with open(script, "rb") as file:
        source = file.read()
    exec(compile(source, script, "exec"), vars(main))  # noqa: S102 - what Python does with a script
    raise SystemExit(0)
