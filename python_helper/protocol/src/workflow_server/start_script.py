"""Run a script that can import this package, but none beside it, so that a server needs nothing installed."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: The code that an isolated Python runs. Its first argument is the folder that holds this package, the others are those of :func:`run`.
CODE = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from workflow_server.start_script import run; sys.path.pop(); run()"
)


def run() -> NoReturn:
    """Run the script in ``sys.argv``, after this package's folder; further folders there are searched first."""
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
